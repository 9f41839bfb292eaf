/** Known answers of the server's side. */
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  X509Certificate,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseSm2PublicKey, sm2PublicKeyPem } from '@polyrail/kit/sm2';
import { describe, expect, it } from 'vitest';
import { gcmSeal, oaepOpen } from '../src/secrets.ts';
import { smSuite } from '../src/shangmi.ts';
import { sealRefund, v2Sign, v2Text } from '../src/v2-seal.ts';
import { type Fields, readXml } from '../src/v2-xml.ts';
import { v3ReplyText, v3SignedBytes } from '../src/v3-request.ts';
import type { V2SignType } from '../src/voice.ts';
import type { Json } from './client.ts';

const file = new URL('vectors/wechatpay.json', import.meta.url);
const all = JSON.parse(readFileSync(file, 'utf8')) as { keys: Json; vectors: Json[] };
const one = (id: string): Json => {
  const found = all.vectors.find((vector) => vector['id'] === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
};
const ofKind = (pattern: RegExp, member: string): [string, Json][] =>
  all.vectors
    .filter((vector) => pattern.test(vector['id']) && vector[member] !== undefined)
    .map((vector) => [vector['id'], vector]);

describe('requests', () => {
  it.each(ofKind(/^v3-sign-(?:post|get|upload)/, 'method'))('%s', (_, vector) => {
    const url = String(vector['url']).replace(/^https?:\/\/[^/]+/, '');
    const signed = v3SignedBytes({
      method: vector['method'],
      target: url,
      timestamp: String(vector['timestamp']),
      nonce: vector['nonce_str'],
      body: Buffer.from(vector['body'] ?? ''),
    });
    expect(signed.toString()).toBe(vector['message']);
    const key = all.keys[vector['privateKeyRef']];
    const pem = typeof key === 'string' ? key : (key.privateKey ?? key.pem);
    const made = createSign('RSA-SHA256').update(signed).sign(pem, 'base64');
    expect(made).toBe(vector['expected']);
  });
});

describe('answers and callbacks', () => {
  it.each(ofKind(/^v3-verify-response/, 'signature'))('%s', (_, vector) => {
    const text = v3ReplyText(String(vector['timestamp']), vector['nonce'], vector['body']);
    expect(text).toBe(vector['message']);
    const pem = vector['publicKey'] ?? vector['certificateOrKey'];
    const key = createPublicKey(pem);
    const holds = createVerify('RSA-SHA256')
      .update(text)
      .verify(key, vector['signature'], 'base64');
    expect(holds).toBe(vector['expectedValid']);
  });

  it('v3-callback-full-go', () => {
    const { headers, body, certificate } = one('v3-callback-full-go');
    const of = (name: string) => headers[name] ?? headers[name.toLowerCase()];
    const text = v3ReplyText(of('Wechatpay-Timestamp'), of('Wechatpay-Nonce'), body);
    const key = new X509Certificate(certificate).publicKey;
    const verify = createVerify('RSA-SHA256').update(text);
    expect(verify.verify(key, of('Wechatpay-Signature'), 'base64')).toBe(true);
  });

  // Keys of another length belong to no merchant.
  const sealed = ofKind(/^v3-(?:aesgcm|certificates)/, 'ciphertext').filter(
    ([, vector]) => vector['key'].length === 32,
  );
  it.each(sealed)('%s', (_, vector) => {
    const sealed = {
      key: vector['key'],
      nonce: vector['nonce'],
      associatedData: vector['associated_data'] ?? '',
    };
    expect(gcmSeal(sealed, vector['plaintext'])).toBe(vector['ciphertext']);
  });

  it.each(ofKind(/^v3-rsa-oaep/, 'ciphertext'))('%s', (_, vector) => {
    const key = createPrivateKey(vector['privateKey']);
    expect(oaepOpen(key, vector['ciphertext'])).toBe(vector['plaintext']);
  });
});

describe('国密', () => {
  it('v3-sm4gcm-java', () => {
    const vector = one('v3-sm4gcm-java');
    const { nonce, associated_data: associatedData, ciphertext, plaintext } = vector;
    const sealed = { key: vector['apiV3Key'], nonce, associatedData };
    expect(smSuite.sealResource(sealed, plaintext)).toBe(ciphertext);
    expect(smSuite.openResource({ ...sealed, ciphertext })).toBe(plaintext);
    expect(smSuite.openResource({ ...sealed, associatedData: 'x', ciphertext })).toBeUndefined();
  });

  it('v3-sm2-verify-java', () => {
    const { certificate, message, signature } = one('v3-sm2-verify-java');
    const half = smSuite.publicHalf(sm2PublicKeyPem(parseSm2PublicKey(certificate)));
    expect(half.verifies(Buffer.from(message), signature)).toBe(true);
    expect(half.verifies(Buffer.from(`${message} `), signature)).toBe(false);
  });

  it('v3-sm2-decrypt-java', () => {
    const { privateKey, ciphertext, plaintext } = one('v3-sm2-decrypt-java');
    expect(smSuite.privateHalf(privateKey).open(ciphertext)).toBe(plaintext);
  });
});

describe('v2', () => {
  it.each(ofKind(/^v2-(?:sign|paysign)/, 'params'))('%s', (_, vector) => {
    const fields = vector['params'] as Fields;
    expect(v2Text(fields, vector['key'])).toBe(vector['stringSignTemp']);
    expect(v2Sign(fields, vector['sign_type'] as V2SignType, vector['key'])).toBe(
      vector['expected'],
    );
  });

  it.each(ofKind(/^v2-xml/, 'xml'))('%s', (_, vector) => {
    const { sign: _sent, ...read } = readXml(Buffer.from(vector['xml'])) ?? {};
    const { sign: _told, ...params } = vector['params'];
    expect(read).toEqual(params);
  });

  it('v2-refund-req_info-gopay', () => {
    const { apiKey, plaintext, req_info: info } = one('v2-refund-req_info-gopay');
    expect(sealRefund(plaintext, apiKey)).toBe(info);
  });
});

describe('bills', () => {
  it('have the header lines of the real ones', async () => {
    const { headers, summaryHeader } = await import('../src/bill.ts');
    const lineOf = (vector: Json, index: number) => {
      const text: string =
        vector['plaintext'] ??
        (vector['contentBase64'] === undefined
          ? gunzipSync(Buffer.from(vector['gzipBase64'], 'base64')).toString()
          : Buffer.from(vector['contentBase64'], 'base64').toString());
      return text
        .replace(/^\u{feff}/u, '')
        .split(/\r?\n/)
        .filter(Boolean)
        .at(index);
    };
    expect(headers.ALL).toBe(lineOf(one('bill-trade-all-php'), 0));
    expect(headers.ALL).toBe(lineOf(one('bill-trade-all-gunsluo'), 0));
    expect(summaryHeader).toBe(lineOf(one('bill-trade-all-php'), -2));
    const { header, summaryHeader: funds } = await import('../src/funds-bill.ts');
    expect(header).toBe(lineOf(one('bill-fundflow-gunsluo'), 0));
    expect(funds).toBe(lineOf(one('bill-fundflow-gunsluo'), -2));
  });
});
