/** bench · main: every bench, one after the other; each says what it measured beside what. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const benches = {
  pay: 'the round trip of a payment',
  open: 'a notification verified and read',
  statement: 'a statement of a million lines',
  start: 'installed size and first import',
  simulator: "the simulator's answers",
} as const;
type Bench = keyof typeof benches;

const help = `Usage: npm run bench [-- NAME...] [-- --quick]

${Object.entries(benches)
  .map(([name, what]) => `  ${name.padEnd(12)}${what}`)
  .join('\n')}

Without a name all of them are run, some minutes in all. Ratios are of the same run; medians are printed.
  --quick   short rounds: to see that they run, not to quote
`;

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const named = words.filter((word) => !word.startsWith('--'));
const unknown = [...named, ...flags].find(
  (word) => !Object.hasOwn(benches, word) && word !== '--quick' && word !== '--help',
);
if (unknown !== undefined || flags.includes('--help')) {
  process.stdout.write(unknown === undefined ? help : `There is no bench ${unknown}\n\n${help}`);
  process.exit(unknown === undefined ? 0 : 2);
}

const chosen = (named.length > 0 ? named : Object.keys(benches)) as readonly Bench[];
for (const name of chosen) {
  process.stdout.write(`\n## ${name}: ${benches[name]}\n\n`);
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const quiet = '--disable-warning=ExperimentalWarning';
  const options = [quiet, '--conditions=@polyrail/source', path, ...flags];
  const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
