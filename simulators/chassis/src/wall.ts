/** simulator · wall: the only file that touches the machine's timers. */

/**
 * Lets `count` turns of the event loop pass, so that settled promises and ready sockets are
 * served.
 */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

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
