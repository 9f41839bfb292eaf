/** alipay simulator · book: orders and trades over a double-entry ledger. */
import type { Ledger, SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Agreement } from './agreement-book.ts';
import { type Funds, merchantAccount } from './funds.ts';
import { createLifecycle } from './lifecycle.ts';
import type { Merchant, Payer } from './merchants.ts';
import {
  type Change,
  type Ending,
  type Order,
  type Refund,
  refundedOf,
  type Terms,
  type Truth,
  truthOf,
} from './order.ts';
import { ticketFor } from './ticket.ts';

interface BookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  readonly pickPayer: () => Payer;
  /** How long a paid trade may be refunded. */
  readonly refundWindowMs: number;
  readonly onChange: (order: Order, change: Change) => void;
}

interface Opening {
  /** Whether its trade exists at once. */
  readonly scanned: boolean;
  readonly buyerId?: string | undefined;
  /** Who pays, where that is settled before: by an agreement or an authorization. */
  readonly payer?: Payer;
  readonly agreement?: Agreement;
  /** The account that pays instead of the payer's: money held for this merchant. */
  readonly source?: string;
}

export interface Book {
  readonly ledger: Ledger;
  find(merchant: Merchant, outTradeNo: string): Order | undefined;
  findTrade(merchant: Merchant, tradeNo: string): Order | undefined;
  findTicket(ticket: string): Order | undefined;
  orders(merchant?: Merchant): readonly Order[];
  /** A new order; `scanned` makes its trade at once. */
  open(merchant: Merchant, terms: Terms, options: Opening): Order;
  /** Someone looks at the QR: the trade comes into being. */
  scan(order: Order): void;
  pay(order: Order): void;
  close(order: Order, endedBy: Ending): void;
  refund(order: Order, refund: { outRequestNo: string; amount: number; reason?: string }): Refund;
  /** Undoes a payment entirely. */
  cancelPaid(order: Order): Refund;
  truth(order: Order): Truth;
  clear(): void;
}

const maximumOrders = 500_000;

/** The three ways to find an order. */
function createShelves() {
  const byNumber = new Map<string, Order>();
  const byTrade = new Map<string, Order>();
  const byTicket = new Map<string, Order>();
  const key = (merchant: Merchant, outTradeNo: string) => `${merchant.authAppId} ${outTradeNo}`;
  return {
    byTrade,
    byTicket,
    byNumber,
    find: (merchant: Merchant, outTradeNo: string) => byNumber.get(key(merchant, outTradeNo)),
    add(order: Order): void {
      const known = byNumber.get(key(order.merchant, order.terms.outTradeNo));
      if (known !== undefined) byTicket.delete(known.ticket);
      byNumber.set(key(order.merchant, order.terms.outTradeNo), order);
      byTicket.set(order.ticket, order);
    },
    orders(merchant?: Merchant): readonly Order[] {
      const all = [...byNumber.values()];
      return merchant === undefined ? all : all.filter((order) => order.merchant === merchant);
    },
    clear(): void {
      for (const order of byNumber.values()) order.cancelTimer?.();
      for (const shelf of [byNumber, byTrade, byTicket]) shelf.clear();
    },
  };
}

/** Money in and out of the ledger, under the memo of its order. */
function createMover({ funds }: BookOptions) {
  return (order: Order, kind: 'pay' | 'refund', amount: number): void => {
    const { merchant, payer, terms, tradeNo = '' } = order;
    const purse = `payer:${payer.userId}`;
    const account = merchantAccount(merchant);
    const movement = funds.move({
      ...(kind === 'pay'
        ? { from: order.source ?? purse, to: account }
        : { from: account, to: purse }),
      amount,
      memo: `${kind} ${merchant.authAppId} ${terms.outTradeNo}`,
      business: {
        kind: kind === 'pay' ? '在线支付' : '交易退款',
        number: tradeNo,
        merchantNumber: terms.outTradeNo,
        title: terms.subject,
        counterpart: payer.account,
      },
    });
    order.movements.push({ kind, movement });
  };
}

export function createBook(options: BookOptions): Book {
  const { clock, funds, onChange, refundWindowMs } = options;
  const numbers = options.random.fork('book');
  const shelves = createShelves();
  const { byTrade } = shelves;
  const life = createLifecycle({ clock, numbers, refundWindowMs, onChange, byTrade });
  const move = createMover(options);

  const undo = (order: Order, details: Omit<Refund, 'at' | 'hidden'>, endedBy: Ending): Refund => {
    const rest = order.terms.total - refundedOf(order);
    if (order.state !== 'TRADE_SUCCESS' || details.amount < 1 || details.amount > rest) {
      throw new RangeError('A refund needs a paid trade and no more than what is left of it.');
    }
    move(order, 'refund', details.amount);
    const refund: Refund = { ...details, at: clock.now(), hidden: 0 };
    order.refunds.push(refund);
    const whole = details.amount === rest;
    if (whole) life.end(order, 'TRADE_CLOSED', endedBy);
    onChange(order, whole ? 'closed' : 'refunded');
    return refund;
  };

  return {
    get ledger() {
      return funds.ledger;
    },
    find: shelves.find,
    findTrade(merchant, tradeNo) {
      const order = byTrade.get(tradeNo);
      return order?.merchant === merchant ? order : undefined;
    },
    findTicket: (ticket) => shelves.byTicket.get(ticket),
    orders: shelves.orders,
    open(merchant, terms, { scanned, buyerId, ...settled }) {
      if (shelves.byNumber.size >= maximumOrders) throw new RangeError('The book is full.');
      const picked = options.pickPayer();
      const payer = buyerId === undefined ? picked : { ...picked, userId: buyerId };
      const ticket = ticketFor(numbers);
      const empty = { refunds: [], movements: [] };
      const createdAt = clock.now();
      const state = 'UNSCANNED';
      const order: Order = {
        merchant,
        terms,
        payer,
        ...settled,
        ticket,
        createdAt,
        state,
        ...empty,
      };
      shelves.add(order);
      if (scanned) life.scan(order);
      else life.watchQr(order);
      return order;
    },
    scan: life.scan,
    pay(order) {
      life.scan(order);
      if (order.state !== 'WAIT_BUYER_PAY') throw new RangeError('Only an open trade can be paid.');
      move(order, 'pay', order.terms.total);
      life.paid(order);
    },
    close: life.close,
    refund: (order, details) => undo(order, { ...details, cancelled: false }, 'refund'),
    cancelPaid(order) {
      const amount = order.terms.total - refundedOf(order);
      const outRequestNo = order.terms.outTradeNo;
      return undo(order, { outRequestNo, amount, cancelled: true }, 'cancel');
    },
    truth: truthOf,
    clear() {
      shelves.clear();
      life.clear();
    },
  };
}
