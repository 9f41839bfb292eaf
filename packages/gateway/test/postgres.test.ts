/** gateway · test: the store in a real PostgreSQL. */
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { postgresStore } from '../src/postgres/index.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type StoreWorld, storeSuite } from './store-suite.ts';

let server: PostgresServer;
let worlds = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
});

/** Each world is a schema: `DATABASE_URL` may name a database that others use as well. */
async function startWorld(): Promise<StoreWorld & { readonly schema: string }> {
  worlds += 1;
  const schema = `polyrail_test_${process.pid}_${worlds}`;
  const { connectionString } = server;
  return {
    schema,
    createStore: () => postgresStore({ connectionString, schema }),
    async stop() {
      const client = new pg.Client({ connectionString });
      await client.connect();
      await client.query(`DROP SCHEMA ${schema} CASCADE; DROP SCHEMA ${schema}_jobs CASCADE`);
      await client.end();
    },
  };
}

storeSuite('PostgreSQL', startWorld);
