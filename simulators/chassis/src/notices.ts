/** simulator · notices: notifications leave after the answer to the call that caused them. */

/** Notifications that wait for the answer to the call that caused them. */
export interface Notices {
  /** Sends at once, unless a call is being answered. */
  add(send: () => void | Promise<void>): void;
  /** Runs a call; what it caused to be told leaves after its answer is made. */
  during<T>(call: () => Promise<T>): Promise<T>;
  /** Resolves once everything that left so far is sealed and on its way. */
  sent(): Promise<void>;
}

/**
 * The answer first: so a fault armed for the next message strikes the answer to a call before the
 * notification that the call causes, and a merchant hears in the usual order. `hold` keeps the virtual
 * clock still while a message is sealed.
 */
export function createNotices(hold: (work: Promise<unknown>) => void): Notices {
  const sending = new Set<Promise<void>>();
  let calls = 0;
  let waiting: (() => void | Promise<void>)[] = [];
  const flush = () => {
    const ready = waiting;
    waiting = [];
    for (const send of ready) {
      const begun = send();
      if (begun === undefined) continue;
      const work: Promise<void> = begun.finally(() => sending.delete(work));
      sending.add(work);
      hold(work);
    }
  };
  return {
    add(send) {
      waiting.push(send);
      if (calls === 0) flush();
    },
    async during(call) {
      calls += 1;
      try {
        return await call();
      } finally {
        calls -= 1;
        flush();
      }
    },
    async sent() {
      await Promise.allSettled([...sending]);
    },
  };
}
