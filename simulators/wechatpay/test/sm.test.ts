/** API v3 in SM2, SM3 and SM4 (国密), spoken by hand. */
import { X509Certificate } from 'node:crypto';
import {
  decryptSm2,
  encryptSm2,
  parseSm2PrivateKey,
  parseSm2PublicKey,
  signSm2,
  sm2PublicKeyPem,
  verifySm2,
} from '@polyrail/kit/sm2';
import { decryptSm4Gcm, digestSm3 } from '@polyrail/kit/sm4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { type Answer, type Fields, type Json, send, start, terms } from './client.ts';
import { named } from './doctor-client.ts';

let site: WechatPaySite;
beforeAll(async () => {
  site = await start({ algorithm: 'SM', keys: 'certificate' });
});
afterAll(() => site.stop());

const scheme = 'WECHATPAY2-SM2-WITH-SM3';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Signs `text` in place of what is sent. */
function heading(method: string, target: string, body: string, text?: string): Fields {
  const { merchantPrivateKey, mchId, merchantCertSerial } = site.credentials;
  const timestamp = Math.floor(site.clock.now() / 1_000);
  const lines = text ?? `${method}\n${target}\n${timestamp}\nN0nce\n${body}\n`;
  const signature = base64(signSm2(parseSm2PrivateKey(merchantPrivateKey), lines));
  const authorization =
    `${scheme} mchid="${mchId}",nonce_str="N0nce",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${merchantCertSerial}"`;
  return { authorization, 'content-type': 'application/json' };
}

const call = (what: string, body = '', more: Fields = {}): Promise<Answer> => {
  const [method = '', target = ''] = what.split(' ');
  const headers = { ...heading(method, target, body), ...more };
  return send(site, { method, target, headers, ...(body === '' ? {} : { body }) });
};

function verifies({ headers }: { headers: Fields }, body: string, pem: string): boolean {
  expect(headers['wechatpay-signature-type']).toBe(scheme);
  const text = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${body}\n`;
  const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64');
  return verifySm2(parseSm2PublicKey(pem), text, signature);
}

/** Where the content of the DER element at `at` lies. */
function element(bytes: Uint8Array, at: number): { readonly from: number; readonly to: number } {
  const first = bytes[at + 1] ?? 0;
  const long = first > 0x80 ? first - 0x80 : 0;
  const from = at + 2 + long;
  const size = bytes.subarray(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  return { from, to: from + (long === 0 ? first : size) };
}

function open(resource: Json): string {
  const { ciphertext, nonce, associated_data: associated } = resource;
  const key = digestSm3(site.credentials.apiV3Key).subarray(0, 16);
  const message = { key, nonce: Buffer.from(nonce), associated: Buffer.from(associated) };
  return Buffer.from(decryptSm4Gcm(message, Buffer.from(ciphertext, 'base64'))).toString('utf8');
}

describe('algorithm SM', () => {
  it('lists SM2 certificates, encrypted with SM4, to who asks for them', async () => {
    const answer = await call('GET /v3/certificates?algorithm_type=SM2');
    const [entry] = answer.json['data'] as Json[];
    expect(entry?.['encrypt_certificate'].algorithm).toBe('AEAD_SM4_GCM');
    const pem = open(entry?.['encrypt_certificate']);
    expect(pem).toBe(site.credentials.platformCert);
    expect(verifies(answer, answer.text, pem)).toBe(true);
    expect(verifies(answer, `${answer.text} `, pem)).toBe(false);
    expect(answer.headers['wechatpay-serial']).toBe(entry?.['serial_no']);
    const refused = await call('GET /v3/certificates');
    expect([refused.status, refused.json['code']]).toEqual([403, 'NO_AUTH']);
  });

  it('certificates are X.509 of SM2, issued by a root of their own', () => {
    const { platformCert, platformCertSerial, rootCert, merchantCert } = site.credentials;
    const [leaf, root] = [new X509Certificate(platformCert), new X509Certificate(rootCert)];
    expect(leaf.serialNumber).toBe(platformCertSerial);
    expect(leaf.subject).toBe('CN=Polyrail Simulator Tenpay.com sign');
    expect(leaf.issuer).toBe(root.subject);
    for (const pem of [platformCert, merchantCert, rootCert]) {
      const { raw } = new X509Certificate(pem);
      const whole = element(raw, 0);
      const signed = element(raw, whole.from);
      const signature = element(raw, element(raw, signed.to).to);
      const bits = raw.subarray(signature.from + 1, signature.to);
      expect(
        verifySm2(parseSm2PublicKey(rootCert), raw.subarray(whole.from, signed.to), bits),
      ).toBe(true);
    }
  });

  it('takes orders signed with SM2 and nothing else, and tells them in SM4', async () => {
    const told: { headers: Fields; body: string }[] = [];
    site.listen(async ({ headers, body }) => {
      told.push({ headers: headers as Fields, body: Buffer.from(body).toString('utf8') });
      return { status: 204, headers: {}, body: new Uint8Array() };
    });
    const body = JSON.stringify(terms(site.credentials, 'order_1'));
    const made = await call('POST /v3/pay/transactions/native', body);
    expect(made.status).toBe(200);
    const target = '/v3/pay/transactions/native';
    const rsa = heading('POST', target, body)['authorization']?.replace(
      scheme,
      'WECHATPAY2-SHA256-RSA2048',
    );
    const other = await call(`POST ${target}`, body, { authorization: rsa ?? '' });
    expect([other.status, other.json['code']]).toEqual([401, 'SIGN_ERROR']);
    await site.payer.approve('order_1');
    await site.clock.advance(0);
    const [news] = told;
    const { resource } = JSON.parse(news?.body ?? '');
    expect(resource.algorithm).toBe('AEAD_SM4_GCM');
    expect(JSON.parse(open(resource))).toMatchObject({ out_trade_no: 'order_1' });
    expect(news && verifies(news, news.body, site.credentials.platformCert)).toBe(true);
  });

  it('opens what is hidden with its SM2 key, and hides with the merchant key', async () => {
    const { platformCert, platformCertSerial, merchantPrivateKey } = site.credentials;
    const secret = base64(encryptSm2(parseSm2PublicKey(platformCert), '张三'));
    const body = JSON.stringify({ echo_message: 'x', encrypted_echo_message: secret });
    const serial = { 'wechatpay-serial': platformCertSerial };
    const { json } = await call('POST /v3/security/echo', body, serial);
    const hidden = Buffer.from(json['encrypted_echo_message'], 'base64');
    const plain = decryptSm2(parseSm2PrivateKey(merchantPrivateKey), hidden);
    expect(Buffer.from(plain).toString('utf8')).toBe('张三');
    const wrong = JSON.stringify({ echo_message: 'x', encrypted_echo_message: base64(hidden) });
    const refused = await call('POST /v3/security/echo', wrong, serial);
    expect(refused.json['code']).toBe('PARAM_ERROR');
  });

  it('a certificate that was rotated signs from then on', async () => {
    const before = site.credentials.platformCertSerial;
    const serial = await site.rotate();
    const answer = await call('GET /v3/certificates?algorithm_type=ALL');
    expect(answer.headers['wechatpay-serial']).toBe(serial);
    const serials = (answer.json['data'] as Json[]).map((entry) => entry['serial_no']);
    expect(serials).toEqual([serial, before]);
  });

  it('the doctor opens SM2 signatures as well', async () => {
    const target = '/v3/certificates?algorithm_type=SM2';
    const timestamp = Math.floor(site.clock.now() / 1_000);
    const text = `GET\n/v3/certificates\n${timestamp}\nN0nce\n\n`;
    const headers = heading('GET', target, '', text);
    const told = await site.explain({ kind: 'request', method: 'GET', url: target, headers });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['target'] });
    const answer = await call(`GET ${target}`);
    const right = { kind: 'reply', headers: answer.headers, body: answer.text } as const;
    expect(named(await site.explain(right))).toEqual({ verdict: 'genuine', causes: [] });
    const own = parseSm2PublicKey(site.credentials.merchantCert);
    for (const key of [sm2PublicKeyPem(own), site.credentials.merchantCert]) {
      expect((await site.explain({ ...right, client: { key } })).cause).toBe('own-key');
    }
  });
});
