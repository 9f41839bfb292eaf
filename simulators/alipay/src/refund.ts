/** alipay simulator · refund: money back, once per `out_request_no`, and the question about it. */

import { head, refuse } from './codes.ts';
import { depositBackInfo, sendToBank } from './deposit-back.ts';
import {
  checkGoods,
  optionalText,
  requiredAmount,
  requiredText,
  textList,
  yuan,
} from './fields.ts';
import type { NodeMembers } from './json.ts';
import { type Order, type Refund, refundedOf } from './order.ts';
import { findTrade, requireCover, requireTrade } from './payment.ts';
import type { Handler } from './room.ts';
import { timeText } from './time.ts';

const detailOf = (amount: number): NodeMembers => ({
  refund_detail_item_list: [
    { amount: yuan(amount), fund_channel: 'ALIPAYACCOUNT', real_amount: yuan(amount) },
  ],
});

function refundNode(order: Order, refund: Refund, details: { fundChange: 'Y' | 'N' }): NodeMembers {
  return {
    ...head(10000),
    buyer_logon_id: order.payer.logonId,
    buyer_user_id: order.payer.userId,
    fund_change: details.fundChange,
    gmt_refund_pay: timeText(refund.at),
    out_trade_no: order.terms.outTradeNo,
    // Quirk: the sum of all refunds of the trade, not the amount of this one.
    refund_fee: yuan(refundedOf(order)),
    send_back_fee: yuan(details.fundChange === 'Y' ? refund.amount : 0),
    trade_no: order.tradeNo,
  };
}

/** Refuses what cannot be refunded; the state decides first, then the amount. */
function checkRefundable(order: Order, amount: number, partialAllowed: boolean): void {
  const { state, terms } = order;
  if (state === 'TRADE_FINISHED') throw refuse('ACQ.TRADE_HAS_FINISHED');
  if (state === 'TRADE_CLOSED') throw refuse('ACQ.TRADE_HAS_CLOSE');
  if (state !== 'TRADE_SUCCESS') throw refuse('ACQ.TRADE_STATUS_ERROR');
  const rest = terms.total - refundedOf(order);
  if (amount > rest) throw refuse('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
  if (amount < terms.total && !partialAllowed) throw refuse('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
}

const refundTrade: Handler = (call, room) => {
  const amount = requiredAmount(call.content, 'refund_amount');
  const named = optionalText(call.content, 'out_request_no', 64);
  const reason = optionalText(call.content, 'refund_reason', 256);
  const options = textList(call.content, 'query_options');
  checkGoods(call.content);
  const { order } = requireTrade(call, room);
  const outRequestNo = named ?? order.terms.outTradeNo;
  const details = options.includes('refund_detail_item_list') ? detailOf(amount) : {};
  const known = order.refunds.find((refund) => refund.outRequestNo === outRequestNo);
  if (known !== undefined && !known.cancelled) {
    if (known.amount !== amount) throw refuse('ACQ.DISCORDANT_REPEAT_REQUEST');
    return { ...refundNode(order, known, { fundChange: 'N' }), ...details };
  }
  checkRefundable(order, amount, named !== undefined);
  requireCover(order, amount, room);
  const request = { outRequestNo, amount, ...(reason === undefined ? {} : { reason }) };
  const refund = room.book.refund(order, request);
  const asked = options.includes('deposit_back_info');
  sendToBank({ order, refund, asked }, call, room);
  const unheard = call.exchange.fault('refund-unheard');
  if (unheard !== undefined) {
    refund.hidden = Number(unheard['queries'] ?? 0);
    throw refuse('aop.ACQ.SYSTEM_ERROR', { note: 'The refund was made and left unheard.' });
  }
  const back = asked ? { has_deposit_back: String(refund.depositBack !== undefined) } : {};
  return { ...refundNode(order, refund, { fundChange: 'Y' }), ...details, ...back };
};

/** Quirk: a refund that is not there is answered with Success and no `refund_status`. */
const queryRefund: Handler = (call, room) => {
  const outRequestNo = requiredText(call.content, 'out_request_no', 64);
  const options = textList(call.content, 'query_options');
  const found = findTrade(call, room);
  if (found === undefined) throw refuse('ACQ.TRADE_NOT_EXIST');
  const { order } = found;
  const refund = order.refunds.find((other) => other.outRequestNo === outRequestNo);
  if (refund === undefined) return head(10000);
  if (refund.hidden > 0) {
    refund.hidden -= 1;
    return head(10000);
  }
  return {
    ...head(10000),
    out_request_no: outRequestNo,
    out_trade_no: order.terms.outTradeNo,
    refund_amount: yuan(refund.amount),
    refund_reason: refund.reason,
    refund_status: 'REFUND_SUCCESS',
    total_amount: yuan(order.terms.total),
    trade_no: order.tradeNo,
    ...(options.includes('deposit_back_info') ? depositBackInfo(refund) : {}),
    ...(options.includes('gmt_refund_pay') ? { gmt_refund_pay: timeText(refund.at) } : {}),
    ...(options.includes('refund_detail_item_list')
      ? { ...detailOf(refund.amount), send_back_fee: yuan(refund.amount) }
      : {}),
  };
};

export const refundHandlers: Readonly<Record<string, Handler>> = {
  'alipay.trade.refund': refundTrade,
  'alipay.trade.fastpay.refund.query': queryRefund,
};
