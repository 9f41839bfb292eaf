/** What every mount on real host names owes a client, whichever library it uses. */
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import { request as requestUndici } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mountInProcess, type Simulator, type Site, type World } from '../src/index.ts';
import type { StandIn, StandInOptions, Standing } from '../src/mounts/stand-in.ts';
import { toy } from './toy.ts';

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Client = (url: string, sent?: Sent) => Promise<Answered>;

const viaNode: Client = (url, { method = 'POST', headers = {}, body, signal } = {}) =>
  new Promise((resolve, reject) => {
    // By the module, as axios and superagent do: some mocks replace its members.
    const { request } = url.startsWith('https:') ? https : http;
    const options = { method, headers, ...(signal === undefined ? {} : { signal }) };
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode: status = 0 } = incoming;
        const seen = incoming.headers as Record<string, string>;
        resolve({ status, headers: seen, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const viaUndici: Client = async (url, { method = 'POST', headers = {}, body, signal } = {}) => {
  const reply = await requestUndici(url, {
    method,
    headers,
    body: body ?? null,
    ...(signal === undefined ? {} : { signal }),
  });
  const seen = reply.headers as Record<string, string>;
  const bytes = Buffer.from(await reply.body.arrayBuffer());
  return { status: reply.statusCode, headers: seen, body: bytes };
};

const viaFetch: Client = async (url, { method = 'POST', headers = {}, body, signal } = {}) => {
  const reply = await fetch(url, {
    method,
    headers,
    body: body === undefined ? null : Buffer.from(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  return { status: reply.status, headers: Object.fromEntries(reply.headers), body: bytes };
};

export const clients = { 'node:https': viaNode, undici: viaUndici, fetch: viaFetch } as const;

export const toyOrigin = 'https://pay.toy.example';

/** The toy, with a real host, and a path that sends every byte back. */
export function hosted(world: World): Simulator {
  const simulator = toy(world);
  return {
    ...simulator,
    origins: [toyOrigin, 'http://files.toy.example'],
    async handle(request, exchange) {
      if (request.path === '/empty') return { status: 204 };
      if (request.path !== '/mirror') return simulator.handle(request, exchange);
      const headers = { 'X-Target': request.target, 'X-Origin': exchange.origin };
      const seen = {
        'X-Seen': request.headers['x-many'] ?? '',
        'X-Host': request.headers['host'] ?? '',
      };
      return { status: 201, headers: { ...headers, ...seen }, body: request.body };
    },
  };
}

export interface MountSuite {
  readonly name: string;
  readonly mount: (site: Standing, options?: StandInOptions) => Promise<StandIn>;
  readonly through: readonly (keyof typeof clients)[];
}

async function listen(answer: RequestListener): Promise<{ server: Server; url: string }> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const everyByte = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));

export function describeMount({ name, mount, through }: MountSuite): void {
  describe.each(through)(`${name}, through %s`, (which) => {
    const client = clients[which];
    let site: Site;
    let stood: StandIn;
    let network: NetworkWatch;
    beforeAll(() => {
      network = watchNetwork();
    });
    afterAll(() => network.stop());
    beforeEach(async () => {
      site = await mountInProcess(hosted, { seed: 1, startAt: 0, frozen: true });
      site.listen(() => ({ status: 200, headers: {}, body: Buffer.from('success') }));
      stood = await mount(site);
      network.attempts.length = 0;
    });
    afterEach(async () => {
      await stood.stop();
      await site.stop();
    });
    const moved = () => (site.book() as { merchant: number }).merchant;
    const pay = (sent: Sent = {}) => client(`${toyOrigin}/pay?id=o1&amount=5`, sent);

    it('stands in for the host, byte by byte, without a socket', async () => {
      const target = '/mirror?a=%7B%22b%22%3A1%7D&c=d+e&empty=&%E4%B8%AD';
      const headers = { 'X-Many': 'one, two', 'content-type': 'application/octet-stream' };
      const reply = await client(`${toyOrigin}${target}`, { headers, body: everyByte });
      expect(reply.status).toBe(201);
      expect(reply.body.equals(everyByte)).toBe(true);
      expect(reply.headers).toMatchObject({
        'x-target': target,
        'x-origin': toyOrigin,
        'x-seen': 'one, two',
        'x-host': 'pay.toy.example',
        'x-polyrail-simulator': 'toy',
        'content-length': '1024',
      });
      const file = await client('http://files.toy.example/mirror', { method: 'GET' });
      expect(file.headers['x-origin']).toBe('http://files.toy.example');
      expect((await client(`${toyOrigin}/empty`)).status).toBe(204);
      expect(site.journal.entries()).toHaveLength(3);
      expect(network.attempts).toEqual([]);
    });

    it('is reached under the name of the site as well', async () => {
      const reply = await client(`${site.url}/_sim/discovery`, { method: 'GET' });
      expect(JSON.parse(reply.body.toString())).toMatchObject({ baseUrl: site.url });
      expect(network.attempts).toEqual([]);
    });

    it.each([
      [{ fault: 'refuse-connection' }, 0],
      [{ fault: 'drop-request' }, 0],
      [{ fault: 'drop-reply' }, 5],
      [{ fault: 'reset-mid-body' }, 5],
    ])('%o is an error of the network', async (rule, amount) => {
      site.faults.arm(rule);
      await expect(pay()).rejects.toThrow();
      expect(moved()).toBe(amount);
      expect((await pay()).status).toBe(200);
      expect(moved()).toBe(5);
      expect(network.attempts).toEqual([]);
    });

    it('stays silent until the client gives up', async () => {
      site.faults.arm({ fault: 'drop-reply', silent: true });
      const patience = new AbortController();
      const paying = pay({ signal: patience.signal });
      await expect.poll(moved).toBe(5);
      patience.abort();
      await expect(paying).rejects.toThrow();
    });

    it('cuts, spoils and delays as on a port', async () => {
      site.faults.arm({ fault: 'truncate-body', afterBytes: 7 });
      expect((await pay()).body.toString()).toBe('{"code"');
      site.faults.arm({ fault: 'server-error', status: 503 });
      expect((await pay()).status).toBe(503);
      site.faults.arm({ fault: 'delay', delayMs: 3_600_000 });
      let answered = false;
      const paying = pay().then((reply) => {
        answered = true;
        return reply;
      });
      await expect.poll(() => site.faults.list()[0]?.hits).toBe(1);
      expect(answered).toBe(false);
      await site.clock.advance(3_600_000);
      expect((await paying).status).toBe(200);
    });

    it('lets everything else through, notifications too', async () => {
      const heard: string[] = [];
      const { server, url } = await listen(async (incoming, outgoing) => {
        let body = '';
        for await (const chunk of incoming) body += chunk;
        heard.push(body);
        outgoing.end('success');
      });
      const reply = await client(url, { body: Buffer.from('a stranger') });
      expect(reply.body.toString()).toBe('success');
      expect(network.attempts).toContain('TCPCONNECTWRAP');
      site.listen(undefined);
      site.notifier.send({
        url,
        body: 'a notification',
        headers: {},
        operation: 'paid',
        id: 'o1',
        ladderMs: [],
        accepts: ({ status }) => status === 200,
      });
      await site.clock.advance(1);
      await expect.poll(() => heard).toEqual(['a stranger', 'a notification']);
      server.close();
    });

    it('gives the hosts back', async () => {
      expect((await pay()).status).toBe(200);
      await stood[Symbol.asyncDispose]();
      await stood.stop();
      await expect(pay()).rejects.toThrow();
      expect(network.attempts).toContain('lookup pay.toy.example');
      expect(moved()).toBe(5);
    });

    it('stands in for other hosts when told, and for none never', async () => {
      const origins = ['https://elsewhere.example'];
      await using _other = await mount(site, { origins });
      expect((await client(`${origins[0]}/empty`)).status).toBe(204);
      await expect(mount(site, { origins: [] })).rejects.toThrow('names no origin');
      await expect(mount(site, { origins: ['https://a.example/'] })).rejects.toThrow(
        'is no origin',
      );
    });
  });
}
