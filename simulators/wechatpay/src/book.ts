/** wechatpay simulator · book: orders of both protocols over a double-entry ledger. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import { createExpiry, usualLifeMs } from './expiry.ts';
import { type Business, type Funds, merchantAccount, purseOf, underWayAccount } from './funds.ts';
import type { Merchant, Payer } from './merchants.ts';
import { letters, prepayNumber, transactionNumber } from './numbers.ts';
import {
  type Found,
  isOpen,
  type MoveKind,
  type Order,
  type Refund,
  refundedOf,
  type Terms,
} from './order.ts';
import { createRefunds, type RefundFate, type RefundWish } from './refund-book.ts';
import type { Voice } from './voice.ts';

export interface BookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  readonly pickPayer: () => Payer;
  readonly onPaid: (order: Order) => void;
  /** A deduction that was accepted has failed. */
  readonly onFailed: (order: Order) => void;
  readonly onRefund: (order: Order, refund: Refund) => void;
}

export interface Book {
  find(merchant: Merchant, outTradeNo: string): Order | undefined;
  findTransaction(merchant: Merchant, transactionId: string): Order | undefined;
  /** By `prepay_id`, or by what a QR carries. */
  findTicket(ticket: string): Order | undefined;
  findRefund(merchant: Merchant, outRefundNo: string): Found | undefined;
  findRefundId(merchant: Merchant, refundId: string): Found | undefined;
  orders(merchant?: Merchant): readonly Order[];
  open(merchant: Merchant, terms: Terms, options: Opening): Order;
  /** Asked for again: a new code, the old one is worthless. */
  renew(order: Order): void;
  pay(order: Order): void;
  /** Ends an order that is not paid. */
  end(order: Order, state: 'CLOSED' | 'REVOKED' | 'PAYERROR' | 'PAY_FAIL'): void;
  /** Takes the money from the merchant; it arrives, or not, as the fate says. */
  refund(order: Order, wish: RefundWish, fate: RefundFate): Refund;
  /** Tries an abnormal refund again. */
  retry(found: Found, fate: RefundFate): void;
  clear(): void;
}

export interface Opening {
  readonly voice: Voice;
  readonly payer?: Payer;
  /** Begins as: a barcode's payer decides, a deduction is accepted. Default `NOTPAY`. */
  readonly state?: 'NOTPAY' | 'USERPAYING' | 'ACCEPT';
}

const maximumOrders = 500_000;

const keyOf = (merchant: Merchant, number: string): string => `${merchant.mchid} ${number}`;

/** The ways to find an order. */
function createShelves() {
  const byNumber = new Map<string, Order>();
  const byTransaction = new Map<string, Order>();
  const byTicket = new Map<string, Order>();
  return {
    byNumber,
    byTransaction,
    byTicket,
    /** What a code or a prepay id leads to; `was` no longer does. */
    ticket(order: Order, was: readonly string[] = []): void {
      for (const old of was) byTicket.delete(old);
      byTicket.set(order.codeUrl, order);
      byTicket.set(order.prepayId, order);
    },
    clear(): void {
      for (const order of byNumber.values()) {
        order.cancelTimer?.();
        for (const refund of order.refunds) refund.cancelTimer?.();
      }
      for (const shelf of [byNumber, byTransaction, byTicket]) shelf.clear();
    },
  };
}

/** Money in and out of the ledger, under the memo of its order. */
export function createMover(funds: Funds) {
  return (order: Order, kind: MoveKind, about: { amount: number; refund?: Refund }): void => {
    const { merchant, payer, terms, transactionId = '' } = order;
    const { amount, refund } = about;
    const account = merchantAccount(merchant);
    const purse = purseOf(payer.openid);
    const underWay = underWayAccount(merchant);
    const ways = {
      pay: [purse, account],
      refund: [account, underWay],
      arrive: [underWay, purse],
      return: [underWay, account],
    } as const;
    const kinds = { pay: '交易', refund: '退款', return: '退款退回' } as const;
    const [from, to] = ways[kind];
    const business: Business | undefined =
      kind === 'arrive'
        ? undefined
        : {
            kind: kinds[kind],
            number: refund?.refundId ?? transactionId,
            merchantNumber: refund?.outRefundNo ?? terms.outTradeNo,
          };
    const memo = `${kind} ${merchant.mchid} ${terms.outTradeNo}`;
    const movement = funds.move({ from, to, amount, memo, ...(business && { business }) });
    order.movements.push({ kind, movement });
  };
}

/** A fresh code to scan and prepay id. */
function newTickets(numbers: SeededRandom, at: number) {
  const codeUrl = `weixin://wxpay/bizpayurl/up?pr=${letters(numbers, 7)}&groupid=00`;
  return { codeUrl, prepayId: prepayNumber(numbers, at) };
}

export function createBook(options: BookOptions): Book {
  const { clock, funds } = options;
  const numbers = options.random.fork('book');
  const shelves = createShelves();
  const { byNumber, byTransaction, byTicket } = shelves;
  const move = createMover(funds);
  const refunds = createRefunds({ clock, numbers, move, onRefund: options.onRefund });

  const end: Book['end'] = (order, state) => {
    if (!isOpen(order) && order.state !== 'ACCEPT') return;
    order.cancelTimer?.();
    delete order.cancelTimer;
    Object.assign(order, { state, closedAt: clock.now() });
    if (state === 'PAY_FAIL') options.onFailed(order);
  };

  const expiry = createExpiry(clock, (order) =>
    end(order, order.state === 'USERPAYING' ? 'PAYERROR' : 'CLOSED'),
  );

  return {
    find: (merchant, number) => byNumber.get(keyOf(merchant, number)),
    findTransaction(merchant, transactionId) {
      const order = byTransaction.get(transactionId);
      return order?.merchant === merchant ? order : undefined;
    },
    findTicket: (ticket) => byTicket.get(ticket),
    findRefund: refunds.find,
    findRefundId: refunds.findId,
    orders(merchant) {
      const all = [...byNumber.values()];
      return merchant === undefined ? all : all.filter((order) => order.merchant === merchant);
    },
    open(merchant, terms, { voice, payer: known, state = 'NOTPAY' }) {
      if (byNumber.size >= maximumOrders) throw new RangeError('The book is full.');
      const createdAt = clock.now();
      const picked = known ?? options.pickPayer();
      const payer = terms.openid === undefined ? picked : { ...picked, openid: terms.openid };
      const expiresAt = terms.expiresAt ?? createdAt + usualLifeMs;
      const fixed = { merchant, terms, voice, createdAt, payer, expiresAt };
      const tickets = newTickets(numbers, createdAt);
      const order: Order = { ...fixed, refunds: [], movements: [], ...tickets, state };
      byNumber.set(keyOf(merchant, terms.outTradeNo), order);
      shelves.ticket(order);
      expiry.watch(order);
      return order;
    },
    renew(order) {
      const was = [order.codeUrl, order.prepayId];
      Object.assign(order, newTickets(numbers, clock.now()));
      shelves.ticket(order, was);
    },
    pay(order) {
      if (!isOpen(order) && order.state !== 'ACCEPT') {
        throw new RangeError('Only an open order can be paid.');
      }
      order.cancelTimer?.();
      delete order.cancelTimer;
      const at = clock.now();
      let transactionId = '';
      do transactionId = transactionNumber(numbers, at);
      while (byTransaction.has(transactionId));
      byTransaction.set(transactionId, order);
      order.transactionId = transactionId;
      move(order, 'pay', { amount: order.terms.total });
      Object.assign(order, { state: 'SUCCESS', paidAt: at });
      options.onPaid(order);
    },
    end,
    refund(order, wish, fate) {
      const rest = order.terms.total - refundedOf(order);
      if (order.paidAt === undefined || wish.amount < 1 || wish.amount > rest) {
        throw new RangeError('A refund needs a paid order and no more than what is left of it.');
      }
      return refunds.begin(order, wish, fate);
    },
    retry: refunds.retry,
    clear() {
      shelves.clear();
      refunds.clear();
      expiry.clear();
    },
  };
}
