/** wechatpay simulator · v2 orders: unifiedorder, micropay, orderquery, closeorder, reverse. */
import type { Merchant } from './merchants.ts';
import { isPaid, type Order, type Terms, type TradeType } from './order.ts';
import {
  closeOrder,
  countQuery,
  pendingOf,
  placeOrder,
  reverseOrder,
  sameTerms,
  stateWords,
} from './orders.ts';
import { refuse, resultFail } from './refusals.ts';
import type { Room } from './room.ts';
import { minuteMs, parseCompact } from './time.ts';
import {
  addressField,
  feeField,
  optionalField,
  orderField,
  requiredField,
  type V2Body,
  type V2Call,
  type V2Handler,
  wordField,
} from './v2-call.ts';
import { paidFields } from './v2-notification.ts';
import { authCodePattern } from './v3-codepay.ts';
import type { Voice } from './voice.ts';

export const voiceOf = ({ signType }: V2Call): Voice => ({ protocol: 'v2', signType });

function expiryOf(call: V2Call, room: Room): number | undefined {
  const text = optionalField(call, 'time_expire', 14);
  if (text === undefined) return undefined;
  const at = parseCompact(text);
  if (at === undefined) throw resultFail('PARAM_ERROR', 'time_expire时间格式错误');
  const { clock, wallNow } = room.world;
  const [virtual, wall] = [clock.now(), wallNow()];
  // A client may live by either clock: the nearer one is meant.
  const now = Math.abs(at - virtual) <= Math.abs(at - wall) ? virtual : wall;
  if (at - now < minuteMs - 1_000)
    throw resultFail('PARAM_ERROR', 'time_expire时间过短，刷卡至少1分钟，其他5分钟');
  return virtual + (at - now);
}

const tradeTypes = ['JSAPI', 'NATIVE', 'APP', 'MWEB'] as const;

function commonTerms(call: V2Call, room: Room): Omit<Terms, 'tradeType'> {
  optionalField(call, 'detail', 6_000);
  optionalField(call, 'goods_tag', 32);
  wordField(call, 'fee_type', ['CNY']);
  requiredField(call, 'spbill_create_ip', 64);
  return {
    outTradeNo: orderField(call),
    appid: call.merchant.appid,
    total: feeField(call, 'total_fee'),
    description: requiredField(call, 'body', 128),
    attach: optionalField(call, 'attach', 128),
    deviceInfo: optionalField(call, 'device_info', 32),
    expiresAt: expiryOf(call, room),
  };
}

/** Of orders that a payer opens. */
export function unifiedTerms(call: V2Call, room: Room): Terms {
  const common = commonTerms(call, room);
  const notifyUrl = addressField(call, 'notify_url');
  if (notifyUrl === undefined) throw resultFail('LACK_PARAMS', '缺少参数notify_url');
  const tradeType = (wordField(call, 'trade_type', tradeTypes) ??
    requiredField(call, 'trade_type', 16)) as TradeType;
  if (tradeType === 'NATIVE') requiredField(call, 'product_id', 32);
  if (tradeType === 'MWEB') requiredField(call, 'scene_info', 256);
  const openid =
    tradeType === 'JSAPI'
      ? (optionalField(call, 'sub_openid', 128) ?? requiredField(call, 'openid', 128))
      : undefined;
  return { ...common, tradeType, notifyUrl, openid };
}

/** What a payer's client needs. */
export function placedFields(order: Order): V2Body {
  const { terms, prepayId, codeUrl } = order;
  const page = `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${prepayId}&package=1`;
  return {
    device_info: terms.deviceInfo,
    trade_type: terms.tradeType,
    prepay_id: prepayId,
    code_url: terms.tradeType === 'NATIVE' ? codeUrl : undefined,
    mweb_url: terms.tradeType === 'MWEB' ? page : undefined,
  };
}

const unifiedOrder: V2Handler = (call, room) => {
  const placing = {
    merchant: call.merchant,
    terms: unifiedTerms(call, room),
    voice: voiceOf(call),
  };
  return placedFields(placeOrder(placing, room));
};

/** Paid at once, unless the payer must enter a password. */
const microPay: V2Handler = (call, room) => {
  const { book } = room;
  const authCode = requiredField(call, 'auth_code', 128);
  const terms: Terms = { ...commonTerms(call, room), tradeType: 'MICROPAY', authCode };
  const known = book.find(call.merchant, terms.outTradeNo);
  if (known !== undefined) {
    if (!sameTerms(known.terms, terms)) throw refuse('number-used');
    if (known.state === 'SUCCESS') throw refuse('order-paid');
    if (known.state === 'USERPAYING') throw refuse('user-paying');
    throw refuse(known.state === 'REVOKED' ? 'order-reversed' : 'order-closed');
  }
  if (!authCodePattern.test(authCode)) throw refuse('code-invalid');
  const pending = pendingOf(call.exchange);
  const voice = voiceOf(call);
  const order = book.open(call.merchant, terms, { voice, state: 'USERPAYING' });
  if (pending !== undefined) {
    order.pending = { queries: pending.queries, outcome: pending.outcome };
    throw refuse('user-paying', { note: 'The payer is asked for a password.' });
  }
  book.pay(order);
  return { device_info: terms.deviceInfo, ...paidFields(order) };
};

/** The order a call names. Quirk: with both numbers given, `transaction_id` wins. */
export function findOrder(call: V2Call, merchant: Merchant, room: Room): Order | undefined {
  const transactionId = optionalField(call, 'transaction_id', 32);
  if (transactionId !== undefined) return room.book.findTransaction(merchant, transactionId);
  return room.book.find(merchant, orderField(call));
}

export function requireOrder(call: V2Call, room: Room): Order {
  const order = findOrder(call, call.merchant, room);
  if (order === undefined) throw refuse('order-missing');
  return order;
}

/** Quirk: an order that is not paid shows hardly more than its state. */
export function orderFields(order: Order): V2Body {
  const { terms, state } = order;
  return {
    device_info: terms.deviceInfo,
    ...paidFields(order),
    total_fee: String(terms.total),
    out_trade_no: terms.outTradeNo,
    trade_type: isPaid(order) || order.paidAt !== undefined ? terms.tradeType : undefined,
    contract_id: terms.contractId,
    trade_state: state,
    trade_state_desc: stateWords[state],
  };
}

const queryOrder: V2Handler = (call, room) => {
  const order = requireOrder(call, room);
  if (call.exchange.fault('order-not-exist-lag')) throw refuse('order-missing');
  countQuery(order, room);
  return orderFields(order);
};

const close: V2Handler = (call, room) => {
  const order = room.book.find(call.merchant, orderField(call));
  if (order === undefined) throw refuse('order-missing');
  closeOrder(order, room);
  return { result_msg: 'OK' };
};

const reverse: V2Handler = (call, room) => {
  const order = findOrder(call, call.merchant, room);
  if (order === undefined) throw refuse('order-missing');
  if (order.terms.tradeType !== 'MICROPAY') throw refuse('trade-state');
  if (call.exchange.fault('reverse-recall')) return { recall: 'Y' };
  reverseOrder(order, room);
  return { recall: 'N' };
};

export const orderHandlers = { unifiedOrder, microPay, queryOrder, close, reverse };
