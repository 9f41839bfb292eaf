import { describe, expect, test } from 'vitest';
import type { FaultBook } from '../src/faults.ts';
import { createVirtualClock, mountInProcess } from '../src/index.ts';
import type { Journal } from '../src/journal.ts';
import { createNotifier } from '../src/notifier.ts';
import { turns } from '../src/wall.ts';
import { toy } from './toy.ts';

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

describe('a message on a clock that is alone', () => {
  const push = {
    url: 'http://shop.invalid/',
    operation: 'paid',
    id: 'order_1',
    headers: {},
    body: 'paid',
    ladderMs: [60_000],
    patienceMs: 5000,
    accepts: ({ status }: { readonly status: number }) => status === 200,
  };
  const silence = { take: () => undefined } as unknown as FaultBook;
  /** Answers each time after so long, in virtual ms. */
  const deliver = async (...answersAfterMs: readonly number[]) => {
    const clock = alone();
    const heard: number[] = [];
    const journal = { add: () => undefined } as unknown as Journal;
    const notifier = createNotifier({ clock, faults: silence, journal });
    notifier.listen(async () => {
      const afterMs = answersAfterMs[heard.push(clock.now() - startAt) - 1] ?? 0;
      await new Promise<void>((resolve) => void clock.schedule(afterMs, resolve));
      return { status: 200, headers: {}, body: new Uint8Array() };
    });
    notifier.send(push);
    while (await clock.stepTo(startAt + 600_000));
    return { heard, left: notifier.pending().length };
  };

  test('is taken by whoever waits for time to pass meanwhile', async () => {
    expect(await deliver(3000)).toEqual({ heard: [0], left: 0 });
  });

  test('comes again when its answer took longer than the channel waits', async () => {
    expect(await deliver(30_000, 10)).toEqual({ heard: [0, 60_000], left: 0 });
  });
});

test('an answer that waits for something lets time pass until then', async () => {
  const clock = alone();
  const site = await mountInProcess(
    (world) => ({
      ...toy(world),
      async handle() {
        const after = new Promise<void>((resolve) => void clock.schedule(1000, resolve));
        return { status: 200, after };
      },
    }),
    { seed: 1, clock },
  );
  const request = { method: 'POST', url: `${site.url}/pay`, headers: {}, body: '' } as const;
  const answered = site.transport.exchange(request).then(() => clock.now() - startAt);
  while (await clock.stepTo(startAt + 5000));
  expect(await answered).toBe(1000);
  await site.stop();
});
