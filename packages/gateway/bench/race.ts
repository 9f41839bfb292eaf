/** bench · race: contestants in turn against one server, each in a process of its own. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Measured, takeTurns } from '@polyrail/contest';
import { startPostgres } from '../test/postgres-server.ts';
import { environmentOf } from './work.ts';

export const isQuick = process.argv.includes('--quick');

/** Measures each contestant round by round; `words` are those of run.ts after the name. */
export async function race(
  names: readonly string[],
  rounds: number,
  words: (name: string) => readonly string[],
) {
  const postgres = await startPostgres({ durable: true });
  const database = { BENCH_DATABASE: postgres.connectionString };
  const environment = { ...process.env, ...environmentOf(), ...database };
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)), { env: environment });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const env = { ...environment, BENCH_ORIGIN: `http://127.0.0.1:${port}` };
  const run = fileURLToPath(new URL('run.ts', import.meta.url));
  const of = await takeTurns<string, Measured>({
    names,
    rounds,
    measure: (name) => {
      const all = ['--conditions=@polyrail/source', run, name, ...words(name)];
      return JSON.parse(execFileSync(process.execPath, all, { env, encoding: 'utf8' }));
    },
  });
  server.disconnect();
  await postgres.stop();
  return of;
}
