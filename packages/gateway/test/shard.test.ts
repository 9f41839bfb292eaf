import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { worldNumbers, worldsIn } from '../storm/run.ts';

const numbersIn = (payments: number, part: number, parts: number): readonly number[] =>
  worldsIn(payments, { part, parts }).flatMap((world) => worldNumbers(world, payments));

it.each([1, 2, 3, 7])('%i shards run every payment of a storm, and none twice', (parts) => {
  const payments = 1130;
  const shards = Array.from({ length: parts }, (_, index) => numbersIn(payments, index + 1, parts));
  const all = shards.flat().toSorted((one, other) => one - other);
  expect(all).toEqual(Array.from({ length: payments }, (_, number) => number));
});

it('a worker ends with the storm that it works for', async () => {
  const worker = fork(new URL('../storm/worker.ts', import.meta.url), {
    execArgv: ['--conditions=@polyrail/source', '--no-warnings'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const payments = 1_000_000;
  worker.send({ seed: 1, payments, worlds: worldsIn(payments, { part: 1, parts: 1 }) });
  worker.disconnect();
  expect(await once(worker, 'exit')).toEqual([1, null]);
});
