/** unionpay simulator · notices: notifications leave after the answer to the call that caused them. */

export interface Notices {
  /** Sends at once, unless a call is being answered. */
  add(send: () => Promise<void>): void;
  /** Runs a call; what it caused to be told leaves after its answer is made. */
  during<T>(call: () => Promise<T>): Promise<T>;
}

/** The answer first: a merchant hears in the usual order. */
export function createNotices(hold: (work: Promise<unknown>) => void): Notices {
  let calls = 0;
  let waiting: (() => Promise<void>)[] = [];
  const flush = () => {
    const ready = waiting;
    waiting = [];
    for (const send of ready) hold(send());
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
  };
}
