/**
 * wechatpay-v2 · notification: opens what WeChat Pay pushes, and says what it wants to hear (B7,
 * B8, B10).
 */
import {
  epochMsOf,
  type FactFinding,
  type Incoming,
  type Instant,
  isPolyrailError,
  type OpenCall,
  type Opened,
  type Outgoing,
  PolyrailError,
  revealText,
  type Verdict,
} from '@polyrail/core';
import { md5Hex } from '@polyrail/kit/digest';
import { decryptEcb } from '@polyrail/kit/ecb';
import { fenOf, requiredText, textOf } from '@polyrail/kit/fields';
import { beforehand } from '@polyrail/kit/question';
import { readXml, writeXml } from '@polyrail/kit/xml';
import { contractSignType, fromContractChange } from './agreement.ts';
import { verdictOf } from './codes.ts';
import type { Settings } from './config.ts';
import { type Message, momentOf } from './messages.ts';
import { askRefund, type RefundRoom } from './refund.ts';
import { requireSigned } from './seal.ts';
import { fromPaid, fromTransaction } from './transaction.ts';

type Facts = readonly [FactFinding, ...FactFinding[]];

/** Of a digest in hexadecimal. */
const md5Digits = 32;
/** A notification is of one or two kilobytes. */
const maxBytes = 64 * 1024;

const unverified = (message: string, cause?: unknown): PolyrailError =>
  new PolyrailError('NOTIFICATION_UNVERIFIED', message, {
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

/** A genuine message may still be meant for another merchant or application. */
function requireOurs(told: Message, { mchId, appId }: Settings): void {
  const ours = [
    ['mch_id', mchId],
    ['appid', appId],
  ] as const;
  for (const [name, expected] of ours) {
    const value = textOf(told, name);
    if (value === undefined || value === expected) continue;
    const message = `The notification's ${name} is not the configured one`;
    throw new PolyrailError('NOTIFICATION_FOREIGN', message, { field: name });
  }
  if (textOf(told, 'mch_id') !== undefined) return;
  throw unverified('The notification does not say which merchant it is for');
}

/** A payment that did not happen: what failed is mostly a deduction. */
function fromFailure(told: Message): FactFinding {
  const code = textOf(told, 'err_code') ?? textOf(told, 'trade_state') ?? '';
  const verdict = verdictOf('papay.apply', code, textOf(told, 'err_code_des'));
  return {
    noun: 'payment',
    status: 'failed',
    reason: verdict.end === 'failed' ? verdict.reason : 'other',
    retry: 'new-id',
    channelCode: code === '' ? undefined : code,
    channelMessage: textOf(told, 'err_code_des'),
    amount: fenOf(told, 'total_fee'),
    merchantId: requiredText(told, 'out_trade_no'),
    channelId: textOf(told, 'transaction_id'),
    evidence: 'signed',
    raw: told,
  };
}

/** An order was paid; or a deduction ended either way. */
function fromPayment(told: Message): Facts {
  if (requiredText(told, 'result_code') === 'FAIL') return [fromFailure(told)];
  const state = textOf(told, 'trade_state');
  if (state === 'PAY_FAIL') return [fromFailure(told)];
  const paid = state === undefined ? fromPaid(told, 'signed') : fromTransaction(told, 'signed');
  return [{ noun: 'payment', ...paid }];
}

/** The key of the cipher: the digest of the API key, as text (B8). */
const refundKey = ({ apiKey }: Settings): Uint8Array =>
  Buffer.from(md5Hex(revealText(apiKey)), 'ascii');

/** What is hidden in a notification of a refund. @throws PolyrailError */
export function openRefund(sealed: string, settings: Settings): Message {
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(sealed)) throw unverified('req_info is not base64');
  const plain = decryptEcb(refundKey(settings), Buffer.from(sealed, 'base64'));
  return readXml(plain).fields;
}

/**
 * A refund ended - or so it says.
 *
 * Quirk: nothing signs this message, and its cipher lets blocks of two genuine ones be mixed. It is
 * a reason to ask; what is believed is the signed answer.
 */
async function fromRefundPush(
  sealed: string,
  room: RefundRoom,
  call: OpenCall,
): Promise<{ readonly facts: Facts; readonly told: Message }> {
  const told = openRefund(sealed, room.settings);
  const id = requiredText(told, 'out_refund_no');
  const found = await askRefund(room, id, beforehand(call));
  if (found.status === 'unknown') throw unverified('WeChat Pay does not confirm the refund');
  return { facts: [{ noun: 'refund', ...found }], told };
}

/**
 * Quirk: a contract that was signed on a page is told by MD5, one that was signed with an order by
 * the order's algorithm. Both are pinned here; nothing else is tried.
 */
function requireSeal(fields: Message, settings: Settings, contract: boolean): void {
  const { sign = '' } = fields;
  const page = contract && sign.length === md5Digits ? contractSignType : settings.signType;
  requireSigned(fields, settings, page);
}

/** The clocks of two houses. */
const skewMs = 5 * 60_000;

/**
 * Quirk: no message says when it was sent. What it tells of happened before, and its last
 * repetition comes a day after that: whatever is older was kept.
 */
function requireFresh(at: Instant | undefined, room: RefundRoom, call: OpenCall): void {
  const atMs = at === undefined ? undefined : epochMsOf(at);
  const nowMs = epochMsOf(call.receivedAt);
  if (atMs === undefined || nowMs === undefined) return;
  if (atMs <= nowMs + skewMs && nowMs - atMs <= room.settings.notificationMaxAgeMs) return;
  const text = 'The notification is not of this time: it was kept, or the clocks differ';
  throw new PolyrailError('NOTIFICATION_STALE', text, { field: 'time_end' });
}

/** Quirk: no message has an id. What it is about and what became of it are the same each time. */
const eventIdOf = (kind: string, ...parts: readonly (string | undefined)[]): string =>
  [kind, ...parts.map((part) => part ?? '')].join('|');

async function factsOf(fields: Message, room: RefundRoom, call: OpenCall): Promise<Opened> {
  const { settings } = room;
  const sealed = textOf(fields, 'req_info');
  if (sealed !== undefined) {
    requireOurs(fields, settings);
    const { facts, told } = await fromRefundPush(sealed, room, call);
    const id = requiredText(told, 'out_refund_no');
    return {
      eventId: eventIdOf('refund', id, textOf(told, 'refund_status')),
      sentAt: momentOf(told, 'success_time'),
      facts,
    };
  }
  const contract = textOf(fields, 'change_type') !== undefined;
  requireSeal(fields, settings, contract);
  requireOurs(fields, settings);
  const { contract_id: number, change_type: change, operate_time: time } = fields;
  const sentAt = momentOf(fields, contract ? 'operate_time' : 'time_end');
  requireFresh(sentAt, room, call);
  if (contract) {
    const facts: Facts = [{ noun: 'agreement', ...fromContractChange(fields) }];
    return { eventId: eventIdOf('papay', number, change, time), sentAt, facts };
  }
  const { out_trade_no: id, transaction_id: channelId, trade_state: state } = fields;
  const eventId = eventIdOf('pay', id, channelId, state ?? fields['result_code']);
  return { eventId, sentAt, facts: fromPayment(fields) };
}

/** Checked by one gate after another; only what passed them all is read. */
async function openPush(message: Incoming, call: OpenCall, room: RefundRoom): Promise<Opened> {
  const { body } = message;
  if (body.byteLength > maxBytes) throw unverified(`The notification is over ${maxBytes} bytes`);
  if (body[0] === 0x7b) {
    throw unverified('The notification is JSON of API v3: it is for the channel of that protocol');
  }
  try {
    const { fields } = readXml(body, { maxBytes });
    if (textOf(fields, 'return_code') === 'FAIL') {
      throw unverified('The notification says that it failed, without a sign: it tells nothing');
    }
    return await factsOf(fields, room, call);
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    if (error.code.startsWith('NOTIFICATION_') || error.code === 'CONFIG_INVALID') throw error;
    throw unverified(`The notification cannot be believed or read: ${error.message}`, error);
  }
}

const said = (words: Readonly<Record<string, string>>): Outgoing => ({
  status: 200,
  headers: { 'content-type': 'text/xml; charset=utf-8' },
  body: new TextEncoder().encode(writeXml('xml', words)),
});

export const notificationVerbs = (room: RefundRoom) => ({
  open: (message: Incoming, call: OpenCall): Promise<Opened> => openPush(message, call, room),
  /** Quirk: the words count, under a status that is always 200 (B7). */
  acknowledge(verdict: Verdict): Outgoing {
    if ('stored' in verdict) return said({ return_code: 'SUCCESS', return_msg: 'OK' });
    return said({ return_code: 'FAIL', return_msg: 'refused' in verdict ? 'REFUSED' : 'AGAIN' });
  },
});
