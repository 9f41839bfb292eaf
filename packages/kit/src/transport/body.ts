/** kit · transport: a reply body that is pulled - buffered up to a mark, then the socket waits. */

/** More than this unread, and reading from the socket pauses. */
const highWaterBytes = 64 * 1024;

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

export interface BodySource {
  pause(): void;
  resume(): void;
  /** The reader left before the end. */
  leave(): void;
  /** Nobody reads: reading paused, and no one has ever asked for a chunk. */
  ignored(): void;
}

export interface Body extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  end(): void;
  fail(error: unknown): void;
  /** Whether somebody began to read. */
  isTaken(): boolean;
}

const done: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/** A body with one reader. After `end` or `fail` nothing more is taken in. */
export function createBody(source: BodySource): Body {
  const chunks: Uint8Array[] = [];
  const waiters: Waiter[] = [];
  let unreadBytes = 0;
  let paused = false;
  let taken = false;
  let over = false;
  let failure: { readonly error: unknown } | undefined;

  const take = (chunk: Uint8Array): IteratorResult<Uint8Array, undefined> => {
    unreadBytes -= chunk.byteLength;
    if (paused && unreadBytes < highWaterBytes) {
      paused = false;
      source.resume();
    }
    return { done: false, value: chunk };
  };
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      const chunk = chunks.shift();
      if (chunk !== undefined) return Promise.resolve(take(chunk));
      if (failure !== undefined) return Promise.reject(failure.error);
      if (over) return Promise.resolve(done);
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    return() {
      chunks.length = 0;
      if (!over) {
        over = true;
        source.leave();
      }
      for (const waiter of waiters.splice(0)) waiter.resolve(done);
      return Promise.resolve(done);
    },
  };
  return {
    push(chunk) {
      if (over) return;
      const waiter = waiters.shift();
      if (waiter !== undefined) {
        waiter.resolve({ done: false, value: chunk });
        return;
      }
      chunks.push(chunk);
      unreadBytes += chunk.byteLength;
      if (paused || unreadBytes < highWaterBytes) return;
      paused = true;
      source.pause();
      if (!taken) source.ignored();
    },
    isTaken: () => taken,
    end() {
      over = true;
      for (const waiter of waiters.splice(0)) waiter.resolve(done);
    },
    fail(error) {
      if (over) return;
      over = true;
      failure = { error };
      for (const waiter of waiters.splice(0)) waiter.reject(error);
    },
    [Symbol.asyncIterator]() {
      if (taken) throw new TypeError('The body of a reply can be read only once');
      taken = true;
      return iterator;
    },
  };
}
