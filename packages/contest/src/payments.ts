/** contest · payments: the round trip of a payment, each contestant against the same server. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Measured } from './burst.ts';
import { printTable } from './table.ts';
import { type Standing, takeTurns } from './turns.ts';

export interface PaymentRace {
  /** How many payments a round is: slower contestants pay fewer times. */
  readonly counts: Readonly<Record<string, number>>;
  /** The program of one contestant. */
  readonly run: URL;
  /** The program of the server. */
  readonly server: URL;
  /** Keys of this run, for both. */
  readonly environment: Readonly<Record<string, string>>;
  readonly rounds: number;
}

const quickCount = 300;

/** How this run went, above every table. */
export function circumstances(rounds: number): string {
  const [processor] = cpus();
  const load = loadavg()[0]?.toFixed(1);
  return `Node ${process.version}, ${cpus().length} × ${processor?.model.trim()}, load ${load}; medians of ${rounds} rounds`;
}

/** The table of a race of payments, below how it went. */
export function paymentsTable(
  names: readonly string[],
  rounds: number,
  of: Standing<string, Measured>,
): string {
  const heads = ['', 'payments/s', 'p50 ms', 'p99 ms', 'CPU ms each'];
  const rows = names.map((name) => [
    name,
    of(name, 'perSecond').toFixed(0),
    of(name, 'p50Ms').toFixed(1),
    of(name, 'p99Ms').toFixed(1),
    of(name, 'cpuMs').toFixed(3),
  ]);
  return `${circumstances(rounds)}\n\n${printTable(heads, rows)}\n\n`;
}

/** Runs the race, prints its table, and gives the medians. `--quick` among the words: one short round. */
export async function racePayments(race: PaymentRace): Promise<Standing<string, Measured>> {
  const quick = process.argv.includes('--quick');
  const rounds = quick ? 1 : race.rounds;
  const environment = { ...process.env, ...race.environment };
  const server = fork(fileURLToPath(race.server), { env: environment });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const origin = { BENCH_ORIGIN: `http://127.0.0.1:${port}` };
  const names = Object.keys(race.counts);
  const measure = async (name: string): Promise<Measured> => {
    server.send('renew');
    await once(server, 'message');
    const count = String(quick ? quickCount : race.counts[name]);
    const words = ['--conditions=@polyrail/source', fileURLToPath(race.run), name, count];
    const env = { ...environment, ...origin };
    return JSON.parse(execFileSync(process.execPath, words, { env, encoding: 'utf8' }));
  };
  const of = await takeTurns({ names, rounds, measure });
  server.disconnect();
  process.stdout.write(paymentsTable(names, rounds, of));
  return of;
}
