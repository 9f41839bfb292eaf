/** gateway · test: the store in a real PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isPolyrailError } from '@polyrail/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresOptions, postgresStore } from '../src/postgres/index.ts';
import {
  type EntryRow,
  EntryTaken,
  type Job,
  type Store,
  type WorkerOptions,
} from '../src/store.ts';
import { machineClock, until } from './machine-time.ts';
import {
  dropSchemas,
  longestStartMs,
  type PostgresServer,
  startPostgres,
} from './postgres-server.ts';
import { type StoreWorld, storeSuite } from './store-suite.ts';

let server: PostgresServer;
let worlds = 0;

// A busy machine makes a database in half a minute, an idle one in a second.
beforeAll(async () => {
  server = await startPostgres();
}, longestStartMs);
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
    stop: () => dropSchemas(connectionString, [schema, `${schema}_jobs`]),
  };
}

storeSuite('PostgreSQL', startWorld);

const workerOptions: WorkerOptions = {
  clock: machineClock,
  concurrency: 4,
  leaseMs: 30_000,
  onFailure: () => undefined,
};

const row: EntryRow = {
  merchant: 'm',
  noun: 'payment',
  id: 'p1',
  state: 'new',
  version: 1,
  createdAt: 1,
  updatedAt: 1,
  body: '{}',
};

const clientOf = (native: unknown) => native as pg.ClientBase;

describe('a store in PostgreSQL', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let store: Store;
  const ask = async (text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: server.connectionString });
    await client.connect();
    const { rows } = await client.query(text, values);
    await client.end();
    return rows;
  };
  const schedule = (job: Job) => store.transaction((tx) => tx.schedule(job));

  beforeAll(async () => {
    world = await startWorld();
    store = world.createStore();
    await store.open();
    await ask(`CREATE TABLE ${world.schema}.shop (n INT PRIMARY KEY)`);
  });
  afterAll(async () => {
    await store.close();
    await world.stop();
  });

  test('what happens on the native client happens together with the rest', async () => {
    const sell = (n: number, failure?: Error) =>
      store.transaction(async (tx) => {
        await tx.insertEntry({ ...row, id: `native-${n}` });
        await clientOf(tx.native).query(`INSERT INTO ${world.schema}.shop VALUES (${n})`);
        if (failure !== undefined) throw failure;
      });
    await sell(1);
    await expect(sell(2, new Error('no'))).rejects.toThrow('no');
    expect(await ask(`SELECT n FROM ${world.schema}.shop`)).toEqual([{ n: 1 }]);
    expect(await store.findEntry({ ...row, id: 'native-1' })).toBeDefined();
    expect(await store.findEntry({ ...row, id: 'native-2' })).toBeUndefined();
  });

  test('a statement that failed on the native client undoes all, though nobody minded', async () => {
    const work = store.transaction(async (tx) => {
      await tx.insertEntry({ ...row, id: 'swallowed' });
      await clientOf(tx.native)
        .query('SELECT nonsense')
        .catch(() => undefined);
    });
    await expect(work).rejects.toThrow('undid');
    expect(await store.findEntry({ ...row, id: 'swallowed' })).toBeUndefined();
  });

  test('a transaction that has ended takes no more', async () => {
    const tx = await store.transaction(async (open) => open);
    await expect(tx.lockEntry(row)).rejects.toThrow('ended');
    await expect(tx.updateEntry(row)).rejects.toThrow('ended');
  });

  test('work that meets a conflict runs again, but not for ever, and other failures once', async () => {
    const runsOf = async (code: string) => {
      let runs = 0;
      const work = store.transaction(async () => {
        runs += 1;
        throw Object.assign(new Error('conflict'), { code });
      });
      await expect(work).rejects.toThrow('conflict');
      return runs;
    };
    expect(await runsOf('40001')).toBe(8);
    expect(await runsOf('40P01')).toBe(8);
    expect(await runsOf('23505')).toBe(1);
  });

  test('entries are found by their index, also while a table grows from nothing', async () => {
    const grown = await startWorld();
    const growing = grown.createStore();
    await growing.open();
    const ids = Array.from({ length: 600 }, (_, index) => `grown-${index}`);
    const all = (work: (key: EntryRow) => Promise<void>) =>
      Promise.all(ids.map((id) => work({ ...row, id })));
    for (const version of [1, 2, 3, 4]) {
      await all((entry) =>
        growing.transaction(async (tx) => {
          if (version === 1) return tx.insertEntry({ ...entry, version });
          await tx.lockEntry(entry, version - 1);
          await tx.updateEntry({ ...entry, version });
        }),
      );
    }
    await all(async (entry) => expect((await growing.findEntry(entry))?.version).toBe(4));
    // Sessions that end have told what they read.
    await growing.close();
    const [read] = await ask(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_user_tables
        WHERE schemaname = $1 AND relname = 'entry'`,
      [grown.schema],
    );
    await grown.stop();
    // An insertion looks for none, a change looks twice and a search once.
    expect(read?.rows).toBeLessThan(10 * ids.length);
  });

  test('of many entries at once those that are taken fail alone', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `crowd-${index}`);
    const insert = (id: string) => store.transaction((tx) => tx.insertEntry({ ...row, id }));
    await Promise.all([insert('crowd-3'), insert('crowd-11')]);
    const outcomes = await Promise.allSettled(ids.map(insert));
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [[index, outcome.reason instanceof EntryTaken]] : [],
    );
    expect(failures).toEqual([
      [3, true],
      [11, true],
    ]);
    for (const id of ids) expect(await store.findEntry({ ...row, id })).toBeDefined();
  });

  test('who waits for an entry holds up nobody, and changes it as it then is', async () => {
    const [held, free] = [
      { ...row, id: 'held' },
      { ...row, id: 'free' },
    ];
    await Promise.all([held, free].map((one) => store.transaction((tx) => tx.insertEntry(one))));
    const change = (one: EntryRow) =>
      store.transaction(async (tx) => {
        const found = await tx.lockEntry(one, 1);
        const { version } = found === 'unchanged' || found === undefined ? one : found;
        await tx.updateEntry({ ...one, version: version + 1 });
      });
    let waiting: Promise<void> | undefined;
    await store.transaction(async (tx) => {
      await tx.lockEntry(held);
      await tx.updateEntry({ ...held, version: 5 });
      waiting = change(held);
      await change(free);
    });
    await waiting;
    expect((await store.findEntry(free))?.version).toBe(2);
    expect((await store.findEntry(held))?.version).toBe(6);
  });

  test('two schemas of one database know nothing of each other', async () => {
    const second = await startWorld();
    const stranger = second.createStore();
    await stranger.open();
    await store.transaction((tx) => tx.insertEntry({ ...row, id: 'mine' }));
    await schedule({ kind: 'resolve', key: 'mine', runAt: 1 });
    expect(await stranger.findEntry({ ...row, id: 'mine' })).toBeUndefined();
    expect(await stranger.backlog('resolve', 2)).toEqual({ due: 0 });
    await store.transaction((tx) => tx.unschedule({ kind: 'resolve', key: 'mine' }));
    await stranger.close();
    await second.stop();
  });

  test('tables of a later version are left alone', async () => {
    const second = await startWorld();
    const later = second.createStore();
    await later.open();
    await ask(`INSERT INTO ${second.schema}.migration (number) VALUES (1000)`);
    const refused = await later.open().catch((error: unknown) => error);
    expect(isPolyrailError(refused) && refused.code).toBe('CONFIG_INVALID');
    await ask(`DELETE FROM ${second.schema}.migration WHERE number = 1000`);
    await later.open();
    await later.close();
    await second.stop();
  });

  test.each<[string, PostgresOptions]>([
    ['schema', { schema: 'public; DROP TABLE entry' }],
    ['schema', { schema: 'pg_catalog' }],
    ['schema', { schema: 'a'.repeat(41) }],
    ['poolSize', { poolSize: 2 }],
    ['poolSize', { poolSize: 10.5 }],
    ['pool', { pool: new pg.Pool(), connectionString: 'postgres://127.0.0.1' }],
  ])('%s is refused in %j', (field, options) => {
    expect(() => postgresStore(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', field }),
    );
  });

  test("a merchant's own pool does as well, without a pipeline, and stays open", async () => {
    const pool = new pg.Pool({ connectionString: server.connectionString, max: 4 });
    const own = postgresStore({ pool, schema: world.schema });
    await own.open();
    await own.transaction(async (tx) => {
      await tx.insertEntry({ ...row, id: 'own' });
      await tx.updateEntry({ ...row, id: 'own', version: 2 });
    });
    await own.close();
    expect((await store.findEntry({ ...row, id: 'own' }))?.version).toBe(2);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  test('a job scheduled at the very moment it is taken up is never lost', async () => {
    const job = { kind: 'resolve', key: 'race' } as const;
    let scheduled = 0;
    let seen = 0;
    const worker = store.startWorker(
      async ({ key }) => {
        if (key === job.key) seen = Math.max(seen, scheduled);
      },
      { ...workerOptions, concurrency: 8 },
    );
    while (scheduled < 100) {
      // The first is on its way to a worker while the second is scheduled.
      await schedule({ ...job, runAt: 1 });
      scheduled += 1;
      await schedule({ ...job, runAt: 1 });
      await until(() => seen === scheduled);
    }
    await until(async () => (await store.backlog('resolve', 2)).due === 0);
    await worker.stop();
  });

  test('a job of a killed process is taken up by another, after its lease', async () => {
    const victim = spawn(
      process.execPath,
      [
        '--conditions=@polyrail/source',
        fileURLToPath(new URL('./postgres-victim.ts', import.meta.url)),
        server.connectionString,
        world.schema,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const exited = once(victim, 'exit');
    let taken = '';
    victim.stdout.on('data', (text: Buffer) => {
      taken += text;
    });
    for (const key of ['killed-1', 'killed-2']) await schedule({ kind: 'resolve', key, runAt: 1 });
    await until(() => taken.includes('killed-1\n') && taken.includes('killed-2\n'));
    victim.kill('SIGKILL');
    await exited;
    // A machine that stands still for longer than the lease has one run again: at least once is what is promised.
    const ran = new Set<string>();
    const worker = store.startWorker(async ({ key }) => void ran.add(key), {
      ...workerOptions,
      leaseMs: 200,
    });
    const left = () => ask(`SELECT id FROM ${world.schema}_jobs._private_jobs`);
    await until(async () => (await left()).length === 0);
    await worker.stop();
    expect(ran).toEqual(new Set(['killed-1', 'killed-2']));
  });

  test('a worker goes on after the database hung up on it, and forgets no job', async () => {
    const ran: string[] = [];
    const troubles: unknown[] = [];
    let hungUp = false;
    const worker = store.startWorker(
      async ({ key }) => {
        ran.push(key);
        if (ran.length > 1) return;
        // Its end cannot be written down: every connection is gone.
        await ask(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`,
          [world.schema],
        );
        hungUp = true;
      },
      { ...workerOptions, leaseMs: 200, onFailure: (error) => troubles.push(error) },
    );
    await schedule({ kind: 'resolve', key: 'hung-up', runAt: 1 });
    await until(() => hungUp);
    const isScheduled = () =>
      schedule({ kind: 'resolve', key: 'later', runAt: 1 }).then(
        () => true,
        () => false,
      );
    await until(isScheduled);
    await until(() => ran.includes('later'));
    await until(async () => {
      const left = await ask(`SELECT id FROM ${world.schema}_jobs._private_jobs`);
      return left.length === 0;
    });
    await worker.stop();
    expect(ran[0]).toBe('hung-up');
    expect(troubles).not.toEqual([]);
  });
});
