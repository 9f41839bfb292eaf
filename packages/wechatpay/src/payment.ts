/** wechatpay · payment: paying, asking, closing, and reversing what was paid by code. */
import {
  type Call,
  type Clock,
  type Finding,
  type NextAction,
  PolyrailError,
  type Random,
  type Ref,
} from '@polyrail/core';
import { bodyOf, followUp, fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { contractOf, fromDeduction, toDeduction } from './deduction.ts';
import type { WechatPayScene } from './extra.ts';
import { readPaymentHandle } from './handle.ts';
import { forApp, forBrowser, forPage, type InvocationRoom } from './invocation.ts';
import { requiredText, requireEcho } from './messages.ts';
import { toPay } from './order.ts';
import { merchantFields, ordersPath, partyFields, queryOf } from './partner.ts';
import type { PayRequest } from './shape.ts';
import { fromTransaction, pollAfterMs } from './transaction.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;
type Reversing = Finding<'cancellation'>;

/** A reversal that could not be finished is to be repeated. */
const repeatAfterMs = 1000;

export interface PaymentRoom extends InvocationRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
}

const orderPath = (id: string, settings: Settings): string =>
  `${ordersPath(settings)}/out-trade-no/${encodeURIComponent(id)}`;

type Waiting = Exclude<WechatPayScene, 'agreement' | 'barcode'>;

/** What the payer is given, by scene. */
const nextActions: {
  readonly [S in Waiting]: (
    answer: Answer,
    room: InvocationRoom,
    returnUrl: string | undefined,
  ) => Promise<NextAction>;
} = {
  qr: async (answer) => ({ kind: 'qr', text: requiredText(bodyOf(answer), 'code_url') }),
  'in-wallet': (answer, room) => forPage(requiredText(bodyOf(answer), 'prepay_id'), room),
  app: (answer, room) => forApp(requiredText(bodyOf(answer), 'prepay_id'), room),
  h5: async (answer, _room, returnUrl) =>
    forBrowser(requiredText(bodyOf(answer), 'h5_url'), returnUrl),
};

/**
 * What an answer to `pay` says.
 *
 * Quirk: the answer to an order names no order: that it is the answer to this one, TLS says.
 */
export async function fromPay(
  request: PayRequest,
  order: Exchange,
  { answer, room }: { readonly answer: Answer; readonly room: InvocationRoom },
): Promise<Paying> {
  const { evidence, body } = answer;
  const { scene, expiresAt } = request;
  if (!isDone(answer)) {
    const finding = fromRejection<'payment'>(order.operation, answer);
    const asking = scene === 'barcode' && finding.status === 'pending';
    return asking ? { ...finding, waitingFor: 'payer' } : finding;
  }
  if (scene === 'barcode' || scene === 'agreement') {
    return fromTransaction(bodyOf(answer), { settings: room.settings, evidence });
  }
  const returnUrl = scene === 'h5' ? request.returnUrl : undefined;
  const nextAction = await nextActions[scene](answer, room, returnUrl);
  const waiting = { waitingFor: 'payer', nextAction, pollAfterMs, expiresAt } as const;
  return { status: 'pending', ...waiting, evidence, raw: body };
}

/** Pure: the question about an order, by WeChat Pay's number where only that is known to be one. */
export function toQuery(payment: Ref<'payment'>, settings: Settings): Exchange {
  const query = queryOf(merchantFields(settings));
  const { channelId } = payment;
  const byNumber = channelId !== undefined && !isOrderNumber(payment.merchantId);
  const path = byNumber
    ? `${ordersPath(settings)}/id/${encodeURIComponent(channelId)}`
    : orderPath(payment.merchantId, settings);
  return { operation: 'transactions.query', method: 'GET', target: `${path}${query}` };
}

const isOrderNumber = (id: string): boolean => /^[0-9A-Za-z_\-|*]{6,32}$/.test(id);

export function fromQuery(answer: Answer, settings: Settings): Paying {
  if (!isDone(answer)) return fromRejection('transactions.query', answer);
  return fromTransaction(bodyOf(answer), { settings, evidence: answer.evidence });
}

export const toClose = (payment: Ref<'payment'>, settings: Settings): Exchange => ({
  operation: 'transactions.close',
  method: 'POST',
  target: `${orderPath(payment.merchantId, settings)}/close`,
  fields: merchantFields(settings),
});

/** Pure: a closed order, or the reason why it is not; `undefined` when its state must be asked for. */
export function fromClose(answer: Answer): Closing | undefined {
  const { evidence, body, status } = answer;
  if (status === 204) return { status: 'succeeded', evidence, raw: body };
  if (status === 200) {
    throw new PolyrailError('REPLY_UNREADABLE', 'A closing answers with content', {
      doubt: 'unreadable-reply',
    });
  }
  const finding = fromRejection<'closure'>('transactions.close', answer);
  const ask = finding.status === 'unknown' && finding.doubt !== 'not-found';
  return ask ? undefined : finding;
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

async function closeOrder(
  { wire, settings }: Pick<PaymentRoom, 'wire' | 'settings'>,
  payment: Ref<'payment'>,
  call: Call,
): Promise<Closing> {
  const closed = fromClose(await wire.call(toClose(payment, settings), call));
  if (closed !== undefined) return closed;
  const found = await followUp(async () =>
    fromQuery(await wire.call(toQuery(payment, settings), call), settings),
  );
  return fromStateAfterClose(found);
}

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

/** Pure: undoing an order that no payer's code began is closing it, as far as that goes. */
function fromClosing(closing: Closing): Reversing {
  const { noun: _noun, ref: _ref, ...told } = closing;
  return told.status === 'succeeded' ? { ...told, effect: 'closed' } : told;
}

/**
 * Undoes a payment whose fate is unknown.
 *
 * Quirk: WeChat Pay reverses payments by code only. Another order is closed, or told as paid. The
 * answer to a reversal does not say what it did: the order's state does.
 */
async function reverse(room: PaymentRoom, target: Ref<'payment'>, call: Call): Promise<Reversing> {
  const { wire, settings } = room;
  const scene = readPaymentHandle(target) ?? 'barcode';
  if (scene !== 'barcode') return fromClosing(await closeOrder(room, target, call));
  const answer = await wire.call(toReverse(target, settings), call);
  if (isDone(answer)) requireEcho(bodyOf(answer), 'out_trade_no', target.merchantId);
  else {
    const finding = fromRejection<'cancellation'>('transactions.reverse', answer);
    if (finding.status !== 'unknown') return finding;
  }
  const found = await followUp(async () =>
    fromQuery(await wire.call(toQuery(target, settings), call), settings),
  );
  if (found.merchantId !== undefined && found.merchantId !== target.merchantId) {
    const message = 'The answer is about another order than the one asked about';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  return fromStateAfterReverse(found);
}

async function pay(room: PaymentRoom, request: PayRequest, call: Call): Promise<Paying> {
  const { wire, settings } = room;
  if (request.scene === 'agreement') {
    const contract = await contractOf(room, request.agreement, call);
    const answer = await wire.call(toDeduction(request, settings, contract), call);
    return fromDeduction(answer, request);
  }
  const key = request.extra?.identity === undefined ? undefined : await wire.fieldKey(call);
  const order = toPay(request, settings, key);
  const answer = await wire.call(order, call);
  return fromPay(request, order, { answer, room });
}

/** The verbs of this file, strung on the wire. */
export function paymentVerbs(room: PaymentRoom) {
  const { wire, settings } = room;
  return {
    pay: (request: PayRequest, call: Call<'payment'>): Promise<Paying> => pay(room, request, call),
    async query(payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> {
      return fromQuery(await wire.call(toQuery(payment, settings), call), settings);
    },
    close: (payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> =>
      closeOrder(room, payment, call),
  };
}

/** What only payments by code have. */
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
