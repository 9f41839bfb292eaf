import { expect, it } from 'vitest';
import { catchPlanted, planted } from '../storm/planted.ts';
import { kindOf, replayLine, shrink } from '../storm/shrink.ts';
import { runWorld } from '../storm/world.ts';

it.each(planted)('a gateway that $name is caught within $within payments', async (bug) => {
  // The payments before the one that gives it away were run when the number was found.
  const { after, what } = await catchPlanted(bug, { start: bug.within - 20 });
  expect(after).toBe(bug.within);
  expect(what).not.toBe('');
});

it('a failure is shrunk to a short schedule that breaks the same law, and told as one line', async () => {
  const bug = planted.find(({ name }) => name === 'never asks');
  const payments = Array.from({ length: 16 }, (_, index) => index);
  const { violations } = await runWorld({ seed: 1, payments, sabotage: bug?.sabotage() });
  const [first] = violations;
  const start = { seed: 1, payments, without: new Set<string>(), blamed: first?.payment };
  const kind = kindOf(first?.what ?? '');
  const short = await shrink({ ...start, kind }, bug?.sabotage());
  expect(short.payments.length).toBeLessThan(4);
  expect(replayLine(short)).toMatch(/^npm run storm -- --seed 1 --only [\d,]+( --drop \S+)?$/);
  const again = await runWorld({ ...short, sabotage: bug?.sabotage() });
  expect(again.violations.some(({ what }) => kindOf(what) === kind)).toBe(true);
  expect((await runWorld(short)).violations).toEqual([]);
});
