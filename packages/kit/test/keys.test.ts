import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { secret } from '@polyrail/core';
import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import {
  certificateFacts,
  chainsTo,
  issuedBy,
  matches,
  parseCertificate,
  parseCertificates,
  parsePfx,
  parsePrivateKey,
  parsePublicKey,
  rsaBits,
} from '../src/keys.ts';
import { issue } from './support/certificates.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 1024 });
const exported = (type: 'pkcs1' | 'pkcs8', format: 'pem' | 'der'): string | Buffer =>
  pair.privateKey.export({ type, format } as never) as never;
const pkcs8 = exported('pkcs8', 'pem') as string;
const bare = (exported('pkcs8', 'der') as Buffer).toString('base64');
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const root = issue({ name: 'Root', ca: true });
const middle = issue({ name: 'Middle', issuer: root, ca: true });
const leaf = issue({ name: 'Leaf', issuer: middle });
const rootCert = parseCertificate(root.cert);
const middleCert = parseCertificate(middle.cert);
const leafCert = parseCertificate(leaf.cert);
const nowMs = Date.parse('2026-11-22T00:00:00Z');

const isOurs = (key: ReturnType<typeof parsePrivateKey>) =>
  expect(key.equals(pair.privateKey)).toBe(true);

describe('a private key', () => {
  it.each([
    ['PKCS#8 PEM', pkcs8],
    ['PKCS#1 PEM', exported('pkcs1', 'pem') as string],
    ['PKCS#8 DER', exported('pkcs8', 'der') as Buffer],
    ['PKCS#1 DER', exported('pkcs1', 'der') as Buffer],
    ['base64 on one line', bare],
    ['base64 in lines', bare.replaceAll(/(.{64})/g, '$1\r\n')],
    ['\\n as two characters', pkcs8.replaceAll('\n', '\\n')],
    ['blanks around', `\n  ${pkcs8.replaceAll('\n', '\r\n')}  \n`],
    ['the wrong label', pkcs8.replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY')],
    ['a certificate before it', `${leaf.cert}${pkcs8}`],
  ])('is read from %s', (_, source) => isOurs(parsePrivateKey(source)));

  it('in a Secret is parsed once and remembered', () => {
    const wrapped = secret(pkcs8);
    expect(parsePrivateKey(wrapped)).toBe(parsePrivateKey(wrapped));
    expect(parsePrivateKey(secret(pkcs8))).not.toBe(parsePrivateKey(wrapped));
  });

  it('is opened with its passphrase', () => {
    const options = { cipher: 'aes-256-cbc', passphrase: 'open' } as const;
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...options });
    isOurs(parsePrivateKey(pem as string, { passphrase: secret('open') }));
    expect(thrown(() => parsePrivateKey(pem as string)).message).toMatch(/passphrase/);
    const wrong = { passphrase: secret('shut') };
    expect(thrown(() => parsePrivateKey(pem as string, wrong)).message).toMatch(/does not fit/);
  });

  it.each([
    ['a public key', publicPem, /public key; a private key is needed/],
    ['a certificate', leaf.cert, /certificate; a private key is needed/],
    ['half of it', pkcs8.slice(0, 900), /damaged/],
    ['half of its base64', bare.slice(0, 800), /no private key/],
    ['two keys', pkcs8 + pkcs8, /several keys/],
    ['nothing', '', /empty/],
    ['a word', 'my key!', /neither PEM, nor DER, nor base64/],
    ['too much', 'A'.repeat(2 * 1024 * 1024), /too long/],
  ])('is not %s, and the message says so without quoting it', (_, source, words) => {
    const error = thrown(() => parsePrivateKey(source));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain(bare.slice(40, 60));
  });
});

describe('a public key', () => {
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
  it.each([
    ['SPKI PEM', publicPem],
    ['PKCS#1 PEM', pkcs1],
    ['DER', spki],
    ['base64', spki.toString('base64')],
  ])('is read from %s', (_, source) => {
    expect(parsePublicKey(source).equals(pair.publicKey)).toBe(true);
  });

  it('is taken out of a certificate, never out of a private key', () => {
    expect(matches(leaf.keyObject, parsePublicKey(leaf.cert))).toBe(true);
    expect(thrown(() => parsePublicKey(pkcs8)).message).toMatch(/private key/);
  });
});

describe('two halves', () => {
  it('belong together or not', () => {
    expect(matches(pair.privateKey, pair.publicKey)).toBe(true);
    expect(matches(pair.privateKey, other.publicKey)).toBe(false);
    expect(matches(leaf.keyObject, leafCert)).toBe(true);
    expect(matches(root.keyObject, leafCert)).toBe(false);
  });

  it('have a length', () => {
    expect(rsaBits(pair.privateKey)).toBe(2048);
    expect(rsaBits(other.publicKey)).toBe(1024);
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(thrown(() => rsaBits(curve.publicKey)).message).toMatch(/this one is ec/);
  });
});

describe('a certificate', () => {
  it('says who it is, for how long, and its serial number', () => {
    const facts = certificateFacts(leafCert);
    expect(facts.subject).toEqual([
      ['C', 'CN'],
      ['CN', 'Leaf'],
    ]);
    expect(facts.issuer).toContainEqual(['CN', 'Middle']);
    expect(BigInt(`0x${facts.serialHex}`)).toBe(BigInt(facts.serialDecimal));
    expect(facts.notBefore).toBe(Date.parse('2020-01-01T00:00:00Z'));
    expect(facts.publicKey?.equals(createPublicKey(leaf.keyObject))).toBe(true);
  });

  it.each(vectorsOf('cert_public_key').map((vector) => [vector.id, vector] as const))(
    'has the published key: %s',
    (_, vector) => {
      const [certificate] = parseCertificates(text(vector, 'certPem'));
      if (certificate === undefined) return expect.unreachable();
      const der = Buffer.from(certificateFacts(certificate).publicKeyDer).toString('base64');
      expect(der).toBe(text(vector, 'expected'));
    },
  );

  it('opens a certificate once, and hands out lists that nobody shares', () => {
    const first = parseCertificates(leaf.cert);
    const second = parseCertificates(leaf.cert);
    expect(second[0]).toBe(first[0]);
    second.pop();
    expect(parseCertificates(leaf.cert)).toHaveLength(1);
    // The last few are kept, so that what comes in messages does not pile up.
    for (let index = 0; index < 32; index += 1) parseCertificates(`${index}\n${middle.cert}`);
    expect(parseCertificates(leaf.cert)[0]).not.toBe(first[0]);
  });

  it('stands alone, or in a bundle', () => {
    expect(parseCertificates(`${leaf.cert}text between\n${middle.cert}`)).toHaveLength(2);
    expect(thrown(() => parseCertificate(leaf.cert + middle.cert)).message).toMatch(/several/);
    expect(thrown(() => parseCertificates(pkcs8)).message).toMatch(/private key/);
    expect(thrown(() => parseCertificate('AAAA')).message).toMatch(/not an X.509/);
  });
});

describe('a chain', () => {
  it.each(vectorsOf('cert_issued_by').map((vector) => [vector.id, vector] as const))(
    'is judged as published: %s',
    (_, vector) => {
      const [certificate] = parseCertificates(text(vector, 'certPem'));
      const [issuer] = parseCertificates(text(vector, 'issuerPem'));
      if (!certificate || !issuer) return expect.unreachable();
      expect(issuedBy(certificate, issuer)).toBe(vector['expected']);
    },
  );

  it.each(vectorsOf('cert_issued_by_bundle').map((vector) => [vector.id, vector] as const))(
    'reaches a root of a bundle as published: %s',
    (_, vector) => {
      const chain = parseCertificates(text(vector, 'certPem'));
      expect(chain).toHaveLength(Number(vector['certificatesInFile']));
      const [first] = chain;
      if (first === undefined) return expect.unreachable();
      const { notBefore } = certificateFacts(first);
      const roots = parseCertificates(text(vector, 'issuerPem'));
      expect(chainsTo(chain, roots, notBefore + 1000)).toBe(vector['expected']);
    },
  );

  it('needs every link, in any order, and every one of them current', () => {
    expect(chainsTo([leafCert, middleCert], [rootCert], nowMs)).toBe(true);
    expect(chainsTo([leafCert, rootCert, middleCert], [rootCert], nowMs)).toBe(true);
    expect(chainsTo([leafCert], [rootCert], nowMs)).toBe(false);
    expect(chainsTo([], [rootCert], nowMs)).toBe(false);
    expect(chainsTo([leafCert, middleCert], [], nowMs)).toBe(false);
    const late = Date.parse('2046-01-01T00:00:00Z');
    expect(chainsTo([leafCert, middleCert], [rootCert], late)).toBe(false);
  });

  it('is not made by who may not sign', () => {
    const imposter = issue({ name: 'Imposter', issuer: leaf });
    const chain = [imposter, leaf, middle].map(({ cert }) => parseCertificate(cert));
    expect(chainsTo(chain, [rootCert], nowMs)).toBe(false);
    const expired = issue({
      name: 'Expired',
      issuer: root,
      ca: true,
      notAfter: '2021-01-01T00:00:00Z',
    });
    const below = issue({ name: 'Below', issuer: expired });
    const broken = [below, expired].map(({ cert }) => parseCertificate(cert));
    expect(chainsTo(broken, [rootCert], nowMs)).toBe(false);
  });
});

describe('a PKCS#12 file', () => {
  const pack = (algorithm: '3des' | 'aes128') => {
    const key = forge.pki.privateKeyFromPem(leaf.key);
    const certificates = [middle.forgeCert, leaf.forgeCert];
    const archive = forge.pkcs12.toPkcs12Asn1(key, certificates, 'pass', { algorithm });
    return Buffer.from(forge.asn1.toDer(archive).getBytes(), 'binary');
  };

  it.each(['3des', 'aes128'] as const)('packed with %s gives key and chain', (algorithm) => {
    const bytes = pack(algorithm);
    for (const source of [bytes, bytes.toString('base64'), secret(new Uint8Array(bytes))]) {
      const { key, certificates } = parsePfx(source, secret('pass'));
      expect(key.equals(createPrivateKey(leaf.key))).toBe(true);
      expect(certificates.map((one) => one.subject)).toEqual([
        leafCert.subject,
        middleCert.subject,
      ]);
    }
  });

  it('is opened by its passphrase alone', () => {
    const wrong = thrown(() => parsePfx(pack('3des'), secret('nope')));
    expect(wrong.code).toBe('CONFIG_INVALID');
    expect(wrong.message).not.toContain('nope');
    expect(thrown(() => parsePfx('not base64!', secret('pass'))).message).toMatch(/PKCS#12/);
  });
});
