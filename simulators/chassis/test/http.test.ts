/** What only a listener on a port can do. */
import { Agent, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { issueCertificate, mintAuthority, mountHttp } from '../src/index.ts';
import { toy } from './toy.ts';

/** Writes raw bytes and reads until the other side closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      seen += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(seen));
  });
}
const portOf = (url: string) => Number(new URL(url).port);

test('an absolute request target is reduced to path and query', async () => {
  await using site = await mountHttp(toy);
  const head =
    'GET http://real.channel.example/echo?a=1 HTTP/1.1\r\nHost: real.channel.example\r\n';
  const seen = await raw(portOf(site.url), `${head}Connection: close\r\n\r\n`);
  expect(seen).toContain('"target":"/echo?a=1"');
  expect(seen).toMatch(/x-polyrail-simulator: toy/i);
});

test('a body over the cap is refused with 413, and the listener lives on', async () => {
  await using site = await mountHttp(toy, { maxBodyBytes: 10 });
  const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n';
  const seen = await raw(portOf(site.url), `${head}01234567890`);
  expect(seen).toMatch(/^HTTP\/1\.1 413 /);
  const short = await raw(portOf(site.url), 'GET /echo HTTP/1.0\r\n\r\n');
  expect(short).toMatch(/^HTTP\/1\.1 200 /);
});

test('bytes that are no HTTP do not bring it down', async () => {
  await using site = await mountHttp(toy);
  expect(await raw(portOf(site.url), '\u0016\u0003\u0001 nonsense\r\n\r\n')).toMatch(/400/);
  expect(await raw(portOf(site.url), 'GET /echo HTTP/1.0\r\n\r\n')).toMatch(/200/);
});

test('a refused connection is refused to pooled clients too', async () => {
  await using site = await mountHttp(toy);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<number | string>((resolve) => {
      const asked = request(`${site.url}/echo`, { agent }, (incoming) => {
        incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0));
      });
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      asked.end();
    });
  expect(await ask()).toBe(200);
  site.faults.arm({ fault: 'refuse-connection' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await ask()).toBe('ECONNRESET');
  expect(await ask()).toBe(200);
  agent.destroy();
});

test('an occupied port is an error; a factory that fails leaves no listener', async () => {
  const site = await mountHttp(toy);
  const port = portOf(site.url);
  await expect(mountHttp(toy, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await site.stop();
  const failing = () => Promise.reject(new Error('no keys'));
  await expect(mountHttp(failing, { port })).rejects.toThrow('no keys');
  await using again = await mountHttp(toy, { port });
  expect(portOf(again.url)).toBe(port);
});

test('stop closes idle and busy connections alike', async () => {
  const site = await mountHttp(toy);
  site.faults.arm({ fault: 'drop-request', silent: true });
  const hanging = raw(portOf(site.url), 'GET /echo HTTP/1.1\r\nHost: x\r\n\r\n').catch(
    () => 'reset',
  );
  const idle = raw(portOf(site.url), '').catch(() => 'reset');
  await expect.poll(() => site.journal.entries().length).toBe(1);
  await site.stop();
  expect(['', 'reset']).toContain(await hanging);
  expect(['', 'reset']).toContain(await idle);
});

test('with TLS the authority to trust can be fetched; without, there is none', async () => {
  await using secure = await mountHttp(toy, { tls: true });
  const fetchAuthority = async (site: typeof secure) => {
    const url = `${site.url}/_sim/authority`;
    const reply = await site.transport.exchange({ method: 'GET', url, headers: {} });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    return { status: reply.status, text: Buffer.concat(chunks).toString() };
  };
  expect(await fetchAuthority(secure)).toEqual({ status: 200, text: secure.authority });
  expect(secure.authority).toContain('BEGIN CERTIFICATE');
  await using plain = await mountHttp(toy);
  expect((await fetchAuthority(plain)).status).toBe(404);
});

test('mutual TLS: who presents no certificate of the authority gets nothing', async () => {
  const now = Date.now();
  const authority = await mintAuthority({ subject: { commonName: 'Clients' }, now });
  const client = await issueCertificate(authority, {
    subject: { organization: '商户', commonName: 'merchant-1' },
    usage: 'client',
    now,
  });
  const mutualTls = { authority: authority.certificatePem };
  await using site = await mountHttp(toy, { tls: true, mutualTls });
  const ca = site.authority ?? '';
  const ask = (identity: object) =>
    new Promise<string>((resolve, reject) => {
      const asked = requestTls(
        `${site.url}/echo`,
        { ca, agent: false, ...identity },
        (incoming) => {
          let body = '';
          incoming.on('data', (chunk: Buffer) => {
            body += chunk.toString();
          });
          incoming.on('end', () => resolve(body));
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  await expect(ask({})).rejects.toThrow();
  const seen = await ask({ key: client.privateKeyPem, cert: client.certificatePem });
  expect(JSON.parse(seen)).toMatchObject({
    secure: true,
    clientCertificate: { commonName: 'merchant-1', serialNumber: client.serialHex.toUpperCase() },
  });
});

test('a TLS listener beside the plain one tells who presented what, and lets everybody in', async () => {
  const now = Date.now();
  const mint = (commonName: string) => mintAuthority({ subject: { commonName }, now });
  const [known, stranger] = await Promise.all([mint('Clients'), mint('Strangers')]);
  const subject = { commonName: 'merchant-1' };
  const clientOf = (authority: typeof known) =>
    issueCertificate(authority, { subject, usage: 'client', now });
  const [client, other] = await Promise.all([clientOf(known), clientOf(stranger)]);
  const authority = () => known.certificatePem;
  await using site = await mountHttp(toy, {
    tlsBeside: true,
    mutualTls: { authority, optional: true },
  });
  const { url = '', authority: ca = '' } = site.secure ?? {};
  const ask = (identity: object) =>
    new Promise<object>((resolve, reject) => {
      const asked = requestTls(`${url}/echo`, { ca, agent: false, ...identity }, (incoming) => {
        let body = '';
        incoming.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        incoming.on('end', () => resolve(JSON.parse(body)));
      });
      asked.on('error', reject);
      asked.end();
    });
  const shown = ({ privateKeyPem, certificatePem }: typeof client) =>
    ask({ key: privateKeyPem, cert: certificatePem });
  const bare = await ask({});
  expect(bare).toMatchObject({ secure: true });
  expect(bare).not.toHaveProperty('untrustedCertificate');
  expect(bare).not.toHaveProperty('clientCertificate');
  expect(await shown(client)).toMatchObject({ clientCertificate: { commonName: 'merchant-1' } });
  const stray = await shown(other);
  expect(stray).toMatchObject({ untrustedCertificate: true });
  expect(stray).not.toHaveProperty('clientCertificate');
  expect(site.url).toMatch(/^http:/);
  expect(await raw(portOf(site.url), 'GET /echo HTTP/1.0\r\n\r\n')).toMatch(/200/);
});
