/** unionpay · notification: opens what UnionPay pushes, and says what it wants to hear (dossier §10). */
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
  type Verdict,
} from '@polyrail/core';
import { requiredText, textOf } from '@polyrail/kit/fields';
import { fromOpening, isGone } from './agreement.ts';
import { fromTold as fromToldAuthorization } from './authorization.ts';
import { fromTold as fromToldCancellation } from './cancellation.ts';
import { isSuccess, verdictOf } from './codes.ts';
import type { Settings } from './config.ts';
import { type Message, readForm } from './envelope.ts';
import { orderHandle, undoHandle } from './handle.ts';
import { readTold } from './inquiry.ts';
import { subCodeOf } from './messages.ts';
import { fromTold as fromToldPayment } from './payment.ts';
import { fromTold as fromToldPayout } from './payout.ts';
import { fromTold as fromToldRefund } from './refund.ts';
import type { Seal } from './seal.ts';
import { instantOfWireTime } from './time.ts';
import { nounOf, productOf } from './transactions.ts';

/** A notification is of three or four kilobytes. */
const maxBytes = 64 * 1024;
/** The clocks of two houses. */
const skewMs = 5 * 60_000;

export interface PushRoom {
  readonly settings: Settings;
  readonly seal: Seal;
}

const unverified = (message: string, cause?: unknown): PolyrailError =>
  new PolyrailError('NOTIFICATION_UNVERIFIED', message, {
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

/**
 * Quirk: what the payer's browser brings to `frontUrl` is signed like a notification, and differs in
 * one word. It is a reason to ask, and never a proof.
 */
function requirePushed(message: Message): void {
  if (textOf(message, 'respMsg') !== 'success') return;
  throw unverified("This is what the payer's browser brings back: query instead");
}

/** A genuine message may still be meant for another merchant. */
function requireOurs(message: Message, { merId }: Settings): void {
  if (requiredText(message, 'merId') === merId) return;
  const text = "The notification's merId is not the configured one";
  throw new PolyrailError('NOTIFICATION_FOREIGN', text, { field: 'merId' });
}

/**
 * Quirk: no message says when it was sent. It tells when the order began: whatever is of an older one
 * was kept.
 */
function requireFresh(at: Instant | undefined, maxAgeMs: number, call: OpenCall): void {
  const atMs = at === undefined ? undefined : epochMsOf(at);
  const nowMs = epochMsOf(call.receivedAt);
  if (atMs === undefined || nowMs === undefined) {
    throw unverified('The notification does not say of which time it is');
  }
  if (atMs <= nowMs + skewMs && nowMs - atMs <= maxAgeMs) return;
  const text = 'The notification is not of this time: it was kept, or the clocks differ';
  throw new PolyrailError('NOTIFICATION_STALE', text, { field: 'txnTime' });
}

function agreementOf(message: Message, seal: Seal): FactFinding {
  const noun = 'agreement';
  const code = requiredText(message, 'respCode');
  const merchantId = requiredText(message, 'orderId');
  if (isSuccess(code)) return { noun, ...fromOpening(message, seal.reveal) };
  const verdict = verdictOf('opening', code, subCodeOf(textOf(message, 'respMsg')));
  if (verdict.end === 'unknown' || isGone(message)) {
    throw unverified('The notification tells of an opening by a code that decides nothing');
  }
  const { reason } = verdict;
  const told = { evidence: 'signed', raw: message, merchantId } as const;
  return { noun, status: 'failed', reason, retry: 'new-id', channelCode: code, ...told };
}

function factOf(message: Message, seal: Seal): FactFinding {
  const txnType = requiredText(message, 'txnType');
  const noun = Object.hasOwn(nounOf, txnType) ? nounOf[txnType] : undefined;
  if (noun === undefined) throw unverified('The notification is about nothing that is known here');
  if (noun === 'agreement') return agreementOf(message, seal);
  const code = requiredText(message, 'respCode');
  const told = readTold(message, txnType, { code, words: textOf(message, 'respMsg') });
  const product = productOf(message);
  const handle = product === undefined ? undefined : orderHandle({ product });
  // Whatever comes of an order later is told anew: here its deadline plays no part.
  const reading = { handle: undefined, nowMs: 0, reveal: seal.reveal };
  switch (noun) {
    case 'payment':
      return { noun, ...fromToldPayment(told, reading), handle };
    case 'authorization':
      return { noun, ...fromToldAuthorization(told, undefined, 0), handle };
    case 'refund':
      return { noun, ...fromToldRefund(told) };
    case 'payout':
      return { noun, ...fromToldPayout(told) };
    case 'cancellation':
      return { noun, ...fromToldCancellation(told), handle: undoHandle('cancel', undefined) };
  }
}

/** Quirk: no message has an id. What it is about and what became of it are the same each time. */
const eventIdOf = (message: Message): string =>
  ['txnType', 'txnSubType', 'orderId', 'txnTime', 'queryId', 'respCode']
    .map((name) => textOf(message, name) ?? '')
    .join('|');

function openMessage(body: Uint8Array, { settings, seal }: PushRoom, call: OpenCall): Opened {
  const { message, encoding } = readForm(body);
  const isLegacy =
    textOf(message, 'version') === '5.0.0' && settings.legacyCertificates !== undefined;
  if (isLegacy) seal.requireLegacy(message, encoding);
  else seal.requireSigned(message, encoding);
  requireOurs(message, settings);
  requirePushed(message);
  const startedAt = instantOfWireTime(textOf(message, 'txnTime'));
  requireFresh(startedAt, settings.notificationMaxAgeMs, call);
  const fact = factOf(message, seal);
  return { eventId: eventIdOf(message), facts: [{ ...fact, startedAt }] };
}

/** Checked by one gate after another; only what passed them all is read. */
async function openPush({ body }: Incoming, call: OpenCall, room: PushRoom): Promise<Opened> {
  if (body.byteLength > maxBytes) throw unverified(`The notification is over ${maxBytes} bytes`);
  try {
    return openMessage(body, room, call);
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    if (error.code.startsWith('NOTIFICATION_') || error.code === 'CONFIG_INVALID') throw error;
    throw unverified(`The notification cannot be believed or read: ${error.message}`, error);
  }
}

const said = (status: number, words: string): Outgoing => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: new TextEncoder().encode(words),
});

export const notificationVerbs = (room: PushRoom) => ({
  open: (message: Incoming, call: OpenCall): Promise<Opened> => openPush(message, call, room),
  /** The status counts, and nothing else does. */
  acknowledge(verdict: Verdict): Outgoing {
    if ('stored' in verdict) return said(200, 'ok');
    return 'refused' in verdict ? said(400, 'refused') : said(503, 'again');
  },
});
