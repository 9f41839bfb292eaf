/**
 * clearing · claims: the house's own book - every obligation taken down, and what each participant
 * has to get or to give until it is settled.
 */
import { type Day, instantOf } from '@polyrail/core';
import { createLedger, type Ledger, type Obligation, problem } from '@polyrail/simulator';
import type { Pair } from './netting.ts';
import { type Entry, isSame, type ObligationTruth, requireReturnable } from './obligation.ts';

interface Recording {
  readonly businessDay: Day;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Claims {
  readonly ledger: Ledger;
  /** Takes a well-formed one down, or finds it again. `undefined`: the book is full. */
  record(obligation: Obligation, recording: Recording): Entry | undefined;
  find(id: string): Entry | undefined;
  truth(id: string): ObligationTruth | undefined;
  /** Not settled yet, recorded up to that day (or ever), in the order of recording. */
  open(until?: Day): readonly Entry[];
  /** Minor units to get (positive) or to give, of what is not settled. */
  position(participant: string): number;
  /** Strikes out what a night has settled. */
  discharge(pairs: readonly Pair[], date: Day, at: number): void;
  readonly count: number;
}

/** With the largest amount, every sum stays a whole number. */
const maximumEntries = 500_000;
const accountOf = (participant: string): string => `position:${participant}`;

export function createClaims(currency: string): Claims {
  const ledger = createLedger({ overdraft: ['position'], maximumMovements: 2 * maximumEntries });
  const entries = new Map<string, Entry>();
  const returned = new Map<string, number>();
  let waiting: Entry[] = [];

  const lines = (debtor: string, creditor: string, amount: number) => [
    { account: accountOf(debtor), amount: -amount, currency },
    { account: accountOf(creditor), amount, currency },
  ];
  const again = (known: Entry, obligation: Obligation): Entry => {
    if (isSame(known.obligation, obligation)) return known;
    const message = `The id ${obligation.id} names another obligation.`;
    throw problem({ field: 'id', rule: 'a new id', message, status: 409 });
  };
  return {
    ledger,
    record(obligation, { businessDay, at }) {
      const { id, debtor, creditor, amount, memo, returns } = obligation;
      const known = entries.get(id);
      if (known !== undefined) return again(known, obligation);
      const before = returned.get(returns ?? '') ?? 0;
      if (returns !== undefined) requireReturnable(obligation, entries.get(returns), before);
      if (entries.size >= maximumEntries) return undefined;
      ledger.post(lines(debtor, creditor, amount), { memo, at });
      const entry: Entry = {
        obligation: Object.freeze({ ...obligation }),
        sequence: entries.size + 1,
        businessDay,
        recordedAt: instantOf(at),
      };
      if (returns !== undefined) returned.set(returns, before + amount);
      entries.set(id, entry);
      waiting.push(entry);
      return entry;
    },
    find: (id) => entries.get(id),
    truth(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      const { obligation, sequence: _sequence, ...rest } = entry;
      return { ...obligation, ...rest, returned: returned.get(id) ?? 0 };
    },
    open: (until) =>
      waiting.filter(({ businessDay }) => until === undefined || businessDay <= until),
    position: (participant) => ledger.balance(accountOf(participant)),
    discharge(pairs, date, at) {
      const moved = pairs.filter(({ net }) => net > 0);
      // Reserves went to the creditor: the debtor owes so much less.
      const legs = moved.flatMap(({ debtor, creditor, net }) => lines(creditor, debtor, net));
      if (legs.length > 0) ledger.post(legs, { memo: `settle ${date}`, at });
      for (const { entries: settled } of pairs) {
        for (const entry of settled) entry.settledOn = date;
      }
      waiting = waiting.filter(({ settledOn }) => settledOn === undefined);
    },
    get count() {
      return entries.size;
    },
  };
}
