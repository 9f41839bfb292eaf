/** gateway · test: the store in one SQLite file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../src/index.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyrail-store-'));
  return {
    createStore: () => sqliteStore({ file: join(folder, 'store.sqlite') }),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
});
