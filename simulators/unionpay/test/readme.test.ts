/** The programs of the README, executed as they stand there. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const room = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${room}README.md`, 'utf8');
const programs = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, code = '']) => code);

/** What a program prints, run from this room. */
async function printed(code: string): Promise<string> {
  const flags = ['--conditions=@polyrail/source', '--input-type=module-typescript'];
  const run = promisify(execFile);
  return (await run(process.execPath, [...flags, '-e', code], { cwd: room })).stdout;
}

it.each([
  [
    'order by hand',
    /^origRespMsg=成功\[0000000\]\n\{[\s\S]*state: 'SUCCEEDED',\s+debits: 1,\s+paid: 1000,/,
  ],
  ['a mount', /^Invalid request\.\n$/],
])('%s', async (_what, expected) => {
  const index = expected.source.startsWith('^Invalid') ? 1 : 0;
  expect(await printed(programs[index] ?? '')).toMatch(expected);
});
