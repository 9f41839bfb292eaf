/**
 * Banks with books of their own, reporting under any faults, over any days: at every moment each
 * book sums to nothing, reserves are what the central bank gave out, and each bank has - at the
 * central bank, with the others, or still on its way - what its customers' money says.
 */
import {
  createLedger,
  createReporter,
  type Ledger,
  type Reporter,
  type VirtualClock,
} from '@polyrail/simulator';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ClearingSite, nettingText } from '../src/index.ts';
import { hourMs, open } from './open.ts';

const names = ['a', 'b', 'c', 'd'];
const opening = { a: 0, b: 40, c: 500, d: 100_000 } as Readonly<Record<string, number>>;

interface Bank {
  readonly name: string;
  readonly ledger: Ledger;
  readonly reporter: Reporter;
}

/** A bank is a book of its customers' money, and what went elsewhere or came from there. */
function openBank(house: ClearingSite, name: string, clock: VirtualClock): Bank {
  const ledger = createLedger({ overdraft: ['elsewhere', 'vault'] });
  const keeperOf = (account: string) =>
    account.startsWith('elsewhere:') ? account.slice('elsewhere:'.length) : undefined;
  const participant = { name, kind: 'bank', reserves: opening[name] ?? 0 } as const;
  const reporter = createReporter({ clock, clearing: house, participant, keeperOf });
  const deposit = [
    { account: 'vault:cash', amount: -5_000, currency: 'CNY' },
    { account: 'customer:1', amount: 5_000, currency: 'CNY' },
  ];
  ledger.post(deposit, { memo: 'deposit', at: clock.now() });
  return { name, ledger, reporter };
}

/** A customer of one bank pays a customer of another: two books, one report, by who pays. */
function pay(from: Bank, to: Bank, amount: number, at: number): void {
  const line = (account: string, value: number) => ({ account, amount: value, currency: 'CNY' });
  const memo = `${from.name} pays ${to.name}`;
  const out = [line('customer:1', -amount), line(`elsewhere:${to.name}`, amount)];
  const into = [line('customer:1', amount), line(`elsewhere:${from.name}`, -amount)];
  if (from.ledger.balance('customer:1') < amount) return;
  const movement = from.ledger.post(out, { memo, at });
  to.ledger.post(into, { memo, at });
  from.reporter.report(movement);
}

const sumOf = (ledger: Ledger, kind = ''): number =>
  ledger
    .accounts()
    .filter(({ account }) => account.startsWith(kind))
    .reduce((sum, { balance }) => sum + balance, 0);

/** What is reported and in no book of the house yet, as `name` sees it. */
function onItsWay(house: ClearingSite, banks: readonly Bank[], name: string): number {
  const unheard = banks
    .flatMap(({ reporter }) => reporter.waiting())
    .filter(({ id }) => house.obligation(id) === undefined);
  const of = (party: 'debtor' | 'creditor') =>
    unheard.filter((one) => one[party] === name).reduce((sum, { amount }) => sum + amount, 0);
  return of('creditor') - of('debtor');
}

function checkEverything(house: ClearingSite, banks: readonly Bank[], lent: Map<string, number>) {
  house.check();
  const given = names.reduce((sum, name) => sum + (opening[name] ?? 0) + (lent.get(name) ?? 0), 0);
  expect(names.reduce((sum, name) => sum + house.reserves(name), 0)).toBe(given);
  expect(names.reduce((sum, name) => sum + house.position(name), 0)).toBe(0);
  // The money of all customers is what they brought, wherever it is now.
  expect(banks.reduce((sum, { ledger }) => sum + sumOf(ledger, 'customer:'), 0)).toBe(20_000);
  for (const { name, ledger } of banks) {
    expect(sumOf(ledger)).toBe(0);
    expect(house.reserves(name)).toBeGreaterThanOrEqual(0);
    const began = (opening[name] ?? 0) + (lent.get(name) ?? 0);
    const has = house.reserves(name) + house.position(name) + onItsWay(house, banks, name);
    expect(has - began + sumOf(ledger, 'elsewhere:'), name).toBe(0);
  }
}

/** Papers of every closed day agree with each other and with the day before. */
function checkPapers(house: ClearingSite, days: readonly string[]): void {
  const closing = new Map(names.map((name) => [name, opening[name] ?? 0]));
  const settledOnce = new Set<string>();
  for (const day of days) {
    const table = house.netting(day);
    const seen = new Set(
      table.rows.map(({ debtor, creditor }) => [debtor, creditor].sort().join()),
    );
    expect(seen.size, nettingText(table)).toBe(table.rows.length);
    let all = 0;
    for (const name of names) {
      const funds = house.fundsStatement(name, day);
      const settlement = house.settlement(name, day);
      expect(funds.opening).toBe(closing.get(name));
      closing.set(name, funds.closing);
      for (const line of funds.lines) expect(line.balance).toBeGreaterThanOrEqual(0);
      const moved = funds.lines.filter(({ kind }) => kind === 'settlement');
      // Reserves move once per pair, and as much as the settlement says.
      const told = settlement.entries.filter(({ fate }) => fate === 'settled');
      const byPair = (list: readonly { counterpart: string }[]) =>
        [...list].sort((one, two) => one.counterpart.localeCompare(two.counterpart));
      expect(
        byPair(moved.map(({ counterpart, amount }) => ({ counterpart, net: amount }))),
      ).toEqual(byPair(told.map(({ counterpart, net }) => ({ counterpart, net }))));
      for (const { net, items, fate } of settlement.entries) {
        expect(items.reduce((sum, { amount }) => sum + amount, 0)).toBe(net);
        if (fate === 'short') continue;
        for (const { id } of items) {
          expect(settledOnce.has(`${name} ${id}`)).toBe(false);
          settledOnce.add(`${name} ${id}`);
        }
      }
      all += settlement.settled;
    }
    expect(all).toBe(0);
  }
}

const bank = fc.integer({ min: 0, max: 3 });
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      from: bank,
      to: bank,
      amount: fc.integer({ min: 1, max: 900 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 8 * hourMs }), fc.integer({ min: 1, max: 90_000 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wrong' as const),
      fault: fc.constantFrom('drop-request', 'drop-reply', 'delay', 'server-error', 'maintenance'),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lend' as const),
      to: bank,
      amount: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
);

type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

it('no money is made or lost, over any days, with any faults', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 40 }), async (deeds) => {
      await using house = await open({ banks: [] });
      const { clock } = house;
      const banks = names.map((name) => openBank(house, name, clock));
      const lent = new Map<string, number>();
      const closed: string[] = [];
      const deedsByName: Record<Deed['do'], (deed: Deed) => unknown> = {
        pay: (one) => {
          const { from, to, amount } = one as Extract<Deed, { do: 'pay' }>;
          if (from !== to) pay(banks[from] as Bank, banks[to] as Bank, amount, clock.now());
        },
        wait: (one) => clock.advance((one as Extract<Deed, { do: 'wait' }>).ms),
        wrong: (one) => {
          const { fault, times } = one as Extract<Deed, { do: 'wrong' }>;
          house.faults.arm({ fault, times });
        },
        close: () => house.close(house.businessDay()),
        lend: (one) => {
          const { to, amount } = one as Extract<Deed, { do: 'lend' }>;
          const name = names[to] ?? '';
          house.replenish(name, amount);
          lent.set(name, (lent.get(name) ?? 0) + amount);
        },
      };
      let day = house.businessDay();
      const noteDays = () => {
        while (day < house.businessDay() && house.netting(day).closedAt !== undefined) {
          closed.push(day);
          day = new Date(Date.parse(day) + 24 * hourMs).toISOString().slice(0, 10);
        }
      };
      for (const one of deeds) {
        await deedsByName[one.do](one);
        noteDays();
        checkEverything(house, banks, lent);
      }
      // Faults end, everybody is heard, and with enough reserves everything settles.
      house.faults.clear();
      await clock.advance(hourMs);
      expect(banks.flatMap(({ reporter }) => reporter.waiting())).toEqual([]);
      for (const name of names) {
        house.replenish(name, 100_000);
        lent.set(name, (lent.get(name) ?? 0) + 100_000);
      }
      house.close(house.businessDay());
      noteDays();
      checkEverything(house, banks, lent);
      expect(names.map(house.position)).toEqual([0, 0, 0, 0]);
      checkPapers(house, closed);
    }),
    { numRuns: 120 },
  );
});
