/** wechatpay simulator · funds: who holds how much, and the merchants' accounts line by line. */
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
  readonly kind: '交易' | '退款' | '转账' | '转账退回' | '退款退回';
  /** The channel's number of the deed: transaction, refund, transfer. */
  readonly number: string;
  /** The merchant's. */
  readonly merchantNumber: string;
  readonly remark?: string;
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
  /** Fen that left and have not arrived. */
  underWay(merchant: Merchant): number;
  /** The merchant's account since the start; what it opened with is no line of it. */
  entries(merchant: Merchant): readonly Entry[];
  clear(): void;
}

interface FundsOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Fen every merchant's account opens with. */
  readonly openingBalance: number;
}

const currency = 'CNY';
/** Payers bring money from outside, and so does an opening balance. */
const overdraft = ['payer', 'outside'];

export const merchantAccount = ({ mchid }: Merchant): string => `merchant:${mchid}`;
export const underWayAccount = ({ mchid }: Merchant): string => `under-way:${mchid}`;
export const purseOf = (openid: string): string => `payer:${openid}`;

export function createFunds({ clock, random, openingBalance }: FundsOptions): Funds {
  const numbers = random.fork('funds');
  // Before every day a statement can be asked for.
  const openedAt = clock.now() - 365 * dayMs;
  let ledger = createLedger({ overdraft });
  let pages = new Map<string, Entry[]>();

  const post = ({ from, to, amount, memo }: Move, at: number): Movement => {
    const lines = [
      { account: from, amount: -amount, currency },
      { account: to, amount, currency },
    ];
    return ledger.post(lines, { memo, at });
  };
  /** Opens a merchant's account the first time it is looked at. */
  const pageOf = (account: string): Entry[] => {
    const known = pages.get(account);
    if (known !== undefined) return known;
    const page: Entry[] = [];
    pages.set(account, page);
    const opening = { from: 'outside:opening', to: account, amount: openingBalance };
    if (openingBalance > 0) post({ ...opening, memo: `opening ${account}` }, openedAt);
    return page;
  };
  const write = (account: string, amount: number, business: Business): void => {
    const at = clock.now();
    const serial = `42${numbers.digits(8)}${compactDay(at)}${numbers.digits(10)}`;
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
    underWay: (merchant) => ledger.balance(underWayAccount(merchant)),
    entries: (merchant) => pageOf(merchantAccount(merchant)),
    clear() {
      ledger = createLedger({ overdraft });
      pages = new Map();
    },
  };
}
