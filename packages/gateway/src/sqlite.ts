/**
 * gateway · sqlite: the default store, one file through the runtime's own SQLite. Transactions that
 * wait at the same moment are committed together: one flush of the disk serves them all, and each
 * still fails alone.
 */

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pollJobs } from './jobs.ts';
import { beginWriting, createBatches } from './sqlite-batches.ts';
import { migrations } from './sqlite-schema.ts';
import {
  type EntryFilter,
  type EntryKey,
  type EntryRow,
  EntryTaken,
  type EventRow,
  type FactRow,
  type Job,
  type MessageRow,
  type Store,
  type Transaction,
} from './store.ts';

export interface SqliteOptions {
  /** Path of the file; `:memory:` keeps everything in this process. */
  readonly file: string;
  /**
   * `full` (default): what was committed survives the loss of power. `normal`: it survives the loss
   * of the process.
   */
  readonly durability?: 'full' | 'normal';
}

type Row = Record<string, unknown>;

/** A query by its text; each text is prepared once. */
function createQueries(database: DatabaseSync) {
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  return {
    run: (sql: string, ...values: SQLInputValue[]) => statement(sql).run(...values).changes > 0,
    one: (sql: string, ...values: SQLInputValue[]) =>
      statement(sql).get(...values) as Row | undefined,
    all: (sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[],
  };
}
type Queries = ReturnType<typeof createQueries>;

const entryColumns =
  'merchant, noun, id, state, version, created_at AS createdAt, updated_at AS updatedAt, body';
const eventColumns =
  'event_id AS eventId, merchant, noun, id, kind, at, body, deliveries, status, not_before AS notBefore';
const byKey = 'merchant = ? AND noun = ? AND id = ?';
const valuesOf = ({ merchant, noun, id }: EntryKey) => [merchant, noun, id] as const;

/** Entries, newest first: the conditions that were asked for and no others, so that an index fits. */
export function listEntriesOf({ merchant, noun, state, before, limit }: EntryFilter): {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
} {
  const given = Object.entries({ merchant, noun, state }).filter(
    ([, value]) => value !== undefined,
  );
  const where = given.map(([name]) => `${name} = ?`);
  const values: SQLInputValue[] = given.map(([, value]) => value as string);
  if (before !== undefined) {
    where.push(`(created_at, rowid) < (SELECT created_at, rowid FROM entry WHERE ${byKey})`);
    values.push(...valuesOf(before));
  }
  const sql =
    `SELECT ${entryColumns} FROM entry ` +
    (where.length > 0 ? `WHERE ${where.join(' AND ')} ` : '') +
    'ORDER BY created_at DESC, rowid DESC LIMIT ?';
  return { sql, values: [...values, limit] };
}

const findEntry = (queries: Queries, key: EntryKey): EntryRow | undefined =>
  queries.one(`SELECT ${entryColumns} FROM entry WHERE ${byKey}`, ...valuesOf(key)) as
    | EntryRow
    | undefined;

function entriesOf(queries: Queries) {
  return {
    async insertEntry(row: EntryRow) {
      const { state, version, createdAt, updatedAt, body } = row;
      const sql = 'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
      const values = [...valuesOf(row), state, version, createdAt, updatedAt, body];
      if (!queries.run(sql, ...values)) throw new EntryTaken(`The ${row.noun} ${row.id} is taken`);
    },
    async lockEntry(key: EntryKey, seen?: number) {
      const row = findEntry(queries, key);
      return row !== undefined && row.version === seen ? 'unchanged' : row;
    },
    async updateEntry(row: EntryRow) {
      const { state, version, updatedAt, body } = row;
      const sql = `UPDATE entry SET state = ?, version = ?, updated_at = ?, body = ? WHERE ${byKey}`;
      queries.run(sql, state, version, updatedAt, body, ...valuesOf(row));
    },
    async appendFact({ at, kind, body, ...key }: FactRow) {
      const sql = 'INSERT INTO fact (merchant, noun, id, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)';
      queries.run(sql, ...valuesOf(key), at, kind, body);
    },
  } satisfies Partial<Transaction>;
}

function inboxOf(queries: Queries) {
  return {
    async nameAttempt({ channel, attemptId, ...key }) {
      const sql = 'INSERT INTO attempt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
      queries.run(sql, key.merchant, channel, key.noun, attemptId, key.id);
    },
    async findAttempt({ merchant, channel, noun, attemptId }) {
      const sql =
        'SELECT id FROM attempt WHERE merchant = ? AND channel = ? AND noun = ? AND attempt_id = ?';
      const found = queries.one(sql, merchant, channel, noun, attemptId);
      return found === undefined ? undefined : { merchant, noun, id: found.id as string };
    },
    async insertMessage({ merchant, channel, messageId, receivedAt, body }) {
      const sql = 'INSERT INTO message VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
      return queries.run(sql, merchant, channel, messageId, receivedAt, body);
    },
    async findMessage({ merchant, channel, messageId }) {
      const sql =
        'SELECT merchant, channel, message_id AS messageId, received_at AS receivedAt, body ' +
        'FROM message WHERE merchant = ? AND channel = ? AND message_id = ?';
      return queries.one(sql, merchant, channel, messageId) as MessageRow | undefined;
    },
    async claimEvent({ merchant, channel, channelEventId, noun, id, digest }) {
      const names = [merchant, channel, channelEventId, noun, id] as const;
      const added = queries.run(
        'INSERT INTO channel_event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        ...names,
        digest,
      );
      if (added) return digest;
      const sql =
        'SELECT digest FROM channel_event WHERE merchant = ? AND channel = ? ' +
        'AND channel_event_id = ? AND noun = ? AND id = ?';
      return queries.one(sql, ...names)?.digest as string;
    },
  } satisfies Partial<Transaction>;
}

function outboxOf(queries: Queries) {
  const event = (row: Row | undefined) => row as EventRow | undefined;
  return {
    async insertEvent(row: EventRow) {
      const { eventId, kind, at, body, deliveries, status, notBefore } = row;
      const sql =
        'INSERT INTO event (event_id, merchant, noun, id, kind, at, body, deliveries, status, ' +
        'not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
      queries.run(sql, eventId, ...valuesOf(row), kind, at, body, deliveries, status, notBefore);
    },
    async lockNextEvent(key: EntryKey) {
      const sql =
        `SELECT ${eventColumns} FROM event WHERE ${byKey} AND status = 'waiting' ` +
        'ORDER BY number LIMIT 1';
      return event(queries.one(sql, ...valuesOf(key)));
    },
    async lockEvent(eventId: string) {
      return event(queries.one(`SELECT ${eventColumns} FROM event WHERE event_id = ?`, eventId));
    },
    async updateEvent({ eventId, deliveries, status, notBefore }: EventRow) {
      const sql = 'UPDATE event SET deliveries = ?, status = ?, not_before = ? WHERE event_id = ?';
      queries.run(sql, deliveries, status, notBefore, eventId);
    },
  } satisfies Partial<Transaction>;
}

type TakenRow = Job & { readonly token: number; readonly failures: number };

/**
 * Jobs are rows. `run_at` is when one was scheduled for, `next_at` when it is taken up next; the token
 * tells a job that was scheduled again while it ran.
 */
function jobsOf(queries: Queries) {
  return {
    schedule({ kind, key, runAt }: Job): void {
      const sql =
        'INSERT INTO job (kind, key, run_at, next_at, token, failures) ' +
        'VALUES (?, ?, ?, ?, abs(random()) % 9007199254740991, 0) ON CONFLICT DO UPDATE SET ' +
        'run_at = excluded.run_at, next_at = excluded.next_at, token = excluded.token, failures = 0';
      queries.run(sql, kind, key, runAt, runAt);
    },
    unschedule({ kind, key }: Omit<Job, 'runAt'>): void {
      queries.run('DELETE FROM job WHERE kind = ? AND key = ?', kind, key);
    },
    nextRunAt: () =>
      queries.one('SELECT MIN(next_at) AS nextAt FROM job')?.nextAt as number | null | undefined,
    /** Takes due jobs: nobody else does before the end of their lease. */
    take(now: number, { limit, leaseMs }: { limit: number; leaseMs: number }) {
      // One by one: an UPDATE of what a subquery finds would read every job there is.
      const sql =
        'SELECT kind, key, run_at AS runAt, token, failures FROM job ' +
        'INDEXED BY job_by_time WHERE next_at <= ? ORDER BY next_at, kind, number LIMIT ?';
      const due = queries.all(sql, now, limit) as unknown as TakenRow[];
      for (const { kind, key } of due) {
        const leased = 'UPDATE job SET next_at = ? WHERE kind = ? AND key = ?';
        queries.run(leased, now + leaseMs, kind, key);
      }
      return due;
    },
    finish: ({ kind, key, token }: TakenRow) =>
      queries.run('DELETE FROM job WHERE kind = ? AND key = ? AND token = ?', kind, key, token),
    postpone({ kind, key, token }: TakenRow, nextAt: number): void {
      const sql =
        'UPDATE job SET next_at = ?, failures = failures + 1 ' +
        'WHERE kind = ? AND key = ? AND token = ?';
      queries.run(sql, nextAt, kind, key, token);
    },
  };
}

async function migrate(database: DatabaseSync): Promise<void> {
  await beginWriting(database);
  try {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    for (const sql of migrations.slice(version)) database.exec(sql);
    database.exec(`PRAGMA user_version = ${Math.max(version, migrations.length)}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** Pages kept in memory: the upper levels of every index, however much is pending. */
const cacheKiB = 16 * 1024;

function openFile({ file, durability = 'full' }: SqliteOptions): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA cache_size = -${cacheKiB}`);
  database.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  return database;
}

/** What only reads, outside of transactions. */
function readersOf(queries: Queries) {
  return {
    findEntry: async (key) => findEntry(queries, key),
    async listEntries(filter) {
      const { sql, values } = listEntriesOf(filter);
      return queries.all(sql, ...values) as unknown as EntryRow[];
    },
    async listFacts(key) {
      const sql = `SELECT merchant, noun, id, at, kind, body FROM fact WHERE ${byKey} ORDER BY number`;
      return queries.all(sql, ...valuesOf(key)) as unknown as FactRow[];
    },
    async listDeadEvents({ merchant, limit }) {
      const sql =
        `SELECT ${eventColumns} FROM event WHERE status = 'dead' AND merchant = coalesce(?, merchant) ` +
        'ORDER BY number LIMIT ?';
      return queries.all(sql, merchant ?? null, limit) as unknown as EventRow[];
    },
    async backlog(kind, now) {
      const sql =
        'SELECT count(*) AS due, min(run_at) AS oldest FROM job INDEXED BY job_by_time ' +
        'WHERE kind = ? AND next_at <= ?';
      const { due, oldest } = queries.one(sql, kind, now) as { due: number; oldest: number | null };
      return oldest === null ? { due } : { due, oldest };
    },
  } satisfies Partial<Store>;
}

/** A store in one SQLite file: no set-up, crash-safe, for one machine. */
export function sqliteStore(options: SqliteOptions): Store {
  const database = openFile(options);
  const queries = createQueries(database);
  const jobs = jobsOf(queries);
  // In memory nothing is flushed: there is nothing to gather for.
  const inBatch = createBatches(
    database,
    options.file === ':memory:' ? queueMicrotask : setImmediate,
  );
  const listeners = new Set<(runAt: number) => void>();
  /** Once: whoever opens it again may do so amid the transactions of others. */
  let opened: Promise<void> | undefined;
  const open = (): Promise<void> => {
    opened ??= migrate(database).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const transaction: Transaction = {
    native: database,
    ...entriesOf(queries),
    ...inboxOf(queries),
    ...outboxOf(queries),
    async schedule(job) {
      jobs.schedule(job);
      for (const listen of listeners) listen(job.runAt);
    },
    async unschedule(job) {
      jobs.unschedule(job);
    },
  };
  return {
    name: 'sqlite',
    open,
    transaction: (work) => inBatch(() => work(transaction)),
    ...readersOf(queries),
    startWorker: (run, workerOptions) =>
      pollJobs(
        {
          take: (now, limits) => inBatch(async () => jobs.take(now, limits)),
          finish: (job) => inBatch(async () => jobs.finish(job)),
          postpone: (job, runAt) => inBatch(async () => jobs.postpone(job, runAt)),
          nextRunAt: () => jobs.nextRunAt() ?? undefined,
          onScheduled(listen) {
            listeners.add(listen);
            return () => listeners.delete(listen);
          },
        },
        run,
        workerOptions,
      ),
    async close() {
      // What waits is committed first.
      await inBatch(async () => undefined);
      if (database.isOpen) database.close();
    },
  };
}
