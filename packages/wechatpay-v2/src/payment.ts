/** wechatpay-v2 · payment: paying, asking, closing, and reversing what was paid by code. */
import { type Call, type Finding, type NextAction, PolyrailError, type Ref } from '@polyrail/core';
import { followUp, fromRejection, isDone, verdictOn, wordsOf } from './answer.ts';
import { contractOf } from './deduction.ts';
import type { WechatPayV2Scene } from './extra.ts';
import { readPaymentHandle } from './handle.ts';
import { forApp, forBrowser, forPage, type InvocationRoom } from './invocation.ts';
import { contradicts, moneyOf, requiredText, requireEcho, textOf } from './messages.ts';
import { toPay } from './order.ts';
import type { PayRequest } from './shape.ts';
import { fromPaid, fromTransaction, pollAfterMs } from './transaction.ts';
import { type Answer, type Crossing, type Exchange, party, type Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;
type Reversing = Finding<'cancellation'>;

/** A reversal that could not be finished is to be repeated. */
const repeatAfterMs = 1000;

export interface PaymentRoom extends InvocationRoom {
  readonly wire: Wire;
}

/** What the payer is given, by scene. */
const nextActions: {
  readonly [S in Exclude<WechatPayV2Scene, 'agreement' | 'barcode'>]: (
    answer: Answer,
    room: InvocationRoom,
    returnUrl: string | undefined,
  ) => NextAction;
} = {
  qr: ({ fields }) => ({ kind: 'qr', text: requiredText(fields, 'code_url') }),
  'in-wallet': ({ fields }, room) => forPage(requiredText(fields, 'prepay_id'), room),
  app: ({ fields }, room) => forApp(requiredText(fields, 'prepay_id'), room),
  h5: ({ fields }, _room, returnUrl) => forBrowser(requiredText(fields, 'mweb_url'), returnUrl),
};

/** Pure: what the answer to a payment by code says; the payer may still have to enter a password. */
export function fromBarcode(answer: Answer): Paying {
  const { evidence, fields } = answer;
  if (isDone(answer)) return fromPaid(fields, evidence);
  const words = wordsOf(answer);
  if (answer.communicated && words.channelCode === 'USERPAYING') {
    return { status: 'pending', waitingFor: 'payer', pollAfterMs, evidence, raw: fields };
  }
  return fromRejection('micropay', answer);
}

/** Pure: an accepted deduction. Quirk: it is made later; a query or a notification tells its end. */
export function fromDeduction(answer: Answer): Paying {
  if (!isDone(answer)) return fromRejection('papay.apply', answer);
  const { evidence, fields } = answer;
  return {
    status: 'pending',
    waitingFor: 'channel',
    pollAfterMs,
    evidence,
    raw: fields,
    merchantId: textOf(fields, 'out_trade_no'),
    amount: moneyOf(fields, 'total_fee'),
  };
}

/**
 * What an answer to `pay` says.
 *
 * Quirk: the answer to an order names no order: that it is the answer to this one, TLS says.
 */
export function fromPay(
  request: PayRequest,
  order: Exchange,
  { answer, room }: { readonly answer: Answer; readonly room: InvocationRoom },
): Paying {
  if (request.scene === 'barcode') return fromBarcode(answer);
  if (request.scene === 'agreement') return fromDeduction(answer);
  if (!isDone(answer)) return fromRejection(order.operation, answer);
  const { evidence, fields } = answer;
  const returnUrl = request.scene === 'h5' ? request.returnUrl : undefined;
  const nextAction = nextActions[request.scene](answer, room, returnUrl);
  const { expiresAt } = request;
  const waiting = { waitingFor: 'payer', nextAction, pollAfterMs, expiresAt } as const;
  return { status: 'pending', ...waiting, evidence, raw: fields };
}

const isOrderNumber = (id: string): boolean => /^[0-9A-Za-z_\-|*]{6,32}$/.test(id);

/** Pure: the question about an order, by WeChat Pay's number where only that is known to be one. */
export function toQuery(payment: Ref<'payment'>, { settings }: Pick<PaymentRoom, 'settings'>) {
  const { channelId, merchantId } = payment;
  const byNumber = channelId !== undefined && !isOrderNumber(merchantId);
  const name = byNumber ? { transaction_id: channelId } : { out_trade_no: merchantId };
  return { operation: 'orderquery', fields: { ...party(settings), ...name } } as const;
}

export function fromQuery(answer: Answer): Paying {
  if (!isDone(answer)) return fromRejection('orderquery', answer);
  return fromTransaction(answer.fields, answer.evidence);
}

const ask = async (room: PaymentRoom, payment: Ref<'payment'>, call: Crossing): Promise<Paying> =>
  fromQuery(await room.wire.call(toQuery(payment, room), call));

/** What became of the order, after a call that its state explains. It must be this order's. */
async function stateOf(room: PaymentRoom, payment: Ref<'payment'>, call: Crossing) {
  const found = await followUp(() => ask(room, payment, call));
  if (found.merchantId === undefined || found.merchantId === payment.merchantId) return found;
  throw contradicts('The answer is about another order than the one asked about');
}

/** Pure: why an order could not be closed, from its state. An order closed before is closed. */
export function fromStateAfterClose(payment: Paying): Closing {
  const { evidence, raw, merchantId } = payment;
  const told = { evidence, raw, merchantId };
  if (payment.status === 'succeeded') {
    return { status: 'failed', reason: 'already-paid', retry: 'never', ...told };
  }
  if (payment.status === 'failed') return { status: 'succeeded', ...told };
  // Unpaid, and yet it was not closed; or gone. Nothing is certain.
  return { status: 'unknown', doubt: 'repeated-id', ...told };
}

async function closeOrder(room: PaymentRoom, payment: Ref<'payment'>, call: Call) {
  const fields = { ...party(room.settings), out_trade_no: payment.merchantId };
  const answer = await room.wire.call({ operation: 'closeorder', fields }, call);
  const { evidence } = answer;
  if (isDone(answer)) return { status: 'succeeded', evidence, raw: answer.fields } as const;
  const verdict = verdictOn('closeorder', answer);
  const explained = verdict.end === 'unknown' && verdict.doubt === 'repeated-id';
  if (!explained) return fromRejection<'closure'>('closeorder', answer);
  return fromStateAfterClose(await stateOf(room, payment, call));
}

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

/**
 * Undoes a payment whose fate is unknown.
 *
 * Quirk: WeChat Pay reverses payments by code only; another order is closed, or told as paid. An
 * answer with `recall=Y` wants the same call again, and none says what it did: the state does.
 */
async function reverse(room: PaymentRoom, target: Ref<'payment'>, call: Call): Promise<Reversing> {
  const scene = readPaymentHandle(target) ?? 'barcode';
  if (scene !== 'barcode') {
    const closing: Closing = await closeOrder(room, target, call);
    const { noun: _noun, ref: _ref, ...told } = closing;
    return told.status === 'succeeded' ? { ...told, effect: 'closed' } : told;
  }
  const fields = { ...party(room.settings), out_trade_no: target.merchantId };
  const answer = await room.wire.call({ operation: 'reverse', fields }, call);
  const told = { evidence: answer.evidence, raw: answer.fields } as const;
  if (answer.communicated && textOf(answer.fields, 'recall') === 'Y') {
    return { status: 'pending', waitingFor: 'merchant', pollAfterMs: repeatAfterMs, ...told };
  }
  if (isDone(answer)) {
    if (textOf(answer.fields, 'out_trade_no') !== undefined) {
      requireEcho(answer.fields, 'out_trade_no', target.merchantId);
    }
  } else {
    const finding = fromRejection<'cancellation'>('reverse', answer);
    if (finding.status !== 'unknown' || finding.doubt !== 'repeated-id') return finding;
  }
  return fromStateAfterReverse(await stateOf(room, target, call));
}

async function pay(room: PaymentRoom, request: PayRequest, call: Call): Promise<Paying> {
  const { wire, settings } = room;
  const contract =
    request.scene === 'agreement' ? await contractOf(room, request.agreement, call) : undefined;
  const { startedAt } = call.ref;
  const order = toPay(request, settings, { startedAt, contract });
  return fromPay(request, order, { answer: await wire.call(order, call), room });
}

/** The verbs of this file, strung on the wire. */
export const paymentVerbs = (room: PaymentRoom) => ({
  pay: (request: PayRequest, call: Call<'payment'>): Promise<Paying> => pay(room, request, call),
  query: (payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> =>
    ask(room, payment, call),
  close: (payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> =>
    closeOrder(room, payment, call),
});

/** What only a channel with a client certificate can do. */
export const reversalVerbs = (room: PaymentRoom) => ({
  async reverse(
    target: Ref<'payment' | 'authorization' | 'cancellation'>,
    call: Call<'cancellation'>,
  ): Promise<Reversing> {
    if (target.noun === 'payment') return reverse(room, target as Ref<'payment'>, call);
    const message = 'WeChat Pay reverses payments only';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
  },
});
