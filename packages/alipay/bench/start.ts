/** bench · start: what it costs to have the package - installed size, and the first import. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '@polyrail/contest';

const rounds = process.argv.includes('--quick') ? 3 : 21;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const pnpm = ['--yes', 'pnpm@12.21.0'];
const { dependencies } = JSON.parse(
  readFileSync(join(root, 'packages/alipay/package.json'), 'utf8'),
) as { dependencies: Readonly<Record<string, string>> };
const rivalVersion = '4.14.0';

const run = (words: readonly string[], cwd: string): string =>
  execFileSync(words[0] as string, words.slice(1), {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Packed as they would be published, installed as a user installs them. */
function installOurs(folder: string): void {
  run(['npm', 'run', '--silent', 'build'], root);
  for (const name of ['core', 'kit', 'alipay']) {
    run(['npx', ...pnpm, 'pack', '--pack-destination', folder], join(root, 'packages', name));
  }
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  run(
    ['npm', 'install', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)],
    folder,
  );
  for (const name of tarballs) rmSync(join(folder, name));
}

function emptyProject(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `polyrail-${name}-`));
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  return folder;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

const packagesIn = (folder: string): number =>
  run(['npm', 'ls', '--all', '--parseable'], folder).trim().split('\n').length - 1;

/** A process of its own for each import; the time is that of the import alone. */
function importMs(folder: string, name: string): number {
  const program = `const begun = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - begun);`;
  return Number(run([process.execPath, '--input-type=module', '-e', program], folder));
}

const contestants = [
  { name: '@polyrail/alipay', folder: emptyProject('ours'), install: installOurs },
  {
    name: 'alipay-sdk',
    folder: emptyProject('rival'),
    install: (folder: string) =>
      run(['npm', 'install', '--no-audit', '--no-fund', `alipay-sdk@${rivalVersion}`], folder),
  },
] as const;

try {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const { folder, install } of contestants) install(folder);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, folder } of contestants) times.get(name)?.push(importMs(folder, name));
  }
  const rows = contestants.map(({ name, folder }) => {
    const mebibytes = bytesBelow(join(folder, 'node_modules')) / 1024 / 1024;
    const ms = median(times.get(name) ?? []);
    return { name, mebibytes, count: packagesIn(folder), ms };
  });
  const [ours, rival] = rows as [(typeof rows)[number], (typeof rows)[number]];
  process.stdout.write(
    [
      `Installed from packed tarballs (${Object.keys(dependencies).length} direct dependencies); first import, medians of ${rounds}`,
      '',
      '|                  | import ms | installed MiB | packages |',
      '| ---------------- | --------: | ------------: | -------: |',
      ...rows.map(
        ({ name, ms, mebibytes, count }) =>
          `| ${name.padEnd(16)} | ${ms.toFixed(0).padStart(9)} | ${mebibytes.toFixed(1).padStart(13)} | ${String(count).padStart(8)} |`,
      ),
      '',
      `polyrail beside alipay-sdk: ${(ours.ms / rival.ms).toFixed(2)} × the import, ${(ours.mebibytes / rival.mebibytes).toFixed(2)} × the size`,
      '',
    ].join('\n'),
  );
} finally {
  for (const { folder } of contestants) rmSync(folder, { recursive: true, force: true });
}
