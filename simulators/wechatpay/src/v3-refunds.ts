/** wechatpay simulator · v3 refunds: money back, the question about it, and the abnormal one. */

import {
  notifyAddress,
  objectList,
  onlyMembers,
  optionalText,
  optionalWord,
  patternText,
  requireCny,
  requiredObject,
  requiredText,
  requiredWhole,
  type Source,
  wrong,
} from './fields.ts';
import type { Merchant } from './merchants.ts';
import type { Found, Order } from './order.ts';
import { refundFate, refundOrder } from './orders.ts';
import { refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { isoTime } from './time.ts';
import { bodyOf, openSecret, ownOrSub, type V3Call, type V3Handler } from './v3-call.ts';

const wallet = '支付用户零钱';

export function refundObject({ order, refund }: Found): object {
  const { total } = order.terms;
  const { amount, finishedAt, state } = refund;
  return {
    amount: {
      currency: 'CNY',
      discount_refund: 0,
      from: [],
      payer_refund: amount,
      payer_total: total,
      refund: amount,
      refund_fee: 0,
      settlement_refund: amount,
      settlement_total: total,
      total,
    },
    channel: 'ORIGINAL',
    create_time: isoTime(refund.createdAt),
    funds_account: 'AVAILABLE',
    out_refund_no: refund.outRefundNo,
    out_trade_no: order.terms.outTradeNo,
    promotion_detail: [],
    refund_id: refund.refundId,
    status: state,
    ...(state === 'SUCCESS' && finishedAt !== undefined
      ? { success_time: isoTime(finishedAt) }
      : {}),
    transaction_id: order.transactionId,
    user_received_account: wallet,
  };
}

/** What a callback about a refund carries. Quirk: `refund_status`, not `status`. */
export function refundNews({ order, refund }: Found): object {
  const { total } = order.terms;
  const { amount, finishedAt, state } = refund;
  const { merchant } = order;
  const { signer } = merchant;
  const ids =
    merchant.mchid === signer.mchid
      ? { mchid: merchant.mchid }
      : { sp_mchid: signer.mchid, sub_mchid: merchant.mchid };
  return {
    ...ids,
    transaction_id: order.transactionId,
    out_trade_no: order.terms.outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    refund_status: state,
    ...(state === 'SUCCESS' ? { success_time: isoTime(finishedAt ?? 0) } : {}),
    user_received_account: wallet,
    amount: { total, refund: amount, payer_total: total, payer_refund: amount },
  };
}

/** The order a refund is about. Quirk: with both numbers given, `transaction_id` wins. */
function refundedOrder(source: Source, merchant: Merchant, room: Room): Order {
  const transactionId = optionalText(source, 'transaction_id', 32);
  const outTradeNo = optionalText(source, 'out_trade_no', 32);
  if (transactionId === undefined && outTradeNo === undefined) {
    throw wrong(source, 'out_trade_no', 'transaction_id和out_trade_no必须二选一');
  }
  const order =
    transactionId === undefined
      ? room.book.find(merchant, outTradeNo ?? '')
      : room.book.findTransaction(merchant, transactionId);
  // Quirk: a refund names what is missing otherwise than a query does.
  if (order === undefined) {
    throw refuseV3(404, 'RESOURCE_NOT_EXISTS', { message: '订单不存在', internal: 268512771 });
  }
  return order;
}

function checkGoods(source: Source): void {
  for (const goods of objectList(source, 'goods_detail')) {
    requiredText(goods, 'merchant_goods_id', 32);
    requiredWhole(goods, 'unit_price', 0);
    requiredWhole(goods, 'refund_amount', 0);
    requiredWhole(goods, 'refund_quantity', 1);
  }
}

const refundPattern = /^[0-9A-Za-z_\-|*@]{1,64}$/;
const members = [
  ...['sub_mchid', 'transaction_id', 'out_trade_no', 'out_refund_no', 'reason', 'notify_url'],
  ...['funds_account', 'amount', 'goods_detail'],
];

export const createRefund: V3Handler = (call, room) => {
  const source = bodyOf(call);
  if (room.options.strictMembers === true) onlyMembers(source, members);
  const merchant = ownOrSub(call, call.content['sub_mchid'], 'body');
  const outRefundNo = patternText(source, 'out_refund_no', refundPattern);
  const amount = requiredObject(source, 'amount');
  requireCny(amount);
  requiredText(amount, 'currency', 16);
  const wanted = requiredWhole(amount, 'refund', 1);
  const total = requiredWhole(amount, 'total', 1);
  optionalWord(source, 'funds_account', ['AVAILABLE', 'UNSETTLED']);
  checkGoods(source);
  const wish = {
    outRefundNo,
    amount: wanted,
    reason: optionalText(source, 'reason', 80),
    notifyUrl: notifyAddress(source, 'notify_url'),
    voice: call.voice,
  };
  const order = refundedOrder(source, merchant, room);
  const found = refundOrder({ order, wish, total }, { exchange: call.exchange, room });
  if (call.exchange.fault('refund-unheard') !== undefined) {
    throw refuse('frequency', { note: 'The refund was accepted all the same.' });
  }
  return refundObject(found);
};

export const queryRefund: V3Handler = (call, room) => {
  const merchant = ownOrSub(call, call.query['sub_mchid'], 'query');
  const found = room.book.findRefund(merchant, call.parameters['out_refund_no'] ?? '');
  if (found === undefined || found.refund.reversal) throw refuse('refund-missing');
  return refundObject(found);
};

/** Sends an abnormal refund to a bank card. */
export const retryRefund: V3Handler = (call: V3Call, room) => {
  const source = bodyOf(call);
  const merchant = ownOrSub(call, call.content['sub_mchid'], 'body');
  const outRefundNo = requiredText(source, 'out_refund_no', 64);
  const type = optionalWord(source, 'type', ['USER_BANK_CARD', 'MERCHANT_BANK_CARD']);
  if (type === undefined) throw wrong(source, 'type', '必填字段缺失');
  if (type === 'USER_BANK_CARD') {
    requiredText(source, 'bank_type', 16);
    for (const name of ['bank_account', 'real_name']) openSecret(call, source, name);
  }
  const found = room.book.findRefundId(merchant, call.parameters['refund_id'] ?? '');
  if (found === undefined || found.refund.outRefundNo !== outRefundNo) {
    throw refuse('refund-missing');
  }
  if (found.refund.state !== 'ABNORMAL') throw refuse('trade-state');
  room.book.retry(found, refundFate(call.exchange, room));
  return refundObject(found);
};
