/** gateway · postgres migrate: brings the tables up to date, whoever else tries at the same time. */
import { PolyrailError } from '@polyrail/core';
import { runMigrations } from 'graphile-worker';
import type { Pool, PoolClient } from 'pg';
import { jobKinds } from '../store.ts';
import { migrations, type Names } from './schema.ts';
import { silent } from './silent.ts';

/** How far the tables are; 0 when there are none yet. */
async function findNumber(client: PoolClient, { schema }: Names): Promise<number> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${schema}.migration
      (number INTEGER PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now())`,
  );
  const { rows } = await client.query<{ number: number }>(
    `SELECT coalesce(max(number), 0) AS number FROM ${schema}.migration`,
  );
  return rows[0]?.number ?? 0;
}

async function migrateOwn(client: PoolClient, names: Names): Promise<void> {
  const { schema, jobSchema } = names;
  const standing = await findNumber(client, names);
  if (standing > migrations.length) {
    throw new PolyrailError(
      'CONFIG_INVALID',
      `The tables in ${schema} are of a later version of this package`,
      { field: 'schema' },
    );
  }
  for (const [index, migration] of migrations.entries()) {
    const number = index + 1;
    if (number <= standing) continue;
    await client.query(migration(names));
    await client.query(`INSERT INTO ${schema}.migration (number) VALUES ($1)`, [number]);
  }
  await client.query(
    `INSERT INTO ${jobSchema}._private_tasks (identifier)
      SELECT kind FROM unnest($1::text[]) AS kind
      WHERE kind NOT IN (SELECT identifier FROM ${jobSchema}._private_tasks)`,
    [jobKinds],
  );
}

/** One process at a time, each text whole or not at all. */
export async function migrate(pool: Pool, names: Names): Promise<void> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    // An index on a table of years takes longer than any statement of a payment.
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `polyrail/${names.schema}`,
    ]);
    await runMigrations({ pgPool: pool, schema: names.jobSchema, logger: silent });
    await migrateOwn(client, names);
    await client.query('COMMIT');
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // A connection that goes away takes its transaction along.
    client.release(failure);
  }
}
