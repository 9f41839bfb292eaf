/** wechatpay simulator · orders: the rules of orders and refunds that both protocols share. */

import type { Exchange } from '@polyrail/simulator';
import { merchantAccount } from './funds.ts';
import type { Merchant } from './merchants.ts';
import {
  type Found,
  isOpen,
  isPaid,
  type Order,
  type OrderState,
  type Refund,
  refundedOf,
  type Terms,
} from './order.ts';
import type { RefundFate, RefundWish } from './refund-book.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { dayMs, hourMs } from './time.ts';
import type { Voice } from './voice.ts';

/** `trade_state_desc` */
export const stateWords: Readonly<Record<OrderState, string>> = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中，需要输入密码',
  ACCEPT: '已接收，等待扣款',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款，退款详情请查询退款单',
  CLOSED: '订单已关闭',
  REVOKED: '订单已撤销',
  PAYERROR: '支付失败，请重新下单支付',
  PAY_FAIL: '扣款失败',
};

const termNames: readonly (keyof Terms)[] = [
  'appid',
  'total',
  'description',
  'tradeType',
  'attach',
  'deviceInfo',
  'openid',
  'authCode',
  'contractId',
  'notifyUrl',
  'expiresAt',
];

/** Whether an order number is asked for again with everything it was asked for first. */
export const sameTerms = (left: Terms, right: Terms): boolean =>
  termNames.every((name) => left[name] === right[name]);

/** Refuses a number that cannot be paid any more. */
export function requireFresh(order: Order): void {
  if (isPaid(order)) throw refuse('order-paid');
  if (order.state === 'REVOKED') throw refuse('order-reversed');
  if (!isOpen(order) && order.state !== 'ACCEPT') throw refuse('order-closed');
}

export interface Placing {
  readonly merchant: Merchant;
  readonly terms: Terms;
  readonly voice: Voice;
}

/** A new order, or the same one again: then its former code is worthless. */
export function placeOrder({ merchant, terms, voice }: Placing, room: Room): Order {
  const known = room.book.find(merchant, terms.outTradeNo);
  if (known === undefined) return room.book.open(merchant, terms, { voice });
  requireFresh(known);
  if (!sameTerms(known.terms, terms)) throw refuse('number-used');
  room.book.renew(known);
  return known;
}

/** Closing again closes nothing. */
export function closeOrder(order: Order, room: Room): void {
  if (isPaid(order)) throw refuse('close-paid');
  if (order.state === 'USERPAYING' || order.state === 'ACCEPT') throw refuse('trade-state');
  room.book.end(order, 'CLOSED');
}

/** A payer asked to confirm decides after so many queries. */
export function countQuery(order: Order, room: Room): void {
  const { pending } = order;
  if (pending === undefined || order.state !== 'USERPAYING') return;
  pending.queries -= 1;
  if (pending.queries > 0) return;
  if (pending.outcome === 'paid') room.book.pay(order);
  else room.book.end(order, 'PAYERROR');
}

/** Whether the payer must enter a password, as the story says; `undefined` when not. */
export function pendingOf(exchange: Exchange) {
  const asked = exchange.fault('user-paying');
  if (asked === undefined) return undefined;
  const queries = Number(asked['queries'] ?? Number.POSITIVE_INFINITY);
  const outcome = asked['outcome'] === 'declined' ? 'declined' : 'paid';
  return { queries, outcome, status: Number(asked['httpStatus'] ?? 202) } as const;
}

/** Takes a barcode payment back, whatever became of it. */
export function reverseOrder(order: Order, room: Room): void {
  const { book, options } = room;
  if (order.state === 'REVOKED') return;
  if (isOpen(order)) {
    book.end(order, 'REVOKED');
    return;
  }
  if (order.state !== 'SUCCESS') throw refuse('trade-state');
  requireCover(order, order.terms.total, room);
  const outRefundNo = `${order.terms.outTradeNo}_R`;
  const wish = { outRefundNo, amount: order.terms.total, voice: order.voice, reversal: true };
  book.refund(order, wish, { afterMs: options.refundArrivalMs ?? 3_000, state: 'SUCCESS' });
}

const refundWindowMs = 365 * dayMs;
const mostRefunds = 50;

/** Refuses to give back more than the merchant's account holds. */
export function requireCover({ merchant }: Order, amount: number, room: Room): void {
  if (room.funds.balance(merchantAccount(merchant)) < amount) throw refuse('not-enough');
}

/** Refuses what cannot be refunded; the state decides first, then the amounts. */
function checkRefundable(order: Order, asked: { amount: number; total: number }, room: Room): void {
  if (order.paidAt === undefined) throw refuse('refund-unpaid');
  if (order.state === 'REVOKED') throw refuse('order-reversed');
  const { total } = order.terms;
  if (asked.total !== total) throw refuse('refund-differs');
  const now = room.world.clock.now();
  if (now - order.paidAt > refundWindowMs) throw refuse('refund-overdue');
  const rest = total - refundedOf(order);
  if (rest === 0) throw refuse('refund-over');
  if (asked.amount > rest) throw refuse('refund-too-much');
  const last = order.refunds.at(-1)?.createdAt ?? Number.NEGATIVE_INFINITY;
  const tooSoon = now - last < (room.options.refundIntervalMs ?? 0);
  if (order.refunds.length >= mostRefunds || tooSoon) throw refuse('refund-too-often');
}

/** How a refund ends, by the stories armed for it. */
export function refundFate(exchange: Exchange, room: Room): RefundFate {
  const { refundArrivalMs = 3_000 } = room.options;
  const ends = { 'refund-abnormal': 'ABNORMAL', 'refund-closed': 'CLOSED' } as const;
  for (const [story, state] of Object.entries(ends)) {
    const rule = exchange.fault(story);
    if (rule !== undefined) return { afterMs: Number(rule['afterMs'] ?? refundArrivalMs), state };
  }
  const slow = exchange.fault('refund-slow');
  const afterMs = slow === undefined ? refundArrivalMs : Number(slow['afterMs'] ?? 4 * hourMs);
  return { afterMs, state: 'SUCCESS' };
}

export interface Refunding {
  readonly order: Order;
  readonly wish: RefundWish;
  /** Fen, as the call says the order is. */
  readonly total: number;
}

/** Money back, once per number. */
export function refundOrder(
  { order, wish, total }: Refunding,
  at: { exchange: Exchange; room: Room },
): Found {
  const { exchange, room } = at;
  const known = room.book.findRefund(order.merchant, wish.outRefundNo);
  if (known !== undefined) {
    const same = known.order === order && known.refund.amount === wish.amount;
    if (!same || total !== order.terms.total) throw refuse('refund-differs');
    return known;
  }
  checkRefundable(order, { amount: wish.amount, total }, room);
  requireCover(order, wish.amount, room);
  const refund: Refund = room.book.refund(order, wish, refundFate(exchange, room));
  return { order, refund };
}
