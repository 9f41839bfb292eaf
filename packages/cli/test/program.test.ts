import type { Site } from '@polyrail/simulator';
import { expect, test } from 'vitest';
import { type Channels, runCommand, type StartOptions } from '../src/index.ts';

/** Runs the command with a site that records what became of it. */
async function run(words: readonly string[], start?: () => Promise<Site>) {
  const seen = { out: '', error: '', options: undefined as StartOptions | undefined, stops: 0 };
  const site = {
    url: 'https://127.0.0.1:4000',
    channel: 'toy',
    seed: 7,
    discovery: () => ({ channel: 'toy' }),
    stop: async () => {
      seen.stops += 1;
    },
  } as unknown as Site;
  const channels: Channels = {
    toy: async () => async (options) => {
      seen.options = options;
      return start === undefined ? site : start();
    },
  };
  const code = await runCommand(words, {
    channels,
    write: (text) => {
      seen.out += text;
    },
    writeError: (text) => {
      seen.error += text;
    },
    stopped: async () => undefined,
  });
  return { code, ...seen };
}

test('sim hands its options on, prints where to look, and stops the site', async () => {
  const words = ['sim', 'toy', '--port', '4000', '--seed', '7', '--tls', '--host', '127.0.0.1'];
  const { code, out, error, options, stops } = await run(words);
  expect({ code, error, stops }).toEqual({ code: 0, error: '', stops: 1 });
  expect(options).toEqual({ port: 4000, seed: 7, tls: true, host: '127.0.0.1' });
  expect(out).toContain('https://127.0.0.1:4000/_sim/discovery');
  expect(out).toContain('seed        7');
  expect(out).toContain('curl --insecure');
});

test('--json prints the discovery document and nothing else', async () => {
  const { code, out, options } = await run(['sim', 'toy', '--json']);
  expect(code).toBe(0);
  expect(out).toBe('{"channel":"toy"}\n');
  expect(options).toEqual({ host: '127.0.0.1' });
});

test.each([
  [['sim', 'nope'], /no simulator for the channel 'nope'\. Known channels: toy/],
  [['sim', 'constructor'], /Known channels: toy/],
  [['sim'], /missing required argument 'channel'/],
  [['sim', 'toy', '--port', 'x'], /whole number from 0 to 65535/],
  [['sim', 'toy', '--port', '65536'], /whole number from 0 to 65535/],
  [['sim', 'toy', '--seed', '-1'], /whole number/],
  [['sim', 'toy', '--sed', '1'], /unknown option '--sed'/],
  [['simm', 'toy'], /unknown command 'simm'/],
])('%j is refused with 2 before anything starts', async (words, message) => {
  const { code, out, error, options } = await run(words);
  expect({ code, out, options }).toEqual({ code: 2, out: '', options: undefined });
  expect(error).toMatch(message);
});

test('a simulator that cannot start is 1, with its reason', async () => {
  const start = () => Promise.reject(new Error('listen EADDRINUSE: address already in use'));
  const { code, error } = await run(['sim', 'toy'], start);
  expect(code).toBe(1);
  expect(error).toBe('error: listen EADDRINUSE: address already in use\n');
});

test.each([[['--help']], [['sim', '--help']], [['--version']]])(
  '%j is answered with 0',
  async (words) => {
    const { code, out, error } = await run(words);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/Usage: polyrail|^\d+\.\d+\.\d+\n$/);
  },
);
