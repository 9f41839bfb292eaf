/** unionpay simulator · book: the funds table over a double-entry ledger. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import { bankOf, type Card, cardAccount } from './cards.ts';
import { type Outcome, outcome, success } from './codes.ts';
import { type Funds, feesAccount, holdAccount, merchantAccount } from './funds.ts';
import type { Merchant } from './merchants.ts';
import { newTrace } from './numbers.ts';
import { type Calendar, dayMs } from './time.ts';
import {
  hasSucceeded,
  isLive,
  isOpen,
  type Kind,
  sequelsOf,
  type Terms,
  type Transaction,
} from './transaction.ts';
import type { Voice } from './voice.ts';

export interface BookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  readonly calendar: Calendar;
  /** How long the channel works on what it has accepted. */
  readonly arrivalMs: number;
  /** Of the amount, what UnionPay keeps: 0.006 is six per mille. */
  readonly feeRate: number;
  /** An entry has come to its end. */
  readonly onEnd: (transaction: Transaction) => void;
}

export interface Opening {
  readonly merchant: Merchant;
  readonly terms: Terms;
  readonly voice: Voice;
  readonly original?: Transaction | undefined;
  /** Default: 32 digits. */
  readonly ticket?: string | undefined;
}

export interface Book {
  find(merchant: Merchant, orderId: string, txnTime: string): Transaction | undefined;
  /** Every entry under that number, the first one first. */
  findAll(merchant: Merchant, orderId: string): readonly Transaction[];
  findQueryId(merchant: Merchant, queryId: string): Transaction | undefined;
  findTicket(ticket: string): Transaction | undefined;
  entries(merchant?: Merchant): readonly Transaction[];
  /** Waits for its payer. */
  open(opening: Opening): Transaction;
  /** Is worked on from now, and comes to the end that is its fate, after so much longer. */
  accept(transaction: Transaction, how?: { card?: Card | undefined; delayMs?: number }): void;
  /** The payer pays an open one, or what was accepted comes to a good end at once. */
  pay(transaction: Transaction, card?: Card): void;
  /** Ends one that is open or accepted. */
  fail(transaction: Transaction, why: Outcome): void;
  /** Nullifies: what is under way ends, what was paid goes back. */
  reverse(transaction: Transaction): void;
  feeOf(transaction: Transaction): number;
  clear(): void;
}

const maximumEntries = 500_000;
const usualLifeMs = dayMs;
export const holdMs = 30 * dayMs;

const keyOf = (merchant: Merchant, orderId: string): string => `${merchant.merId} ${orderId}`;

type Way = readonly [from: string, to: string, amount: number];
type Fee = (transaction: Transaction) => number;

const purseOf = ({ card, original }: Transaction): string => {
  const whose = card ?? original?.card ?? original?.original?.card;
  return whose === undefined ? 'payer:unknown' : cardAccount(whose);
};
const holdOf = ({ trace }: Transaction): string => holdAccount(trace?.queryId ?? '');

/** Which accounts an entry moves money between, by its kind. */
const waysOf: Readonly<Record<Kind, (transaction: Transaction, fee: Fee) => readonly Way[]>> = {
  consume: paymentWays,
  collect: paymentWays,
  preauth: (one) => [[purseOf(one), holdOf(one), one.terms.amount]],
  capture(one, fee) {
    const hold = one.original as Transaction;
    return [[holdOf(hold), purseOf(one), hold.terms.amount], ...paymentWays(one, fee)];
  },
  refund: (one) => [[merchantAccount(one.merchant), purseOf(one), one.terms.amount]],
  cancel: (one, fee) => undoWays(one.original as Transaction, fee),
  'preauth-cancel'(one) {
    const hold = one.original as Transaction;
    return [[holdOf(hold), purseOf(hold), hold.terms.amount]];
  },
  'capture-cancel'(one, fee) {
    const capture = one.original as Transaction;
    const hold = capture.original as Transaction;
    const again: Way = [purseOf(hold), holdOf(hold), hold.terms.amount];
    return [...undoWays(capture, fee), again];
  },
  payout: (one) => [
    [merchantAccount(one.merchant), purseOf(one).replace('payer', 'payee'), one.terms.amount],
  ],
};

function paymentWays(one: Transaction, fee: Fee): readonly Way[] {
  const account = merchantAccount(one.merchant);
  return [
    [purseOf(one), account, one.terms.amount],
    [account, feesAccount, fee(one)],
  ];
}
/** Quirk: an undo gives the fee back, a refund does not. */
function undoWays(payment: Transaction, fee: Fee): readonly Way[] {
  const account = merchantAccount(payment.merchant);
  return [
    [feesAccount, account, fee(payment)],
    [account, purseOf(payment), payment.terms.amount],
  ];
}

/** The ways to find an entry. */
function createShelves() {
  const byNumber = new Map<string, Transaction[]>();
  const byQueryId = new Map<string, Transaction>();
  const byTicket = new Map<string, Transaction>();
  let count = 0;
  return {
    byQueryId,
    byTicket,
    under: (merchant: Merchant, orderId: string) => byNumber.get(keyOf(merchant, orderId)) ?? [],
    all: () => [...byNumber.values()].flat(),
    add(transaction: Transaction): void {
      if (count >= maximumEntries) throw new RangeError('The book is full.');
      count += 1;
      const key = keyOf(transaction.merchant, transaction.terms.orderId);
      byNumber.set(key, [...(byNumber.get(key) ?? []), transaction]);
      byTicket.set(transaction.ticket, transaction);
      transaction.original?.sequels.push(transaction);
    },
    clear(): void {
      for (const entries of byNumber.values()) for (const one of entries) one.cancelTimer?.();
      count = 0;
      for (const shelf of [byNumber, byQueryId, byTicket]) shelf.clear();
    },
  };
}

/** Moves an entry's money; nothing moves where one of its ways is barred. */
function createCarrier({ funds, feeRate }: BookOptions) {
  const fee: Fee = ({ terms }) => Math.round(terms.amount * feeRate);
  const memoOf = ({ terms, merchant }: Transaction) =>
    `${terms.kind} ${merchant.merId} ${terms.orderId}`;
  const run = (transaction: Transaction, ways: readonly Way[], memo: string): void => {
    for (const [from, to, amount] of ways) {
      if (amount === 0) continue;
      transaction.movements.push(funds.move({ from, to, amount, memo }));
    }
  };
  return {
    fee,
    /** False when the merchant's account does not cover it. */
    carry(transaction: Transaction): boolean {
      const ways = waysOf[transaction.terms.kind](transaction, fee);
      const account = merchantAccount(transaction.merchant);
      const net = ways.reduce(
        (sum, [from, to, amount]) =>
          sum + (to === account ? amount : 0) - (from === account ? amount : 0),
        0,
      );
      if (net < 0 && funds.balance(account) + net < 0) return false;
      run(transaction, ways, memoOf(transaction));
      return true;
    },
    /** The way back of whatever was carried. */
    carryBack(transaction: Transaction): void {
      const ways = waysOf[transaction.terms.kind](transaction, fee);
      const back = [...ways].reverse().map(([from, to, amount]): Way => [to, from, amount]);
      run(transaction, back, `reverse ${memoOf(transaction)}`);
    },
    release(hold: Transaction): void {
      const way: Way = [holdOf(hold), purseOf(hold), hold.terms.amount];
      run(hold, [way], `release ${memoOf(hold)}`);
    },
    isHeld: (hold: Transaction): boolean => funds.balance(holdOf(hold)) > 0,
  };
}

/** How entries come to their end. */
function createEndings(
  options: BookOptions,
  shelves: ReturnType<typeof createShelves>,
  numbers: SeededRandom,
) {
  const { clock, calendar } = options;
  const carrier = createCarrier(options);
  const trace = (transaction: Transaction): void => {
    if (transaction.trace !== undefined) return;
    let made = newTrace(numbers, transaction.terms.txnTime);
    while (shelves.byQueryId.has(made.queryId)) made = newTrace(numbers, transaction.terms.txnTime);
    transaction.trace = made;
    shelves.byQueryId.set(made.queryId, transaction);
  };
  /** A hold that nobody captured is let go. */
  const watchHold = (hold: Transaction): void => {
    const until = (hold.finishedAt ?? clock.now()) + holdMs;
    hold.cancelTimer = clock.schedule(until - clock.now(), () => {
      if (!carrier.isHeld(hold)) return;
      carrier.release(hold);
      hold.holdReleased = true;
    });
  };
  /** What else a good end means. */
  const carriedOut = (transaction: Transaction): void => {
    transaction.settleDay = calendar.dayOf(clock.now());
    const { kind } = transaction.terms;
    if (kind === 'preauth') transaction.preAuthId = numbers.digits(6);
    if (kind === 'preauth') watchHold(transaction);
    if (kind === 'capture-cancel') watchHold(transaction.original?.original as Transaction);
  };
  const end = (transaction: Transaction, how: Outcome): void => {
    if (!isLive(transaction)) return;
    transaction.cancelTimer?.();
    delete transaction.cancelTimer;
    const good = how.respCode === '00' || how.respCode === 'A6';
    if (good) trace(transaction);
    const ended = good && !carrier.carry(transaction) ? outcome('90') : how;
    const state = good && ended === how ? 'succeeded' : 'failed';
    Object.assign(transaction, { state, outcome: ended, finishedAt: clock.now() });
    if (state === 'succeeded') carriedOut(transaction);
    options.onEnd(transaction);
  };
  return { carrier, trace, end };
}

/** Nullifies an entry, whatever became of it. */
function reverseEntry(
  transaction: Transaction,
  { carrier, end }: ReturnType<typeof createEndings>,
): void {
  if (isLive(transaction)) {
    transaction.reversed = true;
    end(transaction, outcome('01'));
  }
  if (!hasSucceeded(transaction)) return;
  if (sequelsOf(transaction, 'refund', 'cancel', 'capture', 'preauth-cancel').length > 0) {
    throw new RangeError('What was undone, captured or refunded cannot be reversed.');
  }
  carrier.carryBack(transaction);
  Object.assign(transaction, { state: 'failed', outcome: outcome('01'), reversed: true });
}

export function createBook(options: BookOptions): Book {
  const { clock } = options;
  const numbers = options.random.fork('book');
  const shelves = createShelves();
  const endings = createEndings(options, shelves, numbers);
  const { carrier, trace, end } = endings;

  return {
    find: (merchant, orderId, txnTime) =>
      shelves.under(merchant, orderId).find(({ terms }) => terms.txnTime === txnTime),
    findAll: shelves.under,
    findQueryId(merchant, queryId) {
      const found = shelves.byQueryId.get(queryId);
      return found?.merchant === merchant ? found : undefined;
    },
    findTicket: (ticket) => shelves.byTicket.get(ticket),
    entries(merchant) {
      const all = shelves.all();
      return merchant === undefined ? all : all.filter((one) => one.merchant === merchant);
    },
    open({ merchant, terms, voice, original, ticket = numbers.digits(32) }) {
      const createdAt = clock.now();
      const fixed = { merchant, terms, voice, createdAt, ticket, original };
      const transaction: Transaction = { ...fixed, sequels: [], movements: [], state: 'open' };
      shelves.add(transaction);
      const lifeMs = (terms.expiresAt ?? createdAt + usualLifeMs) - createdAt;
      const expire = () => end(transaction, outcome('69'));
      // Posted after its deadline it is refused, and waits for no timer.
      if (lifeMs <= 0) expire();
      else transaction.cancelTimer = clock.schedule(lifeMs, expire);
      return transaction;
    },
    accept(transaction, { card, delayMs = 0 } = {}) {
      transaction.cancelTimer?.();
      if (card !== undefined) transaction.card = card;
      trace(transaction);
      transaction.state = 'accepted';
      const slowMs = card === undefined ? 0 : (bankOf(card).slowMs ?? 0);
      const { arrivalMs } = options;
      const finish = () => end(transaction, transaction.fate ?? success);
      if (arrivalMs + slowMs + delayMs <= 0) finish();
      else transaction.cancelTimer = clock.schedule(arrivalMs + slowMs + delayMs, finish);
    },
    pay(transaction, card) {
      if (!isLive(transaction)) throw new RangeError('Only an open order can be paid.');
      if (card !== undefined && isOpen(transaction)) transaction.card = card;
      end(transaction, transaction.fate ?? success);
    },
    fail: (transaction, why) => end(transaction, why),
    reverse: (transaction) => reverseEntry(transaction, endings),
    feeOf: carrier.fee,
    clear: shelves.clear,
  };
}
