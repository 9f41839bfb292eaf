/** gateway · test: the time of the machine, for what has a clock of its own, as a database does. */
import type { WorkerOptions } from '../src/store.ts';

export const machineClock: WorkerOptions['clock'] = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const longestWaitMs = 30_000;

/** Settles once the condition holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + longestWaitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${longestWaitMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
