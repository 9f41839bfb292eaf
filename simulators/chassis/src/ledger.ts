/**
 * simulator · ledger: double entry in whole minor units. Did money move, and how often, has an
 * answer here that no client can influence.
 */
import { exponentOf, instantOf } from '@polyrail/core';

/** One side of a movement. Positive amounts go into the account, negative ones out of it. */
export interface LedgerLine {
  /** `kind:name`, made on demand: `payer:2088…`, `merchant:2088…`, `fees:channel`. */
  readonly account: string;
  /** Whole minor units, not 0. */
  readonly amount: number;
  /** ISO 4217. An account keeps the currency of its first line. */
  readonly currency: string;
}

export interface Movement {
  /** Counts from 1. */
  readonly sequence: number;
  readonly at: string;
  /** What it was for: `pay 20261122001`. */
  readonly memo: string;
  readonly lines: readonly LedgerLine[];
}

export interface Account {
  readonly account: string;
  readonly currency: string;
  readonly balance: number;
}

export interface MovementFilter {
  readonly account?: string;
  readonly memo?: string;
  /** Milliseconds since the epoch, included. */
  readonly from?: number;
  /** Milliseconds since the epoch, not included. */
  readonly to?: number;
}

export interface Ledger {
  /**
   * Moves money: the lines sum to zero per currency and no guarded account falls below zero, or
   * nothing is written and a `RangeError` tells which rule was broken.
   */
  post(
    lines: readonly LedgerLine[],
    about: { readonly memo: string; readonly at: number },
  ): Movement;
  /** Minor units; 0 for an account never used. */
  balance(account: string): number;
  accounts(): readonly Account[];
  movements(filter?: MovementFilter): readonly Movement[];
  /**
   * Adds everything up again from the first movement on; throws where a law of the book is broken.
   */
  check(): void;
}

export interface LedgerOptions {
  /** Kinds of account that may go below zero: the outside world, usually. */
  readonly overdraft?: readonly string[];
  /** Default 1 000 000. */
  readonly maximumMovements?: number;
}

const accountPattern = /^[a-z][a-z0-9-]*:.{1,128}$/s;
const kindOf = (account: string): string => account.slice(0, account.indexOf(':'));

function checkLine({ account, amount, currency }: LedgerLine): void {
  if (!accountPattern.test(account)) throw new RangeError(`account ${account}: written kind:name`);
  if (!Number.isSafeInteger(amount) || amount === 0) {
    throw new RangeError(`amount of ${account}: a whole number of minor units, not 0`);
  }
  if (exponentOf(currency) === undefined) throw new RangeError(`currency of ${account}: ISO 4217`);
}

function checkSum(lines: readonly LedgerLine[]): void {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of lines) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
  }
  for (const [currency, sum] of sums) {
    if (sum !== 0n) throw new RangeError(`lines in ${currency}: sum to ${sum}, not to zero`);
  }
  if (lines.length < 2) throw new RangeError('lines: at least two');
}

type Balances = Map<string, { currency: string; balance: number }>;

/** The balances after `lines`, of the accounts they touch. */
function applied(before: Balances, lines: readonly LedgerLine[], free: Set<string>): Balances {
  const after: Balances = new Map();
  for (const { account, amount, currency } of lines) {
    const known = after.get(account) ?? before.get(account) ?? { currency, balance: 0 };
    if (known.currency !== currency) {
      throw new RangeError(`${account} is kept in ${known.currency}, not in ${currency}`);
    }
    const balance = known.balance + amount;
    if (!Number.isSafeInteger(balance)) throw new RangeError(`${account}: balance out of range`);
    after.set(account, { currency, balance });
  }
  for (const [account, { balance }] of after) {
    const fell = balance < 0 && balance < (before.get(account)?.balance ?? 0);
    if (fell && !free.has(kindOf(account))) {
      throw new RangeError(`${account} would fall to ${balance}: it has no overdraft`);
    }
  }
  return after;
}

export function createLedger(options: LedgerOptions = {}): Ledger {
  const free = new Set(options.overdraft ?? []);
  const maximum = options.maximumMovements ?? 1_000_000;
  const balances: Balances = new Map();
  const written: Movement[] = [];
  const times: number[] = [];
  return {
    post(lines, { memo, at }) {
      if (written.length >= maximum)
        throw new RangeError(`The ledger is full: ${maximum} movements`);
      for (const line of lines) checkLine(line);
      checkSum(lines);
      const after = applied(balances, lines, free);
      const copies = Object.freeze(lines.map((line) => Object.freeze({ ...line })));
      const sequence = written.length + 1;
      const movement = Object.freeze({ sequence, at: instantOf(at), memo, lines: copies });
      for (const [account, state] of after) balances.set(account, state);
      written.push(movement);
      times.push(at);
      return movement;
    },
    balance: (account) => balances.get(account)?.balance ?? 0,
    accounts: () => [...balances].map(([account, state]) => ({ account, ...state })),
    movements({ account, memo, from = -Infinity, to = Infinity } = {}) {
      return written.filter((movement, index) => {
        const at = times[index] ?? 0;
        if (at < from || at >= to) return false;
        if (memo !== undefined && movement.memo !== memo) return false;
        return account === undefined || movement.lines.some((line) => line.account === account);
      });
    },
    check() {
      const again: Balances = new Map();
      for (const { lines } of written) {
        checkSum(lines);
        for (const [account, state] of applied(again, lines, free)) again.set(account, state);
      }
      for (const [account, { balance }] of balances) {
        if (again.get(account)?.balance !== balance) {
          throw new RangeError(`${account}: balance ${balance} does not follow from its movements`);
        }
      }
    },
  };
}
