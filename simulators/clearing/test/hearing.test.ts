import { afterEach, describe, expect, it } from 'vitest';
import type { ClearingSite } from '../src/index.ts';
import { goTo, open, owing, today, tomorrow } from './open.ts';

let house: ClearingSite;
afterEach(() => house.stop());

describe('a report within this process', () => {
  it.each(['drop-request', 'server-error', 'rate-limit', 'maintenance'])(
    'is not recorded under %s',
    async (fault) => {
      house = await open();
      house.faults.arm({ fault, operation: 'record', id: 'o1' });
      expect(owing(house)('a', 'b', 5)).toBeUndefined();
      expect([house.position('b'), house.obligation('o1')]).toEqual([0, undefined]);
      const [entry] = house.journal.entries({ operation: 'record', id: 'o1' });
      expect(entry).toMatchObject({ faults: [fault], note: 'Not recorded.' });
      // Once it is over, the same report is taken.
      expect(owing(house)('a', 'b', 5)?.id).toBe('o1');
    },
  );

  it.each(['drop-reply', 'reset-mid-body', 'garbage-body', 'truncate-body'])(
    'is recorded and unheard under %s; repeated, it is one',
    async (fault) => {
      house = await open();
      house.faults.arm({ fault });
      expect(owing(house)('a', 'b', 5)).toBeUndefined();
      expect(house.position('b')).toBe(5);
      expect(owing(house)('a', 'b', 5)?.id).toBe('o1');
      expect(house.position('b')).toBe(5);
      expect(house.journal.entries().map(({ status }) => status)).toEqual([undefined, 200]);
    },
  );

  it('is recorded and unheard under a server error that performed', async () => {
    house = await open();
    house.faults.arm({ fault: 'server-error', performed: true });
    expect(owing(house)('a', 'b', 5)).toBeUndefined();
    expect(house.position('b')).toBe(5);
  });

  it('belongs to the next day when its delay passes the cut-off', async () => {
    house = await open();
    await goTo(house, '2026-11-24T22:59:59');
    house.faults.arm({ fault: 'delay', delayMs: 2_000 });
    expect(owing(house)('a', 'b', 5)).toBeUndefined();
    expect(house.obligation('o1')).toBeUndefined();
    await house.clock.advance(2_000);
    expect(house.obligation('o1')).toMatchObject({ businessDay: tomorrow });
    expect(house.settlement('b', today).settled).toBe(0);
  });

  it('that is delayed and wrong is written down, and harms nobody', async () => {
    house = await open();
    house.faults.arm({ fault: 'delay' });
    owing(house)('a', 'nobody', 5);
    await house.clock.advance(2_000);
    expect(house.journal.entries().at(-1)?.note).toMatch(/nobody/);
    house.check();
  });

  it('that is refused still throws, and stands in the journal with the reason', async () => {
    house = await open();
    expect(() => owing(house)('a', 'nobody', 5)).toThrow(/nobody/);
    expect(house.journal.entries().at(-1)).toMatchObject({ operation: 'record', id: 'o1' });
    expect(house.journal.entries().at(-1)?.note).toMatch(/nobody/);
  });
});

it('a fault that means nothing here is refused', async () => {
  house = await open();
  expect(() => house.faults.arm({ fault: 'bad-signature' })).toThrow(/bad-signature/);
  await expect(house.payer.approve('o1')).rejects.toThrow(/waits for no payer/);
});
