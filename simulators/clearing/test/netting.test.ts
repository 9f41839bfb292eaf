import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affordable, type Pair, pairsOf } from '../src/netting.ts';
import type { Entry } from '../src/obligation.ts';

const names = ['a', 'b', 'c', 'd'];

function entry(debtor: string, creditor: string, amount: number, sequence = 1): Entry {
  const businessDay = '2026-11-24';
  const obligation = { id: String(sequence), debtor, creditor, amount, memo: 'tea' };
  return { obligation, sequence, businessDay, recordedAt: '2026-11-24T02:00:00.000Z' };
}
const pair = (debtor: string, creditor: string, net: number): Pair => ({
  ...{ debtor, creditor, net, owed: net, due: 0, since: '2026-11-24' },
  entries: [],
});
/** Any two of the four, each two once, in any order. */
const somePairs = fc
  .shuffledSubarray(names.flatMap((one, index) => names.slice(index + 1).map((two) => [one, two])))
  .chain((twos) =>
    fc.tuple(
      ...twos.map(([one = '', two = '']) =>
        fc
          .tuple(fc.boolean(), fc.integer({ min: 0, max: 6 }))
          .map(([turned, net]) => (turned ? pair(two, one, net) : pair(one, two, net))),
      ),
    ),
  );
const someReserves = fc.record(
  Object.fromEntries(names.map((name) => [name, fc.integer({ min: 0, max: 8 })])),
);

describe('what a pair owes each other', () => {
  it('comes down to one amount, of whoever owes more', () => {
    const entries = [entry('a', 'b', 100), entry('b', 'a', 30), entry('b', 'c', 5)];
    expect(pairsOf(entries)).toMatchObject([
      { debtor: 'a', creditor: 'b', owed: 100, due: 30, net: 70 },
      { debtor: 'b', creditor: 'c', owed: 5, due: 0, net: 5 },
    ]);
    expect(pairsOf([entry('b', 'a', 100), entry('a', 'b', 130)])).toMatchObject([
      { debtor: 'a', creditor: 'b', owed: 130, due: 100, net: 30 },
    ]);
    expect(pairsOf([entry('b', 'a', 9), entry('a', 'b', 9)])).toMatchObject([{ net: 0 }]);
    expect(pairsOf([])).toEqual([]);
  });

  it('moves for every participant what all its obligations would, one by one', () => {
    const party = fc.constantFrom(...names);
    const owed = fc
      .tuple(party, party, fc.integer({ min: 1, max: 1_000_000 }))
      .filter(([debtor, creditor]) => debtor !== creditor);
    fc.assert(
      fc.property(fc.array(owed, { maxLength: 60 }), (list) => {
        const pairs = pairsOf(
          list.map(([debtor, creditor, amount]) => entry(debtor, creditor, amount)),
        );
        const gross = new Map<string, number>();
        const net = new Map<string, number>();
        const add = (to: Map<string, number>, name: string, amount: number) =>
          to.set(name, (to.get(name) ?? 0) + amount);
        for (const [debtor, creditor, amount] of list) {
          add(gross, debtor, -amount);
          add(gross, creditor, amount);
        }
        for (const one of pairs) {
          add(net, one.debtor, -one.net);
          add(net, one.creditor, one.net);
        }
        expect(net).toEqual(
          new Map(
            pairs.flatMap(({ debtor, creditor }) => [
              [debtor, gross.get(debtor)],
              [creditor, gross.get(creditor)],
            ]) as [string, number][],
          ),
        );
        expect(pairs.length).toBeLessThanOrEqual(6);
        const moved = pairs.reduce((sum, one) => sum + one.net, 0);
        expect(moved).toBeLessThanOrEqual(list.reduce((sum, [, , amount]) => sum + amount, 0));
      }),
    );
  });
});

describe('what the reserves can carry', () => {
  const settled = (pairs: readonly Pair[], reserves: Record<string, number>) => {
    const chosen = affordable(pairs, (name) => reserves[name] ?? 0);
    return pairs.map((one) => chosen.has(one));
  };

  it('is everything where there is enough', () => {
    expect(settled([pair('a', 'b', 5), pair('a', 'c', 5)], { a: 10 })).toEqual([true, true]);
  });

  it('is the older pair where there is enough for one only, even if the younger is smaller', () => {
    expect(settled([pair('a', 'b', 5), pair('a', 'c', 3)], { a: 5 })).toEqual([true, false]);
    expect(settled([pair('a', 'b', 5), pair('a', 'c', 3)], { a: 4 })).toEqual([false, false]);
  });

  it('takes tonight’s income into account, and what is missing when that does not come', () => {
    const chain = [pair('a', 'b', 5), pair('b', 'c', 5), pair('c', 'd', 5)];
    expect(settled(chain, { a: 5 })).toEqual([true, true, true]);
    expect(settled(chain, { a: 4 })).toEqual([false, false, false]);
    expect(settled(chain, { a: 4, b: 5 })).toEqual([false, true, true]);
  });

  it('settles a ring of participants who have nothing', () => {
    const ring = [pair('a', 'b', 5), pair('b', 'c', 5), pair('c', 'a', 5)];
    expect(settled(ring, {})).toEqual([true, true, true]);
  });

  it('never makes an even pair wait, not even that of somebody short', () => {
    expect(settled([pair('a', 'b', 5), pair('a', 'c', 0)], {})).toEqual([false, true]);
  });

  it('is the largest set that leaves nobody below nothing and lets nobody overtake', () => {
    fc.assert(
      fc.property(somePairs, someReserves, (pairs, reserves) => {
        const paying = pairs.filter(({ net }) => net > 0);
        const leaves = (chosen: readonly Pair[]) => {
          const left = { ...reserves };
          for (const { debtor, creditor, net } of chosen) {
            left[debtor] = (left[debtor] ?? 0) - net;
            left[creditor] = (left[creditor] ?? 0) + net;
          }
          return Object.values(left);
        };
        const inTurn = (chosen: readonly Pair[]) =>
          paying.every((one, index) => {
            if (!chosen.includes(one)) return true;
            const older = paying.slice(0, index).filter(({ debtor }) => debtor === one.debtor);
            return older.every((other) => chosen.includes(other));
          });
        const possible = (chosen: readonly Pair[]) =>
          inTurn(chosen) && leaves(chosen).every((amount) => amount >= 0);
        const subsets = Array.from({ length: 2 ** paying.length }, (_, bits) =>
          paying.filter((_one, index) => (bits >> index) % 2 === 1),
        );
        const chosen = affordable(pairs, (name) => reserves[name] ?? 0);
        const ours = paying.filter((one) => chosen.has(one));
        expect(possible(ours)).toBe(true);
        for (const other of subsets.filter(possible)) {
          expect(other.every((one) => chosen.has(one))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
