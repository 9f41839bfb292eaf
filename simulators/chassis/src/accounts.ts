/**
 * simulator · accounts: who holds how much - a ledger, and some of its accounts kept line by line, as
 * their owners are told in statements.
 */
import type { VirtualClock } from './clock.ts';
import { createLedger, type Ledger, type Movement } from './ledger.ts';

/** One line of an account, with what it was for in the words of the channel. */
export type AccountLine<Business extends object> = Business & {
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Minor units; negative for what left the account. */
  readonly amount: number;
  /** Minor units, after this line. */
  readonly balance: number;
};

export interface AccountMove<Business extends object> {
  readonly from: string;
  readonly to: string;
  /** Minor units. */
  readonly amount: number;
  readonly memo: string;
  /** Needed where an account that is kept line by line is touched. */
  readonly business?: Business;
}

export interface Accounts<Business extends object> {
  readonly ledger: Ledger;
  /** @throws RangeError when an account without overdraft would fall below zero. */
  move(move: AccountMove<Business>): Movement;
  /** Minor units; opens an account that is kept. */
  balance(account: string): number;
  /** The lines since the start; what an account opened with is no line of it. */
  lines(account: string): readonly AccountLine<Business>[];
  clear(): void;
}

export interface AccountsOptions {
  readonly clock: VirtualClock;
  readonly currency: string;
  /** Kinds of account that may fall below zero: those who bring money from outside. */
  readonly overdraft: readonly string[];
  /** Kind of the accounts that are kept line by line. */
  readonly kept: string;
  /** Minor units every kept account opens with; default 0. */
  readonly openingBalance?: number | undefined;
  /** The channel's number of a line written at `at`. */
  serial(at: number): string;
  /** Told of every movement once it is written; must not throw. Not of what accounts open with. */
  readonly onMove?: ((movement: Movement) => void) | undefined;
}

const dayMs = 86_400_000;
const outside = 'outside';

export function createAccounts<Business extends object>(
  options: AccountsOptions,
): Accounts<Business> {
  const { clock, currency, kept, openingBalance = 0 } = options;
  const overdraft = [...options.overdraft, outside];
  // Before every day a statement can be asked for.
  const openedAt = clock.now() - 365 * dayMs;
  let ledger = createLedger({ overdraft });
  let pages = new Map<string, AccountLine<Business>[]>();

  type Move = Omit<AccountMove<Business>, 'business'>;
  const post = ({ from, to, amount, memo }: Move, at: number): Movement => {
    const lines = [
      { account: from, amount: -amount, currency },
      { account: to, amount, currency },
    ];
    return ledger.post(lines, { memo, at });
  };
  const isKept = (account: string): boolean => account.startsWith(`${kept}:`);
  /** Opens a kept account the first time it is looked at. */
  const pageOf = (account: string): AccountLine<Business>[] => {
    const known = pages.get(account);
    if (known !== undefined) return known;
    const page: AccountLine<Business>[] = [];
    pages.set(account, page);
    const opening = { from: `${outside}:opening`, to: account, amount: openingBalance };
    if (openingBalance > 0) post({ ...opening, memo: `opening ${account}` }, openedAt);
    return page;
  };
  const write = (account: string, amount: number, business: Business): void => {
    const at = clock.now();
    const balance = ledger.balance(account);
    pageOf(account).push({ ...business, serial: options.serial(at), at, amount, balance });
  };

  return {
    get ledger() {
      return ledger;
    },
    move(move) {
      const { from, to, amount, business } = move;
      for (const account of [from, to]) if (isKept(account)) pageOf(account);
      const movement = post(move, clock.now());
      if (business !== undefined && isKept(from)) write(from, -amount, business);
      if (business !== undefined && isKept(to)) write(to, amount, business);
      options.onMove?.(movement);
      return movement;
    },
    balance(account) {
      if (isKept(account)) pageOf(account);
      return ledger.balance(account);
    },
    lines: pageOf,
    clear() {
      ledger = createLedger({ overdraft });
      pages = new Map();
    },
  };
}
