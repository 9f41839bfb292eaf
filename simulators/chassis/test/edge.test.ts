/** Every edge fault over both mounts: what the client sees, and whether money moved. */
import { isPolyrailError, type TransportReply } from '@polyrail/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mountHttp, mountInProcess, type Site } from '../src/index.ts';
import { toy } from './toy.ts';

interface Seen {
  readonly sent: boolean;
  readonly status?: number;
  readonly body?: string;
  readonly error?: unknown;
}

interface AskOptions {
  readonly signal?: AbortSignal;
  readonly cap?: number;
}

async function read(reply: TransportReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each([
  ['in process', () => mountInProcess(toy, { seed: 1 })],
  ['over http', () => mountHttp(toy, { seed: 1 })],
  ['over https', () => mountHttp(toy, { seed: 1, tls: true })],
])('%s', (_, mount) => {
  let site: Site;
  beforeEach(async () => {
    site = await mount();
    site.listen(() => ({ status: 200, headers: {}, body: Buffer.from('success') }));
  });
  afterEach(() => site.stop());

  const ask = async (path: string, options: AskOptions = {}): Promise<Seen> => {
    let sent = false;
    const begun: { status?: number } = {};
    try {
      const reply = await site.transport.exchange(
        { method: 'POST', url: `${site.url}${path}`, headers: {}, body: 'hello' },
        {
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          ...(options.cap === undefined ? {} : { maxBodyBytes: options.cap }),
          onFirstByte: () => {
            sent = true;
          },
        },
      );
      begun.status = reply.status;
      return { sent, ...begun, body: await read(reply) };
    } catch (error) {
      expect(isPolyrailError(error)).toBe(true);
      return { sent, ...begun, error };
    }
  };
  const pay = (id = 'o1', options = {}): Promise<Seen> => ask(`/pay?id=${id}&amount=5`, options);
  const moved = () => (site.book() as { merchant: number }).merchant;

  test('without a fault the reply is whole, marked, and journalled', async () => {
    const url = `${site.url}/pay?id=o1&amount=5`;
    const reply = await site.transport.exchange({ method: 'POST', url, headers: {} });
    expect(reply.status).toBe(200);
    expect(reply.headers['x-polyrail-simulator']).toBe('toy');
    expect(reply.headers['content-type']).toBe('application/json');
    expect(JSON.parse(await read(reply))).toEqual({ code: 'OK', id: 'o1' });
    expect(moved()).toBe(5);
    expect(site.journal.entries({ direction: 'request' })).toMatchObject([
      {
        operation: 'pay',
        id: 'o1',
        status: 200,
        faults: [],
        request: { id: 'o1', amount: '5' },
        reply: { code: 'OK', id: 'o1' },
      },
    ]);
  });

  test('drop-request: sent, unheard, not done', async () => {
    site.faults.arm({ fault: 'drop-request' });
    const seen = await pay();
    expect(seen.sent).toBe(true);
    expect(seen.error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
    expect(moved()).toBe(0);
    const [entry] = site.journal.entries({ fault: 'drop-request' });
    expect(entry).toMatchObject({ operation: 'pay', id: 'o1' });
    expect(entry).not.toHaveProperty('status');
  });

  test('drop-reply: done but unheard, and asking again pays once', async () => {
    site.faults.arm({ fault: 'drop-reply', operation: 'pay', id: 'o1' });
    expect((await pay()).error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
    expect(moved()).toBe(5);
    expect((await pay()).status).toBe(200);
    expect(moved()).toBe(5);
  });

  test.each(['drop-request', 'drop-reply'])(
    '%s, silent: nothing until the client gives up',
    async (fault) => {
      site.faults.arm({ fault, silent: true });
      const begun = performance.now();
      const seen = await pay('o1', { signal: AbortSignal.timeout(80) });
      expect(performance.now() - begun).toBeGreaterThan(60);
      expect(seen.error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
      expect(moved()).toBe(fault === 'drop-reply' ? 5 : 0);
    },
  );

  test('delay: passes with virtual time, without waiting for it', async () => {
    site.clock.freeze();
    site.faults.arm({ fault: 'delay', delayMs: 3_600_000 });
    const paying = pay();
    await expect.poll(() => site.clock.next()).toBeDefined();
    expect(moved()).toBe(0);
    await site.clock.advance(3_600_000);
    expect((await paying).status).toBe(200);
    expect(moved()).toBe(5);
  });

  test('delay: passes with wall time for clients that do not share the clock', async () => {
    site.clock.freeze();
    site.faults.arm({ fault: 'delay', delayMs: 30 });
    expect((await pay()).status).toBe(200);
  });

  test('server-error: a 5xx page before the work, or after it when performed', async () => {
    site.faults.arm({ fault: 'server-error' });
    expect(await pay('o1')).toMatchObject({
      status: 502,
      body: expect.stringContaining('Bad Gateway'),
    });
    expect(moved()).toBe(0);
    site.faults.arm({ fault: 'server-error', performed: true, status: 503, body: 'busy' });
    expect(await pay('o2')).toMatchObject({ status: 503, body: 'busy' });
    expect(moved()).toBe(5);
  });

  test('garbage-body: the work is done, the reply is another page', async () => {
    site.faults.arm({ fault: 'garbage-body' });
    const seen = await pay();
    expect(seen.status).toBe(200);
    expect(seen.body).toContain('<!doctype html>');
    expect(moved()).toBe(5);
  });

  test('truncate-body: shorter, but it ends as if it were whole', async () => {
    site.faults.arm({ fault: 'truncate-body' });
    site.faults.arm({ fault: 'truncate-body', afterBytes: 3 });
    const whole = '{"code":"OK","id":"o1"}';
    expect((await pay()).body).toBe(whole.slice(0, 11));
    expect((await pay()).body).toBe('{"c');
  });

  test('reset-mid-body: the head arrives, then the body rejects', async () => {
    site.faults.arm({ fault: 'reset-mid-body', operation: 'page' });
    const seen = await ask('/page');
    expect(seen).toMatchObject({ status: 200, error: { code: 'UNAVAILABLE', doubt: 'no-reply' } });
    expect((await ask('/page')).body).toHaveLength(100_000);
  });

  test('faults compose: late, and then lost', async () => {
    site.faults.arm({ fault: 'delay', delayMs: 1 });
    site.faults.arm({ fault: 'drop-reply' });
    await pay();
    expect(site.journal.entries({ direction: 'request' })[0]?.faults).toEqual([
      'delay',
      'drop-reply',
    ]);
  });

  test("the channel's own faults and stories reach its simulator", async () => {
    site.faults.arm({ fault: 'maintenance', until: 'tomorrow' });
    expect((await pay()).body).toBe('{"code":"MAINTENANCE"}');
    site.faults.arm({ fault: 'user-paying', id: 'o1' });
    await pay();
    expect(site.journal.entries({ fault: 'user-paying' })).toMatchObject([
      { note: 'The payer types a password.' },
    ]);
    expect(() => site.faults.arm({ fault: 'key-rotation' })).toThrow(/No fault is called/);
  });

  test('a defect of the simulator is a marked 500 and a note, never a hang', async () => {
    expect(await ask('/crash')).toMatchObject({ status: 500 });
    expect(site.journal.entries()[0]?.note).toBe('Defect of the simulator: TypeError: toy broke');
  });

  test('refuse-connection: no byte is read and nothing is done', async () => {
    site.faults.arm({ fault: 'refuse-connection' });
    const seen = await pay();
    expect(['NOT_SENT', 'UNAVAILABLE']).toContain((seen.error as { code: string }).code);
    expect(site.journal.entries()).toMatchObject([{ faults: ['refuse-connection'] }]);
    expect(moved()).toBe(0);
    expect((await pay()).status).toBe(200);
  });

  test('an abort before the first byte sends nothing; after it, nobody knows', async () => {
    const before = await pay('o1', { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ sent: false, error: { code: 'ABORTED' } });
    expect(moved()).toBe(0);
    site.faults.arm({ fault: 'delay', delayMs: 200 });
    const after = await pay('o1', { signal: AbortSignal.timeout(60) });
    expect(after).toMatchObject({ sent: true, error: { code: 'UNAVAILABLE', doubt: 'no-reply' } });
  });

  test('a body over the cap rejects while it is read', async () => {
    expect(await ask('/page', { cap: 50_000 })).toMatchObject({
      status: 200,
      error: { code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' },
    });
    expect((await ask('/page', { cap: 100_000 })).body).toHaveLength(100_000);
  });

  test('the transport reaches this site and no other host, and nothing once stopped', async () => {
    const foreign = { method: 'GET', url: 'http://elsewhere.invalid/', headers: {} } as const;
    await expect(site.transport.exchange(foreign)).rejects.toMatchObject({ code: 'NOT_SENT' });
    await site.stop();
    await site.stop();
    expect(await pay()).toMatchObject({ sent: false, error: { code: 'NOT_SENT' } });
  });

  test('a request arrives as it was sent', async () => {
    const seen = await ask('/echo?b=%E5%85%83&a=1+2');
    expect(JSON.parse(seen.body ?? '')).toMatchObject({
      method: 'POST',
      target: '/echo?b=%E5%85%83&a=1+2',
      path: '/echo',
      query: 'b=%E5%85%83&a=1+2',
      headers: { host: new URL(site.url).host },
      length: 5,
    });
  });

  test('reset forgets orders, faults and journal', async () => {
    await pay();
    site.faults.arm({ fault: 'delay' });
    await site.reset();
    expect(site.book('o1')).toBeNull();
    expect([site.faults.list(), site.journal.entries()]).toEqual([[], []]);
  });
});

test('in process a refused connection surely sent nothing', async () => {
  await using site = await mountInProcess(toy);
  site.faults.arm({ fault: 'refuse-connection' });
  const url = `${site.url}/pay?id=o1`;
  let sent = false;
  const onFirstByte = () => {
    sent = true;
  };
  const exchange = site.transport.exchange({ method: 'POST', url, headers: {} }, { onFirstByte });
  await expect(exchange).rejects.toMatchObject({ code: 'NOT_SENT' });
  expect(sent).toBe(false);
});

test('over TLS a refused connection breaks the handshake: surely nothing was sent', async () => {
  await using site = await mountHttp(toy, { tls: true });
  site.faults.arm({ fault: 'refuse-connection' });
  const request = { method: 'POST', url: `${site.url}/pay?id=o1`, headers: {} } as const;
  await expect(site.transport.exchange(request)).rejects.toMatchObject({ code: 'NOT_SENT' });
});
