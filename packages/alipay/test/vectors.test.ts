import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secret } from '@polyrail/core';
import { formEncode, joinPairs, sortedPairs } from '@polyrail/kit/canonical';
import { chainsTo, parseCertificates, parsePrivateKey } from '@polyrail/kit/keys';
import { systemRandom } from '@polyrail/kit/random';
import { signRsa, verifyRsa } from '@polyrail/kit/rsa';
import { describe, expect, it } from 'vitest';
import { algorithmOf } from '../src/algorithm.ts';
import { rootSerialOf, serialOf } from '../src/certificates.ts';
import { cipherOf } from '../src/cipher.ts';
import { settingsOf } from '../src/config.ts';
import { createRest } from '../src/rest.ts';
import { createRoad } from '../src/road.ts';
import { createSeal, openNode, signedFields, splitReply } from '../src/seal.ts';
import { keyConfig, signText } from './gateway.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly expected: unknown;
  readonly [input: string]: unknown;
}
const file = new URL('./vectors/alipay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };

const hashOf = (vector: Vector) => (vector.alg === 'RSA-SHA1' ? 'sha1' : 'sha256');
const signTypeOf = (vector: Vector) => (vector.alg === 'RSA-SHA1' ? 'RSA' : 'RSA2');
const methodOf = (vector: Vector): string =>
  String(vector.responseKey)
    .replace(/_response$/, '')
    .replaceAll('_', '.');
const paramsOf = (vector: Vector): Record<string, string> =>
  typeof vector.params === 'string' ? JSON.parse(vector.params) : (vector.params as never);
const textOf = (vector: Vector): string =>
  signedFields(paramsOf(vector), vector.exclude as string[]).text;

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
  response_verify: async (vector) => {
    const key = (await algorithmOf(signTypeOf(vector))).publicKey(String(vector.publicKeyPem));
    const reply = splitReply(methodOf(vector), String(vector.body));
    try {
      openNode(reply, [key], { charset: 'utf-8' });
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
  rsa_sign: async (vector) => {
    const key = parsePrivateKey(String(vector.privateKeyPem));
    const signature = await signRsa(hashOf(vector), key, String(vector.message));
    return Buffer.from(signature).toString('base64') === vector.signature;
  },
  sm2_verify: async (vector) => {
    const key = (await algorithmOf('SM2')).publicKey(String(vector.publicKeyPem));
    return key.verifies(String(vector.message), Buffer.from(String(vector.signature), 'base64'));
  },
  // The ciphertext as the node of a reply that this test signs: verified first, then decrypted.
  aes_cbc_decrypt_json: async (vector) => {
    const cipher = cipherOf(
      settingsOf({ ...keyConfig, encryptionKey: secret(String(vector.keyBase64)) }),
    );
    const node = JSON.stringify(vector.ciphertextBase64);
    const text = `{"alipay_trade_query_response":${node},"sign":"${signText(node)}"}`;
    const key = (await algorithmOf('RSA2')).publicKey(String(keyConfig.platformKey));
    const reply = splitReply('alipay.trade.query', text);
    return openNode(reply, [key], { charset: 'utf-8', cipher });
  },
  v3_response_verify: async (vector) => {
    const headers = vector.headers as Record<string, string>;
    const clock = { now: () => Number(headers['alipay-timestamp']), schedule: () => () => {} };
    const settings = settingsOf({ ...keyConfig, platformKey: String(vector.publicKeyPem) });
    const road = createRoad(() => {
      throw new Error('nothing is sent');
    });
    const seal = createSeal(settings, { clock, road });
    const rest = createRest({ settings, seal, clock, random: systemRandom });
    const reply = { status: 200, headers, body: Buffer.from(String(vector.body)) };
    const order = { method: 'alipay.trade.query', fields: {} };
    const { signal } = new AbortController();
    try {
      await rest.fromReply(order, { ...reply, signal });
      return true;
    } catch {
      return false;
    }
  },
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
    expect(vectors.length).toBe(63);
  });
});
