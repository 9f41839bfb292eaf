/** wechatpay · payment: paying, asking, closing, and reversing what was paid by code. */
import {
  type Call,
  type Clock,
  type Finding,
  isPolyrailError,
  type NextAction,
  PolyrailError,
  type Random,
  type Ref,
  sameMoney,
} from '@polyrail/core';
import { followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import { queryCapture } from './capture.ts';
import { reverses, type Settings } from './config.ts';
import { contractOf, fromDeduction, toDeduction } from './deduction.ts';
import type { WechatPayScene } from './extra.ts';
import { readCaptureHandle } from './handle.ts';
import { forApp, forBrowser, forPage, type InvocationRoom } from './invocation.ts';
import { requiredText } from './messages.ts';
import { requireNoDeadline, toPay } from './order.ts';
import { merchantFields } from './partner.ts';
import { fromQueryRefund, toQueryRefund } from './refund.ts';
import { closeCapture } from './release.ts';
import type { PayRequest } from './shape.ts';
import {
  fromQuery,
  fromTransaction,
  isRefunded,
  orderPath,
  pollAfterMs,
  toQuery,
} from './transaction.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;

export interface PaymentRoom extends InvocationRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
}

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

export async function closeOrder(
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

async function pay(room: PaymentRoom, request: PayRequest, call: Call): Promise<Paying> {
  const { wire, settings } = room;
  if (request.scene === 'agreement') {
    requireNoDeadline(request.scene, request.expiresAt);
    const contract = await contractOf(room, request.agreement, call);
    const answer = await wire.call(toDeduction(request, settings, contract), call);
    return fromDeduction(answer);
  }
  const veil = request.extra?.identity === undefined ? undefined : await wire.veil(call);
  const order = toPay(request, settings, veil);
  const answer = await wire.call(order, call);
  return fromPay(request, order, { answer, room });
}

/**
 * Quirk: an order tells that something was refunded and not how much. What `reverse` gave back stands
 * under a refund number that is the order's, and can be asked about.
 */
async function withReversal(room: PaymentRoom, found: Paying, call: Call): Promise<Paying> {
  const { merchantId } = found;
  if (found.status !== 'succeeded' || merchantId === undefined || !isRefunded(found)) return found;
  const { wire, settings } = room;
  const refund = await wire
    .call(toQueryRefund(merchantId, settings), call)
    .then(fromQueryRefund)
    .catch((error: unknown) => {
      // What is known of the payment is told, whatever became of the second question.
      if (isPolyrailError(error) && !call.signal.aborted) return undefined;
      throw error;
    });
  if (refund === undefined) return found;
  const whole = refund.status === 'succeeded' && sameMoney(refund.amount, found.amount);
  if (!whole || refund.merchantId !== merchantId) return found;
  return { ...found, undone: { by: 'reversal', amount: found.amount } };
}

async function query(room: PaymentRoom, payment: Ref<'payment'>, call: Call): Promise<Paying> {
  const { wire, settings } = room;
  const handle = readCaptureHandle(payment);
  if (handle !== undefined) return queryCapture(room, { id: payment.merchantId, handle }, call);
  const found = fromQuery(await wire.call(toQuery(payment, settings), call), settings);
  return reverses(settings) ? withReversal(room, found, call) : found;
}

async function close(room: PaymentRoom, payment: Ref<'payment'>, call: Call): Promise<Closing> {
  const handle = readCaptureHandle(payment);
  if (handle === undefined) return closeOrder(room, payment, call);
  return closeCapture(room, { id: payment.merchantId, handle }, call);
}

/** The verbs of this file, strung on the wire. */
export const paymentVerbs = (room: PaymentRoom) => ({
  pay: (request: PayRequest, call: Call<'payment'>): Promise<Paying> => pay(room, request, call),
  query: (payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> =>
    query(room, payment, call),
  close: (payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> =>
    close(room, payment, call),
});
