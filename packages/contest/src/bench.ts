/** contest · bench: every bench of every room, one after the other; each says what it measured. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Bench {
  /** `room/name`. */
  readonly id: string;
  readonly what: string;
  readonly path: string;
}

const packages = fileURLToPath(new URL('../..', import.meta.url));

/** A room's folder `bench` lists what it holds: each name is a program beside the list. */
async function benchesOf(list: string): Promise<readonly Bench[]> {
  const folder = dirname(join(packages, list));
  const room = basename(dirname(folder));
  const { benches } = (await import(pathToFileURL(join(packages, list)).href)) as {
    benches: Readonly<Record<string, string>>;
  };
  return Object.entries(benches).map(([name, what]) => {
    return { id: `${room}/${name}`, what, path: join(folder, `${name}.ts`) };
  });
}

const lists = globSync('*/bench/benches.ts', { cwd: packages }).sort();
const benches = (await Promise.all(lists.map(benchesOf))).flat();

const help = `Usage: npm run bench [-- NAME...] [-- --quick]

${benches.map(({ id, what }) => `  ${id.padEnd(26)}${what}`).join('\n')}

A NAME is one of these, a room (all of its benches), or a bench (of all rooms). Without one all of
them are run, some twenty minutes. Ratios are of the same run; medians are printed.
  --quick   short rounds: to see that they run, not to quote
`;

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const named = words.filter((word) => !word.startsWith('--'));
const isCalled = ({ id }: Bench, name: string): boolean => [id, ...id.split('/')].includes(name);
const unknown =
  named.find((name) => !benches.some((bench) => isCalled(bench, name))) ??
  flags.find((flag) => flag !== '--quick' && flag !== '--help');
if (unknown !== undefined || flags.includes('--help')) {
  process.stdout.write(unknown === undefined ? help : `There is no bench ${unknown}\n\n${help}`);
  process.exit(unknown === undefined ? 0 : 2);
}

for (const bench of benches) {
  if (named.length > 0 && !named.some((name) => isCalled(bench, name))) continue;
  process.stdout.write(`\n## ${bench.id}: ${bench.what}\n\n`);
  const quiet = '--disable-warning=ExperimentalWarning';
  const options = [quiet, '--conditions=@polyrail/source', bench.path, ...flags];
  const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
