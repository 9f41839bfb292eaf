/** contest · readers: a statement of a million lines, each reader in a process of its own. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Read } from './reading.ts';
import { printTable } from './table.ts';
import { type Standing, takeTurns } from './turns.ts';

export interface ReaderRace {
  readonly names: readonly string[];
  /** Packages that are built first, those depended on before: what is measured is what is published. */
  readonly build: readonly string[];
  /** A module without relative imports whose one export is `readers`. */
  readonly readers: URL;
  /** The program of the server: `LINES PATH` are its words, the path of the text it writes. */
  readonly server: URL;
  readonly environment: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly lines: number;
}

const packages = fileURLToPath(new URL('../..', import.meta.url));

function build(names: readonly string[]): void {
  for (const name of names) {
    const tsup = join(packages, '..', 'node_modules/.bin/tsup');
    execFileSync(tsup, ['--silent'], { cwd: join(packages, name), stdio: 'ignore' });
  }
}

/**
 * The program of a reader, as one text in plain JavaScript and without the source condition: reading
 * types would take memory of its own.
 */
function programOf(readers: URL): string {
  const plain = (file: URL): string => stripTypeScriptTypes(readFileSync(file, 'utf8'));
  const measuring = plain(new URL('reading.ts', import.meta.url));
  return `${plain(readers)}\n${measuring}\nawait measureReader(readers);\n`;
}

function print(race: ReaderRace, packedBytes: number, of: Standing<string, Read>): void {
  const rows = race.names.map((name) => [
    name,
    of(name, 'perSecond').toFixed(0),
    (of(name, 'cpuMs') / 1000).toFixed(1),
    of(name, 'peakMiB').toFixed(0),
  ]);
  const packed = (packedBytes / 1024 / 1024).toFixed(1);
  process.stdout.write(
    `${race.lines} lines, ${packed} MiB packed; medians of ${race.rounds} rounds\n\n` +
      `${printTable(['', 'lines/s', 'CPU s', 'peak MiB'], rows)}\n\n`,
  );
}

async function run(race: ReaderRace, textPath: string): Promise<Standing<string, Read>> {
  const env = { ...process.env, ...race.environment };
  const server = fork(fileURLToPath(race.server), [String(race.lines), textPath], { env });
  const [{ port, packedBytes }] = (await once(server, 'message')) as [
    { port: number; packedBytes: number },
  ];
  const program = programOf(race.readers);
  const measure = (name: string): Read => {
    const told = { BENCH_ORIGIN: `http://127.0.0.1:${port}`, BENCH_TEXT: textPath };
    const words = ['--input-type=module', '--eval', program];
    const printed = execFileSync(process.execPath, words, {
      cwd: dirname(fileURLToPath(race.readers)),
      env: { ...env, ...told, NODE_OPTIONS: '', BENCH_READER: name },
      encoding: 'utf8',
    });
    const read = JSON.parse(printed) as Read;
    if (read.lines === race.lines) return read;
    throw new Error(`${name} read ${read.lines} of ${race.lines} lines`);
  };
  try {
    const of = await takeTurns({ names: race.names, rounds: race.rounds, measure });
    print(race, packedBytes, of);
    return of;
  } finally {
    server.disconnect();
  }
}

/** Runs the race, prints its table, and gives the medians. `--quick` among the words: few lines, once. */
export async function raceReaders(race: ReaderRace): Promise<Standing<string, Read>> {
  const quick = process.argv.includes('--quick');
  build(race.build);
  const folder = mkdtempSync(join(tmpdir(), 'polyrail-bill-'));
  const short = { rounds: 1, lines: 20_000 };
  try {
    return await run(quick ? { ...race, ...short } : race, join(folder, 'bill.csv'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
