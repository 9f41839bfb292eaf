/**
 * gateway storm kill · main: `npm run storm:kill`. Gateway processes over HTTP and one database are killed
 * with -9 under load and started again; the books of the channels judge what is left.
 */
import { parseArgs } from 'node:util';
import { booksOf } from '../books.ts';
import { readOptions, refuse, say, wholeOf } from '../options.ts';
import { type Killed, killThem } from './killing.ts';
import { openScene, type Scene, type Storm, settle, type Undo } from './scene.ts';
import { judgeKills } from './verdict.ts';

const help = `Usage: npm run storm:kill -- [options]

Real gateway processes over HTTP and one database, killed with -9 under load and started again, against
simulators over HTTP. When all has ended the channels' own books judge: nothing lost, nothing doubled.

  --store S   sqlite: one process; postgres: three side by side (default sqlite). PostgreSQL is the server
              that DATABASE_URL names, in schemas of its own that are dropped, or one of this command's own
  --kills N   how many processes are killed (default 200)
  --seed S    a whole number: what is ordered, what fails and who is killed; when is the machine's
              (default 1)
  --speed N   how many times as fast as the wall clock time runs, 1 to 20 (default 10)
  --planted B a bug is put into the processes, and the run must catch it; B is the beginning of its name,
              as \`npm run storm -- --planted\` lists them
  --help`;

/** Most violations that are printed. */
const mostTold = 30;

/** What happened, and whether it was worth the while. */
function report({ load, balancer }: Scene, killed: Killed): void {
  const { asked, twice, again, thrown } = load.counts();
  const { messages, doubled } = balancer.counts();
  say(
    `Killed together ${killed.together}, while starting ${killed.early}; asked ${asked} times, ` +
      `${twice} of them of two at once, ${again} again; ${messages} notifications, ` +
      `${doubled} of them to two at once`,
  );
  for (const [error, count] of thrown) say(`  ${count} times: ${error}`);
}

function commandOf({ store, kills, seed, speed, planted }: Storm): string {
  const bug = planted === undefined ? '' : ` --planted '${planted}'`;
  return `npm run storm:kill -- --store ${store} --kills ${kills} --seed ${seed} --speed ${speed}${bug}`;
}

async function run(storm: Storm, signal: AbortSignal, undo: Undo): Promise<boolean> {
  const { store, kills, seed } = storm;
  const begun = performance.now();
  const scene = await openScene(storm, signal, undo);
  const { load, sites, heard, wrong } = scene;
  load.start();
  const killed = await killThem(scene, say);
  load.stop();
  const killedMs = performance.now() - begun;
  const all = await settle(scene, say);
  wrong.push(...judgeKills({ ...all, orders: load.orders, books: booksOf(sites), heard }));
  report(scene, killed);
  for (const what of wrong.slice(0, mostTold)) say(what);
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const tookMs = performance.now() - begun;
  say(
    `${kills} kills over ${store}, ${load.orders.length} payments of seed ${seed}, ` +
      `${all.emitted.length} events, ${wrong.length} violations; ` +
      `${seconds(killedMs)} of kills, ${seconds(tookMs)} in all`,
  );
  const { planted } = storm;
  if (planted !== undefined) say(`${wrong.length > 0 ? 'Caught' : 'NOT caught'}: ${planted}`);
  const isRight = wrong.length > 0 === (planted !== undefined);
  if (!isRight) say(`Again: ${commandOf(storm)}`);
  return isRight;
}

/** Takes everything down, also what stands when something failed or Ctrl-C was pressed. */
async function runWhole(storm: Storm): Promise<boolean> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => interrupted.abort(new Error(`Ended by ${name}`)));
  }
  const undo: Undo = [];
  try {
    return await run(storm, interrupted.signal, undo);
  } catch (error) {
    const { cause } = error as Error;
    say(String(interrupted.signal.aborted ? cause : (error as Error).stack));
    say(`Again: ${commandOf(storm)}`);
    return false;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

const read = () =>
  parseArgs({
    options: {
      store: { type: 'string', default: 'sqlite' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      speed: { type: 'string', default: '10' },
      planted: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;

/** The one bug whose name begins so. */
async function bugOf(beginning: string): Promise<string> {
  const { planted } = await import('../planted.ts');
  const [found, other] = planted.filter(({ name }) => name.startsWith(beginning));
  if (found !== undefined && other === undefined) return found.name;
  return refuse(`--planted must begin the name of one bug, and is ${beginning}`, help);
}

async function main(): Promise<boolean> {
  const values = readOptions(read, help);
  if (values.help) {
    say(help);
    return true;
  }
  const { store, planted } = values;
  if (store !== 'sqlite' && store !== 'postgres') {
    return refuse(`--store must be sqlite or postgres, and is ${store}`, help);
  }
  return runWhole({
    store,
    kills: wholeOf({ name: 'kills', text: values.kills, least: 1, most: 100_000 }, help),
    seed: wholeOf({ name: 'seed', text: values.seed, least: 0 }, help),
    speed: wholeOf({ name: 'speed', text: values.speed, least: 1, most: 20 }, help),
    planted: planted === undefined ? undefined : await bugOf(planted),
  });
}

process.exit((await main()) ? 0 : 1);
