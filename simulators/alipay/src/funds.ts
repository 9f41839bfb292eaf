/** alipay simulator · funds: who holds how much, and the merchants' accounts line by line. */
import {
  createLedger,
  type Ledger,
  type Movement,
  type SeededRandom,
  type VirtualClock,
} from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import { compactDay, dayMs } from './time.ts';

/** What a movement on a merchant's account was for, in the words of its statement. */
export interface Business {
  readonly kind: '在线支付' | '交易退款' | '转账';
  /** The channel's number. */
  readonly number: string;
  readonly merchantNumber: string;
  readonly title: string;
  readonly counterpart: string;
  readonly remark?: string | undefined;
}

/** One line of a merchant's account. */
export interface Entry extends Business {
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Fen; negative for what left the account. */
  readonly amount: number;
  /** Fen, after this line. */
  readonly balance: number;
}

interface Move {
  readonly from: string;
  readonly to: string;
  /** Fen. */
  readonly amount: number;
  readonly memo: string;
  /** Needed where a merchant's account is touched. */
  readonly business?: Business;
}

export interface Funds {
  readonly ledger: Ledger;
  /** @throws RangeError when an account without overdraft would fall below zero. */
  move(move: Move): Movement;
  /** Fen a merchant may dispose of. */
  available(merchant: Merchant): number;
  /** Fen that left for a bank and have not arrived. */
  frozen(merchant: Merchant): number;
  /** The merchant's account since the start; what it opened with is no line of it. */
  entries(merchant: Merchant): readonly Entry[];
  clear(): void;
}

interface FundsOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Fen every merchant's account opens with. Default 0. */
  readonly openingBalance?: number | undefined;
}

const currency = 'CNY';
/** Payers bring money from outside, and so does an opening balance. */
const overdraft = ['payer', 'outside'];

export const merchantAccount = ({ sellerId }: Merchant): string => `merchant:${sellerId}`;
export const frozenAccount = ({ sellerId }: Merchant): string => `frozen:${sellerId}`;

export function createFunds({ clock, random, openingBalance = 0 }: FundsOptions): Funds {
  const numbers = random.fork('funds');
  // Before every day a statement can be asked for.
  const openedAt = clock.now() - 365 * dayMs;
  let ledger = createLedger({ overdraft });
  let entries = new Map<string, Entry[]>();

  const post = (move: Move, at: number): Movement => {
    const { from, to, amount, memo } = move;
    const lines = [
      { account: from, amount: -amount, currency },
      { account: to, amount, currency },
    ];
    return ledger.post(lines, { memo, at });
  };
  /** Opens a merchant's account the first time it is looked at. */
  const pageOf = (account: string): Entry[] => {
    const known = entries.get(account);
    if (known !== undefined) return known;
    const page: Entry[] = [];
    entries.set(account, page);
    const opening = { from: 'outside:opening', to: account, amount: openingBalance };
    if (openingBalance > 0) post({ ...opening, memo: `opening ${account}` }, openedAt);
    return page;
  };
  const write = (account: string, amount: number, business: Business): void => {
    const serial = `${compactDay(clock.now())}${numbers.digits(12)}`;
    const at = clock.now();
    const balance = ledger.balance(account);
    pageOf(account).push({ ...business, serial, at, amount, balance });
  };
  const isMerchant = (account: string): boolean => account.startsWith('merchant:');

  return {
    get ledger() {
      return ledger;
    },
    move(move) {
      const { from, to, amount, business } = move;
      for (const account of [from, to]) if (isMerchant(account)) pageOf(account);
      const movement = post(move, clock.now());
      if (business !== undefined && isMerchant(from)) write(from, -amount, business);
      if (business !== undefined && isMerchant(to)) write(to, amount, business);
      return movement;
    },
    available(merchant) {
      pageOf(merchantAccount(merchant));
      return ledger.balance(merchantAccount(merchant));
    },
    frozen: (merchant) => ledger.balance(frozenAccount(merchant)),
    entries: (merchant) => pageOf(merchantAccount(merchant)),
    clear() {
      ledger = createLedger({ overdraft });
      entries = new Map();
    },
  };
}
