/** wechatpay-v2 · cancellation: undoing a payment whose fate is unknown (B4.3). */
import { type Call, type Finding, type Money, PolyrailError, type Ref } from '@polyrail/core';
import { textOf } from '@polyrail/kit/fields';
import { beforehand, followUp } from '@polyrail/kit/question';
import { fromRejection, isDone } from './answer.ts';
import { readPaymentHandle } from './handle.ts';
import { closeOrder, type PaymentRoom, stateOf } from './payment.ts';
import { refundOrder } from './refund.ts';
import { askOrder, sameOrder } from './transaction.ts';
import { party } from './wire.ts';

type Paying = Finding<'payment'>;
type Reversing = Finding<'cancellation'>;

/** A reversal that could not be finished is to be repeated. */
const repeatAfterMs = 1000;

/** Pure: what the state of a payment says about its reversal. */
export function fromStateAfterReverse(payment: Paying): Reversing {
  const { evidence, raw } = payment;
  const told = { evidence, raw };
  if (payment.status === 'failed') return { status: 'succeeded', effect: 'closed', ...told };
  if (payment.status === 'succeeded' && payment.undone !== undefined) {
    const { amount } = payment.undone;
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

/**
 * Undoes an order of another scene. Quirk: WeChat Pay reverses payments by code only. Here the
 * order is looked up first: closed where it is open, and given back where it is paid, under a
 * refund number that is the order's - repeated, it is the same refund.
 */
async function undoOrder(
  room: PaymentRoom,
  target: Ref<'payment'>,
  call: Call,
): Promise<Reversing> {
  const found = sameOrder(await askOrder(room, target, beforehand(call)), target);
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

/**
 * Quirk: an answer with `recall=Y` wants the same call again, and none says what it did: the state
 * of the order does.
 */
async function reverse(room: PaymentRoom, target: Ref<'payment'>, call: Call): Promise<Reversing> {
  const scene = readPaymentHandle(target) ?? 'barcode';
  if (scene !== 'barcode') return undoOrder(room, target, call);
  const fields = { ...party(room.settings), out_trade_no: target.merchantId };
  const answer = await room.wire.call({ operation: 'reverse', fields }, call);
  const told = { evidence: answer.evidence, raw: answer.fields } as const;
  if (answer.communicated && textOf(answer.fields, 'recall') === 'Y') {
    return { status: 'pending', waitingFor: 'merchant', pollAfterMs: repeatAfterMs, ...told };
  }
  if (!isDone(answer)) {
    const finding = fromRejection<'cancellation'>('reverse', answer);
    if (finding.status !== 'unknown' || finding.doubt !== 'repeated-id') return finding;
  }
  return fromStateAfterReverse(await stateOf(room, target, call));
}

/** Needs the client certificate. */
export const cancellationVerbs = (room: PaymentRoom) => ({
  async reverse(
    target: Ref<'payment' | 'authorization' | 'cancellation'>,
    call: Call<'cancellation'>,
  ): Promise<Reversing> {
    if (target.noun === 'payment') return reverse(room, target as Ref<'payment'>, call);
    const message = 'WeChat Pay reverses payments only';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
  },
});
