import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { post } from '../src/post.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
}

const message = { headers: {}, body: Buffer.from('a=1') };

it('gives what a merchant answers', async () => {
  const { status, body } = await post(await serve('success'), message);
  expect([status, Buffer.from(body).toString()]).toEqual([200, 'success']);
});

it('refuses more than it was told to read', async () => {
  const url = await serve('x'.repeat(200));
  await expect(post(url, { ...message, maxBodyBytes: 100 })).rejects.toThrow(/more than 100 bytes/);
});

it.each(['http://merchant.invalid/notify', 'https://Shop.Example./notify'])(
  'asks nobody where %s is: the name is reserved',
  async (url) => {
    await expect(post(url, message)).rejects.toThrow(/the name is reserved/);
  },
);
