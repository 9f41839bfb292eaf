/** bench · contestants: one durable payment, and the two things it cannot do without, alone and together. */
import { DatabaseSync } from 'node:sqlite';
import { given } from '@polyrail/contest';
import pg from 'pg';
import { createGateway, type Store, sqliteStore } from '../src/index.ts';
import { postgresStore } from '../src/postgres/index.ts';
import { alipay, amount, withFile } from './work.ts';

/** Orders one payment and throws unless it was accepted. */
type Pay = (id: string) => Promise<void>;

export interface Contestant {
  readonly lanes: number;
  run<T>(measure: (pay: Pay) => Promise<T>): Promise<T>;
}

/** Payments in flight: so many that more give none of the contestants more. */
const saturating = 128;

const rowBytes = 1000;

/** One bare transaction: a row, flushed to the disk. */
type Write = (id: string) => Promise<void>;

/** The signed call alone. */
function caller(): Pay {
  const channel = alipay();
  return async (id) => {
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    const { status } = await channel.pay({ scene: 'qr', ...order });
    if (status !== 'pending') throw new Error(`${id} is ${status}`);
  };
}

const withSqlite = <T>(use: (write: Write) => Promise<T>): Promise<T> =>
  withFile(async (file) => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('CREATE TABLE entry (id TEXT, body TEXT) STRICT');
    const insert = database.prepare('INSERT INTO entry VALUES (?, ?)');
    const body = 'x'.repeat(rowBytes);
    const used = await use(async (id) => {
      database.exec('BEGIN IMMEDIATE');
      insert.run(id, body);
      database.exec('COMMIT');
    });
    database.close();
    return used;
  });

/** A schema of this run alone. */
const schema = `bench_${process.pid}`;
const mostConnections = 10;

/** As many connections as the gateway has. */
async function withPostgres<T>(use: (write: Write) => Promise<T>): Promise<T> {
  const connectionString = given('BENCH_DATABASE');
  const pool = new pg.Pool({ connectionString, max: mostConnections });
  await pool.query(`CREATE TABLE ${schema} (id text, body text)`);
  const body = 'x'.repeat(rowBytes);
  const used = await use(async (id) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO ${schema} VALUES ($1, $2)`, [id, body]);
    await client.query('COMMIT');
    client.release();
  });
  await pool.end();
  return used;
}

type Opening = typeof withSqlite;

/** The transactions of a payment and nothing else: the id claimed with its first attempt, and the outcome. */
const transactionsAlone = (open: Opening, lanes: number): Contestant => ({
  lanes,
  run: (measure) =>
    open((write) =>
      measure(async (id) => {
        await write(id);
        await write(id);
      }),
    ),
});

/** The signed call between the two, as whoever wants to lose nothing has to make it. */
const callBetween = (open: Opening): Contestant => ({
  lanes: saturating,
  run(measure) {
    const call = caller();
    return open((write) =>
      measure(async (id) => {
        await write(id);
        await call(id);
        await write(id);
      }),
    );
  },
});

async function payThrough<T>(store: Store, measure: (pay: Pay) => Promise<T>): Promise<T> {
  // Only taking orders is measured: asking about those that nobody pays is bench/resolver.ts.
  const gateway = await createGateway({ channels: { alipay: alipay() }, store, concurrency: 0 });
  const measured = await measure(async (id) => {
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    const { state } = await gateway.pay({ scene: 'qr', ...order });
    if (state !== 'pending') throw new Error(`${id} is ${state}`);
  });
  await gateway.close();
  return measured;
}

const sqlite: Contestant = {
  lanes: saturating,
  run: (measure) => withFile((file) => payThrough(sqliteStore({ file }), measure)),
};

const postgres: Contestant = {
  lanes: saturating,
  run(measure) {
    const connectionString = given('BENCH_DATABASE');
    const store = postgresStore({ connectionString, schema, poolSize: mostConnections });
    return payThrough(store, measure);
  },
};

export const contestants: Readonly<Record<string, Contestant>> = {
  call: { lanes: saturating, run: (measure) => measure(caller()) },
  // The runtime's SQLite does one thing at a time.
  transactions: transactionsAlone(withSqlite, 1),
  'call and transactions': callBetween(withSqlite),
  sqlite,
  'postgres transactions': transactionsAlone(withPostgres, saturating),
  'call and postgres transactions': callBetween(withPostgres),
  postgres,
};
