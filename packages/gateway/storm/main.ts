/**
 * gateway storm · main: `npm run storm`. Slices of the payments go to worker processes; a failure is
 * shrunk and told as one line that replays it.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { happenings, sometimes } from './chronicle.ts';
import { type LogBook, noLogBook, openLogBook } from './log-book.ts';
import { readOptions, type Shard, say, shardOf, wholeOf } from './options.ts';
import {
  reportWorld,
  type StormReport,
  summarize,
  type WorldReport,
  worldNumbers,
  worldsIn,
} from './run.ts';
import { describeFailing, kindOf, replayLine, shrink } from './shrink.ts';
import { runWorld } from './world.ts';

const help = `Usage: npm run storm -- [options]

Real adapters, the real gateway and real simulators on one virtual clock, with faults, crashes and
payers of every kind. The channels' own books judge. The same seed is the same storm.

  --payments N   how many payments (default 10000)
  --seed S       a whole number (default 1)
  --workers N    processes that share the work (default 2; 0 works in this one)
  --shard K/N    runs one of N equal parts, for several machines or several nights
  --resume FILE  keeps what each world came to in a file, and goes on where that file ends
  --only A,B     runs these payments alone and prints what happens
  --drop P,Q     leaves parts of their scripts out, as a printed replay says
  --planted      runs every planted bug and prints after how many payments it is caught
  --help`;

export interface Slice {
  readonly seed: number;
  readonly payments: number;
  readonly worlds: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);

function createBar(total: number, before: number) {
  const begun = performance.now();
  let [done, shown] = [before, 0];
  const isTerminal = process.stderr.isTTY === true;
  const show = (): void => {
    const seconds = (performance.now() - begun) / 1000;
    const rate = (done - before) / Math.max(0.001, seconds);
    const left = Math.round((total - done) / Math.max(0.001, rate));
    const filled = Math.round((30 * done) / total);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(30 - filled)}`;
    const text = `${bar} ${done}/${total}  ${rate.toFixed(0)} payments/s  ${left} s left`;
    process.stderr.write(isTerminal ? `\r${text}   ` : `${text}\n`);
  };
  return {
    add(payments: number): void {
      done += payments;
      const now = performance.now();
      if (now - shown < (isTerminal ? 200 : 10_000) && done < total) return;
      shown = now;
      show();
    },
    end: () => void (isTerminal && process.stderr.write('\n')),
  };
}

/** One worker's slice; it reports world by world. */
function runSlice(slice: Slice, told: (report: WorldReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('worker.ts', import.meta.url), {
      execArgv: ['--conditions=@polyrail/source', '--no-warnings'],
    });
    child.on('message', told);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A worker ended with ${code}`));
    });
    child.send(slice);
  });
}

function warn({ world, violations }: WorldReport): void {
  for (const { what } of violations) process.stderr.write(`\nWorld ${world} broke: ${what}\n`);
}

interface Storm {
  readonly seed: number;
  readonly shard: Shard;
  readonly payments: number;
  readonly workers: number;
  readonly logBook: LogBook;
}

const paymentsIn = (worlds: readonly number[], payments: number): number =>
  sum(worlds.map((world) => worldNumbers(world, payments).length));

async function runAll({ seed, payments, shard, workers, logBook }: Storm): Promise<StormReport> {
  const reports = [...logBook.reports];
  const done = new Set(reports.map(({ world }) => world));
  const worlds = worldsIn(payments, shard);
  const total = paymentsIn(worlds, payments);
  const bar = createBar(total, sum(reports.map((report) => report.payments)));
  const told = (report: WorldReport): void => {
    reports.push(report);
    logBook.add(report);
    bar.add(report.payments);
    // Told at once: the end of a long storm may be hours away.
    warn(report);
  };
  for (const report of logBook.reports) warn(report);
  const open = worlds.filter((world) => !done.has(world));
  if (workers === 0) for (const world of open) told(await reportWorld({ seed, payments }, world));
  else {
    const slices = Array.from({ length: workers }, (_, worker) =>
      open.filter((_, index) => index % workers === worker),
    );
    await Promise.all(slices.map((slice) => runSlice({ seed, payments, worlds: slice }, told)));
  }
  bar.end();
  return summarize(reports);
}

function table({ counts }: StormReport): string {
  const rows = happenings.map((name) => [name, counts[name] ?? 0] as const);
  const faults = Object.entries(counts)
    .filter(([name]) => name.startsWith('fault '))
    .map(([name, count = 0]) => [name, count] as const);
  const must = new Set<string>(sometimes);
  const line = ([name, count]: readonly [string, number]) =>
    `  ${must.has(name) ? '*' : ' '} ${name.padEnd(34)}${String(count).padStart(9)}`;
  const others = faults.toSorted(([, one], [, other]) => other - one);
  return [...rows, ...others].map(line).join('\n');
}

/** Shows a failure as short as it can be made. */
async function explain(failing: Parameters<typeof shrink>[0]) {
  const short = await shrink(failing);
  const { violations } = await runWorld(short);
  for (const { what } of violations.slice(0, 3)) say(`  ${what}`);
  say(describeFailing(short));
  say(`Replay: ${replayLine(short)}`);
}

async function only(options: { seed: number; payments: readonly number[]; drop: string }) {
  const { seed, payments } = options;
  const without = new Set(options.drop === '' ? [] : options.drop.split(','));
  const result = await runWorld({ seed, payments, without, keepLog: true });
  say(describeFailing({ seed, payments, without }));
  say(result.log.join('\n'));
  for (const { at, what } of result.violations)
    say(`VIOLATION ${new Date(at).toISOString()} ${what}`);
  say(`${result.violations.length} violations, hash ${result.hash}`);
  return result.violations.length === 0;
}

async function storm(options: Storm) {
  const begun = performance.now();
  const report = await runAll(options);
  const seconds = (performance.now() - begun) / 1000;
  say(table(report));
  const { payments, hash, failed, missing, cpuMs } = report;
  const before = sum(options.logBook.reports.map((done) => done.payments));
  const rate = ((payments - before) / seconds).toFixed(0);
  const resumed = before === 0 ? '' : ` after ${before} of its log book`;
  const perCpu = (payments / (cpuMs / 1000)).toFixed(0);
  const { part, parts } = options.shard;
  const whole = parts === 1 ? '' : ` (shard ${part}/${parts} of ${options.payments})`;
  say(
    `${payments} payments${whole} of seed ${options.seed} in ${seconds.toFixed(1)} s${resumed} (${rate}/s; ` +
      `${(cpuMs / 1000).toFixed(1)} s of CPU, ${perCpu}/s of one core)`,
  );
  say(`hash ${hash}`);
  for (const { world, violations } of failed.slice(0, 3)) {
    const [first] = violations;
    say(`World ${world} broke ${violations.length} times: ${first?.what}`);
    const { seed } = options;
    const all = worldNumbers(world, options.payments);
    const kind = kindOf(first?.what ?? '');
    await explain({ seed, payments: all, without: new Set(), blamed: first?.payment, kind });
  }
  // A short run cannot be asked to have met everything.
  const asked = payments >= 5000 ? missing : [];
  for (const name of asked) say(`It never came to: ${name}`);
  say(`${sum(failed.map(({ violations }) => violations.length))} violations`);
  return failed.length === 0 && asked.length === 0;
}

/** Every planted bug, and after how many payments it was caught. */
async function showPlanted(seed: number): Promise<boolean> {
  const { catchPlanted, planted } = await import('./planted.ts');
  let all = true;
  for (const bug of planted) {
    const { after, what } = await catchPlanted(bug, { seed });
    all &&= after !== undefined;
    const caught = after === undefined ? `NOT within ${bug.within}` : `within ${after}`;
    say(`${bug.name.padEnd(58)} ${caught.padStart(16)}  ${what}`);
  }
  return all;
}

const read = () =>
  parseArgs({
    options: {
      payments: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      shard: { type: 'string', default: '1/1' },
      resume: { type: 'string' },
      only: { type: 'string' },
      drop: { type: 'string', default: '' },
      planted: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;

async function main(): Promise<boolean> {
  const values = readOptions(read, help);
  if (values.help) {
    say(help);
    return true;
  }
  const seed = wholeOf({ name: 'seed', text: values.seed, least: 0 }, help);
  if (values.planted) return showPlanted(seed);
  if (values.only !== undefined) {
    const payments = values.only
      .split(',')
      .map((text) => wholeOf({ name: 'only', text, least: 0 }, help));
    return only({ seed, payments, drop: values.drop });
  }
  const payments = wholeOf({ name: 'payments', text: values.payments, least: 1 }, help);
  const { resume } = values;
  const shard = shardOf(values.shard, help);
  const logBook = readOptions(
    () =>
      resume === undefined
        ? noLogBook
        : openLogBook(resume, { seed, payments, shard: values.shard }),
    help,
  );
  const workers = wholeOf({ name: 'workers', text: values.workers, least: 0 }, help);
  return storm({ seed, payments, shard, logBook, workers });
}

process.exitCode = (await main()) ? 0 : 1;
