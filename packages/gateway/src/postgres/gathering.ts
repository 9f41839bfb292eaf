/**
 * gateway · postgres gathering: what transactions write that ask nothing. What comes while the database is at
 * work on others waits and is sent together, as one statement and one flush of its log: the busier it is,
 * the more share one.
 */
import type { Pool } from 'pg';
import type { MakeStatement, Operation } from './statements.ts';

/** Writes all of a transaction, or rejects, and then nothing of it is written. */
export type WriteTogether = (operations: readonly Operation[]) => Promise<void>;

/** So many statements are under way at most, for so many transactions each. */
const mostUnderWay = 2;
const largestGathering = 32;

interface Waiting {
  readonly operations: readonly Operation[];
  /** Of the first entry that it locks. */
  readonly key: string;
  readonly settle: (failure?: { readonly error: unknown }) => void;
}

/** Operations name an entry first, or a kind of jobs and its key. */
const keyOf = (operations: readonly Operation[]): string =>
  JSON.stringify(operations[0]?.slice(1, 4));

/** The order in which everybody locks, so that two do not wait for each other. */
const inOrder = (gathered: readonly Waiting[]): readonly Waiting[] =>
  gathered.toSorted((one, other) => (one.key < other.key ? -1 : 1));

/** Whether the database itself has said that it undid the statement: a lost connection proves nothing. */
const isUndone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && typeof Reflect.get(error, 'severity') === 'string';

export function createGathering(
  pool: Pick<Pool, 'query'>,
  statement: MakeStatement,
): WriteTogether {
  const queue: Waiting[] = [];
  let underWay = 0;
  const send = async (gathered: readonly Waiting[]): Promise<void> => {
    const operations = gathered.flatMap((one) => one.operations);
    try {
      await pool.query(statement('write', [JSON.stringify(operations)]));
      for (const one of gathered) one.settle();
    } catch (error) {
      // One of them failed for all: each by itself tells which.
      if (gathered.length > 1 && isUndone(error)) for (const one of gathered) await send([one]);
      else for (const one of gathered) one.settle({ error });
    }
  };
  const next = (): void => {
    if (queue.length === 0 || underWay === mostUnderWay) return;
    underWay += 1;
    void send(inOrder(queue.splice(0, largestGathering))).then(() => {
      underWay -= 1;
      next();
    });
    next();
  };
  return (operations) =>
    new Promise((resolve, reject) => {
      const settle: Waiting['settle'] = (failure) =>
        failure === undefined ? resolve() : reject(failure.error);
      queue.push({ operations, key: keyOf(operations), settle });
      // Those that are ready at this moment go together.
      if (queue.length === 1) setImmediate(next);
    });
}
