/** clearing · open: a house of three banks for these tests, whose clock stands at ten in the morning. */
import { type ClearingSite, type ClearingStartOptions, startClearing } from '../src/index.ts';

export const startAt = Date.parse('2026-11-24T10:00:00.000+08:00');
export const today = '2026-11-24';
export const tomorrow = '2026-11-25';
export const hourMs = 3_600_000;

export const open = (options: ClearingStartOptions = {}): Promise<ClearingSite> =>
  startClearing({
    mount: 'in-process',
    seed: 7,
    startAt,
    frozen: true,
    banks: ['a', 'b', 'c'],
    openingReserves: 1_000,
    ...options,
  });

/** Moves a house's clock to a moment of Shanghai. */
export const goTo = ({ clock }: ClearingSite, time: string): Promise<void> =>
  clock.advanceTo(Date.parse(`${time}+08:00`));

/** Reports in sequence: `owe('a', 'b', 100)` records the obligation `o1`, and so on. */
export function owing(house: Pick<ClearingSite, 'record'>) {
  let count = 0;
  return (debtor: string, creditor: string, amount: number, more: object = {}) =>
    house.record({ id: `o${++count}`, debtor, creditor, amount, memo: 'tea', ...more });
}
