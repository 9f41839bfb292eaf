/** simulator · wall: the only file that touches the machine's timers. */

let waiting = 0;

/** How many wait for a turn of the event loop just now, in this whole process. */
export const turnsAwaited = (): number => waiting;

/**
 * Lets `count` turns of the event loop pass, so that settled promises and ready sockets are
 * served.
 */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    waiting += 1;
    await new Promise<void>((resolve) => setImmediate(resolve));
    waiting -= 1;
  }
}

/** One turn that nobody counts: for whoever waits until nobody waits. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Later {
  readonly done: Promise<void>;
  /** Stops the timer and settles `done`. */
  cancel(): void;
}

/**
 * Runs `task` after `ms` of wall time. With `awake` it keeps the process alive: for bounded waits.
 */
export function later(ms: number, task: () => void = () => undefined, awake = false): Later {
  let settle: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const timer = setTimeout(() => {
    settle();
    task();
  }, ms);
  if (!awake) timer.unref();
  return {
    done,
    cancel() {
      clearTimeout(timer);
      settle();
    },
  };
}
