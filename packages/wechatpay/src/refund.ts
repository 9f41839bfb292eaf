/** wechatpay · refund: money back, in parts and repeatedly, and what became of it. */
import {
  type Call,
  type Evidence,
  type Finding,
  type Money,
  PolyrailError,
  type Ref,
  sameMoney,
} from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import { refusal } from '@polyrail/kit/verdict';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import { queryCapture } from './capture.ts';
import { notifyFault, type Settings } from './config.ts';
import { wrong } from './extra.ts';
import { type CaptureHandle, readCaptureHandle } from './handle.ts';
import {
  type Message,
  momentOf,
  objectOf,
  requiredMoney,
  requiredText,
  requireEcho,
  requireYuan,
  textOf,
  undocumentedState,
} from './messages.ts';
import { queryOf, subFields } from './partner.ts';
import type { RefundRequest } from './shape.ts';
import { fromQuery, toQuery } from './transaction.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Refunding = Finding<'refund'>;

/** Refunds to a wallet take seconds, to a card days. */
const pollAfterMs = 10_000;
const path = '/v3/refund/domestic/refunds';

/** What a refund must know of what it gives back. */
export interface Paid {
  readonly total: Money;
  /** Quirk: the number of a pay-score order is none of a payment: WeChat Pay's own one is named. */
  readonly transactionId?: string | undefined;
}

/** Pure: a refund in the channel's words. */
export function toRefund(request: RefundRequest, paid: Paid, settings: Settings): Exchange {
  const { payment, merchantRefundId, amount, note, extra = {} } = request;
  if (note !== undefined && note.length > 80)
    throw wrong('note', 'must have at most 80 characters');
  const fault = extra.notifyUrl && notifyFault(extra.notifyUrl);
  if (fault) throw wrong('extra.notifyUrl', fault);
  return {
    operation: 'refunds.create',
    method: 'POST',
    target: path,
    fields: {
      ...subFields(settings),
      ...(paid.transactionId === undefined
        ? { out_trade_no: payment.merchantId }
        : { transaction_id: paid.transactionId }),
      out_refund_no: merchantRefundId,
      reason: note,
      notify_url: extra.notifyUrl ?? settings.notifyUrl,
      funds_account: extra.fundsAccount,
      amount: { refund: amount.amount, total: paid.total.amount, currency: 'CNY' },
    },
  };
}

/** Pure: what a state says, of an answer or of a notification. */
export function fromRefundState(
  body: Message,
  { state, evidence }: { readonly state: string; readonly evidence: Evidence },
): Refunding {
  const amounts = objectOf(body, 'amount');
  requireYuan(amounts);
  const amount = requiredMoney(amounts, 'refund');
  const told = {
    evidence,
    raw: body,
    merchantId: requiredText(body, 'out_refund_no'),
    channelId: textOf(body, 'refund_id'),
    amount,
  } as const;
  switch (state) {
    case 'SUCCESS':
      return { status: 'succeeded', arrivedAt: momentOf(body, 'success_time'), ...told };
    case 'PROCESSING':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    // Quirk: the payer's account does not take it: the merchant must name another one (A6.3).
    case 'ABNORMAL':
      return { status: 'pending', waitingFor: 'merchant', pollAfterMs, ...told };
    case 'CLOSED':
      return { status: 'failed', reason: 'other', retry: 'new-id', channelCode: state, ...told };
    default:
      throw undocumentedState('status', state);
  }
}

/** Pure: a refund as an answer tells it. */
function fromRefundBody(body: Message, evidence: Evidence): Refunding {
  return fromRefundState(body, { state: requiredText(body, 'status'), evidence });
}

/** Pure: what the answer to a refund says. */
export function fromRefund(request: RefundRequest, paid: Paid, answer: Answer): Refunding {
  if (!isDone(answer)) return fromRejection('refunds.create', answer);
  const body = bodyOf(answer);
  if (paid.transactionId === undefined) {
    requireEcho(body, 'out_trade_no', request.payment.merchantId);
  } else requireEcho(body, 'transaction_id', paid.transactionId);
  return fromRefundBody(body, answer.evidence);
}

export const toQueryRefund = (merchantRefundId: string, settings: Settings): Exchange => ({
  operation: 'refunds.query',
  method: 'GET',
  target: `${path}/${encodeURIComponent(merchantRefundId)}${queryOf(subFields(settings))}`,
});

export function fromQueryRefund(answer: Answer): Refunding {
  if (!isDone(answer)) return fromRejection('refunds.query', answer);
  return fromRefundBody(bodyOf(answer), answer.evidence);
}

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
      reason: 'parameter-invalid',
    });
  }
  if (found.merchantId !== merchantRefundId) return found;
  if (found.amount !== undefined && sameMoney(found.amount, amount)) return found;
  throw refusal('The id stands for another refund', { ...words, reason: 'id-reused' });
}

/** What was paid; asked for where the reference does not say. */
async function totalOf(
  { wire, settings }: RefundRoom,
  payment: Ref<'payment'>,
  call: Call,
): Promise<Money> {
  if (payment.amount !== undefined) return payment.amount;
  const answer = await wire.call(toQuery(payment, settings), beforehand(call));
  const found = fromQuery(answer, settings);
  const told = found.status === 'unknown' ? undefined : found.amount;
  if (told !== undefined && found.merchantId === payment.merchantId) return told;
  throw new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell what was paid', {
    doubt: 'unreadable-reply',
  });
}

/** What was captured, and the number it was paid under; asked for where the reference lacks one. */
async function capturedOf(
  room: RefundRoom,
  { payment, handle }: { readonly payment: Ref<'payment'>; readonly handle: CaptureHandle },
  call: Call,
): Promise<Paid> {
  const { channelId, amount, merchantId: id } = payment;
  if (channelId !== undefined && amount !== undefined) {
    return { total: amount, transactionId: channelId };
  }
  const found = await queryCapture(room, { id, handle }, beforehand(call));
  const { evidence } = found;
  if (found.status === 'succeeded' && found.channelId !== undefined) {
    return { total: found.amount, transactionId: found.channelId };
  }
  if (found.status === 'unknown' && found.doubt !== 'not-found') {
    throw found.cause ?? new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell the capture');
  }
  throw refusal('There is no payment, or not one only, that this capture was paid with', {
    evidence,
    reason: 'parameter-invalid',
  });
}

async function paidOf(room: RefundRoom, payment: Ref<'payment'>, call: Call): Promise<Paid> {
  const handle = readCaptureHandle(payment);
  if (handle !== undefined) return capturedOf(room, { payment, handle }, call);
  return { total: await totalOf(room, payment, call) };
}

export interface RefundRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

async function ask(
  { wire, settings }: RefundRoom,
  merchantRefundId: string,
  call: Call,
): Promise<Refunding> {
  return fromQueryRefund(await wire.call(toQueryRefund(merchantRefundId, settings), call));
}

async function refundFor(
  room: RefundRoom,
  { request, paid }: { readonly request: RefundRequest; readonly paid: Paid },
  call: Call,
): Promise<Refunding> {
  const { wire, settings } = room;
  const made = fromRefund(request, paid, await wire.call(toRefund(request, paid, settings), call));
  if (made.status !== 'unknown' || made.doubt !== 'repeated-id') return made;
  const found = await followUp(() => ask(room, request.merchantRefundId, call));
  return fromTurnedDown(found, made, request);
}

/** Gives all of an order back, under a refund number that is the order's. */
export async function refundOrder(room: RefundRoom, payment: Ref<'payment'>, call: Call) {
  const amount = await totalOf(room, payment, call);
  const request = { payment, merchantRefundId: payment.merchantId, amount };
  const refund = await refundFor(room, { request, paid: { total: amount } }, call);
  if (refund.merchantId === undefined || refund.merchantId === payment.merchantId) {
    return { amount, refund };
  }
  const message = 'The answer is about another refund than the one asked for';
  throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
}

/** The verbs of this file, strung on the wire. */
export function refundVerbs(room: RefundRoom) {
  return {
    async refund(request: RefundRequest, call: Call<'refund'>): Promise<Refunding> {
      const paid = await paidOf(room, request.payment, call);
      return await refundFor(room, { request, paid }, call);
    },
    async queryRefund(refund: Ref<'refund'>, call: Call<'refund'>): Promise<Refunding> {
      return await ask(room, refund.merchantId, call);
    },
  };
}
