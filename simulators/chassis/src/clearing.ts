/**
 * simulator · clearing: how the book of one house tells the clearing house of money that crossed to
 * another - the port, and the reporter that keeps asking until it was heard.
 */
import { type Day, type Instant, instantOf } from '@polyrail/core';
import type { VirtualClock } from './clock.ts';
import type { Movement } from './ledger.ts';

export interface Joining {
  /** Lower-case letters, digits and dashes; one participant, one name. */
  readonly name: string;
  /** Banks keep accounts of payers and payees; the others are payers' own houses. */
  readonly kind: 'bank' | 'payer';
  /** Its settlement account at the central bank. Default: its name. */
  readonly account?: string;
  /** Minor units on that account at the start; default: as the clearing house says. */
  readonly reserves?: number;
}

/** One participant owes another. */
export interface Obligation {
  /** Minted by whoever reports; the same one twice is one obligation. */
  readonly id: string;
  /** Name of the participant who owes. */
  readonly debtor: string;
  /** Name of the participant who is owed. */
  readonly creditor: string;
  /** Minor units of the house's currency, above 0. */
  readonly amount: number;
  /** What it was for, in the reporter's words. */
  readonly memo: string;
  /** When it came about in the reporter's book; default: when it is recorded. */
  readonly occurredAt?: Instant;
  /** The obligation that this one gives back, whole or in part: its parties are exchanged. */
  readonly returns?: string;
}

export interface Receipt {
  readonly id: string;
  /** The day it is netted with: that of its recording, whenever it came about. */
  readonly businessDay: Day;
  readonly recordedAt: Instant;
}

/** What a simulator needs of a clearing house, and all it needs. */
export interface Clearing {
  /** ISO 4217: the one currency it clears. */
  readonly currency: string;
  /** @throws a steering problem when the name is taken, or malformed. */
  join(joining: Joining): void;
  /** Names of the banks that have joined, in that order. */
  banks(): readonly string[];
  /**
   * Takes an obligation down. `undefined`: no receipt was heard, so it may have been recorded or
   * not - ask again with the same id.
   *
   * @throws a steering problem when it is malformed, or its id was used for another one.
   */
  record(obligation: Obligation): Receipt | undefined;
}

export interface ReporterOptions {
  readonly clock: VirtualClock;
  readonly clearing: Clearing;
  /** The participant whose book it reports from; it joins. */
  readonly participant: Joining;
  /**
   * The participant that keeps an account which is none of this house; `undefined` for the house's
   * own. A bank is chosen by `createBankFinder` where the book knows none.
   */
  readonly keeperOf: (account: string) => string | undefined;
  /** Virtual milliseconds until an unheard report is made again. Default one minute. */
  readonly retryMs?: number;
}

export interface Reporter {
  /** Tells of a movement's part that crossed to other houses. Never throws for want of an answer. */
  report(movement: Movement): void;
  /** What nobody has confirmed yet, oldest first. */
  waiting(): readonly Obligation[];
}

/** What each other house gives (negative) or gets in one movement. */
function crossings(
  movement: Movement,
  keeperOf: ReporterOptions['keeperOf'],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { account, amount } of movement.lines) {
    const keeper = keeperOf(account);
    if (keeper !== undefined) sums.set(keeper, (sums.get(keeper) ?? 0) + amount);
  }
  return sums;
}

/**
 * Reports in the order things happened, each obligation until a receipt is heard, so a lost one
 * loses nothing: at worst it is recorded after the cut-off, and settled a day later.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { clock, clearing, participant, keeperOf, retryMs = 60_000 } = options;
  clearing.join(participant);
  const { name } = participant;
  // As long as the book it is fed from: what waits here has moved there.
  const queue: Obligation[] = [];
  let count = 0;
  let asleep = false;

  const drain = (): void => {
    while (!asleep) {
      const [first] = queue;
      if (first === undefined) return;
      if (clearing.record(first) === undefined) {
        asleep = true;
        clock.schedule(retryMs, () => {
          asleep = false;
          drain();
        });
        return;
      }
      queue.shift();
    }
  };
  return {
    report(movement) {
      for (const [keeper, amount] of crossings(movement, keeperOf)) {
        if (amount === 0 || keeper === name) continue;
        const [debtor, creditor] = amount < 0 ? [keeper, name] : [name, keeper];
        count += 1;
        queue.push({
          id: `${name}-${count}`,
          debtor,
          creditor,
          amount: Math.abs(amount),
          memo: movement.memo,
          occurredAt: instantOf(clock.now()),
        });
      }
      drain();
    },
    waiting: () => [...queue],
  };
}

/** A number between 0 and 2^32 that only depends on the text (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/**
 * For books that know accounts and no banks: gives each account one of the clearing house's banks,
 * always the same one; banks that join later get none of them.
 *
 * @throws RangeError when no bank has joined.
 */
export function createBankFinder({ banks }: Pick<Clearing, 'banks'>): (account: string) => string {
  const [first, ...others] = banks();
  if (first === undefined) throw new RangeError('The clearing house has no bank.');
  const all = [first, ...others];
  return (account) => all[spread(account) % all.length] ?? first;
}
