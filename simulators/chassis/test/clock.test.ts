import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVirtualClock } from '../src/index.ts';

const start = Date.UTC(2026, 10, 22);
const frozen = () => createVirtualClock({ startAt: start, frozen: true });

test('advance runs every due task once, in time order, at its own time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(1_000), { maxLength: 30 }),
      fc.nat(1_000),
      async (delays, to) => {
        const clock = frozen();
        const seen: [number, number][] = [];
        delays.forEach((delay) => {
          clock.schedule(delay, () => seen.push([delay, clock.now() - start]));
        });
        await clock.advance(to);
        const due = delays.filter((delay) => delay <= to).sort((left, right) => left - right);
        expect(seen).toEqual(due.map((delay) => [delay, delay]));
        expect(clock.now()).toBe(start + to);
        const rest = delays.filter((delay) => delay > to);
        expect(clock.next()).toBe(rest.length === 0 ? undefined : start + Math.min(...rest));
      },
    ),
    { numRuns: 60 },
  );
});

test('one long way and many short ones pass the same tasks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(100), { minLength: 1, maxLength: 8 }),
      async (delays, steps) => {
        const run = async (moves: readonly number[]) => {
          const clock = frozen();
          const seen: string[] = [];
          delays.forEach((delay, index) => {
            clock.schedule(delay, () => seen.push(`${index}@${clock.now()}`));
          });
          for (const move of moves) await clock.advance(move);
          return seen;
        };
        const whole = steps.reduce((sum, step) => sum + step, 0);
        expect(await run(steps)).toEqual(await run([whole]));
      },
    ),
    { numRuns: 40 },
  );
});

test('equal times run in order of scheduling; a cancelled task never runs', async () => {
  const clock = frozen();
  const seen: string[] = [];
  clock.schedule(10, () => seen.push('a'));
  const cancel = clock.schedule(10, () => seen.push('b'));
  clock.schedule(10, () => seen.push('c'));
  cancel();
  await clock.advance(10);
  expect(seen).toEqual(['a', 'c']);
});

test('what a task schedules, even after awaiting, still runs within the same advance', async () => {
  const clock = frozen();
  const seen: number[] = [];
  const tick = () => {
    seen.push(clock.now() - start);
    if (seen.length < 5) void Promise.resolve().then(() => clock.schedule(100, tick));
  };
  clock.schedule(100, tick);
  await clock.advance(450);
  expect(seen).toEqual([100, 200, 300, 400]);
});

test('advance waits for held work, and moves on when it takes too long', async () => {
  const clock = frozen();
  let finished = 0;
  clock.schedule(10, () => {
    clock.hold(
      new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
        finished = clock.now() - start;
      }),
    );
  });
  await clock.advance(1_000);
  expect(finished).toBe(10);

  const hasty = createVirtualClock({ startAt: start, frozen: true, patienceMs: 20 });
  hasty.hold(new Promise(() => undefined));
  await hasty.advance(5);
  expect(hasty.now()).toBe(start + 5);
});

test('held work that fails neither breaks advance nor leaks a rejection', async () => {
  const clock = frozen();
  clock.hold(Promise.reject(new Error('late')));
  await clock.advance(1);
  expect(clock.now()).toBe(start + 1);
});

test('a failing task does not keep the others from running, and advance tells', async () => {
  const clock = frozen();
  let ran = false;
  clock.schedule(1, () => {
    throw new Error('broken task');
  });
  clock.schedule(2, () => {
    ran = true;
  });
  await expect(clock.advance(5)).rejects.toThrow('A scheduled task failed.');
  expect([ran, clock.now()]).toEqual([true, start + 5]);
});

test('two advances at once take turns and add up', async () => {
  const clock = frozen();
  await Promise.all([clock.advance(100), clock.advance(50)]);
  expect(clock.now()).toBe(start + 150);
});

test('runs with the wall clock until moved, then from where it was put', async () => {
  let wall = start;
  const clock = createVirtualClock({ wall: () => wall });
  wall += 7;
  expect(clock.state).toEqual({ now: start + 7, mode: 'wall', factor: 1 });
  await clock.advance(1_000);
  wall += 3;
  expect(clock.state).toEqual({ now: start + 1_010, mode: 'moved', factor: 1 });
  clock.speed(10);
  wall += 5;
  expect(clock.now()).toBe(start + 1_060);
  clock.freeze();
  wall += 500;
  expect(clock.state).toEqual({ now: start + 1_060, mode: 'frozen', factor: 10 });
  clock.resume();
  wall += 1;
  expect(clock.state).toEqual({ now: start + 1_070, mode: 'moved', factor: 10 });
});

test('time never goes back, and nonsense is refused with its field', async () => {
  const clock = frozen();
  await expect(clock.advanceTo(start - 1)).rejects.toMatchObject({ field: 'to' });
  await expect(clock.advance(-1)).rejects.toMatchObject({ field: 'advanceMs' });
  await expect(clock.advance(Number.NaN)).rejects.toMatchObject({ field: 'advanceMs' });
  expect(() => clock.speed(0)).toThrow(/above 0/);
  await clock.advanceTo(start + 5);
  expect(clock.now()).toBe(start + 5);
});

test('while it runs, due tasks run by themselves; faster when sped up', async () => {
  const clock = createVirtualClock();
  clock.speed(1_000);
  const begun = performance.now();
  await new Promise<void>((resolve) => clock.schedule(20_000, resolve));
  const waited = performance.now() - begun;
  expect(waited).toBeGreaterThanOrEqual(15);
  expect(waited).toBeLessThan(5_000);
  clock.stop();
});

test('frozen time runs nothing by itself; a stopped clock runs nothing at all', async () => {
  const clock = frozen();
  let ran = 0;
  clock.schedule(0, () => {
    ran += 1;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(ran).toBe(0);
  clock.stop();
  clock.schedule(0, () => {
    ran += 1;
  });
  await clock.advance(1_000);
  expect(ran).toBe(0);
});
