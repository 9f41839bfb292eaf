/**
 * clearing · settlement: what a night came to - the netting table for everybody, and for each
 * participant the two papers it is handed: what was between it and the others (information), and
 * what moved on its account (funds).
 */
import type { Day, Instant } from '@polyrail/core';
import type { ReserveLine } from './central-bank.ts';
import type { Pair } from './netting.ts';
import type { Entry } from './obligation.ts';

/**
 * `settled`: reserves moved. `even`: nothing was left to move. `short`: the debtor's reserves did
 * not suffice, all of it is carried to the next day. `open`: the day is not over.
 */
export type Fate = 'settled' | 'even' | 'short' | 'open';

export interface NettingRow {
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units the debtor owes before netting. */
  readonly owed: number;
  /** Minor units the creditor owes before netting. */
  readonly due: number;
  /** Minor units the debtor pays: `owed - due`. */
  readonly net: number;
  readonly fate: Fate;
  /** The oldest business day in it: an earlier one was carried. */
  readonly since: Day;
  /** How many obligations it is made of. */
  readonly obligations: number;
}

/** The netting table of a business day. Amounts in minor units. */
export interface Netting {
  readonly date: Day;
  readonly currency: string;
  /** Absent while the day is open. */
  readonly closedAt?: Instant;
  /** The pair that waits longest first. */
  readonly rows: readonly NettingRow[];
  /** All obligations, as if each were paid by itself. */
  readonly gross: number;
  /** What the reserves of all debtors together gave, or would give while the day is open. */
  readonly moved: number;
  /** What is carried to the next day, netted. */
  readonly short: number;
}

/** One obligation of a settlement, as one of its parties sees it. */
export interface SettlementItem {
  readonly id: string;
  /** Minor units; negative for what the participant owes. */
  readonly amount: number;
  readonly memo: string;
  /** The business day it was recorded on. */
  readonly businessDay: Day;
  readonly recordedAt: Instant;
  /** When it came about in the reporter's book. */
  readonly occurredAt: Instant;
  readonly returns?: string;
}

/** What is between a participant and one other. */
export interface SettlementEntry {
  readonly counterpart: string;
  /** Minor units; negative when the participant pays. */
  readonly net: number;
  readonly fate: Fate;
  readonly items: readonly SettlementItem[];
}

/** What a night came to for one participant: information. */
export interface Settlement {
  readonly participant: string;
  readonly date: Day;
  readonly closedAt: Instant;
  readonly entries: readonly SettlementEntry[];
  /** Minor units that moved, all together; negative when more was paid than received. */
  readonly settled: number;
  /** Minor units that should have moved and are carried; negative for what the participant owes. */
  readonly carried: number;
}

/** What moved on a participant's account at the central bank: funds. */
export interface FundsStatement {
  readonly participant: string;
  readonly account: string;
  readonly date: Day;
  readonly currency: string;
  /** Minor units before the first line. */
  readonly opening: number;
  readonly lines: readonly ReserveLine[];
  /** Minor units after the last line: the opening balance of the next day. */
  readonly closing: number;
}

/** What the house keeps of a day, as far as it has come. */
export interface NettedDay {
  readonly date: Day;
  readonly currency: string;
  readonly pairs: readonly (Pair & { readonly fate: Fate })[];
}

export interface ClosedDay extends NettedDay {
  readonly closedAt: Instant;
  /** Minor units on every settlement account once the night was over. */
  readonly reserves: ReadonlyMap<string, number>;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** The table of a day, closed or still open. */
export function nettingOf(day: NettedDay | ClosedDay): Netting {
  const { date, currency, pairs } = day;
  const of = (...fates: readonly Fate[]): number =>
    sum(pairs.filter(({ fate }) => fates.includes(fate)).map(({ net }) => net));
  return {
    date,
    currency,
    ...('closedAt' in day ? { closedAt: day.closedAt } : {}),
    rows: pairs.map(({ debtor, creditor, owed, due, net, fate, since, entries }) => ({
      ...{ debtor, creditor, owed, due, net, fate, since },
      obligations: entries.length,
    })),
    gross: sum(pairs.map(({ owed, due }) => owed + due)),
    moved: of('settled', 'open'),
    short: of('short'),
  };
}

/** Minor units as `participant` sees what `debtor` pays. */
const signed = (participant: string, debtor: string, amount: number): number =>
  debtor === participant ? -amount : amount;

function itemOf({ obligation, businessDay, recordedAt }: Entry, participant: string) {
  const { id, debtor, amount, memo, occurredAt = recordedAt, returns } = obligation;
  const item = { id, amount: signed(participant, debtor, amount), memo, businessDay };
  const times = { recordedAt, occurredAt };
  return { ...item, ...times, ...(returns === undefined ? {} : { returns }) };
}

export function settlementOf(day: ClosedDay, participant: string): Settlement {
  const entries = day.pairs
    .filter(({ debtor, creditor }) => debtor === participant || creditor === participant)
    .map(
      ({ debtor, creditor, net, fate, entries: all }): SettlementEntry => ({
        counterpart: debtor === participant ? creditor : debtor,
        // Nothing, not less than nothing.
        net: net === 0 ? 0 : signed(participant, debtor, net),
        fate,
        items: all.map((entry) => itemOf(entry, participant)),
      }),
    );
  const of = (wanted: Fate): number =>
    sum(entries.filter(({ fate }) => fate === wanted).map(({ net }) => net));
  const { date, closedAt } = day;
  return { participant, date, closedAt, entries, settled: of('settled'), carried: of('short') };
}
