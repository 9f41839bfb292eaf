/** alipay simulator · deduction: a payment charged to an agreement, at once or some time later. */
import { agreementOf } from './agreement.ts';
import type { Agreement } from './agreement-book.ts';
import { head, refuse } from './codes.ts';
import { oneOf, optionalObject, optionalText } from './fields.ts';
import type { Order, Terms } from './order.ts';
import { paidNode } from './payment.ts';
import type { Call, Handler, Room } from './room.ts';
import { repeatable, sameTerms, termsOf } from './terms.ts';
import { minuteMs } from './time.ts';

const delaysMs = { NEAR_REAL_TIME_ASYNC: 10_000, NORMAL_ASYNC: 5 * minuteMs } as const;
const modes = {
  NEAR_REAL_TIME_ASYNC: 'ASYNC_REALTIME_PAY',
  NORMAL_ASYNC: 'ASYNC_DELAY_PAY',
} as const;
type AsyncType = keyof typeof delaysMs;

/** How an asynchronous deduction was asked for; `undefined` for one that is carried out at once. */
function asyncTypeOf({ content }: Call): AsyncType | undefined {
  if (String(content['is_async_pay'] ?? 'false') !== 'true') return undefined;
  const params = optionalObject(content, 'pay_params') ?? {};
  oneOf(params, 'retry_type', ['NONE', 'NONE_AND_CLOSETRADE', 'RETY']);
  const type = oneOf(params, 'async_type', Object.keys(delaysMs));
  return (type as AsyncType | undefined) ?? 'NEAR_REAL_TIME_ASYNC';
}

const acceptedNode = (order: Order, type: AsyncType) => ({
  ...head(10000),
  out_trade_no: order.terms.outTradeNo,
  trade_no: order.tradeNo,
  total_amount: paidNode(order)['total_amount'],
  async_pay_apply_status: 'S',
  async_payment_mode: modes[type],
});

/** Carries an accepted deduction out: the agreement is judged again, as of then. */
function settleLater(order: Order, agreement: Agreement, room: Room): void {
  const { book, agreements } = room;
  // After a reset the book knows the number no more.
  const current = book.find(order.merchant, order.terms.outTradeNo) === order;
  if (!current || order.state !== 'WAIT_BUYER_PAY') return;
  const objection = agreements.objection(agreement, order.terms.total);
  if (objection === undefined && order.pending?.outcome !== 'closed') book.pay(order);
  else book.close(order, 'payer');
}

function open(call: Call, room: Room, { terms, agreement }: Charge): Order {
  const known = repeatable(call, room, terms);
  if (known !== undefined) return known;
  const objection = room.agreements.objection(agreement, terms.total);
  if (objection !== undefined) throw refuse(objection);
  const { payer } = agreement;
  return room.book.open(call.merchant, terms, { scanned: true, payer, agreement });
}

interface Charge {
  readonly terms: Terms;
  readonly agreement: Agreement;
}

/** `alipay.trade.pay` with `agreement_params`. */
export const deduct: Handler = (call, room) => {
  const terms = termsOf(call, room, 'deduction');
  const agreement = agreementOf(call, room);
  const type = asyncTypeOf(call);
  if (optionalText(call.content, 'product_code', 64) !== agreement.terms.productCode) {
    throw refuse('ACQ.AGREEMENT_ERROR', { note: `it is for ${agreement.terms.productCode}` });
  }
  const known = room.book.find(call.merchant, terms.outTradeNo);
  const repeated = known?.agreement === agreement && sameTerms(known.terms, terms);
  // The same request again is the same deduction: its result is told, nothing moves.
  if (repeated && known.state === 'TRADE_SUCCESS') return paidNode(known);
  if (repeated && known.accepted && known.state === 'WAIT_BUYER_PAY') {
    return acceptedNode(known, type ?? 'NEAR_REAL_TIME_ASYNC');
  }
  const order = open(call, room, { terms, agreement });
  if (type === undefined) {
    room.book.pay(order);
    return paidNode(order);
  }
  order.accepted = true;
  if (call.exchange.fault('deduction-fails-late')) {
    order.pending = { queries: Number.POSITIVE_INFINITY, outcome: 'closed' };
  }
  room.world.clock.schedule(delaysMs[type], () => settleLater(order, agreement, room));
  return acceptedNode(order, type);
};
