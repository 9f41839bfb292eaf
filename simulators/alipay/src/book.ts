/** alipay simulator · book: orders and trades over a double-entry ledger. */
import {
  createLedger,
  type Ledger,
  type SeededRandom,
  type VirtualClock,
} from '@polyrail/simulator';
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

interface BookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly pickPayer: () => Payer;
  /** How long a paid trade may be refunded. */
  readonly refundWindowMs: number;
  readonly onChange: (order: Order, change: Change) => void;
}

export interface Book {
  readonly ledger: Ledger;
  find(merchant: Merchant, outTradeNo: string): Order | undefined;
  findTrade(merchant: Merchant, tradeNo: string): Order | undefined;
  findTicket(ticket: string): Order | undefined;
  orders(merchant?: Merchant): readonly Order[];
  /** A new order; `scanned` makes its trade at once. */
  open(merchant: Merchant, terms: Terms, options: { scanned: boolean; buyerId?: string }): Order;
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

const currency = 'CNY';
const maximumOrders = 500_000;

function lettersAndDigits(random: SeededRandom, length: number): string {
  const alphabet = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
  return Array.from({ length }, () => random.pick(alphabet)).join('');
}

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
function createMover(ledger: Ledger, clock: VirtualClock) {
  return (order: Order, kind: 'pay' | 'refund', amount: number): void => {
    const { merchant, payer, terms } = order;
    const paid = kind === 'pay' ? amount : -amount;
    const lines = [
      { account: `payer:${payer.userId}`, amount: -paid, currency },
      { account: `merchant:${merchant.sellerId}`, amount: paid, currency },
    ];
    const memo = `${kind} ${merchant.authAppId} ${terms.outTradeNo}`;
    order.movements.push({ kind, movement: ledger.post(lines, { memo, at: clock.now() }) });
  };
}

export function createBook(options: BookOptions): Book {
  const { clock, onChange, refundWindowMs } = options;
  const numbers = options.random.fork('book');
  const shelves = createShelves();
  const { byTrade } = shelves;
  const life = createLifecycle({ clock, numbers, refundWindowMs, onChange, byTrade });
  let ledger = createLedger({ overdraft: ['payer'] });
  let move = createMover(ledger, clock);

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
      return ledger;
    },
    find: shelves.find,
    findTrade(merchant, tradeNo) {
      const order = byTrade.get(tradeNo);
      return order?.merchant === merchant ? order : undefined;
    },
    findTicket: (ticket) => shelves.byTicket.get(ticket),
    orders: shelves.orders,
    open(merchant, terms, { scanned, buyerId }) {
      if (shelves.byNumber.size >= maximumOrders) throw new RangeError('The book is full.');
      const picked = options.pickPayer();
      const payer = buyerId === undefined ? picked : { ...picked, userId: buyerId };
      const ticket = `bax${numbers.digits(5)}${lettersAndDigits(numbers, 16)}`;
      const empty = { refunds: [], movements: [] };
      const createdAt = clock.now();
      const order: Order = {
        merchant,
        terms,
        payer,
        ticket,
        createdAt,
        state: 'UNSCANNED',
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
      ledger = createLedger({ overdraft: ['payer'] });
      move = createMover(ledger, clock);
    },
  };
}
