/** bench · statement: a bill of a million lines, streamed, beside a CSV parser that has it unpacked. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Read } from './lines.ts';
import { median } from './median.ts';
import { makePair } from './work.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;
const lines = quick ? 20_000 : 1_000_000;

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const root = path('../../..');
for (const name of ['core', 'kit', 'alipay']) {
  const cwd = join(root, 'packages', name);
  execFileSync(join(root, 'node_modules/.bin/tsup'), ['--silent'], { cwd, stdio: 'ignore' });
}

const folder = mkdtempSync(join(tmpdir(), 'polyrail-bill-'));
const textPath = join(folder, 'bill.csv');
const merchant = makePair();
const platform = makePair();
const server = fork(path('billed.ts'), [String(lines), textPath], {
  env: { ...process.env, BENCH_PLATFORM_KEY: platform.privateKey },
});
const [{ port, packedBytes }] = (await once(server, 'message')) as [
  { port: number; packedBytes: number },
];
const environment = {
  ...process.env,
  BENCH_MERCHANT_KEY: merchant.privateKey,
  BENCH_PLATFORM_PUBLIC: platform.publicKey,
  BENCH_GATEWAY: `http://127.0.0.1:${port}/gateway.do`,
  BENCH_TEXT: textPath,
};
// Plain JavaScript and no source condition: reading types would take memory of its own.
const program = stripTypeScriptTypes(readFileSync(path('lines.ts'), 'utf8'));

function measure(reader: string): Read {
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: path('.'),
    env: { ...environment, NODE_OPTIONS: '', BENCH_READER: reader },
    encoding: 'utf8',
  });
  const read = JSON.parse(printed) as Read;
  if (read.lines !== lines) throw new Error(`${reader} read ${read.lines} of ${lines} lines`);
  return read;
}

const names = ['polyrail', 'csv-parse'] as const;
const results = new Map<string, Read[]>(names.map((name) => [name, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round) % names.length] as string;
      results.get(name)?.push(measure(name));
    }
  }
} finally {
  server.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

const of = (name: string, member: keyof Read): number =>
  median((results.get(name) ?? []).map((read) => read[member]));
const share = of('polyrail', 'perSecond') / of('csv-parse', 'perSecond');
const packedMiB = (packedBytes / 1024 / 1024).toFixed(1);
process.stdout.write(
  [
    `${lines} lines, ${packedMiB} MiB packed; medians of ${rounds} rounds`,
    '',
    '|           | lines/s | CPU s | peak MiB |',
    '| --------- | ------: | ----: | -------: |',
    ...names.map((name) => {
      const cells = [
        of(name, 'perSecond').toFixed(0).padStart(7),
        (of(name, 'cpuMs') / 1000).toFixed(1).padStart(5),
        of(name, 'peakMiB').toFixed(0).padStart(8),
      ];
      return `| ${name.padEnd(9)} | ${cells.join(' | ')} |`;
    }),
    '',
    `polyrail beside csv-parse alone: ${share.toFixed(2)} × the lines a second; ` +
      `peak ${of('polyrail', 'peakMiB').toFixed(0)} MiB (goal below 150)`,
    '',
  ].join('\n'),
);
