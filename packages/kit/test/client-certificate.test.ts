/** A pool that identifies itself: real mutual TLS on the loopback. */
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { PolyrailError, secret } from '@polyrail/core';
import forge from 'node-forge';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collect, createTransport, type TlsOptions } from '../src/transport.ts';
import { type Issued, issue } from './support/certificates.ts';

let authority: Issued;
let host: Issued;
let merchant: Issued;
let stranger: Issued;

beforeAll(() => {
  authority = issue({ name: 'Test CA', ca: true });
  host = issue({ name: 'localhost', issuer: authority, hosts: ['127.0.0.1'] });
  merchant = issue({ name: '1900007291', issuer: authority });
  stranger = issue({ name: '1900007291' });
});

const pfxOf = ({ key, forgeCert }: Issued, passphrase: string) => {
  const store = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(key),
    [forgeCert],
    passphrase,
    { algorithm: '3des' },
  );
  return secret(new Uint8Array(Buffer.from(forge.asn1.toDer(store).getBytes(), 'binary')));
};

/** Answers with the name of whoever identified itself. */
async function listen(more: ServerOptions = {}) {
  const server = createServer(
    {
      key: host.key,
      cert: host.cert,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
      ...more,
    },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const name = socket.getPeerCertificate().subject?.CN ?? 'nobody';
      response.end(socket.authorized ? name : 'nobody');
    },
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/secapi/pay/refund`;
}

async function ask(url: string, tls: TlsOptions): Promise<string> {
  await using transport = createTransport({ tls });
  const reply = await transport.exchange({ method: 'POST', url, headers: {}, body: 'x' });
  return new TextDecoder().decode(await collect(reply.body, 1024));
}

describe('a client certificate', () => {
  it('is shown as PEM with its key, and as PKCS#12 with its passphrase', async () => {
    const url = await listen();
    const ca = authority.cert;
    expect(await ask(url, { ca, cert: merchant.cert, key: secret(merchant.key) })).toBe(
      '1900007291',
    );
    const passphrase = secret('1900007291');
    expect(await ask(url, { ca, pfx: pfxOf(merchant, '1900007291'), passphrase })).toBe(
      '1900007291',
    );
    expect(await ask(url, { ca })).toBe('nobody');
  });

  it('of an authority that the host does not trust gets no answer', async () => {
    const url = await listen({ rejectUnauthorized: true });
    const tls = { ca: authority.cert, cert: stranger.cert, key: secret(stranger.key) };
    const error = await ask(url, tls).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(PolyrailError);
    expect((error as PolyrailError).code).toMatch(/^(?:UNAVAILABLE|NOT_SENT)$/);
  });

  it('is shown to nobody whose own certificate does not hold', async () => {
    const url = await listen();
    const tls = { cert: merchant.cert, key: secret(merchant.key) };
    await expect(ask(url, tls)).rejects.toMatchObject({ code: 'NOT_SENT' });
  });

  it('is one merchant’s: two pools show two names at the same host', async () => {
    const url = await listen();
    const other = issue({ name: '1900009999', issuer: authority });
    const names = await Promise.all(
      [merchant, other].map(({ cert, key }) =>
        ask(url, { ca: authority.cert, cert, key: secret(key) }),
      ),
    );
    expect(names).toEqual(['1900007291', '1900009999']);
  });

  it('that cannot work is refused when the pool is made', () => {
    const make = (tls: TlsOptions) => () => createTransport({ tls });
    const pfx = pfxOf(merchant, 'right');
    expect(make({ pfx, passphrase: secret('wrong') })).toThrow(/passphrase/);
    expect(make({ cert: merchant.cert, key: secret(stranger.key) })).toThrow(/tls\.key/);
    expect(make({ cert: merchant.cert })).toThrow(/together/);
  });
});
