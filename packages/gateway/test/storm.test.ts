import { describe, expect, it } from 'vitest';
import { runWorld } from '../storm/world.ts';

const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index);

describe('the gateway in a storm', () => {
  // Before all others: what is made when it is first needed would be there already.
  it('is the same storm whenever it is run', async () => {
    const storm = { seed: 2, payments: [...numbers(0, 12), 1277], keepLog: true };
    const [one, other] = [await runWorld(storm), await runWorld(storm)];
    expect(other.log).toEqual(one.log);
    expect(other.hash).toBe(one.hash);
    const { hash } = await runWorld({ ...storm, seed: 8 });
    expect(hash).not.toBe(one.hash);
  });

  it.each([
    [1, 0],
    [2, 250],
    [3, 500],
    [4, 750],
    [5, 1000],
    [6, 1250],
  ])(
    'of seed %i, payments from %i on: what the merchant is told is what the books say',
    async (seed, first) => {
      const { violations, payments } = await runWorld({ seed, payments: numbers(first, 20) });
      expect(violations).toEqual([]);
      expect(payments).toBe(20);
    },
  );

  it('does not end while an agreement is still asked about that its payer has ended', async () => {
    const storm = { seed: 2, payments: [302_813], keepLog: true };
    const { violations, log } = await runWorld(storm);
    expect(violations).toEqual([]);
    expect(log.at(-1)).toContain('event agreement.changed st00302813');
  });
});
