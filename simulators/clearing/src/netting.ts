/**
 * clearing · netting: what each pair of participants owes each other comes down to one amount
 * (轧差), and which of these amounts the reserves can carry tonight.
 */
import type { Day } from '@polyrail/core';
import type { Entry } from './obligation.ts';

/** Two participants, and what is between them. */
export interface Pair {
  /** Who owes the rest; of an even pair the first by name. */
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units that remain to be paid, 0 or more. */
  readonly net: number;
  /** Minor units that the debtor owes, before netting. */
  readonly owed: number;
  /** Minor units that the creditor owes, before netting. */
  readonly due: number;
  /** The oldest business day among them. */
  readonly since: Day;
  readonly entries: readonly Entry[];
}

const pairKey = ({ obligation: { debtor, creditor } }: Entry): string =>
  [debtor, creditor].sort().join(' ');

const total = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { obligation }) => sum + obligation.amount, 0);

function pairOf(entries: readonly Entry[], key: string): Pair {
  const [low = '', high = ''] = key.split(' ');
  const byLow = entries.filter(({ obligation }) => obligation.debtor === low);
  const byHigh = entries.filter(({ obligation }) => obligation.debtor === high);
  const [fromLow, fromHigh] = [total(byLow), total(byHigh)];
  const net = Math.abs(fromLow - fromHigh);
  const since = entries[0]?.businessDay ?? '';
  const shared = { net, since, entries };
  return fromLow >= fromHigh
    ? { debtor: low, creditor: high, owed: fromLow, due: fromHigh, ...shared }
    : { debtor: high, creditor: low, owed: fromHigh, due: fromLow, ...shared };
}

/** Every pair that has anything between it; the one that waits longest first. */
export function pairsOf(entries: readonly Entry[]): readonly Pair[] {
  // Entries come in the order of recording, and so do the groups.
  return [...Map.groupBy(entries, pairKey)].map(([key, group]) => pairOf(group, key));
}

/**
 * The pairs that can be settled together: the largest set after which nobody has less than nothing,
 * where no debtor pays a younger pair before an older one. Paid all at once, so a ring of debtors
 * without reserves settles by itself.
 */
export function affordable(
  pairs: readonly Pair[],
  reservesOf: (participant: string) => number,
): ReadonlySet<Pair> {
  const chosen = new Set(pairs);
  const left = new Map<string, number>();
  const change = (name: string, by: number): void => {
    left.set(name, (left.get(name) ?? reservesOf(name)) + by);
  };
  const youngestFirst = new Map<string, Pair[]>();
  for (const pair of pairs) {
    change(pair.debtor, -pair.net);
    change(pair.creditor, pair.net);
    // Whoever pays nothing never waits: an even pair is settled by netting alone.
    if (pair.net === 0) continue;
    youngestFirst.set(pair.debtor, [pair, ...(youngestFirst.get(pair.debtor) ?? [])]);
  }
  const short = (): string | undefined => [...left].find(([, reserves]) => reserves < 0)?.[0];
  for (let name = short(); name !== undefined; name = short()) {
    const pair = youngestFirst.get(name)?.shift();
    if (pair === undefined) throw new RangeError(`${name} owes more reserves than it ever had.`);
    chosen.delete(pair);
    change(pair.debtor, pair.net);
    change(pair.creditor, -pair.net);
  }
  return chosen;
}
