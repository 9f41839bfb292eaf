import { expect, it } from 'vitest';
import { worldNumbers, worldsIn } from '../storm/run.ts';

const numbersIn = (payments: number, part: number, parts: number): readonly number[] =>
  worldsIn(payments, { part, parts }).flatMap((world) => worldNumbers(world, payments));

it.each([1, 2, 3, 7])('%i shards run every payment of a storm, and none twice', (parts) => {
  const payments = 1130;
  const shards = Array.from({ length: parts }, (_, index) => numbersIn(payments, index + 1, parts));
  const all = shards.flat().toSorted((one, other) => one - other);
  expect(all).toEqual(Array.from({ length: payments }, (_, number) => number));
});
