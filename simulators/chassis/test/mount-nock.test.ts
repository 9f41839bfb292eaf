/** Real host names without a server: the mount on nock. */

import { watchNetwork } from '@polyrail/contest';
import nock from 'nock';
import { afterEach, expect, it } from 'vitest';
import { mountInProcess } from '../src/index.ts';
import { mountNock } from '../src/mounts/nock.ts';
import { clients, describeMount, hosted, toyOrigin } from './mount-suite.ts';

describeMount({ name: 'nock', mount: mountNock, through: ['node:https', 'undici', 'fetch'] });

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

it('leaves scopes of the merchant alone, and strangers to nock', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  const network = watchNetwork();
  nock('https://shop.example').get('/').times(2).reply(200, 'ours');
  nock.disableNetConnect();
  const ask = () => clients.fetch('https://shop.example/', { method: 'GET' });
  {
    await using stood = await mountNock(site);
    expect(stood.scopes).toHaveLength(stood.origins.length);
    expect((await clients.fetch(`${toyOrigin}/empty`)).status).toBe(204);
    expect((await ask()).body.toString()).toBe('ours');
    await expect(clients.fetch('https://stranger.example/')).rejects.toThrow();
  }
  expect((await ask()).body.toString()).toBe('ours');
  await expect(clients.undici(`${toyOrigin}/empty`).then(({ status }) => status)).resolves.toBe(
    501,
  );
  expect(network.attempts).toEqual([]);
  network.stop();
});

it('wakes a nock that sleeps, and lets it sleep again', async () => {
  await using site = await mountInProcess(hosted, { seed: 1 });
  nock.restore();
  {
    await using _stood = await mountNock(site);
    expect((await clients['node:https'](`${toyOrigin}/empty`)).status).toBe(204);
  }
  expect(nock.isActive()).toBe(false);
  nock.activate();
});
