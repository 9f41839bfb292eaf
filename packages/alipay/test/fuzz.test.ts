/** Some thousand inputs of the fuzzer; `npm run fuzz` feeds a million. */
import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/run.ts';

it('no parser of what comes from outside crashes, pollutes or believes a forgery', async () => {
  const { counts, failure } = await fuzz({ seed: 2, first: 0, last: 4000 });
  expect(failure).toBeUndefined();
  // Sound messages are among the inputs: a parser that refuses everything would show here.
  for (const [name, { inputs, read }] of Object.entries(counts)) {
    expect(read, name).toBeGreaterThan(0);
    expect(read, name).toBeLessThan(inputs);
  }
  expect(Object.keys(counts)).toHaveLength(10);
});

it('the same seed makes the same inputs, another one makes others', async () => {
  const plan = { first: 0, last: 300 };
  const again = await fuzz({ ...plan, seed: 3 });
  expect(again).toEqual(await fuzz({ ...plan, seed: 3 }));
  expect(again).not.toEqual(await fuzz({ ...plan, seed: 4 }));
});
