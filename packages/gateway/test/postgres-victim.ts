/** gateway · test: a process that takes jobs up, tells which, and ends none; it is killed for that. */
import { postgresStore } from '../src/postgres/index.ts';
import { machineClock } from './machine-time.ts';

const [, , connectionString = '', schema = ''] = process.argv;
const store = postgresStore({ connectionString, schema });
await store.open();
store.startWorker(
  ({ key }) => {
    process.stdout.write(`${key}\n`);
    return new Promise(() => undefined);
  },
  { clock: machineClock, concurrency: 3, leaseMs: 60_000, onFailure: () => undefined },
);
