import { expect, it } from 'vitest';
import { catchPlanted, planted } from '../storm/planted.ts';

it.each(planted)('a gateway that $name is caught within $within payments', async (bug) => {
  // The payments before the one that gives it away were run when the number was found.
  const { after, what } = await catchPlanted(bug, { start: bug.within - 20 });
  expect(after).toBe(bug.within);
  expect(what).not.toBe('');
});
