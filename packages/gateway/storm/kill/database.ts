/**
 * gateway storm kill · database: what the killed processes share - one SQLite file, or a schema of its own in
 * PostgreSQL - and what is read there when all is over.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { dropSchemas, startPostgres } from '../../test/postgres-server.ts';
import type { Time } from './victim.ts';
import type { Place } from './witness.ts';

/** A change of state that was put in line for the merchant. */
export interface Emitted {
  readonly eventId: string;
  /** `payment.succeeded` */
  readonly kind: string;
  readonly noun: string;
  readonly id: string;
  readonly status: string;
}
/** What a handler wrote down. */
export type Written = Omit<Emitted, 'status'>;

/** Both in the order in which they came. */
export interface Outbox {
  readonly emitted: readonly Emitted[];
  readonly written: readonly Written[];
}

export interface Database {
  readonly place: Place;
  read(): Promise<Outbox>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

const columns = 'event_id AS "eventId", kind, noun, id';
const heardColumns = 'event_id TEXT NOT NULL, kind TEXT NOT NULL, noun TEXT NOT NULL, id TEXT';

async function openFile(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'polyrail-kill-'));
  const file = join(folder, 'gateway.db');
  const database = new DatabaseSync(file, { timeout: 30_000 });
  database.exec('PRAGMA journal_mode = WAL');
  // No key: what is told twice stands there twice.
  database.exec(`CREATE TABLE heard (number INTEGER PRIMARY KEY, ${heardColumns})`);
  const all = <Row>(text: string) => database.prepare(text).all() as readonly unknown[] as Row[];
  return {
    place: { kind: 'sqlite', file },
    async read() {
      return {
        emitted: all<Emitted>(`SELECT ${columns}, status FROM event ORDER BY number`),
        written: all<Written>(`SELECT ${columns} FROM heard ORDER BY number`),
      };
    },
    async close() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Jobs and leases follow the database's clock: it runs as fast as everybody's. What says `now()` means
 * this function then, for it is found before the database's own.
 */
const fastNow = (shop: string, { virtualAt, wallAt, speed }: Time) => `
  CREATE FUNCTION ${shop}.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT to_timestamp(${virtualAt / 1000})
      + (pg_catalog.now() - to_timestamp(${wallAt / 1000})) * ${speed}
  $$`;

function findingFirst(connectionString: string, shop: string): string {
  const url = new URL(connectionString);
  const others = url.searchParams.get('options');
  const path = `-c search_path=${shop},pg_catalog`;
  url.searchParams.set('options', others === null ? path : `${others} ${path}`);
  return url.href;
}

async function openSchema(time: Time): Promise<Database> {
  const server = await startPostgres();
  const { connectionString } = server;
  const schema = `polyrail_kill_${process.pid}`;
  const shop = `${schema}_shop`;
  const pool = new pg.Pool({ connectionString, max: 2 });
  await pool.query(`
    CREATE SCHEMA ${shop};
    CREATE TABLE ${shop}.heard (number BIGINT GENERATED ALWAYS AS IDENTITY, ${heardColumns});
    ${fastNow(shop, time)}`);
  const all = async <Row extends object>(text: string) => (await pool.query<Row>(text)).rows;
  return {
    place: {
      kind: 'postgres',
      connectionString: time.speed === 1 ? connectionString : findingFirst(connectionString, shop),
      schema,
      shop,
    },
    async read() {
      return {
        emitted: await all<Emitted>(
          `SELECT ${columns}, status FROM ${schema}.event ORDER BY number`,
        ),
        written: await all<Written>(`SELECT ${columns} FROM ${shop}.heard ORDER BY number`),
      };
    },
    async close() {
      await pool.end();
      await dropSchemas(connectionString, [schema, `${schema}_jobs`, shop]);
      await server.stop();
    },
  };
}

export const openDatabase = {
  sqlite: openFile,
  postgres: openSchema,
} as const satisfies Record<Place['kind'], (time: Time) => Promise<Database>>;
