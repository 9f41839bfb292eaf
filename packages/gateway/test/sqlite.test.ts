/** gateway · test: the store in one SQLite file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { listEntriesOf } from '../src/sqlite.ts';
import { migrations } from '../src/sqlite-schema.ts';
import type { EntryFilter, Job } from '../src/store.ts';
import { createManualClock } from './script.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyrail-store-'));
  return {
    createStore: () => sqliteStore({ file: join(folder, 'store.sqlite') }),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
});

const someone = { merchant: 'm' } as const;
it.each<[Omit<EntryFilter, 'limit'>, string]>([
  [someone, 'merchant=?'],
  [{ state: 'escalated' }, 'state=?'],
  [{ ...someone, state: 'escalated' }, 'state=?'],
  [{ ...someone, noun: 'payout' }, 'merchant=? AND noun=?'],
  [{ ...someone, before: { ...someone, noun: 'payment', id: 'a' } }, 'merchant=?'],
])('%o is listed by an index, which has them in their order', async (filter, columns) => {
  const store = sqliteStore({ file: ':memory:' });
  await store.open();
  const { sql, values } = listEntriesOf({ ...filter, limit: 100 });
  const steps = await store.transaction(async ({ native }) =>
    (native as DatabaseSync).prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values),
  );
  const plan = steps.map(({ detail }) => String(detail));
  expect(plan[0]).toMatch(/^SEARCH entry USING INDEX entry_by_/);
  expect(plan[0]).toContain(columns);
  expect(plan.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
  await store.close();
});

it('jobs of a file as it was before they stood in order are still run, each once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyrail-store-'));
  const file = join(folder, 'store.sqlite');
  const former = new DatabaseSync(file);
  former.exec(`${migrations[0]}; PRAGMA user_version = 1`);
  const insert = former.prepare('INSERT INTO job VALUES (?, ?, ?, ?, 1, 0)');
  insert.run('resolve', 'late', 2000, 2000);
  insert.run('deliver', 'early', 1000, 1000);
  former.close();

  const store = sqliteStore({ file });
  await store.open();
  const clock = createManualClock();
  const ran: string[] = [];
  const run = async ({ kind, key, runAt }: Job) => void ran.push(`${kind} ${key} ${runAt}`);
  const worker = store.startWorker(run, {
    clock,
    concurrency: 1,
    leaseMs: 60_000,
    onFailure: (error) => expect.fail(String(error)),
  });
  await clock.pass(120_000);
  expect(ran).toEqual(['deliver early 1000', 'resolve late 2000']);
  await worker.stop();
  await store.close();
  await rm(folder, { recursive: true });
});
