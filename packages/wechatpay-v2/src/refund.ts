/** wechatpay-v2 · refund: money back, in parts and repeatedly, and what became of it (B5). */
import {
  type Call,
  type Evidence,
  type Finding,
  type Money,
  type PaymentFacts,
  PolyrailError,
  type Ref,
  sameMoney,
} from '@polyrail/core';
import { requiredFen, requiredText, textOf, yuan } from '@polyrail/kit/fields';
import { beforehand, followUp } from '@polyrail/kit/question';
import { refusal } from '@polyrail/kit/verdict';
import { fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { fenText, wrong } from './extra.ts';
import { type Message, momentOf, requireEcho, requireYuan, undocumentedState } from './messages.ts';
import { notifyUrlOf } from './order.ts';

import type { RefundRequest } from './shape.ts';
import { fromQuery, toQuery } from './transaction.ts';
import { type Answer, type Crossing, type Exchange, party, type Wire } from './wire.ts';

type Refunding = Finding<'refund'>;

/** Refunds to a wallet take seconds, to a card days. */
const pollAfterMs = 10_000;

const sources = {
  UNSETTLED: 'REFUND_SOURCE_UNSETTLED_FUNDS',
  RECHARGE: 'REFUND_SOURCE_RECHARGE_FUNDS',
} as const;

export interface RefundRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

/** Pure: a refund in the channel's words; `total` is what was paid. */
export function toRefund(request: RefundRequest, total: Money, settings: Settings): Exchange {
  const { payment, merchantRefundId, amount, note, extra = {} } = request;
  if (note !== undefined && note.length > 80) {
    throw wrong('note', 'must have at most 80 characters');
  }
  const { notifyUrl, source } = extra;
  const told = notifyUrl ?? settings.notifyUrl;
  return {
    operation: 'refund',
    fields: {
      ...party(settings),
      out_trade_no: payment.merchantId,
      out_refund_no: merchantRefundId,
      total_fee: fenText(total),
      refund_fee: fenText(amount),
      refund_fee_type: 'CNY',
      refund_desc: note,
      refund_account: source === undefined ? undefined : sources[source],
      notify_url: told === undefined ? undefined : notifyUrlOf(told, settings, 'extra.notifyUrl'),
    },
  };
}

/** Pure: an accepted refund. Quirk: the answer never says that the money is back; a query does. */
export function fromRefund(request: RefundRequest, answer: Answer): Refunding {
  if (!isDone(answer)) return fromRejection('refund', answer);
  const { evidence, fields } = answer;
  requireYuan(fields);
  requireEcho(fields, 'out_trade_no', request.payment.merchantId);
  return {
    status: 'pending',
    waitingFor: 'channel',
    pollAfterMs,
    evidence,
    raw: fields,
    merchantId: requiredText(fields, 'out_refund_no'),
    channelId: textOf(fields, 'refund_id'),
    amount: requiredFen(fields, 'refund_fee'),
  };
}

export const toQueryRefund = (merchantRefundId: string, settings: Settings): Exchange => ({
  operation: 'refundquery',
  fields: { ...party(settings), out_refund_no: merchantRefundId },
});

/** Pure: one refund of an answer that numbers them; `at` is its number. */
function fromNumbered(fields: Message, at: number, evidence: Evidence): Refunding {
  const state = requiredText(fields, `refund_status_${at}`);
  const told = {
    evidence,
    raw: fields,
    merchantId: requiredText(fields, `out_refund_no_${at}`),
    channelId: textOf(fields, `refund_id_${at}`),
    amount: requiredFen(fields, `refund_fee_${at}`),
  } as const;
  switch (state) {
    case 'SUCCESS': {
      const arrivedAt = momentOf(fields, `refund_success_time_${at}`);
      return { status: 'succeeded', arrivedAt, ...told };
    }
    case 'PROCESSING':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    // Quirk: the payer's account does not take it: the merchant must pay it another way.
    case 'CHANGE':
      return { status: 'pending', waitingFor: 'merchant', pollAfterMs, ...told };
    case 'REFUNDCLOSE':
      return { status: 'failed', reason: 'other', retry: 'new-id', channelCode: state, ...told };
    default:
      throw undocumentedState('refund_status', state);
  }
}

/** Quirk: an answer may hold several refunds of the order, numbered from nought (B5.2). */
const maxRefunds = 50;

/** Pure: the refund that was asked about, among those that the answer holds. */
export function fromQueryRefund(merchantRefundId: string, answer: Answer): Refunding {
  if (!isDone(answer)) return fromRejection('refundquery', answer);
  const { evidence, fields } = answer;
  requireYuan(fields);
  for (let at = 0; at < maxRefunds; at += 1) {
    const told = textOf(fields, `out_refund_no_${at}`);
    if (told === merchantRefundId) return fromNumbered(fields, at, evidence);
  }
  const message = 'The answer holds no refund of the id asked about';
  throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
}

/** Asks about a refund; also what a notification tells is asked again. */
export const askRefund = async (
  { wire, settings }: RefundRoom,
  merchantRefundId: string,
  call: Crossing,
): Promise<Refunding> =>
  fromQueryRefund(
    merchantRefundId,
    await wire.call(toQueryRefund(merchantRefundId, settings), call),
  );

/** Refunds of one answer; the next ones are asked for by their number. */
const pageSize = 10;

/**
 * What of an order was given back. Refunds under way do not count yet.
 *
 * Quirk: whoever asks by the order is told of ten refunds at a time, of fifty at most.
 */
export async function givenBack(
  { wire, settings }: RefundRoom,
  merchantPaymentId: string,
  call: Crossing,
): Promise<PaymentFacts['undone']> {
  let sum = 0;
  let reversed = false;
  for (let offset = 0; offset < maxRefunds; offset += pageSize) {
    const named = {
      out_trade_no: merchantPaymentId,
      offset: offset === 0 ? undefined : `${offset}`,
    };
    const fields = { ...party(settings), ...named };
    const answer = await wire.call({ operation: 'refundquery', fields }, call);
    if (!isDone(answer)) throw untold(answer);
    requireEcho(answer.fields, 'out_trade_no', merchantPaymentId);
    const page = refundsOf(answer);
    for (const refund of page) {
      if (refund.status !== 'succeeded') continue;
      sum += refund.amount.amount;
      reversed ||= refund.merchantId === merchantPaymentId;
    }
    if (page.length < pageSize) break;
  }
  return sum === 0 ? undefined : { by: reversed ? 'reversal' : 'refund', amount: yuan(sum) };
}

/** Pure: every refund that an answer holds. */
function refundsOf({ fields, evidence }: Answer): readonly Refunding[] {
  requireYuan(fields);
  const refunds: Refunding[] = [];
  while (refunds.length < maxRefunds) {
    const at = refunds.length;
    if (textOf(fields, `out_refund_no_${at}`) === undefined) break;
    refunds.push(fromNumbered(fields, at, evidence));
  }
  return refunds;
}

function untold(answer: Answer): PolyrailError {
  const finding = fromRejection<'refund'>('refundquery', answer);
  const cause = finding.status === 'unknown' ? finding.cause : undefined;
  const message = 'WeChat Pay does not tell what was given back';
  return cause ?? new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error' });
}

/** The words of a refusal that name its reason. */
const reasonOf = (words = ''): 'refund-exceeds' | 'parameter-invalid' =>
  /全额退款|金额|余额/.test(words) ? 'refund-exceeds' : 'parameter-invalid';

/**
 * Pure: a refund whose call was turned down for a reason that may be its id, in the light of its
 * query: it was made before, under other terms, or never.
 */
export function fromTurnedDown(
  found: Refunding,
  turnedDown: Refunding & { readonly status: 'unknown' },
  { amount, merchantRefundId }: RefundRequest,
): Refunding {
  const { channelCode, channelMessage, evidence } = turnedDown;
  const words = { channelCode, channelMessage, evidence };
  if (found.status === 'unknown') {
    if (found.doubt !== 'not-found') return found;
    throw refusal('WeChat Pay refused the refund, and knows none under this id', {
      ...words,
      reason: reasonOf(channelMessage),
    });
  }
  if (found.merchantId !== merchantRefundId) return found;
  if (found.amount !== undefined && sameMoney(found.amount, amount)) return found;
  throw refusal('The id stands for another refund', { ...words, reason: 'id-reused' });
}

/** What was paid; asked for where the reference does not say. */
async function totalOf(room: RefundRoom, payment: Ref<'payment'>, call: Call): Promise<Money> {
  if (payment.amount !== undefined) return payment.amount;
  const found = fromQuery(await room.wire.call(toQuery(payment, room), beforehand(call)));
  const told = found.status === 'unknown' ? undefined : found.amount;
  if (told !== undefined && found.merchantId === payment.merchantId) return told;
  throw new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell what was paid', {
    doubt: 'unreadable-reply',
  });
}

/** Makes a refund; what is turned down for its id is looked up. */
async function refundFor(
  room: RefundRoom,
  { request, total }: { readonly request: RefundRequest; readonly total: Money },
  call: Call,
): Promise<Refunding> {
  const order = toRefund(request, total, room.settings);
  const made = fromRefund(request, await room.wire.call(order, call));
  if (made.status !== 'unknown' || made.doubt !== 'repeated-id') return made;
  const found = await followUp(() => askRefund(room, request.merchantRefundId, call));
  return fromTurnedDown(found, made, request);
}

/**
 * Gives all of an order back, under a refund number that is the order's. An accepted refund is
 * asked about at once: the answer to it never says that it was made.
 */
export async function refundOrder(room: RefundRoom, payment: Ref<'payment'>, call: Call) {
  const amount = await totalOf(room, payment, call);
  const request = { payment, merchantRefundId: payment.merchantId, amount };
  const made = await refundFor(room, { request, total: amount }, call);
  if (made.status !== 'pending') return { amount, refund: made };
  const found = await followUp(() => askRefund(room, payment.merchantId, call));
  return { amount, refund: found.status === 'unknown' ? made : found };
}

/** Needs the client certificate. */
export const refundVerbs = (room: RefundRoom) => ({
  async refund(request: RefundRequest, call: Call<'refund'>): Promise<Refunding> {
    const total = await totalOf(room, request.payment, call);
    return refundFor(room, { request, total }, call);
  },
});

export const refundQueryVerbs = (room: RefundRoom) => ({
  queryRefund: (refund: Ref<'refund'>, call: Call<'refund'>): Promise<Refunding> =>
    askRefund(room, refund.merchantId, call),
});
