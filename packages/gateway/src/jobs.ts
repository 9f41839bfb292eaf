/**
 * gateway · jobs: runs the due jobs of a store that keeps them as rows. It sleeps until the next one
 * is due, and wakes when one is scheduled.
 */
import type { Job, Worker, WorkerOptions } from './store.ts';

interface TakenJob extends Job {
  /** Changes whenever the job is scheduled: what ran meanwhile does not end the later one. */
  readonly token: number;
  readonly failures: number;
}

/** What such a store offers. */
export interface JobTable {
  take(
    now: number,
    limits: { readonly limit: number; readonly leaseMs: number },
  ): Promise<readonly TakenJob[]>;
  finish(job: TakenJob): Promise<unknown>;
  postpone(job: TakenJob, runAt: number): Promise<void>;
  /** What this process has written and not committed yet counts as well. */
  nextRunAt(): number | undefined;
  /** Tells when every job that is scheduled is due, until the returned function is called. */
  onScheduled(listen: (runAt: number) => void): () => void;
}

/** Another process may schedule as well: nobody wakes us then. */
const longestSleepMs = 60_000;
const longestPauseMs = 5 * 60_000;

/** 1 s, 2 s, 4 s … 5 min. */
const pauseAfter = (failures: number): number =>
  Math.min(longestPauseMs, 1000 * 2 ** Math.min(failures, 20));

/** Takes up due jobs, `concurrency` at a time, until it is stopped. */
export function pollJobs(
  table: JobTable,
  run: (job: Job) => Promise<void>,
  { clock, concurrency, leaseMs, onFailure }: WorkerOptions,
): Worker {
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  let cancelSleep: (() => void) | undefined;

  const sleepUntil = (at: number): void => {
    cancelSleep?.();
    wakeAt = at;
    cancelSleep = clock.schedule(Math.max(0, at - clock.now()), wake);
  };
  const runOne = async (job: TakenJob): Promise<void> => {
    try {
      await run({ kind: job.kind, key: job.key, runAt: job.runAt });
      await table.finish(job);
    } catch (error) {
      onFailure(error, job);
      await table.postpone(job, clock.now() + pauseAfter(job.failures));
    }
  };
  const start = (job: TakenJob): void => {
    const work: Promise<void> = runOne(job)
      .catch((error: unknown) => onFailure(error, job))
      .finally(() => {
        underWay.delete(work);
        wake();
      });
    underWay.add(work);
  };
  const look = async (): Promise<void> => {
    for (;;) {
      again = false;
      const limit = concurrency - underWay.size;
      if (stopped || limit <= 0) return;
      const now = clock.now();
      const next = table.nextRunAt() ?? Number.POSITIVE_INFINITY;
      if (next > now) return sleepUntil(Math.min(next, now + longestSleepMs));
      for (const job of await table.take(now, { limit, leaseMs })) start(job);
    }
  };
  function wake(): void {
    if (stopped) return;
    again = true;
    wakeAt = Number.POSITIVE_INFINITY;
    if (looking !== undefined) return;
    looking = look()
      .catch((error: unknown) => {
        onFailure(error);
        sleepUntil(clock.now() + longestPauseMs);
      })
      .finally(() => {
        looking = undefined;
        if (again) wake();
      });
  }
  const unsubscribe = table.onScheduled((runAt) => {
    if (runAt <= clock.now()) wake();
    else if (runAt < wakeAt) sleepUntil(runAt);
  });
  wake();
  return {
    async stop() {
      stopped = true;
      unsubscribe();
      cancelSleep?.();
      await looking;
      await Promise.all(underWay);
    },
  };
}
