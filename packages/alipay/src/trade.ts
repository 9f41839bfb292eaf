/** alipay · trade: reads what replies and notifications say about a trade as a payment. */
import { type Finding, type Instant, type Money, PolyrailError } from '@polyrail/core';
import { stateOf } from './codes.ts';
import {
  type Message,
  momentOf,
  requiredText,
  requiredYuan,
  requireYuan,
  textOf,
  yuanOf,
} from './messages.ts';

type Paying = Finding<'payment'>;

/** Barcode payments are asked about every five seconds (dossier §10.4). */
export const pollAfterMs = 5000;
/** The trade an answer is about, as it echoes it, and Alipay's number for it. */
export const tradeOf = (node: Message) => ({
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

/** Pure: a trade that was paid by the very call whose answer this is. */
export function fromPaid(node: Message): Paying {
  requireYuan(node);
  const amount = requiredYuan(node, 'total_amount');
  requiredText(node, 'trade_no');
  // Quirk: the signature does not cover the node's name. Only the answer to a payment has this time.
  requiredText(node, 'gmt_payment');
  return {
    status: 'succeeded',
    evidence: 'signed',
    raw: node,
    ...tradeOf(node),
    amount,
    ...paidFacts(node, 'gmt_payment'),
  };
}

/**
 * Pure: a trade that was accepted and is not paid yet.
 *
 * Quirk: the members of such an answer are not documented: only what is there is compared.
 */
export const fromWaiting = (
  node: Message,
  waitingFor: 'payer' | 'channel',
  expiresAt?: Instant,
): Paying => ({
  status: 'pending',
  waitingFor,
  pollAfterMs,
  expiresAt,
  amount: positive(yuanOf(node, 'total_amount')),
  evidence: 'signed',
  raw: node,
  merchantId: textOf(node, 'out_trade_no'),
  channelId: textOf(node, 'trade_no'),
});
