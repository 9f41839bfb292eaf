/** alipay · payment: paying, asking, closing, and undoing a payment as a whole. */
import {
  type Call,
  type Clock,
  type Finding,
  type NextAction,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { followUp } from '@polyrail/kit/question';
import { consentedBy } from './agreement.ts';
import { fromRejection, isAccepted, isInProgress } from './answer.ts';
import type { Method } from './codes.ts';
import type { AlipayScene } from './extra.ts';
import { type HandOver, handedOver } from './hand-over.ts';
import { readPaymentHandle, tradeHandle } from './handle.ts';
import { type Message, requiredText, requireEcho, textOf } from './messages.ts';
import { toPay } from './order.ts';
import type { CancelRequest, PayRequest } from './shape.ts';
import { fromPaid, fromTrade, fromWaiting, pollAfterMs, tradeOf } from './trade.ts';
import type { Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;
type Cancelling = Finding<'cancellation'>;

/** A cancellation that could not be finished is to be repeated (§10.4, 4.). */
const repeatAfterMs = 1000;

/** What comes back of the scenes whose first answer is no payment yet. */
const nextActions: { readonly [S in AlipayScene]?: (node: Message) => NextAction } = {
  qr: (node) => ({ kind: 'qr', text: requiredText(node, 'qr_code') }),
  'in-wallet': (node) => ({
    kind: 'sdk',
    parameters: { tradeNO: requiredText(node, 'trade_no') },
  }),
};

/** A deduction that was accepted and is made later; an answer about one already made has a time. */
const isAsynchronous = (request: PayRequest, node: Message): boolean =>
  request.scene === 'agreement' &&
  request.extra?.asynchronous !== undefined &&
  textOf(node, 'gmt_payment') === undefined;

/** Pure: what an answer to `pay` says. */
export function fromPay(request: PayRequest, method: Method, node: Message): Paying {
  const { scene, expiresAt } = request;
  if (isInProgress(node)) {
    if (scene === 'barcode') return fromWaiting(node, 'payer', expiresAt);
    if (scene === 'agreement') return fromWaiting(node, 'channel', expiresAt);
  }
  if (!isAccepted(node)) {
    // Quirk: a refused barcode repeats the id, and zeros for amounts, which are not the order's.
    return { ...fromRejection<'payment'>(method, node), merchantId: textOf(node, 'out_trade_no') };
  }
  const nextAction = nextActions[scene]?.(node);
  if (nextAction !== undefined) {
    const waiting = { waitingFor: 'payer', nextAction, pollAfterMs, expiresAt } as const;
    return { status: 'pending', ...waiting, evidence: 'signed', raw: node, ...tradeOf(node) };
  }
  if (!isAsynchronous(request, node)) return fromPaid(node);
  requiredText(node, 'out_trade_no');
  return fromWaiting(node, 'channel', expiresAt);
}

/** How the scenes without an exchange reach the payer, unless the merchant says otherwise. */
const ways: { readonly [S in AlipayScene]?: HandOver } = {
  page: 'form',
  h5: 'redirect',
  app: 'sdk',
};

export function fromQuery(node: Message): Paying {
  if (isAccepted(node)) return fromTrade(node, { paidAt: 'send_pay_date' });
  return fromRejection('alipay.trade.query', node);
}

/** Pure: a closed trade, or the reason why it is not; `undefined` when its state must be asked for. */
export function fromClose(node: Message): Closing | undefined {
  if (isAccepted(node)) {
    return { status: 'succeeded', evidence: 'signed', raw: node, ...tradeOf(node) };
  }
  const finding = fromRejection<'closure'>('alipay.trade.close', node);
  if (finding.status === 'unknown' && finding.doubt === 'repeated-id') return undefined;
  return finding;
}

/** Pure: why a trade could not be closed, from its state. A trade closed before is closed. */
export function fromStateAfterClose(payment: Paying): Closing {
  const { evidence, raw, merchantId, channelId } = payment;
  const told = { evidence, raw, merchantId, channelId };
  if (payment.status === 'succeeded') {
    return { status: 'failed', reason: 'already-paid', retry: 'never', ...told };
  }
  if (payment.status === 'failed') return { status: 'succeeded', ...told };
  // Unpaid, and yet it was not closed; or gone. Nothing is certain.
  return { status: 'unknown', doubt: 'repeated-id', ...told };
}

type Effect = 'refunded' | 'closed' | 'nothing-there';
const effects: Readonly<Record<string, Effect>> = { refund: 'refunded', close: 'closed' };

/** Pure: what a cancel did; `undefined` for the effect when it found no trade. */
function fromCancel(node: Message, trade: string) {
  requireEcho(node, 'out_trade_no', trade);
  const action = textOf(node, 'action');
  const effect = action === undefined ? undefined : effects[action];
  if (action !== undefined && effect === undefined) {
    throw new PolyrailError('REPLY_UNREADABLE', 'The answer names an undocumented action', {
      doubt: 'unreadable-reply',
      channelCode: action,
    });
  }
  const told = { evidence: 'signed', raw: node, channelId: textOf(node, 'trade_no') } as const;
  // No other answer has this member: one signed for another call is not taken for this one.
  return { effect, again: requiredText(node, 'retry_flag') !== 'N', told };
}

const toBeRepeated = { waitingFor: 'merchant', pollAfterMs: repeatAfterMs } as const;

/** Pure: the undoing of a payment that the merchant knows to be paid. */
export function fromKnownCancel(node: Message, payment: Ref<'payment'>): Cancelling {
  if (!isAccepted(node)) return fromRejection('alipay.trade.cancel', node);
  const { effect, again, told } = fromCancel(node, payment.merchantId);
  const handle = tradeHandle(payment.merchantId);
  if (again) return { status: 'pending', ...toBeRepeated, ...told, handle };
  // The merchant knows of a payment and the channel of none: one of them is wrong.
  if (effect === undefined) {
    return { status: 'unknown', doubt: 'contradicts-request', ...told, handle };
  }
  const amount = effect === 'refunded' ? payment.amount : undefined;
  return { status: 'succeeded', effect, amount, ...told, handle };
}

/**
 * Pure: the undoing of a payment whose fate is unknown.
 *
 * Quirk: where the payer may still hold a working link or code, an answer without action proves
 * nothing - what was never opened is no trade yet, and can become one a minute later.
 */
export function fromReverse(node: Message, target: Ref<'payment'>, nowMs: number): Cancelling {
  if (!isAccepted(node)) return fromRejection('alipay.trade.cancel', node);
  const { effect, again, told } = fromCancel(node, target.merchantId);
  if (again) return { status: 'pending', ...toBeRepeated, ...told };
  if (effect !== undefined) {
    const amount = effect === 'refunded' ? target.amount : undefined;
    return { status: 'succeeded', effect, amount, ...told };
  }
  const linkUntilMs = readPaymentHandle(target)?.linkUntilMs ?? 0;
  if (nowMs < linkUntilMs) {
    const message = 'Alipay knows no such trade, but the payer may still hold a link that makes it';
    const cause = new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'not-found' });
    return { status: 'unknown', doubt: 'not-found', cause, ...told };
  }
  return { status: 'succeeded', effect: 'nothing-there', ...told };
}

const exchanged: Readonly<Record<string, Method>> = {
  'alipay.trade.precreate': 'alipay.trade.precreate',
  'alipay.trade.pay': 'alipay.trade.pay',
  'alipay.trade.create': 'alipay.trade.create',
};

const ask = (wire: Wire, trade: string, call: Call): Promise<Message> =>
  wire.call({ method: 'alipay.trade.query', fields: { out_trade_no: trade } }, call);

const sendCancel = (wire: Wire, trade: string, call: Call): Promise<Message> =>
  wire.call(
    {
      method: 'alipay.trade.cancel',
      fields: { out_trade_no: trade },
      handle: tradeHandle(trade),
    },
    call,
  );

/** Undoes a payment whose fate is unknown. */
export async function reversePayment(
  { wire, clock }: { wire: Wire; clock: Clock },
  target: Ref<'payment'>,
  call: Call,
): Promise<Cancelling> {
  readPaymentHandle(target);
  return fromReverse(await sendCancel(wire, target.merchantId, call), target, clock.now());
}

/**
 * Pure: whether a payment was cancelled, from its state.
 *
 * Quirk: cancellations have no number and no query of their own. What is told is what they are for:
 * that the trade is closed unpaid, or that all of it was given back.
 */
export function fromStateAfterCancel(payment: Paying): Cancelling {
  const { evidence, raw, channelId } = payment;
  const told = { evidence, raw, channelId };
  if (payment.status === 'unknown') {
    const { doubt, cause, channelCode, channelMessage } = payment;
    return { status: 'unknown', doubt, cause, channelCode, channelMessage, ...told };
  }
  if (payment.status === 'failed') return { status: 'succeeded', effect: 'closed', ...told };
  const { undone, amount } = payment;
  if (undone !== undefined && undone.amount.amount === amount?.amount) {
    return { status: 'succeeded', effect: 'refunded', amount, ...told };
  }
  return { status: 'unknown', doubt: 'not-found', ...told };
}

/** Asks whether a payment was cancelled. */
export async function queryPaymentCancellation(
  wire: Wire,
  trade: string,
  call: Call,
): Promise<Cancelling> {
  const payment = fromQuery(await ask(wire, trade, call));
  if (payment.merchantId === undefined || payment.merchantId === trade) {
    return fromStateAfterCancel(payment);
  }
  const message = 'The answer is about another trade than the one asked about';
  throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
}

/** The verbs of this file, strung on the wire. */
export function paymentVerbs(wire: Wire, clock: Clock) {
  return {
    async pay(request: PayRequest, call: Call<'payment'>): Promise<Paying> {
      const consented =
        request.scene === 'agreement'
          ? await consentedBy(wire, request.agreement, call)
          : undefined;
      const order = toPay(request, clock.now(), consented);
      const { handle } = order;
      const method = exchanged[order.method];
      if (method !== undefined) {
        return fromPay(request, method, await wire.call({ ...order, method }, call));
      }
      const { url, pairs } = await wire.handOver(order);
      await call.prepared(handle);
      const way = request.extra?.handOver ?? ways[request.scene] ?? 'form';
      const nextAction = handedOver(way, { url, pairs });
      const { expiresAt } = request;
      return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
    },
    async query(payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> {
      return fromQuery(await ask(wire, payment.merchantId, call));
    },
    async close(payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> {
      const trade = payment.merchantId;
      const order = { method: 'alipay.trade.close', fields: { out_trade_no: trade } } as const;
      const closed = fromClose(await wire.call(order, call));
      if (closed !== undefined) return closed;
      return fromStateAfterClose(
        await followUp(async () => fromQuery(await ask(wire, trade, call))),
      );
    },
    async cancel({ payment }: CancelRequest, call: Call<'cancellation'>): Promise<Cancelling> {
      const trade = payment.merchantId;
      return fromKnownCancel(await sendCancel(wire, trade, call), payment);
    },
  };
}
