/** ci · gate: everything beside the tests, step by step; counts what passed and what failed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { countTests } from './counts.ts';
import { exampleFolders, runExample } from './examples.ts';
import { checkTarball, importEverything, packAll } from './packing.ts';
import { type Check, run } from './run.ts';

const [results = ''] = process.argv.slice(2);
const tarballs = join(results, 'tarballs');
mkdirSync(tarballs, { recursive: true });

const command = (name: string, words: readonly string[]): Check => ({
  name,
  check: () => run(words),
});

/** Those since the first commit are all there are, on whichever branch this is. */
function readChangesets(): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-list', '--max-parents=0', 'HEAD'], {
    encoding: 'utf8',
  });
  // A copy without its history cannot be asked.
  if (status !== 0) return undefined;
  return run(['changeset', 'status', '--since', stdout.trim().split('\n').at(-1) ?? '']);
}

/** In this order: what is packed must have been built. */
const checks: readonly Check[] = [
  command('format and lint', ['biome', 'check', '--error-on-warnings', '.']),
  command('types', ['tsc', '--project', '.config/tsconfig.json']),
  command('who imports whom', ['npm', 'run', '--silent', 'boundaries']),
  command('nothing unused', ['npm', 'run', '--silent', 'unused']),
  command('generated documents', ['npm', 'run', '--silent', 'documents', '--', '--check']),
  { name: 'changesets', check: readChangesets },
  command('build', ['npm', 'run', '--silent', 'build']),
  { name: 'pack', check: () => packAll(tarballs) },
  { name: 'tarballs', check: () => checkTarball(tarballs) },
  { name: 'installed copies', check: () => importEverything(tarballs, join(results, 'empty')) },
  ...exampleFolders().map((name) => ({ name: `example ${name}`, check: () => runExample(name) })),
];

let { passed, failed, skipped } = countTests(join(results, 'tests.json'));
console.log(`\nTests: ${passed} passed, ${failed} failed, ${skipped.length} skipped.`);
for (const name of skipped) console.log(`SKIPPED ${name}`);
for (const { name, check } of checks) {
  const begun = performance.now();
  const problem = await Promise.resolve()
    .then(check)
    .catch((error: unknown) => String(error));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (problem === undefined) passed += 1;
  else failed += 1;
  console.log(`${problem === undefined ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
  if (problem !== undefined) console.log(problem);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
