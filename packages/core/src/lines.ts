/** core · lines: single lines out of batches, each at the price of one promise. */

/** A batch, whose lines are made as they are asked for. */
export type Batch<T> = Iterator<T, undefined>;

/**
 * Iterates the lines of batches one by one, in the order they are asked for. An async generator would
 * cost several times as much for each of them; closing and errors are left to the one that is given.
 * What is left of a batch is dropped once `isOver`.
 */
export function linesOf<T>(
  batches: AsyncGenerator<Batch<T>, undefined>,
  isOver: () => boolean,
): AsyncIterableIterator<T, undefined> {
  let batch: Batch<T> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** The next line of the batch under way; a failure to make it is kept for `pull`. */
  const made = (): IteratorYieldResult<T> | undefined => {
    if (batch === undefined || isOver()) return undefined;
    try {
      const step = batch.next();
      if (step.done !== true) return step;
    } catch (error) {
      failure = { error };
    }
    batch = undefined;
    return undefined;
  };
  const pull = async (): Promise<IteratorResult<T, undefined>> => {
    for (;;) {
      const line = made();
      if (line !== undefined) return line;
      if (failure !== undefined) break;
      const { done, value } = await batches.next();
      if (done === true) return { done, value: undefined };
      batch = value;
    }
    const { error } = failure;
    failure = undefined;
    await batches.return(undefined);
    throw error;
  };
  return {
    next() {
      const line = waiting === 0 ? made() : undefined;
      if (line !== undefined) return Promise.resolve(line);
      waiting += 1;
      const pulled = last.then(pull).finally(() => {
        waiting -= 1;
      });
      last = pulled.catch(() => {});
      return pulled;
    },
    async return() {
      batch = undefined;
      await batches.return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
