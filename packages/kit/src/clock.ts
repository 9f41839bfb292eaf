/** kit · clock: the time of the machine. */
import type { Clock } from '@polyrail/core';

/** Quirk: a timer set further away than this fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of the machine. Its timers keep no process alive. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  schedule(delayMs: number, task: () => void): () => void {
    let remainingMs = Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const arm = () => {
      const stepMs = Math.min(remainingMs, longestTimerMs);
      remainingMs -= stepMs;
      timer = setTimeout(() => (remainingMs > 0 ? arm() : task()), stepMs);
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
});
