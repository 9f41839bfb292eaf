/** alipay simulator · payment: pay, precreate, create, cashier products, query, close, cancel. */

import { head, refuse } from './codes.ts';
import type { Content } from './envelope.ts';
import { invalidField, oneOf, optionalText, requiredText, textList, yuan } from './fields.ts';
import { merchantAccount } from './funds.ts';
import type { NodeMembers } from './json.ts';
import { type Order, type Product, refundedOf, type Terms } from './order.ts';
import type { Call, Handler, Room } from './room.ts';
import { addressOf, repeatable, sameTerms, termsOf } from './terms.ts';
import { dayMs, timeText } from './time.ts';

export interface Found {
  readonly order: Order;
  readonly tradeNo: string;
}

/** The trade a call is about. Quirk: with both numbers given, `trade_no` wins. */
export function findTrade(call: Call, room: Room): Found | undefined {
  const tradeNo = optionalText(call.content, 'trade_no', 64);
  const outTradeNo = optionalText(call.content, 'out_trade_no', 64);
  if (tradeNo === undefined && outTradeNo === undefined) {
    throw invalidField('out_trade_no', 'given, or trade_no');
  }
  const order =
    tradeNo === undefined
      ? room.book.find(call.merchant, outTradeNo ?? '')
      : room.book.findTrade(call.merchant, tradeNo);
  return order?.tradeNo === undefined ? undefined : { order, tradeNo: order.tradeNo };
}

export function requireTrade(call: Call, room: Room): Found {
  const found = findTrade(call, room);
  if (found === undefined) throw refuse('ACQ.TRADE_NOT_EXIST');
  return found;
}

/** Refuses to give back more than the merchant's account holds. */
export function requireCover({ merchant, paidAt }: Order, amount: number, room: Room): void {
  if (paidAt === undefined || room.funds.balance(merchantAccount(merchant)) >= amount) return;
  throw refuse('ACQ.SELLER_BALANCE_NOT_ENOUGH');
}

const fundChannel = 'ALIPAYACCOUNT';

/** What a paid trade adds to an answer; zeros before. */
function amountsOf({ terms, paidAt }: Order): NodeMembers {
  const amount = yuan(paidAt === undefined ? 0 : terms.total);
  return {
    buyer_pay_amount: amount,
    receipt_amount: amount,
    invoice_amount: amount,
    point_amount: '0.00',
  };
}

const numbersOf = ({ terms, tradeNo }: Order): NodeMembers => ({
  out_trade_no: terms.outTradeNo,
  trade_no: tradeNo,
});

const buyerOf = ({ payer }: Order): NodeMembers => ({
  buyer_logon_id: payer.logonId,
  buyer_user_id: payer.userId,
});

const fundsOf = ({ terms }: Order): NodeMembers => ({
  fund_bill_list: [{ amount: yuan(terms.total), fund_channel: fundChannel }],
});

interface Wanted {
  readonly terms: Terms;
  /** Whether its trade exists at once. */
  readonly scanned: boolean;
}

function openOrder(call: Call, room: Room, { terms, scanned }: Wanted): Order {
  const known = repeatable(call, room, terms);
  if (known !== undefined) {
    if (scanned) room.book.scan(known);
    return known;
  }
  const buyerId = optionalText(call.content, 'buyer_id', 28);
  if (buyerId === call.merchant.sellerId) throw refuse('ACQ.BUYER_SELLER_EQUAL');
  const options = { scanned, ...(buyerId === undefined ? {} : { buyerId }) };
  return room.book.open(call.merchant, terms, options);
}

/** Codes of a payer's wallet: 16 to 24 digits beginning with 25 to 30. */
export const authCodePattern = /^(?:2[5-9]|30)\d{14,22}$/;

function authCodeOf(content: Content): string {
  oneOf(content, 'scene', ['bar_code', 'wave_code']);
  requiredText(content, 'scene', 32);
  const code = requiredText(content, 'auth_code', 32);
  if (!authCodePattern.test(code)) throw refuse('ACQ.PAYMENT_AUTH_CODE_INVALID');
  return code;
}

export const paidNode = (order: Order): NodeMembers => ({
  ...head(10000),
  ...numbersOf(order),
  ...buyerOf(order),
  ...amountsOf(order),
  ...fundsOf(order),
  buyer_user_type: 'PRIVATE',
  gmt_payment: timeText(order.paidAt ?? 0),
  total_amount: yuan(order.terms.total),
});

export const waitingNode = (order: Order): NodeMembers => ({
  ...head(10003),
  ...numbersOf(order),
  ...buyerOf(order),
  ...amountsOf(order),
  total_amount: yuan(order.terms.total),
});

/** With a barcode: paid at once, unless the payer is asked to confirm. */
export const payByBarcode: Handler = (call, room) => {
  const authCode = authCodeOf(call.content);
  const terms: Terms = { ...termsOf(call, room, 'barcode'), authCode };
  const known = room.book.find(call.merchant, terms.outTradeNo);
  const repeated = known?.terms.authCode === authCode && sameTerms(known.terms, terms);
  // The same request again is the same payment: its result is told, nothing moves.
  if (repeated && known.state === 'TRADE_SUCCESS') return paidNode(known);
  if (repeated && known.pending !== undefined && known.state === 'WAIT_BUYER_PAY') {
    return waitingNode(known);
  }
  const order = openOrder(call, room, { terms, scanned: true });
  const asked = call.exchange.fault('user-paying');
  if (asked === undefined) {
    room.book.pay(order);
    return paidNode(order);
  }
  const queries = Number(asked['queries'] ?? Number.POSITIVE_INFINITY);
  order.pending = { queries, outcome: asked['outcome'] === 'closed' ? 'closed' : 'paid' };
  return waitingNode(order);
};

const precreate: Handler = (call, room) => {
  const order = openOrder(call, room, { terms: termsOf(call, room, 'precreate'), scanned: false });
  const members = { out_trade_no: order.terms.outTradeNo, qr_code: qrText(order) };
  return { ...head(10000), ...members };
};

/** The text inside the QR. */
const qrText = (order: Order): string => `https://qr.alipay.com/${order.ticket}`;

const create: Handler = (call, room) => {
  const terms = termsOf(call, room, 'create');
  const payers = ['buyer_id', 'buyer_open_id', 'buyer_logon_id'];
  if (payers.every((name) => optionalText(call.content, name, 128) === undefined)) {
    throw invalidField('buyer_id', 'given, or buyer_open_id, or buyer_logon_id');
  }
  return { ...head(10000), ...numbersOf(openOrder(call, room, { terms, scanned: true })) };
};

/** A page, wap or app order: whoever opens it makes its trade. The caller shows the cashier. */
export function openCashierOrder(call: Call, room: Room, product: Product): Order {
  return openOrder(call, room, { terms: termsOf(call, room, product), scanned: true });
}

/** A payer asked to confirm decides after so many queries. */
function countQuery(order: Order, room: Room): void {
  const { pending } = order;
  if (pending === undefined || order.state !== 'WAIT_BUYER_PAY') return;
  pending.queries -= 1;
  if (pending.queries > 0) return;
  if (pending.outcome === 'paid') room.book.pay(order);
  else room.book.close(order, 'payer');
}

const query: Handler = (call, room) => {
  const { order } = requireTrade(call, room);
  if (call.exchange.fault('trade-not-exist-lag')) throw refuse('ACQ.TRADE_NOT_EXIST');
  countQuery(order, room);
  const options = textList(call.content, 'query_options');
  const { terms, paidAt } = order;
  const paid = paidAt !== undefined;
  return {
    ...head(10000),
    ...numbersOf(order),
    ...buyerOf(order),
    ...amountsOf(order),
    ...(paid && options.includes('fund_bill_list') ? fundsOf(order) : {}),
    buyer_user_type: 'PRIVATE',
    send_pay_date: paid ? timeText(paidAt) : undefined,
    store_id: terms.storeId,
    terminal_id: terms.terminalId,
    passback_params: terms.passbackParams,
    async_pay_apply_status: order.accepted ? 'S' : undefined,
    total_amount: yuan(terms.total),
    trade_status: order.state,
  };
};

const close: Handler = (call, room) => {
  const { order } = requireTrade(call, room);
  const notifyUrl = addressOf(call, 'notify_url');
  if (order.state !== 'WAIT_BUYER_PAY') throw refuse('ACQ.TRADE_STATUS_ERROR');
  if (notifyUrl !== undefined) order.closeNotifyUrl = notifyUrl;
  room.book.close(order, 'close');
  return { ...head(10000), ...numbersOf(order) };
};

/** Undoes or closes what there is; says which in `action`, and nothing when there was nothing. */
function undo(order: Order, room: Room): 'close' | 'refund' | undefined {
  const { book, world } = room;
  if (order.state === 'TRADE_FINISHED') throw refuse('ACQ.TRADE_HAS_FINISHED');
  if (order.state === 'UNSCANNED') {
    book.close(order, 'cancel');
    return undefined;
  }
  if (order.state === 'VOID') return undefined;
  const late = world.clock.now() - order.createdAt > dayMs;
  if (order.state === 'TRADE_CLOSED') {
    if (order.endedBy !== 'cancel') return undefined;
    return refundedOf(order) > 0 ? 'refund' : 'close';
  }
  if (late) throw refuse('ACQ.TRADE_CANCEL_TIME_OUT');
  requireCover(order, order.terms.total - refundedOf(order), room);
  if (order.state === 'WAIT_BUYER_PAY') {
    book.close(order, 'cancel');
    return 'close';
  }
  book.cancelPaid(order);
  return 'refund';
}

/** `alipay.trade.cancel`. Quirk: a number nobody has seen is answered with Success as well. */
const cancel: Handler = (call, room) => {
  const outTradeNo = optionalText(call.content, 'out_trade_no', 64);
  const found = findTrade(call, room);
  const order =
    found?.order ??
    (outTradeNo === undefined ? undefined : room.book.find(call.merchant, outTradeNo));
  const numbers = order === undefined ? { out_trade_no: outTradeNo } : numbersOf(order);
  if (call.exchange.fault('cancel-retry')) {
    return { ...head(10000), ...numbers, retry_flag: 'Y' };
  }
  const action = order === undefined ? undefined : undo(order, room);
  const at = order?.refunds.findLast(({ cancelled }) => cancelled)?.at;
  return {
    ...head(10000),
    ...numbers,
    action,
    retry_flag: 'N',
    gmt_refund_pay: action === 'refund' && at !== undefined ? timeText(at) : undefined,
  };
};

export const paymentHandlers: Readonly<Record<string, Handler>> = {
  'alipay.trade.precreate': precreate,
  'alipay.trade.create': create,
  'alipay.trade.query': query,
  'alipay.trade.close': close,
  'alipay.trade.cancel': cancel,
};
