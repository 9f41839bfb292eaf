/** Real host names without a server: a dispatcher of undici, global or not. */

import { watchNetwork } from '@polyrail/contest';
import { Agent, getGlobalDispatcher, MockAgent, request, setGlobalDispatcher } from 'undici';
import { expect, it } from 'vitest';
import { mountInProcess } from '../src/index.ts';
import { mountUndici } from '../src/mounts/undici.ts';
import { clients, describeMount, hosted, toyOrigin } from './mount-suite.ts';

describeMount({ name: 'undici', mount: mountUndici, through: ['undici', 'fetch'] });

it('stays private when told: only who is given the dispatcher goes by it', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const before = getGlobalDispatcher();
  const network = watchNetwork();
  {
    await using stood = await mountUndici(site, { global: false });
    expect(getGlobalDispatcher()).toBe(before);
    const { dispatcher } = stood;
    const reply = await request(`${toyOrigin}/mirror?"|`, { dispatcher, method: 'PUT', body: 'ä' });
    expect(await reply.body.text()).toBe('ä');
    expect(reply.headers['x-target']).toMatch(/^\/mirror\?/);
    expect(network.attempts).toEqual([]);
    await expect(clients.undici(`${toyOrigin}/empty`)).rejects.toThrow();
  }
  network.stop();
});

it('passes everything else to the dispatcher it was told', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const fallback = new MockAgent();
  fallback.disableNetConnect();
  fallback.get('https://shop.example').intercept({ path: '/' }).reply(200, 'ours');
  await using _stood = await mountUndici(site, { fallback });
  const reply = await clients.undici('https://shop.example/', { method: 'GET' });
  expect(reply.body.toString()).toBe('ours');
  await expect(clients.undici('https://stranger.example/')).rejects.toThrow();
  await fallback.close();
});

it('is taken off in any order', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const before = getGlobalDispatcher();
  const network = watchNetwork();
  const first = await mountUndici(site);
  const second = await mountUndici(site, { origins: ['https://second.example'] });
  await first.stop();
  expect((await clients.fetch('https://second.example/empty')).status).toBe(204);
  await expect(clients.fetch(`${toyOrigin}/empty`)).rejects.toThrow();
  await second.stop();
  await expect(clients.fetch('https://second.example/empty')).rejects.toThrow();
  setGlobalDispatcher(before);
  network.stop();
});

it('leaves a dispatcher that came later where it is', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const before = getGlobalDispatcher();
  const stood = await mountUndici(site);
  const later = new Agent();
  setGlobalDispatcher(later);
  await stood.stop();
  expect(getGlobalDispatcher()).toBe(later);
  setGlobalDispatcher(before);
  await later.close();
});
