/** bench · contestants: one durable payment, and the two things it cannot do without. */
import { DatabaseSync } from 'node:sqlite';
import { given, inFlight } from '@polyrail/contest';
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

/** The id claimed with its first attempt, and the outcome. */
const transactionsOfAPayment = 2;
const rowBytes = 1000;

/** The signed call alone. */
const call: Contestant = {
  lanes: inFlight,
  async run(measure) {
    const channel = alipay();
    return measure(async (id) => {
      const order = { merchantPaymentId: id, amount, description: 'Tea' };
      const { status } = await channel.pay({ scene: 'qr', ...order });
      if (status !== 'pending') throw new Error(`${id} is ${status}`);
    });
  },
};

/** As many transactions as a payment needs, each flushed to the disk, and nothing else. */
const transactions: Contestant = {
  // The runtime's SQLite does one thing at a time.
  lanes: 1,
  run: (measure) =>
    withFile(async (file) => {
      const database = new DatabaseSync(file);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      database.exec('CREATE TABLE entry (id TEXT, body TEXT) STRICT');
      const insert = database.prepare('INSERT INTO entry VALUES (?, ?)');
      const body = 'x'.repeat(rowBytes);
      const measured = await measure(async (id) => {
        for (let count = 0; count < transactionsOfAPayment; count += 1) {
          database.exec('BEGIN IMMEDIATE');
          insert.run(id, body);
          database.exec('COMMIT');
        }
      });
      database.close();
      return measured;
    }),
};

/** A schema of this run alone. */
const schema = `bench_${process.pid}`;
const mostConnections = 10;

/** The same transactions in PostgreSQL, as many at once as the gateway has connections. */
const postgresTransactions: Contestant = {
  lanes: inFlight,
  async run(measure) {
    const connectionString = given('BENCH_DATABASE');
    const pool = new pg.Pool({ connectionString, max: mostConnections });
    await pool.query(`CREATE TABLE ${schema} (id text, body text)`);
    const body = 'x'.repeat(rowBytes);
    const measured = await measure(async (id) => {
      for (let count = 0; count < transactionsOfAPayment; count += 1) {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query(`INSERT INTO ${schema} VALUES ($1, $2)`, [id, body]);
        await client.query('COMMIT');
        client.release();
      }
    });
    await pool.end();
    return measured;
  },
};

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
  lanes: inFlight,
  run: (measure) => withFile((file) => payThrough(sqliteStore({ file }), measure)),
};

const postgres: Contestant = {
  lanes: inFlight,
  run(measure) {
    const connectionString = given('BENCH_DATABASE');
    const store = postgresStore({ connectionString, schema, poolSize: mostConnections });
    return payThrough(store, measure);
  },
};

export const contestants: Readonly<Record<string, Contestant>> = {
  call,
  transactions,
  sqlite,
  'postgres transactions': postgresTransactions,
  postgres,
};
