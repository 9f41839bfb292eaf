/** alipay · payment: paying, asking, closing, and undoing a payment as a whole. */
import {
  type Call,
  type Clock,
  type Finding,
  type Money,
  type NextAction,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { followUp, fromRejection, isAccepted, isInProgress } from './answer.ts';
import { type Method, stateOf } from './codes.ts';
import type { AlipayScene } from './extra.ts';
import { readPaymentHandle, tradeHandle } from './handle.ts';
import {
  type Message,
  momentOf,
  requiredText,
  requiredYuan,
  requireEcho,
  requireYuan,
  textOf,
  yuanOf,
} from './messages.ts';
import { toPay } from './order.ts';
import { formOf, type Pair } from './seal.ts';
import type { CancelRequest, PayRequest } from './shape.ts';
import type { Wire } from './wire.ts';

type Paying = Finding<'payment'>;
type Closing = Finding<'closure'>;
type Cancelling = Finding<'cancellation'>;

/** Barcode payments are asked about every five seconds (dossier §10.4). */
const pollAfterMs = 5000;
/** A cancellation that could not be finished is to be repeated (§10.4, 4.). */
const repeatAfterMs = 1000;

/** The trade an answer is about, as it echoes it, and Alipay's number for it. */
const tradeOf = (node: Message) => ({
  merchantId: requiredText(node, 'out_trade_no'),
  channelId: textOf(node, 'trade_no'),
});

const positive = (amount: Money | undefined): Money | undefined =>
  amount !== undefined && amount.amount > 0 ? amount : undefined;

/**
 * Who paid what, as far as it is told.
 *
 * Quirk: answers to queries may carry zeros for a paid trade. Zeros beside a received amount mean a
 * voucher paid; zeros everywhere mean nothing was told.
 */
function paidFacts(node: Message, paidAtField: string) {
  const received = positive(yuanOf(node, 'receipt_amount'));
  const paid = yuanOf(node, 'buyer_pay_amount');
  const id = textOf(node, 'buyer_user_id') ?? textOf(node, 'buyer_id');
  const openId = textOf(node, 'buyer_open_id');
  const account = textOf(node, 'buyer_logon_id');
  const payerId = id ?? openId;
  const payer = { ...(payerId ? { id: payerId } : {}), ...(account ? { account } : {}) };
  return {
    paidAt: momentOf(node, paidAtField),
    payerAmount: received === undefined ? positive(paid) : paid,
    receivedAmount: received,
    payer: payerId || account ? payer : undefined,
  };
}

const tellsPayment = (node: Message, paidAtField: string): boolean =>
  textOf(node, paidAtField) !== undefined ||
  ['receipt_amount', 'buyer_pay_amount', 'point_amount', 'invoice_amount'].some(
    (name) => positive(yuanOf(node, name)) !== undefined,
  );

/** How the two places that tell a trade's state name its members. */
export interface TradeSource {
  readonly paidAt: 'send_pay_date' | 'gmt_payment';
}

/**
 * A trade's state, queried or pushed, as a payment.
 *
 * Quirk: an unpaid trade that timed out and a paid one that was refunded in full are both
 * TRADE_CLOSED. Only a trade that was paid has a time of payment or amounts received: with either it
 * stays `succeeded` and was undone, without both it never happened.
 */
export function fromTrade(node: Message, { paidAt }: TradeSource): Paying {
  requireYuan(node);
  const amount = requiredYuan(node, 'total_amount');
  const told = { evidence: 'signed', raw: node, ...tradeOf(node), amount } as const;
  const status = requiredText(node, 'trade_status');
  const refunded = positive(yuanOf(node, 'refund_fee'));
  switch (stateOf(status)) {
    case 'unpaid':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    case 'paid':
      return {
        status: 'succeeded',
        ...told,
        ...paidFacts(node, paidAt),
        undone: refunded && { by: 'refund', amount: refunded },
      };
    case 'closed': {
      if (refunded === undefined && !tellsPayment(node, paidAt)) {
        const words = { channelCode: status, channelMessage: undefined };
        return { status: 'failed', reason: 'order-closed', retry: 'new-id', ...told, ...words };
      }
      const by = node.notify_action_type === 'reverseAction' ? 'cancel' : 'refund';
      const undone = { by, amount: refunded ?? amount } as const;
      return { status: 'succeeded', ...told, ...paidFacts(node, paidAt), undone };
    }
    default:
      throw new PolyrailError('REPLY_UNREADABLE', 'The trade has an undocumented trade_status', {
        doubt: 'unreadable-reply',
        channelCode: status,
      });
  }
}

/** What comes back of the scenes whose first answer is no payment yet. */
const nextActions: { readonly [S in AlipayScene]?: (node: Message) => NextAction } = {
  qr: (node) => ({ kind: 'qr', text: requiredText(node, 'qr_code') }),
  'in-wallet': (node) => ({
    kind: 'sdk',
    parameters: { tradeNO: requiredText(node, 'trade_no') },
  }),
};

/** Pure: what an answer to `pay` says. */
export function fromPay(request: PayRequest, method: Method, node: Message): Paying {
  const { scene, expiresAt } = request;
  const told = { evidence: 'signed', raw: node } as const;
  if (scene === 'barcode' && isInProgress(node)) {
    // Its members are not documented (dossier §20): only what is there is compared.
    const merchantId = textOf(node, 'out_trade_no');
    const channelId = textOf(node, 'trade_no');
    const amount = positive(yuanOf(node, 'total_amount'));
    const waiting = { waitingFor: 'payer', pollAfterMs, expiresAt, amount } as const;
    return { status: 'pending', ...waiting, ...told, merchantId, channelId };
  }
  if (!isAccepted(node)) {
    // Quirk: a refused barcode repeats the id, and zeros for amounts, which are not the order's.
    return { ...fromRejection<'payment'>(method, node), merchantId: textOf(node, 'out_trade_no') };
  }
  const nextAction = nextActions[scene]?.(node);
  if (nextAction !== undefined) {
    const waiting = { waitingFor: 'payer', nextAction, pollAfterMs, expiresAt } as const;
    return { status: 'pending', ...waiting, ...told, ...tradeOf(node) };
  }
  requireYuan(node);
  const amount = requiredYuan(node, 'total_amount');
  requiredText(node, 'trade_no');
  // Quirk: the signature does not cover the node's name. Only the answer to a payment has this time.
  requiredText(node, 'gmt_payment');
  return {
    status: 'succeeded',
    ...told,
    ...tradeOf(node),
    amount,
    ...paidFacts(node, 'gmt_payment'),
  };
}

/** Pure: what the payer's browser or app is handed. */
function toNextAction(request: PayRequest, url: string, pairs: readonly Pair[]): NextAction {
  const fields = Object.fromEntries(pairs);
  const charset = fields.charset === 'gbk' ? 'gbk' : 'utf-8';
  if (request.scene === 'app') return { kind: 'sdk', parameters: formOf(pairs, charset) };
  const usual = request.scene === 'h5' ? 'redirect' : 'form';
  if ((request.extra?.handOver ?? usual) === 'redirect') {
    return { kind: 'redirect', url: `${url}?${formOf(pairs, charset)}` };
  }
  return { kind: 'form', url: `${url}?charset=${charset}`, fields, charset };
}

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

/** The verbs of this file, strung on the wire. */
export function paymentVerbs(wire: Wire, clock: Clock) {
  const ask = (trade: string, call: Call): Promise<Message> =>
    wire.call({ method: 'alipay.trade.query', fields: { out_trade_no: trade } }, call);
  const cancel = (trade: string, call: Call, handle?: string): Promise<Message> =>
    wire.call(
      {
        method: 'alipay.trade.cancel',
        fields: { out_trade_no: trade },
        ...(handle === undefined ? {} : { handle }),
      },
      call,
    );
  return {
    async pay(request: PayRequest, call: Call<'payment'>): Promise<Paying> {
      const order = toPay(request, clock.now());
      const { handle } = order;
      const method = exchanged[order.method];
      if (method !== undefined) {
        return fromPay(request, method, await wire.call({ ...order, method }, call));
      }
      const { url, pairs } = await wire.handOver(order);
      await call.prepared(handle);
      const nextAction = toNextAction(request, url, pairs);
      const { expiresAt } = request;
      return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
    },
    async query(payment: Ref<'payment'>, call: Call<'payment'>): Promise<Paying> {
      return fromQuery(await ask(payment.merchantId, call));
    },
    async close(payment: Ref<'payment'>, call: Call<'closure'>): Promise<Closing> {
      const trade = payment.merchantId;
      const order = { method: 'alipay.trade.close', fields: { out_trade_no: trade } } as const;
      const closed = fromClose(await wire.call(order, call));
      if (closed !== undefined) return closed;
      return fromStateAfterClose(await followUp(async () => fromQuery(await ask(trade, call))));
    },
    async cancel({ payment }: CancelRequest, call: Call<'cancellation'>): Promise<Cancelling> {
      const trade = payment.merchantId;
      return fromKnownCancel(await cancel(trade, call, tradeHandle(trade)), payment);
    },
    async reverse(
      target: Ref<'payment' | 'authorization' | 'cancellation'>,
      call: Call<'cancellation'>,
    ): Promise<Cancelling> {
      if (target.noun !== 'payment') {
        const message = `Alipay reverses payments; a ${target.noun} is settled by repeating its call`;
        throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
      }
      const payment = target as Ref<'payment'>;
      readPaymentHandle(payment);
      return fromReverse(await cancel(payment.merchantId, call), payment, clock.now());
    },
  };
}
