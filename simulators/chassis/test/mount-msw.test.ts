/** Real host names without a server: the mount on Mock Service Worker. */

import { watchNetwork } from '@polyrail/contest';
import { setupServer } from 'msw/node';
import { afterEach, expect, it, vi } from 'vitest';
import { mountInProcess } from '../src/index.ts';
import { mountMsw, mswHandlers } from '../src/mounts/msw.ts';
import { clients, describeMount, hosted, toyOrigin } from './mount-suite.ts';

describeMount({
  name: 'msw',
  // The merchant's stand-in server and a second mount are nobody's mistake here.
  mount: (site, options) => mountMsw(site, { ...options, onUnhandledFrame: 'bypass' }),
  through: ['node:https', 'undici', 'fetch'],
});

afterEach(() => vi.restoreAllMocks());

it('is handlers of the merchant, too: setupServer sees node:https and fetch', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const network = watchNetwork();
  const server = setupServer(...mswHandlers(site));
  server.listen({ onUnhandledFrame: 'error' });
  try {
    for (const name of ['node:https', 'fetch'] as const) {
      const body = Buffer.from([0, 255, 254]);
      const reply = await clients[name](`${toyOrigin}/mirror`, { body });
      expect(reply.body.equals(body)).toBe(true);
    }
    expect(network.attempts).toEqual([]);
    // Quirk: msw's own server would let this out of the process. The mount does not.
    await expect(clients.undici(`${toyOrigin}/mirror`)).rejects.toThrow();
    expect(network.attempts).toEqual(['lookup pay.toy.example']);
  } finally {
    server.close();
    network.stop();
  }
});

it('warns of strangers as msw does, or refuses them, and takes further handlers', async () => {
  const { http, HttpResponse } = await import('msw');
  await using site = await mountInProcess(hosted, { seed: 1 });
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const network = watchNetwork();
  const own = http.get('https://shop.example/', () => HttpResponse.text('ours'));
  {
    await using stood = await mountMsw(site, { handlers: [own] });
    const ask = (name: string) => clients.undici(`https://${name}.example/`, { method: 'GET' });
    expect((await ask('shop')).body.toString()).toBe('ours');
    stood.use(http.get('https://once.example/', () => HttpResponse.text('for one test')));
    expect((await ask('once')).body.toString()).toBe('for one test');
    expect(warn).not.toHaveBeenCalled();
    await expect(ask('stranger')).rejects.toThrow();
    expect(warn).toHaveBeenCalledOnce();
    expect(network.attempts).toContain('lookup stranger.example');
  }
  network.attempts.length = 0;
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await using _strict = await mountMsw(site, { onUnhandledFrame: 'error' });
  await expect(clients.fetch('https://stranger.example/')).rejects.toThrow();
  expect(network.attempts).toEqual([]);
  network.stop();
});
