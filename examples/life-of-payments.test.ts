/** examples · life-of-payments: the story is told to its end, and a story gone wrong says so. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createNarrator } from './life-of-payments/narrator.ts';
import { type Act, play } from './life-of-payments/play.ts';

const program = new URL('life-of-payments/main.ts', import.meta.url).pathname;

/** How long a call took differs from run to run. */
const timeless = (text: string): string => text.replaceAll(/ +\d+ ms/g, ' some ms');

function start(...words: string[]) {
  const child = spawn(process.execPath, ['--conditions=@polyrail/source', program, ...words]);
  let printed = '';
  let waiting: (() => void)[] = [];
  const hear = (chunk: unknown) => {
    printed += String(chunk);
    for (const wake of waiting.splice(0)) wake();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = new Promise<number | null>((resolve) => {
    child.on('close', (exitCode) => {
      resolve(exitCode);
      for (const wake of waiting.splice(0)) wake();
    });
  });
  const said = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const [found] = pattern.exec(printed) ?? [];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`It ended and never said ${pattern}`);
      await new Promise<void>((resolve) => {
        waiting = [...waiting, resolve];
      });
    }
  };
  return { child, code, said, text: () => printed };
}

// Each waits for a story that is told in its own time.
describe.concurrent('npm start', () => {
  it('tells the whole story with --once, and exits 0', async () => {
    const told = start('--once');
    expect(await told.code, told.text()).toBe(0);
    const text = told.text();
    expect(text).toMatch(/\n {2}\d{2} checks passed, 0 failed\.\n/);
    expect(text).not.toContain('✗');
    expect(text).toBe(stripVTControlCharacters(text));
    expect(text.split('\n').filter((line) => [...line].length > 100)).toEqual([]);
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, shown = 'nothing'] = /```text\n(.*?)```/s.exec(readme) ?? [];
    expect(timeless(text)).toContain(timeless(shown));
    for (const scene of ['qr', 'barcode', 'page', 'h5', 'app', 'in-wallet']) {
      expect(text).toMatch(new RegExp(`→ pay +${scene} `));
    }
    for (const verb of ['query', 'close', 'reverse', 'cancel', 'refund', 'queryRefund']) {
      expect(text).toContain(`→ ${verb} `);
    }
  });

  it('stays up, tells what a person pays, and stops politely', async () => {
    const told = start();
    try {
      const address = await told.said(/http\S+cashier\?qr=\S+/);
      const page = await (await fetch(address)).text();
      const [, ticket = ''] = /name="ticket" value="([^"]+)"/.exec(page) ?? [];
      const body = new URLSearchParams({ ticket, decision: 'approve' });
      await fetch(new URL('/_sim/cashier', address), { method: 'POST', body, redirect: 'manual' });
      await told.said(/← notification +yours +succeeded/);
      told.child.kill('SIGINT');
      expect(await told.code).toBe(0);
    } finally {
      told.child.kill('SIGKILL');
    }
  });

  it('explains itself, and refuses what it does not know', async () => {
    const help = start('--help');
    expect([await help.code, help.text()]).toEqual([0, expect.stringContaining('--once')]);
    const misspelt = start('--onec');
    expect([await misspelt.code, misspelt.text()]).toEqual([2, expect.stringContaining('--once')]);
  });
});

describe('a story gone wrong', () => {
  const told = async (act: Act) => {
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    return { code: await play([act], { write, colours: false }), text };
  };

  it('ends with 1 when a check does not hold', async () => {
    const { code, text } = await told(async ({ narrator }) => narrator.check('Two is one', 2, 1));
    expect(code).toBe(1);
    expect(text).toContain('    ✗ Two is one\n      expected 1, found 2\n');
    expect(text).toContain('0 checks passed, 1 failed.');
  });

  it('ends with 1 when an act breaks off, and skips the rest', async () => {
    const { code, text } = await told(() => Promise.reject(new Error('no stage')));
    expect(code).toBe(1);
    expect(text).toContain('The story broke off: no stage');
  });

  it('ends with 0 when all holds', async () => {
    const { code } = await told(async ({ narrator }) => narrator.check('One is one', 1, 1));
    expect(code).toBe(0);
  });
});

it('paints only when asked to', () => {
  const painted: string[] = [];
  const narrator = createNarrator({ write: (text) => painted.push(text), colours: true });
  narrator.line({ actor: 'call', verb: 'pay', status: 'succeeded', ms: 1 });
  expect(painted.join('')).not.toBe(stripVTControlCharacters(painted.join('')));
});
