import { expect, test } from 'vitest';
import { createVirtualClock } from '../src/index.ts';
import { turns } from '../src/wall.ts';

const startAt = Date.UTC(2026, 10, 22);
const alone = () => createVirtualClock({ startAt, frozen: true, alone: true });

test('a step moves to the next task, runs all that is due then, and rests', async () => {
  const clock = alone();
  const seen: string[] = [];
  const tell = (what: string) => seen.push(`${what} ${clock.now() - startAt}`);
  clock.schedule(10, () => {
    tell('first');
    void turns(3).then(() => tell('first, three turns on'));
  });
  clock.schedule(10, () => tell('second'));
  clock.schedule(20, () => tell('third'));
  expect(await clock.stepTo(startAt + 15)).toBe(true);
  expect(seen).toEqual(['first 10', 'second 10', 'first, three turns on 10']);
  expect(await clock.stepTo(startAt + 15)).toBe(false);
  expect(clock.now()).toBe(startAt + 10);
  expect(await clock.stepTo(startAt + 20)).toBe(true);
  expect(seen.at(-1)).toBe('third 20');
});

test('resting waits for held work, also for such as only a thread ends', async () => {
  const clock = alone();
  let ended = false;
  const work = new Promise((resolve) => setTimeout(resolve, 5)).then(() => {
    ended = true;
  });
  clock.hold(work);
  await clock.rest();
  expect(ended).toBe(true);
});
