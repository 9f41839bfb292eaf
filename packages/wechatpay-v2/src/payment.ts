/** wechatpay-v2 · payment: paying, asking, closing, and reversing what was paid by code. */
import type { Call, Finding, NextAction, Ref } from '@polyrail/core';
import { fenOf, requiredText, textOf } from '@polyrail/kit/fields';
import { followUp } from '@polyrail/kit/question';
import { fromRejection, isDone, verdictOn, wordsOf } from './answer.ts';
import { contractOf } from './deduction.ts';
import type { WechatPayV2Scene } from './extra.ts';
import { forApp, forBrowser, forPage, type InvocationRoom } from './invocation.ts';
import { toPay } from './order.ts';
import { givenBack } from './refund.ts';
import type { PayRequest } from './shape.ts';
import { askOrder, fromPaid, pollAfterMs, sameOrder, wasRefunded } from './transaction.ts';
import { type Answer, type Crossing, type Exchange, party, type Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;

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

/**
 * Pure: what the answer to a payment by code says; the payer may still have to enter a password.
 */
export function fromBarcode(answer: Answer): Paying {
  const { evidence, fields } = answer;
  if (isDone(answer)) return fromPaid(fields, evidence);
  const words = wordsOf(answer);
  if (answer.communicated && words.channelCode === 'USERPAYING') {
    return { status: 'pending', waitingFor: 'payer', pollAfterMs, evidence, raw: fields };
  }
  return fromRejection('micropay', answer);
}

/**
 * Pure: an accepted deduction. Quirk: it is made later; a query or a notification tells its end.
 */
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
    amount: fenOf(fields, 'total_fee'),
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

/** What became of the order, after a call that its state explains. */
export const stateOf = async (room: PaymentRoom, payment: Ref<'payment'>, call: Crossing) =>
  sameOrder(await followUp(() => askOrder(room, payment, call)), payment);

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

export async function closeOrder(
  room: PaymentRoom,
  payment: Ref<'payment'>,
  call: Call,
): Promise<Closing> {
  const fields = { ...party(room.settings), out_trade_no: payment.merchantId };
  const answer = await room.wire.call({ operation: 'closeorder', fields }, call);
  const { evidence } = answer;
  if (isDone(answer)) return { status: 'succeeded', evidence, raw: answer.fields };
  const verdict = verdictOn('closeorder', answer);
  const explained = verdict.end === 'unknown' && verdict.doubt === 'repeated-id';
  if (!explained) return fromRejection<'closure'>('closeorder', answer);
  return fromStateAfterClose(await stateOf(room, payment, call));
}

async function pay(room: PaymentRoom, request: PayRequest, call: Call): Promise<Paying> {
  const { wire, settings } = room;
  const contract =
    request.scene === 'agreement' ? await contractOf(room, request.agreement, call) : undefined;
  const { startedAt } = call.ref;
  const order = toPay(request, settings, { startedAt, contract });
  return fromPay(request, order, { answer: await wire.call(order, call), room });
}

/**
 * Quirk: the state of an order says that something was given back, not how much. A second question
 * is asked then, about its refunds.
 */
async function query(room: PaymentRoom, payment: Ref<'payment'>, call: Call): Promise<Paying> {
  const found = await askOrder(room, payment, call);
  const touched =
    found.status === 'succeeded' && found.merchantId === payment.merchantId && wasRefunded(found);
  if (!touched) return found;
  const undone = await followUp(() => givenBack(room, payment.merchantId, call));
  return undone === undefined ? found : { ...found, undone };
}

/** The verbs of this file, strung on the wire. */
export const paymentVerbs = (room: PaymentRoom) => ({
  pay: (request: PayRequest, call: Call<'payment'>): Promise<Paying> => pay(room, request, call),
  query: (payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> =>
    query(room, payment, call),
  close: (payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> =>
    closeOrder(room, payment, call),
});
