import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url).pathname;
const children: ChildProcess[] = [];

function polyrail(...words: string[]) {
  const child = spawn(process.execPath, ['--conditions=@polyrail/source', main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const seen = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    seen.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    seen.error += chunk.toString();
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const until = async (ready: (out: string) => boolean) => {
    while (!ready(seen.out)) {
      const ended = await Promise.race([once(child.stdout, 'data').then(() => false), closed]);
      if (ended !== false) throw new Error(`ended with ${ended}: ${seen.error}`);
    }
    return seen.out;
  };
  return { child, seen, closed, until };
}

function get(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, (incoming) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('--version and an unknown channel, as a process', async () => {
  const version = polyrail('--version');
  expect(await version.closed).toBe(0);
  expect(version.seen.out).toMatch(/^\d+\.\d+\.\d+\n$/);

  const unknown = polyrail('sim', 'nopay');
  expect(await unknown.closed).toBe(2);
  expect(unknown.seen.out).toBe('');
  expect(unknown.seen.error).toContain('Known channels: alipay');
});

test('sim alipay --json prints one line, serves that discovery, and stops at SIGTERM', async () => {
  const running = polyrail('sim', 'alipay', '--seed', '7', '--json');
  const line = await running.until((out) => out.endsWith('\n'));
  const discovery = JSON.parse(line) as { channel: string; baseUrl: string };
  expect(line.trimEnd()).not.toContain('\n');
  expect(discovery.channel).toBe('alipay');
  expect(discovery.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

  const served = await get(`${discovery.baseUrl}/_sim/discovery`);
  expect(served.status).toBe(200);
  expect(JSON.parse(served.body)).toEqual(discovery);

  running.child.kill('SIGTERM');
  expect(await running.closed).toBe(0);
  expect(running.seen).toEqual({ out: line, error: '' });
  await expect(get(`${discovery.baseUrl}/_sim/discovery`)).rejects.toThrow(/ECONNREFUSED/);
});

test('without --json a person reads where to look; Ctrl-C stops it', async () => {
  const running = polyrail('sim', 'alipay');
  const out = await running.until((text) => text.includes('Ctrl-C'));
  const console = /console\s+(\S+)/.exec(out)?.[1] ?? '';
  const page = await get(console);
  expect(page.status).toBe(200);
  expect(page.body).toContain('alipay simulator');
  running.child.kill('SIGINT');
  expect(await running.closed).toBe(0);
  expect(running.seen.out).toMatch(/Stopped\.\n$/);
});

test('a reader that leaves early stops nothing, and is no failure', async () => {
  const running = polyrail('sim', 'alipay');
  const out = await running.until((text) => text.includes('Ctrl-C'));
  running.child.stdout?.destroy();
  const discovery = /discovery\s+(\S+)/.exec(out)?.[1] ?? '';
  expect((await get(discovery)).status).toBe(200);
  running.child.kill('SIGINT');
  expect(await running.closed).toBe(0);
  expect(running.seen.error).toBe('');
});
