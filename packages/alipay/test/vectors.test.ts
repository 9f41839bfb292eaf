import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formEncode, joinPairs, sortedPairs } from '@polyrail/kit/canonical';
import { chainsTo, parseCertificates, parsePrivateKey } from '@polyrail/kit/keys';
import { signRsa, verifyRsa } from '@polyrail/kit/rsa';
import { describe, expect, it } from 'vitest';
import { rootSerialOf, serialOf } from '../src/certificates.ts';
import { settingsOf } from '../src/config.ts';
import { notificationText, openNode, requestText, splitReply } from '../src/seal.ts';
import { keyConfig } from './gateway.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly expected: unknown;
  readonly [input: string]: unknown;
}
const file = new URL('./vectors/alipay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };

const hashOf = (vector: Vector) => (vector.alg === 'RSA-SHA1' ? 'sha1' : 'sha256');
const settings = settingsOf(keyConfig);
const methodOf = (vector: Vector): string =>
  String(vector.responseKey)
    .replace(/_response$/, '')
    .replaceAll('_', '.');
const paramsOf = (vector: Vector): Record<string, string> =>
  typeof vector.params === 'string' ? JSON.parse(vector.params) : (vector.params as never);
const textOf = (vector: Vector): string =>
  (vector.exclude as string[]).includes('sign_type')
    ? notificationText(paramsOf(vector))
    : requestText(paramsOf(vector));

const checks: Readonly<Record<string, (vector: Vector) => unknown>> = {
  canonical: (vector) =>
    joinPairs(sortedPairs(paramsOf(vector), { omit: vector.exclude as string[] })),
  request_sign: async (vector) => {
    const text = textOf(vector);
    if (vector.canonical !== undefined) expect(text).toBe(vector.canonical);
    const key = parsePrivateKey(String(vector.privateKeyPem));
    return Buffer.from(await signRsa(hashOf(vector), key, text)).toString('base64');
  },
  notify_verify: (vector) => {
    const params = paramsOf(vector);
    const signature = Buffer.from(params.sign ?? '', 'base64');
    const key = createPublicKey(String(vector.publicKeyPem));
    return verifyRsa(hashOf(vector), key, textOf(vector), signature);
  },
  response_verify: (vector) => {
    const key = createPublicKey(String(vector.publicKeyPem));
    const reply = splitReply(methodOf(vector), String(vector.body));
    try {
      openNode(reply, { key, settings: { ...settings, hash: hashOf(vector) } });
      return true;
    } catch {
      return false;
    }
  },
  response_extract: (vector) => {
    const split = () => splitReply(methodOf(vector), String(vector.body)).node;
    if (vector.expectError !== true) return split();
    expect(split).toThrow(/twice/);
    return null;
  },
  rsa_verify: (vector) =>
    verifyRsa(
      hashOf(vector),
      createPublicKey(String(vector.publicKeyPem)),
      String(vector.message),
      Buffer.from(String(vector.signature), 'base64'),
    ),
  cert_sn: (vector) => {
    const [leaf] = parseCertificates(String(vector.certPem));
    return leaf && serialOf(leaf);
  },
  root_cert_sn: (vector) => rootSerialOf(parseCertificates(String(vector.certPem))),
  cert_issued_by_bundle: (vector) => {
    const chain = parseCertificates(String(vector.certPem));
    const roots = parseCertificates(String(vector.issuerPem));
    // The certificates of these repositories have expired: they are judged as of their first day.
    return chainsTo(chain, roots, Date.parse(chain[0]?.validFrom ?? '') + 86_400_000);
  },
  cert_issued_by: (vector) => {
    const leaf = new X509Certificate(String(vector.certPem));
    const roots = parseCertificates(String(vector.issuerPem));
    return chainsTo([leaf], roots, Date.parse(leaf.validFrom) + 1000);
  },
  form_encode_fragment: (vector) => {
    const body = formEncode([['biz_content', String(vector.decoded)]]);
    const plain = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
    expect(plain(body)).toContain(plain(String(vector.expectedContains)));
    return null;
  },
};

describe('known answers of public Alipay clients', () => {
  it.each(vectors.map((vector) => [vector.kind, vector.id, vector] as const))(
    '%s %s',
    async (kind, _id, vector) => {
      expect(await checks[kind]?.(vector)).toEqual(vector.expected ?? null);
    },
  );

  it('has vectors of every kind', () => {
    expect(new Set(vectors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(checks)));
    expect(vectors.length).toBe(59);
  });
});
