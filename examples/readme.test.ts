/** examples · readme: what the README shows is what runs. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The code blocks of a language below a heading, up to the next one. */
function blocksUnder(heading: string, language: string): readonly string[] {
  const readme = read('../README.md');
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  const pattern = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs');
  return [...text.matchAll(pattern)].map(([, code = '']) => code);
}

/** The file without the line that says what it is. */
const program = (path: string): string => read(path).replace(/^\/\*\* .* \*\/\n/, '');

it('shows the first payment as it is executed', () => {
  expect(blocksUnder('First payment', 'ts')[0]).toBe(program('first-payment/main.ts'));
});

it('runs it to the money', () => {
  const path = new URL('first-payment/main.ts', import.meta.url).pathname;
  // Throws for any other exit code than 0.
  const printed = execFileSync(process.execPath, ['--conditions=@polyrail/source', path]);
  expect(String(printed)).toMatch(/^pending \{ kind: 'qr', text: '.+' \}\nsucceeded signed\n$/);
});

it('keeps the places that are filled by others', () => {
  const readme = read('../README.md');
  for (const name of ['matrix', 'bench']) {
    expect(readme).toMatch(new RegExp(`\n<!-- ${name} -->\n[^]*?<!-- /${name} -->\n`));
  }
});
