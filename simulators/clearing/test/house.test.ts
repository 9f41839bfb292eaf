import { afterEach, describe, expect, it } from 'vitest';
import type { ClearingSite } from '../src/index.ts';
import { goTo, hourMs, open, owing, startAt, today, tomorrow } from './open.ts';

let house: ClearingSite;
afterEach(() => house.stop());
const start = async (options: Parameters<typeof open>[0] = {}) => {
  house = await open(options);
  return owing(house);
};
const problemWith = (field: string) => expect.objectContaining({ name: 'SimulatorProblem', field });

describe('by day', () => {
  it('only records: no reserves move before the night', async () => {
    const owe = await start();
    expect(owe('a', 'b', 300)).toEqual({
      id: 'o1',
      businessDay: today,
      recordedAt: '2026-11-24T02:00:00.000Z',
    });
    owe('b', 'a', 100);
    expect([house.reserves('a'), house.reserves('b')]).toEqual([1_000, 1_000]);
    expect([house.position('a'), house.position('b')]).toEqual([-200, 200]);
    expect(house.netting()).toEqual({
      date: today,
      currency: 'CNY',
      rows: [
        {
          debtor: 'a',
          creditor: 'b',
          owed: 300,
          due: 100,
          net: 200,
          fate: 'open',
          since: today,
          obligations: 2,
        },
      ],
      gross: 400,
      moved: 200,
      short: 0,
    });
  });

  it('takes the same report twice for one, and refuses another under its id', async () => {
    const owe = await start();
    const receipt = owe('a', 'b', 300);
    await house.clock.advance(hourMs);
    const same = { id: 'o1', debtor: 'a', creditor: 'b', amount: 300, memo: 'tea' };
    expect(house.record(same)).toEqual(receipt);
    expect(() => house.record({ ...same, amount: 301 })).toThrow(problemWith('id'));
    expect(() => house.record({ ...same, debtor: 'b', creditor: 'a' })).toThrow(problemWith('id'));
    expect(house.position('b')).toBe(300);
  });

  it.each<[string, object]>([
    ['debtor', { debtor: 'nobody' }],
    ['creditor', { creditor: 'nobody' }],
    ['creditor', { creditor: 'a' }],
    ['amount', { amount: 0 }],
    ['amount', { amount: -5 }],
    ['amount', { amount: 1.5 }],
    ['amount', { amount: '5' }],
    ['amount', { amount: 10_000_000_001 }],
    ['id', { id: '' }],
    ['memo', { memo: 'x'.repeat(257) }],
    ['occurredAt', { occurredAt: 'yesterday' }],
    ['returns', { returns: 'o7' }],
    ['colour', { colour: 'red' }],
  ])('refuses a wrong %s, and writes nothing', async (field, wrong) => {
    await start();
    const good = { id: 'o1', debtor: 'a', creditor: 'b', amount: 5, memo: 'tea' };
    expect(() => house.record({ ...good, ...wrong })).toThrow(problemWith(field));
    expect([house.position('a'), house.obligation('o1')]).toEqual([0, undefined]);
    expect(house.record(good)?.id).toBe('o1');
  });

  it('takes a return the other way, of no more than there was', async () => {
    const owe = await start();
    owe('a', 'b', 300);
    owe('b', 'a', 100, { returns: 'o1' });
    expect(() => owe('b', 'a', 201, { returns: 'o1' })).toThrow(problemWith('amount'));
    expect(() => owe('a', 'b', 1, { returns: 'o1' })).toThrow(problemWith('returns'));
    expect(() => owe('b', 'c', 1, { returns: 'o1' })).toThrow(problemWith('returns'));
    owe('b', 'a', 200, { returns: 'o1' });
    expect(house.obligation('o1')).toMatchObject({ amount: 300, returned: 300 });
    expect(house.close(today).rows).toMatchObject([{ net: 0, fate: 'even', obligations: 3 }]);
    expect(house.fundsStatement('a', today).lines).toEqual([]);
  });

  it('lets a return of yesterday’s obligation settle today', async () => {
    const owe = await start();
    owe('a', 'b', 300);
    await goTo(house, '2026-11-25T09:00:00');
    owe('b', 'a', 120, { returns: 'o1' });
    house.close(tomorrow);
    expect([house.reserves('a'), house.reserves('b')]).toEqual([820, 1_180]);
    expect(house.book('o1')).toMatchObject({ settledOn: today, returned: 120 });
  });
});

describe('at night', () => {
  it('nets each pair, moves reserves once per pair, and hands out both papers', async () => {
    const owe = await start();
    owe('a', 'b', 300);
    owe('b', 'a', 100);
    owe('c', 'a', 50);
    owe('b', 'c', 70);
    owe('c', 'b', 70);
    await goTo(house, '2026-11-24T23:00:00');
    expect(house.netting(today)).toMatchObject({
      closedAt: '2026-11-24T15:00:00.000Z',
      gross: 590,
      moved: 250,
      short: 0,
      rows: [
        { debtor: 'a', creditor: 'b', net: 200, fate: 'settled' },
        { debtor: 'c', creditor: 'a', net: 50, fate: 'settled' },
        { debtor: 'b', creditor: 'c', net: 0, fate: 'even' },
      ],
    });
    expect(house.fundsStatement('a', today)).toEqual({
      participant: 'a',
      account: 'a',
      date: today,
      currency: 'CNY',
      opening: 1_000,
      // Income first: no line shows less than nothing.
      lines: [
        {
          serial: '2026112400000002',
          at: '2026-11-24T15:00:00.000Z',
          kind: 'settlement',
          counterpart: 'c',
          amount: 50,
          balance: 1_050,
        },
        {
          serial: '2026112400000003',
          at: '2026-11-24T15:00:00.000Z',
          kind: 'settlement',
          counterpart: 'b',
          amount: -200,
          balance: 850,
        },
      ],
      closing: 850,
    });
    const settlement = house.settlement('b', today);
    expect(settlement).toMatchObject({ participant: 'b', settled: 200, carried: 0 });
    expect(settlement.entries).toMatchObject([
      { counterpart: 'a', net: 200, fate: 'settled', items: [{ amount: 300 }, { amount: -100 }] },
      { counterpart: 'c', net: 0, fate: 'even', items: [{ amount: -70 }, { amount: 70 }] },
    ]);
    expect(['a', 'b', 'c'].map(house.position)).toEqual([0, 0, 0]);
    house.check();
  });

  it('has a paper without lines for whoever had no business', async () => {
    await start();
    await goTo(house, '2026-11-24T23:00:00');
    expect(house.settlement('c', today)).toMatchObject({ entries: [], settled: 0, carried: 0 });
    expect(house.fundsStatement('c', today)).toMatchObject({
      opening: 1_000,
      lines: [],
      closing: 1_000,
    });
  });

  it('leaves to the next day what comes after the cut-off, to the millisecond', async () => {
    const owe = await start();
    await house.clock.advanceTo(Date.parse('2026-11-24T22:59:59.999+08:00'));
    expect(owe('a', 'b', 1)?.businessDay).toBe(today);
    await house.clock.advance(1);
    expect(owe('a', 'b', 2)?.businessDay).toBe(tomorrow);
    // What counts is when it is recorded.
    const occurredAt = '2026-11-24T14:59:00.000Z';
    expect(owe('a', 'b', 4, { occurredAt })?.businessDay).toBe(tomorrow);
    expect(house.settlement('b', today)).toMatchObject({ settled: 1 });
    await goTo(house, '2026-11-25T23:00:00');
    expect(house.settlement('b', tomorrow).settled).toBe(6);
    expect(house.settlement('b', tomorrow).entries[0]?.items[1]).toMatchObject({
      amount: 4,
      occurredAt,
      recordedAt: '2026-11-24T15:00:00.000Z',
    });
  });

  it('ends where the options say', async () => {
    const owe = await start({ dayEndsAt: '13:30' });
    await goTo(house, '2026-11-24T13:29:59');
    expect(owe('a', 'b', 1)?.businessDay).toBe(today);
    await goTo(house, '2026-11-24T13:30:00');
    expect(owe('a', 'b', 1)?.businessDay).toBe(tomorrow);
    expect(house.netting(today).closedAt).toBe('2026-11-24T05:30:00.000Z');
  });

  it('may come early; what is recorded from then on belongs to the next day', async () => {
    const owe = await start();
    owe('a', 'b', 5);
    const table = house.close(today);
    expect([house.businessDay(), owe('a', 'b', 7)?.businessDay]).toEqual([tomorrow, tomorrow]);
    // A closed day stays as it is, also when its usual end comes.
    expect(house.close(today)).toEqual(table);
    await goTo(house, '2026-11-25T22:59:59');
    expect(house.netting(today)).toEqual(table);
    expect(house.netting(tomorrow).closedAt).toBeUndefined();
    await goTo(house, '2026-11-25T23:00:00');
    expect(house.netting(tomorrow)).toMatchObject({ moved: 7, rows: [{ fate: 'settled' }] });
  });

  it('comes every day, though a month passes at once', async () => {
    const owe = await start();
    owe('a', 'b', 5);
    await house.clock.advance(30 * 24 * hourMs);
    expect(house.businessDay()).toBe('2026-12-24');
    expect(house.netting('2026-12-23')).toMatchObject({ rows: [], moved: 0 });
    expect(house.fundsStatement('b', '2026-12-23').closing).toBe(1_005);
  });

  it('comes an hour late for every time the house is down', async () => {
    const owe = await start();
    owe('a', 'b', 5);
    house.faults.arm({ fault: 'maintenance', operation: 'close', times: 2 });
    await goTo(house, '2026-11-24T23:30:00');
    expect(() => house.settlement('a', today)).toThrow(/not closed yet/);
    expect(owe('a', 'b', 7)?.businessDay).toBe(tomorrow);
    house.replenish('a', 10);
    await goTo(house, '2026-11-25T01:00:00');
    expect(house.netting(today)).toMatchObject({
      closedAt: '2026-11-24T17:00:00.000Z',
      moved: 5,
    });
    house.close(tomorrow);
    const [first, second] = [today, tomorrow].map((date) => house.fundsStatement('a', date));
    expect([first?.opening, first?.closing]).toEqual([1_000, 1_005]);
    expect([second?.opening, second?.closing]).toEqual([1_005, 998]);
  });
});

describe('a participant short of reserves', () => {
  it('is a fact: declared, carried to the next day, and settled when there is enough', async () => {
    const owe = await start({ reserves: { a: 100 } });
    owe('a', 'b', 150);
    owe('c', 'b', 10);
    const table = house.close(today);
    expect(table).toMatchObject({ moved: 10, short: 150 });
    expect(table.rows.map(({ fate }) => fate)).toEqual(['short', 'settled']);
    expect(house.settlement('a', today)).toMatchObject({ settled: 0, carried: -150 });
    expect(house.settlement('b', today)).toMatchObject({ settled: 10, carried: 150 });
    expect(house.fundsStatement('a', today)).toMatchObject({ lines: [], closing: 100 });
    expect([house.position('a'), house.position('b')]).toEqual([-150, 150]);

    house.replenish('a', 40);
    owe('b', 'a', 20);
    const next = house.close(tomorrow);
    expect(next.rows).toMatchObject([
      { debtor: 'a', owed: 150, due: 20, net: 130, since: today, fate: 'settled', obligations: 2 },
    ]);
    const statement = house.fundsStatement('a', tomorrow);
    expect(statement).toMatchObject({ opening: 100, closing: 10 });
    expect(statement.lines).toMatchObject([
      { kind: 'replenishment', counterpart: 'central-bank', amount: 40, balance: 140 },
      { kind: 'settlement', counterpart: 'b', amount: -130, balance: 10 },
    ]);
    expect(house.settlement('a', tomorrow).entries[0]?.items).toMatchObject([
      { id: 'o1', amount: -150, businessDay: today },
      { id: 'o3', amount: 20, businessDay: tomorrow },
    ]);
    // What was handed out before stays as it was.
    expect(house.netting(today)).toEqual(table);
    house.check();
  });

  it('keeps the reserves of all of them: what the central bank gave out', async () => {
    const owe = await start({ reserves: { a: 0 } });
    owe('a', 'b', 5);
    owe('b', 'c', 900);
    house.close(today);
    expect(['a', 'b', 'c'].map(house.reserves)).toEqual([0, 100, 1_900]);
  });
});

describe('joining', () => {
  it('opens a settlement account, under a name nobody else has', async () => {
    await start();
    house.join({ name: 'shell', kind: 'payer', account: '9911', reserves: 70 });
    expect(house.participants().at(-1)).toEqual({
      name: 'shell',
      kind: 'payer',
      account: '9911',
      openingReserves: 70,
    });
    expect([house.reserves('shell'), house.banks()]).toEqual([70, ['a', 'b', 'c']]);
    const again = { name: 'shell', kind: 'payer' } as const;
    expect(() => house.join(again)).toThrow(problemWith('name'));
    expect(() => house.join({ ...again, name: 'other', account: '9911' })).toThrow(/joined/);
    expect(() => house.join({ ...again, name: 'No Name' })).toThrow(problemWith('name'));
    const poor = { name: 'poor', kind: 'payer', reserves: -1 } as const;
    expect(() => house.join(poor)).toThrow(problemWith('reserves'));
    expect(house.participants()).toHaveLength(4);
  });

  it('gives no papers of days before', async () => {
    await start();
    house.close(today);
    house.join({ name: 'late', kind: 'bank' });
    expect(() => house.settlement('late', today)).toThrow(/had not joined/);
    expect(() => house.fundsStatement('late', today)).toThrow(/had not joined/);
    house.close(tomorrow);
    expect(house.fundsStatement('late', tomorrow)).toMatchObject({ opening: 1_000 });
  });
});

describe('papers', () => {
  it('are refused of days that are open, to come, before the house opened, or no days', async () => {
    await start();
    expect(() => house.settlement('a', today)).toThrow(/not closed yet/);
    expect(() => house.fundsStatement('a', '2026-12-01')).toThrow(/not closed yet/);
    expect(() => house.settlement('a', '2026-11-23')).toThrow(/Nothing is known/);
    expect(() => house.settlement('a', '2026-02-30')).toThrow(problemWith('date'));
    expect(() => house.settlement('nobody', today)).toThrow(problemWith('participant'));
    expect(() => house.close(tomorrow)).toThrow(/not begun/);
    expect(() => house.close('2026-11-23')).toThrow(/Nothing is known/);
    expect(() => house.netting('2026-12-01')).toThrow(/not closed yet/);
    expect(() => house.replenish('a', -1)).toThrow(problemWith('amount'));
  });

  it('cannot be changed by whoever reads them', async () => {
    const owe = await start();
    owe('a', 'b', 5);
    house.close(today);
    (house.fundsStatement('a', today).lines as unknown[]).length = 0;
    expect(house.fundsStatement('a', today).lines).toHaveLength(1);
  });
});

it('forgets obligations, days and reserves when it is reset; who has joined stays', async () => {
  const owe = await start();
  owe('a', 'b', 5);
  house.close(today);
  await house.reset();
  expect([house.businessDay(), house.reserves('a'), house.obligation('o1')]).toEqual([
    today,
    1_000,
    undefined,
  ]);
  expect(house.clock.now()).toBe(startAt);
  expect(house.record({ id: 'o1', debtor: 'b', creditor: 'a', amount: 1, memo: 'x' })?.id).toBe(
    'o1',
  );
  await goTo(house, '2026-11-24T23:00:00');
  expect(house.fundsStatement('a', today)).toMatchObject({ opening: 1_000, closing: 1_001 });
  house.check();
});
