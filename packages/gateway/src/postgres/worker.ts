/**
 * gateway · postgres worker: runs due jobs with graphile-worker, starts it again when the database
 * went away, and takes up what a crashed process left.
 */
import { EventEmitter } from 'node:events';
import {
  type RunnerOptions,
  runTaskList,
  type TaskList,
  type WorkerEvents,
  type WorkerPool,
} from 'graphile-worker';
import type { Pool } from 'pg';
import { type Job, jobKinds, type Worker, type WorkerOptions } from '../store.ts';
import type { Names } from './schema.ts';
import { silent } from './silent.ts';
import type { MakeStatement } from './statements.ts';

/** How late a job may be that another process scheduled. */
const pollMs = 1000;
/** After the database was lost. */
const restartMs = 2000;
const longestSweepMs = 15_000;

export interface WorkerParts {
  readonly pool: Pool;
  readonly names: Names;
  readonly statement: MakeStatement;
  /** Tells when every job that was committed here is due, until the returned function is called. */
  onScheduled(listen: (runAt: number) => void): () => void;
}

type Run = (job: Job) => Promise<void>;

/** Each kind is a task. A job that rejects is put down again before its row goes. */
function tasksOf(
  { pool, statement }: WorkerParts,
  run: Run,
  { isStopped, onFailure }: Pick<WorkerOptions, 'onFailure'> & { isStopped(): boolean },
): TaskList {
  const tasks: TaskList = {};
  // Its name only: what an error says may be nobody's to read.
  const runAgain = (id: string, errorName?: string) =>
    pool.query(statement('runAgain', [id, errorName]));
  for (const kind of jobKinds) {
    tasks[kind] = async (payload, { job: row }) => {
      const { key } = payload as { readonly key: string };
      const job: Job = { kind, key, runAt: row.run_at.getTime() };
      // It was on its way to us when we stopped: somebody else's, at once.
      if (isStopped()) return void (await runAgain(row.id));
      try {
        await run(job);
      } catch (error) {
        onFailure(error, job);
        await runAgain(row.id, error instanceof Error ? error.name : 'Error');
      }
    };
  }
  return tasks;
}

/** What graphile-worker says of the database. */
const troubles = ['worker:getJob:error', 'pool:listen:error', 'pool:fatalError'] as const;

function runnerOptions(
  { jobSchema }: Names,
  { concurrency, onFailure }: WorkerOptions,
  onShutdown: () => void,
): RunnerOptions {
  const events: WorkerEvents = new EventEmitter();
  for (const trouble of troubles) events.on(trouble, ({ error }) => onFailure(error));
  events.on('pool:gracefulShutdown', onShutdown);
  return {
    schema: jobSchema,
    concurrency,
    pollInterval: pollMs,
    noHandleSignals: true,
    logger: silent,
    events,
    // Without a delay it awaits no end of a job: an unhandled rejection when the database is lost.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  };
}

/** Runs the task at once and then at every interval until it is stopped; never twice at a time. */
function repeat(task: () => Promise<unknown>, intervalMs: number, options: WorkerOptions) {
  let stopped = false;
  let cancel: (() => void) | undefined;
  let running: Promise<void> | undefined;
  const round = (): void => {
    running = task()
      .then(() => undefined, options.onFailure)
      .then(() => {
        if (!stopped) cancel = options.clock.schedule(intervalMs, round);
      });
  };
  round();
  return async (): Promise<void> => {
    stopped = true;
    cancel?.();
    await running;
  };
}

export function startWorker(parts: WorkerParts, run: Run, options: WorkerOptions): Worker {
  const { pool, names, statement } = parts;
  const { clock, leaseMs, onFailure } = options;
  let stopped = false;
  const tasks = tasksOf(parts, run, { isStopped: () => stopped, onFailure });
  let workers: WorkerPool | undefined;
  let ending: Promise<void> | undefined;
  let cancelRestart: (() => void) | undefined;

  const start = (): void => {
    // Those that shut down must not be woken any more.
    const onShutdown = (): void => {
      workers = undefined;
    };
    const started = runTaskList(runnerOptions(names, options, onShutdown), tasks, pool);
    workers = started;
    const onEnd = (error?: unknown): void => {
      if (stopped) return;
      if (error !== undefined) onFailure(error);
      cancelRestart = clock.schedule(restartMs, start);
    };
    ending = started.promise.then(() => onEnd(), onEnd);
  };
  const recover = async (): Promise<void> => {
    const { rows } = await pool.query<{ count: number }>(statement('recover', [leaseMs]));
    if (rows[0]?.count) workers?.nudge(rows[0].count);
  };
  start();
  const endRecovery = repeat(recover, Math.min(longestSweepMs, Math.ceil(leaseMs / 4)), options);
  const unsubscribe = parts.onScheduled((runAt) => {
    const waitMs = Math.max(0, runAt - clock.now());
    if (waitMs < pollMs) clock.schedule(waitMs, () => workers?.nudge(1));
  });
  return {
    async stop() {
      stopped = true;
      unsubscribe();
      cancelRestart?.();
      const shutdown = Promise.resolve(workers?.gracefulShutdown()).catch(onFailure);
      await Promise.all([shutdown, endRecovery()]);
      await ending;
    },
  };
}
