/** gateway · sqlite batches: transactions that wait at the same moment, committed together. */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

/** How many waiting transactions are committed together at most. */
const largestBatch = 64;

/** `SQLITE_BUSY`: somebody else writes into the file. */
const busyCode = 5;
const longestBusyMs = 10_000;
const busyGapMs = 5;

/**
 * Begins a transaction that writes. Whoever holds the file may be in this very process: waiting must not
 * hold up the thread.
 */
export async function beginWriting(database: DatabaseSync): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += busyGapMs) {
    try {
      database.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      const isBusy = (error as { readonly errcode?: number }).errcode === busyCode;
      if (!isBusy || waitedMs >= longestBusyMs) throw error;
    }
    await pause(busyGapMs);
  }
}

interface Waiting {
  readonly work: () => Promise<void>;
  readonly settle: (error?: unknown) => void;
  failure?: { readonly error: unknown };
}

/**
 * Runs waiting transactions one after the other and commits them together. `gather` runs a task once
 * everybody who is ready at this moment has come: a flush of the disk holds up the whole process, so
 * that the more it serves, the better.
 */
export function createBatches(database: DatabaseSync, gather: (task: () => void) => void) {
  const queue: Waiting[] = [];
  let running = false;
  const runOne = async (one: Waiting): Promise<void> => {
    database.exec('SAVEPOINT one');
    try {
      await one.work();
      database.exec('RELEASE one');
    } catch (error) {
      one.failure = { error };
      database.exec('ROLLBACK TO one');
      database.exec('RELEASE one');
    }
  };
  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      await beginWriting(database);
      for (const one of batch) await runOne(one);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
      for (const one of batch) one.failure ??= { error };
    }
    for (const one of batch) one.settle(one.failure);
  };
  const drain = async (): Promise<void> => {
    await commit(queue.splice(0, largestBatch));
    running = queue.length > 0;
    if (running) gather(() => void drain());
  };
  return <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      let value: T;
      queue.push({
        work: async () => {
          value = await work();
        },
        settle: (failure) => {
          if (failure === undefined) resolve(value);
          else reject((failure as { error: unknown }).error);
        },
      });
      if (running) return;
      running = true;
      gather(() => void drain());
    });
}
