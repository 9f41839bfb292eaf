import type { ExchangeOptions, Transport, TransportRequest } from '@polyrail/core';
import {
  collect,
  createTransport,
  sharedTransport,
  type TransportOptions,
} from '@polyrail/kit/transport';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { rejection, thrown } from './support/errors.ts';
import { answering, httpServer, rawServer } from './support/servers.ts';

/** The pool takes a connection back one turn after the body was read. */
const connectionIsIdle = () => new Promise<void>((resolve) => setImmediate(resolve));

function transport(options: TransportOptions = {}): Transport {
  const made = createTransport(options);
  onTestFinished(() => made.close?.());
  return made;
}

const post = (url: string, body = 'amount=1'): TransportRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'text/plain' },
  body,
});

const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.from(await collect(body, 1024 * 1024)).toString();

/** An exchange read to its end: how it ended, and how often the first byte was announced. */
async function ending(made: Transport, request: TransportRequest, options: ExchangeOptions = {}) {
  const onFirstByte = vi.fn();
  const run = async () => {
    const reply = await made.exchange(request, { ...options, onFirstByte });
    return textOf(reply.body);
  };
  const error = await rejection(run());
  return { error, firstBytes: onFirstByte.mock.calls.length };
}

const refusedPort = async (): Promise<number> => {
  const { server, port } = await httpServer(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const until = async (condition: () => boolean): Promise<void> => {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 5_000, interval: 5 });
};

describe('a whole exchange', () => {
  it('carries method, query, headers and body there, status, headers and body back', async () => {
    const { url } = await httpServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      outgoing.setHeader('X-Twice', ['a', 'b']);
      outgoing.statusCode = 418;
      const { method, url: path, headers } = incoming;
      outgoing.end(
        JSON.stringify({ method, path, headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    const reply = await transport().exchange(post(`${url}/pay?order=%E6%B5%8B`, '金额'));
    expect(reply.status).toBe(418);
    expect(reply.headers['x-twice']).toBe('a, b');
    const echoed = JSON.parse(await textOf(reply.body));
    expect(echoed).toMatchObject({ method: 'POST', path: '/pay?order=%E6%B5%8B', body: '金额' });
    expect(echoed.headers['content-type']).toBe('text/plain');
    expect(echoed.headers).not.toHaveProperty('accept-encoding');
  });

  it('announces the first byte once, on a connected socket, before any byte is there', async () => {
    const server = await answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const seen: [string, number][] = [];
    const reply = await transport().exchange(post(server.url), {
      onFirstByte: () => seen.push([server.received(), server.connections()]),
    });
    expect(await textOf(reply.body)).toBe('ok');
    expect(seen).toEqual([['', expect.any(Number)]]);
    expect(server.received()).toContain('amount=1');
  });

  it('sends nothing when onFirstByte throws, and the connection stays usable', async () => {
    const server = await answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const made = transport();
    const onFirstByte = () => {
      throw new Error('the record could not be stored');
    };
    const error = await rejection(made.exchange(post(server.url), { onFirstByte }));
    expect(error.code).toBe('NOT_SENT');
    expect(server.received()).toBe('');
    const reply = await made.exchange(post(server.url));
    expect(await textOf(reply.body)).toBe('ok');
    expect(server.received().match(/POST/g)).toHaveLength(1);
    expect(server.connections()).toBe(1);
  });

  it('follows no redirect', async () => {
    const elsewhere = await answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    const head = `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${elsewhere.url}/\r\n`;
    const server = await answering(`${head}content-length: 0\r\n\r\n`);
    const reply = await transport().exchange(post(server.url));
    expect(reply.status).toBe(307);
    expect(reply.headers['location']).toBe(`${elsewhere.url}/`);
    expect(elsewhere.connections()).toBe(0);
  });

  it('waits for the real reply behind an informational one', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n';
    const server = await answering(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`);
    const reply = await transport().exchange(post(server.url));
    expect([reply.status, await textOf(reply.body)]).toEqual([200, 'ok']);
  });

  it('takes a header named like a member of objects for a header', async () => {
    const head = 'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n';
    const server = await answering(head);
    const { headers } = await transport().exchange(post(server.url));
    expect(headers['constructor']).toBe('y');
    expect(headers['tostring']).toBeUndefined();
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });

  it('reuses a connection, and serves fifty exchanges at once over few', async () => {
    const { url, connections } = await httpServer((incoming, outgoing) => {
      setTimeout(() => outgoing.end(incoming.url), 5);
    });
    const made = transport({ connections: 8 });
    for (const path of ['/1', '/2', '/3']) {
      expect(await textOf((await made.exchange(post(url + path))).body)).toBe(path);
      await connectionIsIdle();
    }
    expect(connections()).toBe(1);
    const paths = Array.from({ length: 50 }, (_, index) => `/parallel/${index}`);
    const bodies = await Promise.all(
      paths.map(async (path) => textOf((await made.exchange(post(url + path))).body)),
    );
    expect(bodies).toEqual(paths);
    expect(connections()).toBeLessThanOrEqual(8);
  });

  it('gives the shared pool out once and keeps it open', () => {
    expect(sharedTransport()).toBe(sharedTransport());
    expect(sharedTransport().close).toBeUndefined();
  });
});

describe('before the first byte: NOT_SENT', () => {
  it('on a refused connection, without telling the query', async () => {
    const port = await refusedPort();
    const { error, firstBytes } = await ending(
      transport(),
      post(`http://127.0.0.1:${port}/pay?sign=topsecret`),
    );
    expect(error).toMatchObject({ code: 'NOT_SENT', cause: { code: 'ECONNREFUSED' } });
    expect(error.message).toContain(`POST http://127.0.0.1:${port}/pay was not sent`);
    expect(error.message).not.toContain('topsecret');
    expect(firstBytes).toBe(0);
  });

  it('on a name that cannot be resolved', async () => {
    const { error, firstBytes } = await ending(transport(), post('http://polyrail.invalid/'));
    expect(error.code).toBe('NOT_SENT');
    expect(firstBytes).toBe(0);
  });

  it('on a handshake that never ends', async () => {
    const silent = await rawServer(() => {});
    const made = transport({ connectTimeoutMs: 100 });
    const { error, firstBytes } = await ending(made, post(`https://127.0.0.1:${silent.port}/`));
    expect(error).toMatchObject({ code: 'NOT_SENT', cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
    expect(firstBytes).toBe(0);
  });

  it('when no connection gets free in time; the exchange that waited is never sent', async () => {
    const server = await rawServer(() => {});
    const made = transport({ connections: 1, startTimeoutMs: 100 });
    const stuck = new AbortController();
    const first = rejection(made.exchange(post(server.url, 'first'), { signal: stuck.signal }));
    await until(() => server.received().includes('first'));
    const { error, firstBytes } = await ending(made, post(server.url, 'second'));
    expect(error.code).toBe('NOT_SENT');
    stuck.abort();
    expect((await first).code).toBe('UNAVAILABLE');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.received()).not.toContain('second');
    expect(firstBytes).toBe(0);
  });

  it.each([
    ['no URL at all', 'pay', 'absolute URL'],
    ['another protocol', 'ftp://127.0.0.1/', 'not http or https'],
    ['credentials in the address', 'http://user:topsecret@127.0.0.1/', 'credentials'],
  ])('on %s', async (_name, url, words) => {
    const { error } = await ending(transport(), post(url));
    expect(error.code).toBe('NOT_SENT');
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('topsecret');
  });

  it('on a header that would smuggle another', async () => {
    const request = { ...post('http://127.0.0.1:9/'), headers: { 'x-a': 'b\r\nx-c: topsecret' } };
    const { error } = await ending(transport(), request);
    expect(error.code).toBe('NOT_SENT');
    expect(error.message).not.toContain('topsecret');
  });

  it('after the transport was closed', async () => {
    const made = createTransport();
    await made.close?.();
    await made.close?.();
    const { error } = await ending(made, post('http://127.0.0.1:9/'));
    expect(error.code).toBe('NOT_SENT');
  });
});

describe('aborting', () => {
  it('before anything: ABORTED, and nobody is connected to', async () => {
    const server = await rawServer(() => {});
    const { error, firstBytes } = await ending(transport(), post(server.url), {
      signal: AbortSignal.abort(),
    });
    expect([error.code, firstBytes, server.connections()]).toEqual(['ABORTED', 0, 0]);
  });

  it('while connecting: ABORTED, at once', async () => {
    // The server goes first at the end: whoever closes a transport waits for its handshakes.
    const made = transport();
    const silent = await rawServer(() => {});
    const stop = new AbortController();
    const end = ending(made, post(`https://127.0.0.1:${silent.port}/`), {
      signal: stop.signal,
    });
    await until(() => silent.connections() === 1);
    stop.abort();
    expect(await end).toMatchObject({ error: { code: 'ABORTED' }, firstBytes: 0 });
  });

  it('inside onFirstByte: UNAVAILABLE, never ABORTED, since the byte was announced', async () => {
    const server = await rawServer(() => {});
    const stop = new AbortController();
    const options = { signal: stop.signal, onFirstByte: () => stop.abort() };
    const error = await rejection(transport().exchange(post(server.url), options));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
  });

  it('after the request: UNAVAILABLE, and the connection is given up', async () => {
    const closed = vi.fn();
    const server = await rawServer(
      () => {},
      (socket) => socket.on('close', closed),
    );
    const stop = new AbortController();
    const end = ending(transport(), post(server.url), { signal: stop.signal });
    await until(() => server.received().includes('amount=1'));
    stop.abort();
    expect(await end).toMatchObject({
      error: { code: 'UNAVAILABLE', doubt: 'no-reply' },
      firstBytes: 1,
    });
    await until(() => closed.mock.calls.length === 1);
  });

  it('within the body: the body rejects', async () => {
    const server = await answering('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf');
    const stop = new AbortController();
    const reply = await transport().exchange(post(server.url), { signal: stop.signal });
    const body = reply.body[Symbol.asyncIterator]();
    expect(Buffer.from((await body.next()).value ?? []).toString()).toBe('half');
    const next = rejection(body.next());
    stop.abort();
    expect(await next).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
  });

  it('after the end: nothing happens, and no listener is left behind', async () => {
    const server = await answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const stop = new AbortController();
    const added = vi.spyOn(stop.signal, 'addEventListener');
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    const reply = await transport().exchange(post(server.url), { signal: stop.signal });
    expect(await textOf(reply.body)).toBe('ok');
    stop.abort();
    expect(added.mock.calls.length).toBe(1);
    expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]?.[1]);
  });
});

describe('after the first byte: no reply', () => {
  const reply = 'HTTP/1.1 200 OK\r\n';

  it.each<[string, () => Promise<{ url: string }>, string]>([
    [
      'a reset before the reply',
      () => rawServer((socket) => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    ['a close before the reply', () => rawServer((socket) => socket.end()), 'UND_ERR_SOCKET'],
    [
      'half a head',
      () => answering(`${reply}content-le`, (socket) => socket.end()),
      'UND_ERR_SOCKET',
    ],
    [
      'half a body',
      () => answering(`${reply}content-length: 10\r\n\r\nhalf`, (socket) => socket.end()),
      'UND_ERR_SOCKET',
    ],
    [
      'half a body of a last reply',
      () =>
        answering(`${reply}connection: close\r\ncontent-length: 10\r\n\r\nhalf`, (socket) =>
          socket.end(),
        ),
      'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    ],
    [
      'chunks cut short',
      () => answering(`${reply}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`, (s) => s.end()),
      'UND_ERR_SOCKET',
    ],
    [
      'a reset within the body',
      () =>
        answering(`${reply}content-length: 10\r\n\r\nhalf`, (socket) => {
          setTimeout(() => socket.resetAndDestroy(), 20);
        }),
      'ECONNRESET',
    ],
  ])('%s', async (_name, serve, code) => {
    const { url } = await serve();
    const { error, firstBytes } = await ending(transport(), post(`${url}/p?sign=topsecret`));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply', cause: { code } });
    expect(error.message).toContain(`POST ${url}/p may have been received`);
    expect(error.message).not.toMatch(/topsecret|amount=1/);
    expect(firstBytes).toBe(1);
  });

  it('a head that does not come in time', async () => {
    const { url } = await rawServer(() => {});
    const made = transport({ headersTimeoutMs: 100 });
    const { error } = await ending(made, post(url));
    const cause = { code: 'UND_ERR_HEADERS_TIMEOUT' };
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply', cause });
  });

  it('a body that stalls', async () => {
    const { url } = await answering(`${reply}content-length: 10\r\n\r\nhalf`);
    const { error } = await ending(transport({ bodyTimeoutMs: 100 }), post(url));
    const cause = { code: 'UND_ERR_BODY_TIMEOUT' };
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply', cause });
  });

  it('never sends a POST twice when an idle connection turns out to be dead', async () => {
    // Answers the first request of a connection and resets it at the second.
    const server = await rawServer((socket, sofar) => {
      if (sofar.match(/POST/g)?.length === 1) {
        socket.write(`${reply}content-length: 2\r\n\r\nok`);
      } else socket.resetAndDestroy();
    });
    const made = transport();
    expect(await textOf((await made.exchange(post(server.url, 'first'))).body)).toBe('ok');
    await connectionIsIdle();
    const { error, firstBytes } = await ending(made, post(server.url, 'second'));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'no-reply' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.received().match(/second/g)).toHaveLength(1);
    expect(server.connections()).toBe(1);
    expect(firstBytes).toBe(1);
  });

  it('takes a fresh connection when the host closed the idle one before', async () => {
    const server = await answering(`${reply}content-length: 2\r\n\r\nok`, (s) => s.end());
    const made = transport();
    expect(await textOf((await made.exchange(post(server.url))).body)).toBe('ok');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await textOf((await made.exchange(post(server.url))).body)).toBe('ok');
    expect(server.connections()).toBe(2);
  });
});

describe('a reply that cannot be read: REPLY_UNREADABLE', () => {
  const unreadable = { code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' };

  it('not HTTP', async () => {
    const { url } = await answering('SSH-2.0-OpenSSH_9.6\r\n');
    expect((await ending(transport(), post(url))).error).toMatchObject(unreadable);
  });

  it('a head past its cap', async () => {
    const { url } = await answering(`HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(3000)}\r\n\r\n`);
    const made = transport({ maxHeaderBytes: 2048 });
    expect((await ending(made, post(url))).error).toMatchObject(unreadable);
  });

  it('a body announced past its cap: refused before it is read', async () => {
    const { url } = await answering('HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n');
    const made = transport({ maxBodyBytes: 100 });
    expect(await rejection(made.exchange(post(url)))).toMatchObject(unreadable);
  });

  it('chunks past the cap of this exchange', async () => {
    const chunk = `32\r\n${'a'.repeat(50)}\r\n`;
    const body = `${chunk}${chunk}${chunk}0\r\n\r\n`;
    const { url } = await answering(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`);
    const exact = await transport().exchange(post(url), { maxBodyBytes: 150 });
    expect(await textOf(exact.body)).toHaveLength(150);
    const { error } = await ending(transport(), post(url), { maxBodyBytes: 149 });
    expect(error).toMatchObject(unreadable);
  });
});

describe('the body as a stream', () => {
  const large = (bytes: number) =>
    httpServer((_incoming, outgoing) => {
      outgoing.end(Buffer.alloc(bytes, 'a'));
    });

  it('holds the host back while nobody reads, and loses nothing', async () => {
    let written = 0;
    const total = 64 * 1024 * 1024;
    const { url } = await httpServer(async (_incoming, outgoing) => {
      const piece = Buffer.alloc(256 * 1024, 'b');
      for (; written < total; written += piece.length) {
        if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once('drain', resolve));
      }
      outgoing.end();
    });
    const reply = await transport().exchange(post(url), { maxBodyBytes: total });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(total);
    let received = 0;
    for await (const chunk of reply.body) received += chunk.byteLength;
    expect(received).toBe(total);
  });

  it('is given up when a large body is never touched', async () => {
    const { url, server } = await large(8 * 1024 * 1024);
    const made = transport({ bodyTimeoutMs: 100, maxBodyBytes: 16 * 1024 * 1024 });
    const reply = await made.exchange(post(url));
    const open = () => new Promise<number>((done) => server.getConnections((_e, n) => done(n)));
    await vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 5_000 });
    expect(await rejection(textOf(reply.body))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is not given up once it is read, however slowly', async () => {
    const { url } = await large(1024 * 1024);
    const reply = await transport({ bodyTimeoutMs: 100 }).exchange(post(url));
    let received = 0;
    for await (const chunk of reply.body) {
      if (received === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      received += chunk.byteLength;
    }
    expect(received).toBe(1024 * 1024);
  });

  it('frees the connection when its reader leaves early, and can be read once', async () => {
    const { url, server } = await large(4 * 1024 * 1024);
    const reply = await transport({ maxBodyBytes: 5 * 1024 * 1024 }).exchange(post(url));
    for await (const _chunk of reply.body) break;
    const open = () => new Promise<number>((done) => server.getConnections((_e, n) => done(n)));
    await vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 5_000 });
    expect(() => reply.body[Symbol.asyncIterator]()).toThrow(TypeError);
  });

  it('is collected up to a cap', async () => {
    async function* pieces() {
      yield Uint8Array.of(1, 2);
      yield Uint8Array.of(3);
    }
    expect([...(await collect(pieces(), 3))]).toEqual([1, 2, 3]);
    expect((await rejection(collect(pieces(), 2))).code).toBe('REPLY_UNREADABLE');
    async function* nothing(): AsyncGenerator<Uint8Array> {}
    expect([...(await collect(nothing(), 0))]).toEqual([]);
  });
});

describe('options', () => {
  it.each([
    [{ connections: 0 }, 'connections'],
    [{ bodyTimeoutMs: 1.5 }, 'bodyTimeoutMs'],
    [{ proxy: 'socks5://127.0.0.1' }, 'proxy'],
  ])('%o are refused', (options, field) => {
    expect(thrown(() => createTransport(options))).toMatchObject({ code: 'CONFIG_INVALID', field });
  });
});
