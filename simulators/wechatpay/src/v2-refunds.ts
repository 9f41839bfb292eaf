/** wechatpay simulator · v2 refunds: money back behind a client certificate, and its query. */
import type { Order, Refund } from './order.ts';
import { refundOrder } from './orders.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { timeText } from './time.ts';
import {
  addressField,
  feeField,
  optionalField,
  patternField,
  type V2Body,
  type V2Call,
  type V2Handler,
  wordField,
} from './v2-call.ts';
import { v2RefundStates } from './v2-notification.ts';
import { findOrder, requireOrder, voiceOf } from './v2-orders.ts';

const accounts = ['REFUND_SOURCE_UNSETTLED_FUNDS', 'REFUND_SOURCE_RECHARGE_FUNDS'];
const numberPattern = /^[0-9A-Za-z_\-|*@]{1,64}$/;

const refund: V2Handler = (call, room) => {
  const outRefundNo = patternField(call, 'out_refund_no', numberPattern);
  const total = feeField(call, 'total_fee');
  const amount = feeField(call, 'refund_fee');
  wordField(call, 'refund_account', accounts);
  const wish = {
    outRefundNo,
    amount,
    reason: optionalField(call, 'refund_desc', 80),
    notifyUrl: addressField(call, 'notify_url'),
    voice: voiceOf(call),
  };
  const order = requireOrder(call, room);
  const found = refundOrder({ order, wish, total }, { exchange: call.exchange, room });
  if (call.exchange.fault('refund-unheard') !== undefined) {
    throw refuse('system', { note: 'The refund was accepted all the same.' });
  }
  return {
    transaction_id: order.transactionId,
    out_trade_no: order.terms.outTradeNo,
    out_refund_no: outRefundNo,
    refund_id: found.refund.refundId,
    refund_channel: 'ORIGINAL',
    refund_fee: String(amount),
    coupon_refund_fee: '0',
    total_fee: String(total),
    cash_fee: String(total),
    coupon_refund_count: '0',
    cash_refund_fee: String(amount),
  };
};

function numbered(refund: Refund, index: number): V2Body {
  const { finishedAt, state } = refund;
  return {
    [`out_refund_no_${index}`]: refund.outRefundNo,
    [`refund_id_${index}`]: refund.refundId,
    [`refund_channel_${index}`]: 'ORIGINAL',
    [`refund_fee_${index}`]: String(refund.amount),
    [`refund_status_${index}`]: v2RefundStates[state],
    [`refund_account_${index}`]: 'REFUND_SOURCE_UNSETTLED_FUNDS',
    [`refund_recv_accout_${index}`]: '支付用户的零钱',
    [`refund_success_time_${index}`]: state === 'SUCCESS' ? timeText(finishedAt ?? 0) : undefined,
  };
}

interface Asked {
  readonly order: Order;
  readonly refunds: readonly Refund[];
}

/** Quirk: of the four numbers the narrowest one that is given wins. */
function asked(call: V2Call, room: Room): Asked {
  const { book } = room;
  const refundId = optionalField(call, 'refund_id', 32);
  const outRefundNo = optionalField(call, 'out_refund_no', 64);
  const found =
    refundId === undefined
      ? outRefundNo === undefined
        ? undefined
        : book.findRefund(call.merchant, outRefundNo)
      : book.findRefundId(call.merchant, refundId);
  if (found !== undefined) return { order: found.order, refunds: [found.refund] };
  if (refundId !== undefined || outRefundNo !== undefined) throw refuse('refund-missing');
  const order = findOrder(call, call.merchant, room);
  if (order === undefined) throw refuse('order-missing');
  return { order, refunds: order.refunds };
}

const pageSize = 10;

const query: V2Handler = (call, room) => {
  const { order, refunds } = asked(call, room);
  const offset = Number(optionalField(call, 'offset', 5) ?? 0) || 0;
  const shown = refunds.filter(({ reversal }) => !reversal).slice(offset, offset + pageSize);
  if (shown.length === 0) throw refuse('refund-missing');
  const total = String(order.terms.total);
  return {
    total_refund_count: String(order.refunds.length),
    transaction_id: order.transactionId,
    out_trade_no: order.terms.outTradeNo,
    total_fee: total,
    fee_type: 'CNY',
    cash_fee: total,
    refund_count: String(shown.length),
    refund_fee: String(shown.reduce((sum, { amount }) => sum + amount, 0)),
    ...Object.assign({}, ...shown.map(numbered)),
  };
};

export const refundHandlers = { refund, query };
