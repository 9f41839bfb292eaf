/** wechatpay · cancellation: undoing a payment whose fate is unknown. */
import { type Call, type Finding, type Money, PolyrailError, type Ref } from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { readCaptureHandle, readPaymentHandle } from './handle.ts';
import { requireEcho } from './messages.ts';
import { partyFields } from './partner.ts';
import { closeOrder, type PaymentRoom } from './payment.ts';
import { refundOrder } from './refund.ts';
import { reverseAuthorization } from './release.ts';
import { fromQuery, orderPath, toQuery } from './transaction.ts';
import type { Exchange } from './wire.ts';

type Paying = Finding<'payment'>;
type Reversing = Finding<'cancellation'>;

/** A reversal that could not be finished is to be repeated. */
const repeatAfterMs = 1000;

export const toReverse = (payment: Ref<'payment'>, settings: Settings): Exchange => ({
  operation: 'transactions.reverse',
  method: 'POST',
  target: `${orderPath(payment.merchantId, settings)}/reverse`,
  fields: partyFields(settings),
});

/** Pure: what the state of a payment says about its reversal. */
export function fromStateAfterReverse(payment: Paying): Reversing {
  const { evidence, raw } = payment;
  const told = { evidence, raw };
  if (payment.status === 'failed') return { status: 'succeeded', effect: 'closed', ...told };
  if (payment.status === 'succeeded' && payment.undone !== undefined) {
    const amount = payment.undone.amount;
    return { status: 'succeeded', effect: 'refunded', amount, ...told };
  }
  if (payment.status === 'unknown') {
    // Nothing there is no proof: the payment may still be on its way.
    const { doubt, cause } = payment;
    return { status: 'unknown', doubt, cause, ...told };
  }
  return { status: 'pending', waitingFor: 'merchant', pollAfterMs: repeatAfterMs, ...told };
}

/** Pure: what became of giving everything back. */
export function fromWholeRefund(refund: Finding<'refund'>, amount: Money): Reversing {
  const { noun: _noun, ref: _ref, merchantId: _id, channelId: _number, ...told } = refund;
  if (told.status === 'unknown') return told;
  const { evidence, raw } = told;
  if (told.status === 'succeeded') {
    return { status: 'succeeded', effect: 'refunded', amount, evidence, raw };
  }
  if (told.status === 'pending') {
    const { waitingFor, pollAfterMs } = told;
    return { status: 'pending', waitingFor, pollAfterMs, evidence, raw };
  }
  const { reason, retry, channelCode, channelMessage } = told;
  return { status: 'failed', reason, retry, channelCode, channelMessage, evidence, raw };
}

async function giveBack(room: PaymentRoom, target: Ref<'payment'>, call: Call) {
  const { amount, refund } = await refundOrder(room, target, call);
  return fromWholeRefund(refund, amount);
}

function requireSame(found: Paying, target: Ref<'payment'>): void {
  if (found.merchantId === undefined || found.merchantId === target.merchantId) return;
  const message = 'The answer is about another order than the one asked about';
  throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
}

/**
 * Undoes an order of another scene. Quirk: WeChat Pay reverses payments by code only. Here the order is
 * looked up first: closed where it is open, and given back where it is paid, under a refund number
 * that is the order's - repeated, it is the same refund.
 */
async function undoOrder(
  room: PaymentRoom,
  target: Ref<'payment'>,
  call: Call,
): Promise<Reversing> {
  const { wire, settings } = room;
  const found = fromQuery(await wire.call(toQuery(target, settings), beforehand(call)), settings);
  requireSame(found, target);
  const { evidence, raw } = found;
  if (found.status === 'succeeded') return giveBack(room, target, call);
  if (found.status === 'failed') return { status: 'succeeded', effect: 'closed', evidence, raw };
  if (found.status === 'unknown' && found.doubt !== 'not-found') {
    throw found.cause ?? new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell the order');
  }
  const closing = await closeOrder(room, target, call);
  const { noun: _noun, ref: _ref, merchantId: _id, ...told } = closing;
  if (told.status === 'succeeded') {
    return { status: 'succeeded', effect: 'closed', evidence: told.evidence, raw: told.raw };
  }
  // Paid between the question and the closing.
  return told.status === 'failed' ? followUp(() => giveBack(room, target, call)) : told;
}

async function reverse(room: PaymentRoom, target: Ref<'payment'>, call: Call): Promise<Reversing> {
  const { wire, settings } = room;
  if (readCaptureHandle(target) !== undefined) {
    const message = 'A capture is not reversed: close it, or refund it once it is paid';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'handle' });
  }
  const scene = readPaymentHandle(target) ?? (settings.codepay ? 'barcode' : undefined);
  if (scene !== 'barcode') return undoOrder(room, target, call);
  const answer = await wire.call(toReverse(target, settings), call);
  if (isDone(answer)) requireEcho(bodyOf(answer), 'out_trade_no', target.merchantId);
  else {
    const finding = fromRejection<'cancellation'>('transactions.reverse', answer);
    if (finding.status !== 'unknown') return finding;
  }
  // Quirk: the answer to a reversal does not say what it did: the order's state does.
  const found = await followUp(async () =>
    fromQuery(await wire.call(toQuery(target, settings), call), settings),
  );
  requireSame(found, target);
  return fromStateAfterReverse(found);
}

/** What comes with payments by code, and with the pay score. */
export const cancellationVerbs = (room: PaymentRoom) => ({
  async reverse(
    target: Ref<'payment' | 'authorization' | 'cancellation'>,
    call: Call<'cancellation'>,
  ): Promise<Reversing> {
    if (target.noun === 'payment') return reverse(room, target as Ref<'payment'>, call);
    if (target.noun === 'authorization' && room.settings.payScore !== undefined) {
      return reverseAuthorization(room, target as Ref<'authorization'>, call);
    }
    const message = 'WeChat Pay reverses payments, and with config.payScore authorizations';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
  },
});
