/** gateway · test: its README's server takes notifications in, over a real socket. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import type { Gateway } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
let server: Server | undefined;
afterEach(async () => {
  server?.close();
  await close();
});

/** The program under "Notifications in a server", with this gateway, on a free port. */
function readmeServer(gateway: Gateway): Server {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, section = ''] = readme.split('## Notifications in a server');
  const [, code = ''] = /```ts\n(.*?)```/s.exec(section) ?? [];
  const program = code
    .replaceAll(/^import .*\n/gm, '')
    .replace("'alipay'", "'one'")
    .replace('createServer(', 'return createServer(')
    .replace('.listen(8080)', ".listen(0, '127.0.0.1')");
  const run = new Function('gateway', 'createServer', 'Readable', program);
  return run(gateway, createServer, Readable) as Server;
}

it('stores and applies what is posted, and refuses what is forged or no post', async () => {
  const pending: Said = { status: 'pending', waitingFor: 'payer' };
  const { channel } = scripted({ pay: pending, query: pending });
  const { gateway } = await open({ channels: { one: channel } });
  await gateway.pay(tea());
  server = readmeServer(gateway);
  await new Promise((resolve) => server?.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify?a=1`;
  const post = async (told: { body: Uint8Array }) => {
    const answer = await fetch(url, { method: 'POST', body: Buffer.from(told.body) });
    return [answer.status, await answer.text()];
  };
  const paid = { id: 'order1', status: 'succeeded', amount } as const;
  expect((await fetch(url)).status).toBe(405);
  expect(await post(notification({ facts: [paid], forged: true }))).toEqual([400, 'refused']);
  expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
  expect(await post(notification({ facts: [paid] }))).toEqual([200, 'stored']);
  expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
});
