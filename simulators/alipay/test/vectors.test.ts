import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { generateSm2KeyPair, parseSm2PrivateKey, parseSm2PublicKey } from '@polyrail/kit/sm2';
import { describe, expect, it } from 'vitest';
import { decryptText, encryptText } from '../src/cipher.ts';
import { formPairs, formText, readContent } from '../src/envelope.ts';
import { writeNode } from '../src/json.ts';
import {
  canonicalText,
  certificateSn,
  rootCertificateSn,
  type SignType,
  seal,
  sealNow,
  verifies,
} from '../src/seal.ts';
import { v3ReplyText } from '../src/v3-reply.ts';

const sm2 = generateSm2KeyPair();
const privateKeys = (rsa: KeyObject) => ({ rsa, sm2 });
const publicKeys = (rsa: KeyObject) => ({ rsa, sm2: sm2.publicKey });

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly alg: string;
  readonly params: Record<string, string>;
  readonly exclude: string[];
  readonly canonical: string;
  readonly expected: string | boolean;
  readonly expectedContains: string;
  readonly decoded: string;
  readonly certPem: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly body: string;
  readonly signedText: string;
  readonly message: string;
  readonly signature: string;
  readonly wire?: string;
  readonly headers: Record<string, string>;
  readonly keyBase64: string;
  readonly plaintext: string;
  readonly ciphertextBase64: string;
}

const file = new URL('./vectors/alipay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const ofKind = (kind: string) => vectors.filter((vector) => vector.kind === kind);
const signTypeOf = ({ alg }: Vector): SignType => (alg === 'RSA-SHA1' ? 'RSA' : 'RSA2');
const counted = {
  request_sign: 4,
  canonical: 1,
  notify_verify: 8,
  response_verify: 9,
  rsa_sign: 1,
  cert_sn: 6,
  root_cert_sn: 6,
  form_encode_fragment: 1,
  rsa_verify: 3,
  sm2_verify: 1,
  aes_cbc: 5,
  aes_cbc_decrypt_json: 1,
  v3_response_verify: 1,
};

describe('published vectors', () => {
  it.each(Object.entries(counted))('has every vector of the kind %s', (kind, count) => {
    expect(ofKind(kind).length).toBe(count);
  });

  it.each(ofKind('request_sign'))('signs as $id', async (vector) => {
    const text = canonicalText(vector.params, vector.exclude);
    expect(text).toBe(vector.canonical);
    const key = createPrivateKey(vector.privateKeyPem);
    const signature = await seal(signTypeOf(vector), privateKeys(key), Buffer.from(text));
    expect(signature).toBe(vector.expected);
    const check = { signType: signTypeOf(vector), key: publicKeys(createPublicKey(key)) };
    expect(verifies(check, Buffer.from(text), signature)).toBe(true);
    expect(verifies(check, Buffer.from(`${text} `), signature)).toBe(false);
  });

  it.each(ofKind('request_sign').filter(({ wire }) => wire))(
    'decodes the wire of $id',
    (vector) => {
      const query = (vector.wire ?? '').replace(/^.*\?/, '');
      const decoded = formPairs(query).map(([name, value]) => [
        name,
        Buffer.from(value).toString(),
      ]);
      const fields = Object.fromEntries(decoded);
      expect(canonicalText(fields, ['sign'])).toBe(vector.canonical);
      expect(fields['sign']).toBe(vector.expected);
    },
  );

  it.each(ofKind('canonical'))('joins as $id', ({ params, exclude, expected }) => {
    expect(canonicalText(params, exclude)).toBe(expected);
  });

  it.each(ofKind('notify_verify'))('judges the notification $id', (vector) => {
    const text = canonicalText(vector.params, vector.exclude);
    const key = createPublicKey(vector.publicKeyPem);
    const sign = vector.params['sign'] ?? '';
    const how = { signType: signTypeOf(vector), key: publicKeys(key) };
    expect(verifies(how, Buffer.from(text), sign)).toBe(vector.expected);
  });

  it.each(ofKind('response_verify').filter(({ id }) => id.startsWith('yansongda')))(
    'writes the very bytes the gateway signed: $id',
    ({ signedText }) => {
      const members = JSON.parse(signedText) as Record<string, string>;
      const shuffled = Object.fromEntries(Object.entries(members).reverse());
      expect(writeNode(shuffled)).toBe(signedText);
    },
  );

  it.each(ofKind('rsa_sign'))('makes the SHA-1 signature $id', async (vector) => {
    const key = createPrivateKey(vector.privateKeyPem);
    const data = Buffer.from(vector.message);
    expect(await seal('RSA', privateKeys(key), data)).toBe(vector.signature);
  });

  it.each(ofKind('rsa_verify'))('judges the signature $id', (vector) => {
    const how = {
      signType: signTypeOf(vector),
      key: publicKeys(createPublicKey(vector.publicKeyPem)),
    };
    expect(verifies(how, Buffer.from(vector.message), vector.signature)).toBe(vector.expected);
  });

  it.each(ofKind('sm2_verify'))(
    'judges the SM2 signature $id, and signs with its key',
    (vector) => {
      const { message, signature, publicKeyPem, privateKeyPem, expected } = vector;
      const rsa = createPublicKey(ofKind('rsa_verify')[0]?.publicKeyPem ?? '');
      const how = { signType: 'SM2', key: { rsa, sm2: parseSm2PublicKey(publicKeyPem) } } as const;
      expect(verifies(how, Buffer.from(message), signature)).toBe(expected);
      expect(verifies(how, Buffer.from(`${message}s`), signature)).toBe(false);
      const keys = { rsa, sm2: parseSm2PrivateKey(privateKeyPem) };
      expect(verifies(how, Buffer.from('again'), sealNow('SM2', keys, Buffer.from('again')))).toBe(
        true,
      );
    },
  );

  it.each([...ofKind('aes_cbc'), ...ofKind('aes_cbc_decrypt_json')])(
    'encrypts and decrypts as $id',
    ({ keyBase64, plaintext, ciphertextBase64, expected }) => {
      expect(encryptText(keyBase64, plaintext, 'utf-8')).toBe(ciphertextBase64);
      const text = decryptText(keyBase64, ciphertextBase64, 'utf-8') ?? '';
      expect(text).toBe(plaintext);
      if (expected !== undefined) expect(readContent(text)).toEqual(expected);
    },
  );

  it.each(ofKind('v3_response_verify'))('judges the V3 answer $id', (vector) => {
    const { headers, body, publicKeyPem, expected } = vector;
    const { 'alipay-timestamp': timestamp = '', 'alipay-nonce': nonce = '' } = headers;
    const data = Buffer.from(v3ReplyText({ timestamp, nonce, body }));
    const how = { signType: 'RSA2', key: publicKeys(createPublicKey(publicKeyPem)) } as const;
    expect(verifies(how, data, headers['alipay-signature'] ?? '')).toBe(expected);
  });

  it.each(ofKind('cert_sn'))('computes the SN of $id', ({ certPem, expected }) => {
    expect(certificateSn(certPem)).toBe(expected);
  });

  it.each(ofKind('root_cert_sn'))('computes the root SN of $id', ({ certPem, expected }) => {
    expect(rootCertificateSn(certPem)).toBe(expected);
  });

  it('counts a certificate that is not RSA-signed out of the root SN', () => {
    const bundle = ofKind('root_cert_sn')[0]?.certPem ?? '';
    const blocks = bundle.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    const rsa = blocks.filter((pem) => {
      try {
        return new X509Certificate(pem).publicKey.asymmetricKeyType === 'rsa';
      } catch {
        return false;
      }
    });
    expect(blocks.length).toBeGreaterThan(rsa.length);
    expect(rootCertificateSn(bundle).split('_').length).toBe(rsa.length);
  });

  it.each(ofKind('form_encode_fragment'))('encodes and keeps $id', (vector) => {
    const { decoded, expectedContains } = vector;
    expect(formText({ biz_content: decoded }, 'utf-8')).toContain(expectedContains);
    expect(readContent(decoded)).toMatchObject({ subject: 'yansongda 测试 - 01' });
  });
});
