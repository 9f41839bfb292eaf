/**
 * workspace · documents: writes what is generated - the catalogue of laws and the channel matrix.
 * `--check` writes nothing and fails where a document is stale.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import {
  catalogueOf,
  countOf,
  examine,
  laws,
  type MatrixEntry,
  matrixOf,
  type Subject,
} from '@polyrail/conformance';
import type { Channel } from '@polyrail/core';
import { alipaySubject } from '../packages/alipay/test/subject.ts';
import { unionPaySubject } from '../packages/unionpay/test/subject.ts';
import { wechatPaySubject } from '../packages/wechatpay/test/subject.ts';
import { wechatPayV2Subject } from '../packages/wechatpay-v2/test/subject.ts';

const root = new URL('..', import.meta.url);
const check = process.argv.includes('--check');

/** One channel as the matrix shows it: its capabilities, and the laws it keeps right now. */
async function entryOf(subject: Subject): Promise<MatrixEntry> {
  const site = await subject.start();
  const channel: Channel = subject.create(site, {});
  await site.stop();
  const report = await examine(subject);
  const failed = countOf(report, 'FAIL');
  if (failed > 0) throw new Error(`${subject.name} breaks ${failed} laws: the matrix must wait`);
  const applicable = report.results.length - countOf(report, 'N/A');
  const waived = countOf(report, 'WAIVED');
  const rest = waived === 0 ? '' : `, ${waived} waived`;
  return { channel, laws: `${countOf(report, 'PASS')} of ${applicable}${rest}` };
}

function between(text: string, marker: string, content: string): string {
  const [before, rest] = text.split(`<!-- ${marker} -->`);
  const after = rest?.split(`<!-- /${marker} -->`)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`README.md has no <!-- ${marker} --> … <!-- /${marker} -->`);
  }
  return `${before}<!-- ${marker} -->\n\n${content}\n<!-- /${marker} -->${after}`;
}

/** Every channel in the mode with the most verbs. */
const subjects = [
  alipaySubject('certificate'),
  wechatPaySubject('public-key'),
  wechatPayV2Subject('HMAC-SHA256'),
  unionPaySubject('rsa'),
] as readonly unknown[] as readonly Subject[];
const entries: MatrixEntry[] = [];
for (const subject of subjects) entries.push(await entryOf(subject));
const matrix = matrixOf(entries);
const documents: Readonly<Record<string, (text: string) => string>> = {
  'conformance/LAWS.md': () => catalogueOf(laws),
  'README.md': (text) => between(text, 'matrix', matrix),
};

/** As the formatter leaves it: what is generated must not be changed by the next `npm run format`. */
const formatted = (path: string, text: string): string =>
  execFileSync('biome', ['format', `--stdin-file-path=${path}`], { input: text, encoding: 'utf8' });

const stale: string[] = [];
for (const [path, make] of Object.entries(documents)) {
  const url = new URL(path, root);
  const text = await readFile(url, 'utf8').catch(() => '');
  const made = formatted(path, make(text));
  if (made === text) continue;
  stale.push(path);
  if (!check) await writeFile(url, made);
}
const verb = check ? 'stale' : 'written';
console.log(stale.length === 0 ? 'Documents are up to date.' : `${verb}: ${stale.join(', ')}`);
process.exitCode = check && stale.length > 0 ? 1 : 0;
