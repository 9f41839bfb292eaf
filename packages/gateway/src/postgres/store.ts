/**
 * gateway · postgres store: one database for any number of gateway processes. Rows are locked while
 * they change; jobs are graphile-worker's.
 */
import { PolyrailError } from '@polyrail/core';
import pg, { type Pool, type PoolClient } from 'pg';
import {
  type EntryRow,
  EntryTaken,
  type EventRow,
  type FactRow,
  type Store,
  type Transaction,
} from '../store.ts';
import { WantsConnection } from './flight.ts';
import { migrate } from './migrate.ts';
import { type Names, namesOf, takenCode } from './schema.ts';
import { listEntriesOf, type MakeStatement, statementMaker } from './statements.ts';
import { createTogether, type Together } from './together.ts';
import { runOnce } from './transaction.ts';
import { startWorker } from './worker.ts';

export interface PostgresOptions {
  /** Where the database is; without it and without a pool, the PG… variables that pg reads say so. */
  readonly connectionString?: string;
  /**
   * A pool of your own instead, of at least 3 connections. It stays open when the store is closed.
   * With pg's `pipeline: true` it saves round trips.
   */
  readonly pool?: Pool;
  /** Our tables; those of jobs lie in a second schema, `<schema>_jobs`. Default: `polyrail`. */
  readonly schema?: string;
  /** Connections of one process at most. Default: 10. */
  readonly poolSize?: number;
}

/** Each wait for the database ends: for a connection, a statement, a transaction that hangs. */
const deadlines = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
} as const;

/** Two transactions that wait for each other, and an entry that is another than was seen. */
const conflicts: ReadonlySet<unknown> = new Set(['40P01', '40001']);
const mostRuns = 8;

const configInvalid = (field: string, message: string) =>
  new PolyrailError('CONFIG_INVALID', message, { field });

function readNames({ schema = 'polyrail' }: PostgresOptions): Names {
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(schema) && !schema.startsWith('pg_')) return namesOf(schema);
  throw configInvalid('schema', 'A schema is named with at most 40 of a-z, 0-9 and _');
}

/** An idle connection that breaks leaves the pool, one in use fails its statement: both are told. */
const isNoConcern = (): void => undefined;
const watchClient = (client: PoolClient): void => {
  client.on('error', isNoConcern);
};

function openPool({ connectionString, pool, poolSize = 10 }: PostgresOptions, names: Names) {
  if (!Number.isInteger(poolSize) || poolSize < 3 || poolSize > 1000) {
    throw configInvalid('poolSize', 'A worker and its transactions need 3 to 1000 connections');
  }
  if (pool !== undefined && connectionString !== undefined) {
    throw configInvalid('pool', 'Either a pool or a connection string');
  }
  const opened =
    pool ??
    new pg.Pool({
      ...(connectionString === undefined ? {} : { connectionString }),
      max: poolSize,
      pipeline: true,
      keepAlive: true,
      // Who looks at the server's sessions knows whose they are.
      application_name: names.schema,
      ...deadlines,
    });
  opened.on('error', isNoConcern).on('connect', watchClient);
  return {
    pool: opened,
    async close() {
      opened.off('error', isNoConcern).off('connect', watchClient);
      if (pool === undefined && !opened.ended) await opened.end();
    },
  };
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;

/** A connection for one run, taken from the pool when it is needed. */
function connectionOf(pool: Pool) {
  let taken: Promise<PoolClient> | undefined;
  const connect = (): Promise<PoolClient> => {
    taken ??= pool.connect();
    return taken;
  };
  const release = async (): Promise<void> => {
    const client = await taken?.catch(() => undefined);
    client?.release();
  };
  return { connect, release };
}

interface Ways {
  readonly pool: Pool;
  readonly statement: MakeStatement;
  readonly together: Together;
}

/** Runs the work in a transaction, and anew after a conflict. */
async function runWork<T>(
  { pool, statement, together }: Ways,
  work: (transaction: Transaction) => Promise<T>,
) {
  let wantsConnection = false;
  for (let runs = 1; ; runs += 1) {
    const { connect, release } = connectionOf(pool);
    try {
      const client = wantsConnection ? await connect() : undefined;
      return await runOnce({ statement, together, connect, client, trusting: runs === 1 }, work);
    } catch (error) {
      if (codeOf(error) === takenCode) throw new EntryTaken('The entry is taken', { cause: error });
      if (error instanceof WantsConnection) wantsConnection = true;
      else if (runs >= mostRuns || !conflicts.has(codeOf(error))) throw error;
    } finally {
      await release();
    }
  }
}

/** What only reads, outside of transactions. */
function readersOf({ pool, statement, together }: Ways, names: Names) {
  return {
    findEntry: (key) => together.find(key),
    async listEntries({ merchant, noun, state, ...rest }) {
      const query = listEntriesOf(names, { merchant, noun, state }, rest);
      return (await pool.query<EntryRow>(query)).rows;
    },
    async listFacts({ merchant, noun, id }) {
      return (await pool.query<FactRow>(statement('listFacts', [merchant, noun, id]))).rows;
    },
    async listDeadEvents({ merchant, limit }) {
      const values = [merchant ?? null, limit];
      return (await pool.query<EventRow>(statement('listDeadEvents', values))).rows;
    },
    async backlog(kind, now) {
      type Lag = { readonly due: number; readonly oldest: number | null };
      const { rows } = await pool.query<Lag>(statement('backlog', [kind, now]));
      const { due = 0, oldest = null } = rows[0] ?? {};
      return oldest === null ? { due } : { due, oldest: Math.round(oldest) };
    },
  } satisfies Partial<Store>;
}

/**
 * A store in PostgreSQL, for many gateway processes side by side. `Transaction.native` is the pg
 * client that carries the transaction: what a merchant does on it happens together with the rest.
 */
export function postgresStore(options: PostgresOptions = {}): Store {
  const names = readNames(options);
  const { pool, close } = openPool(options, names);
  const statement = statementMaker(names);
  const ways = { pool, statement, together: createTogether(pool, statement) };
  const listeners = new Set<(runAt: number) => void>();
  const onScheduled = (listen: (runAt: number) => void) => {
    listeners.add(listen);
    return () => void listeners.delete(listen);
  };
  return {
    name: 'postgres',
    open: () => migrate(pool, names),
    async transaction(work) {
      const { value, due } = await runWork(ways, work);
      for (const runAt of due) for (const listen of listeners) listen(runAt);
      return value;
    },
    ...readersOf(ways, names),
    startWorker: (run, workerOptions) =>
      startWorker({ pool, names, statement, onScheduled }, run, workerOptions),
    close,
  };
}
