/**
 * bench · open: a notification verified and decrypted - and verified, decrypted, read, redacted and
 * frozen, as `receive` does - beside the rivals' functions, and beside nothing but the same cryptography
 * over bytes that lie ready.
 */
import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  verify,
} from 'node:crypto';
import { cpuRounds, makePair, printTable } from '@polyrail/contest';
import { secret } from '@polyrail/core';
import axiosPlugin from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { openResource } from '../src/cipher.ts';
import { settingsOf } from '../src/config.ts';
import { createWechatPay } from '../src/index.ts';
import { createSeal } from '../src/seal.ts';
import { type Headers, hidden, sealOf } from './sealing.ts';
import { apiV3Key, appId, mchId, merchantSerial, publicKeyId } from './work.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 9;
const perRound = quick ? 500 : 4000;

const platform = makePair();
const merchant = makePair();
const key = createPublicKey(platform.publicKey);
const platformKey = createPrivateKey(platform.privateKey);
const nowMs = Date.parse('2026-11-22T02:49:24.000Z');
const kind = 'transaction';

interface Push {
  readonly headers: Headers;
  readonly body: Buffer;
  readonly text: Buffer;
  readonly signature: Buffer;
  readonly nonce: string;
  readonly sealed: Buffer;
}

/** A paid order, as much as WeChat Pay tells of one. */
const told = (order: number) => ({
  mchid: mchId,
  appid: appId,
  out_trade_no: `order_${order}`,
  transaction_id: `42000012342026112200000${String(order).padStart(5, '0')}`,
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  attach: '',
  success_time: '2026-11-22T10:49:23+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 900, payer_total: 900, currency: 'CNY', payer_currency: 'CNY' },
});

function push(order: number): Push {
  const nonce = String(order).padStart(12, '0');
  const sealed = hidden(JSON.stringify(told(order)), nonce, kind);
  const text = JSON.stringify({
    id: '7f8fcdb2-573a-547a-901e-4c34f9761293',
    create_time: '2026-11-22T10:49:24+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: kind,
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed.toString('base64'),
      associated_data: kind,
      nonce,
    },
  });
  const headers = sealOf(text, platformKey, nowMs);
  const signed = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${text}\n`;
  return {
    headers,
    body: Buffer.from(text),
    text: Buffer.from(signed),
    signature: Buffer.from(headers['wechatpay-signature'] ?? '', 'base64'),
    nonce,
    sealed,
  };
}

const clock = { now: () => nowMs, schedule: () => () => {} };
const config = {
  mchId,
  appId,
  merchantKey: secret(merchant.privateKey),
  merchantSerial,
  apiV3Key: secret(apiV3Key),
  publicKey: { id: publicKeyId, key: platform.publicKey },
};
const wechat = createWechatPay(config, { clock });
const road = () => Promise.reject(new Error('Nothing is fetched to open a notification'));
const random = { bytes: (count: number) => new Uint8Array(count) };
const seal = createSeal({ settings: settingsOf(config), clock, random, road });
const trust = await seal.trust();
const { signal } = new AbortController();

// biome-ignore lint/suspicious/noExplicitAny: the client types nothing that is used here
const { Aes, Formatter, Rsa } = axiosPlugin as unknown as Record<string, any>;
const rsaKey = Rsa.from(platform.publicKey, Rsa.KEY_TYPE_PUBLIC);
const client = new WxPay({
  appid: appId,
  mchid: mchId,
  serial_no: merchantSerial,
  publicKey: Buffer.from(merchant.publicKey),
  privateKey: Buffer.from(merchant.privateKey),
  key: apiV3Key,
});
// As it keeps a certificate that it has downloaded.
(WxPay as unknown as { certificates: object }).certificates = { [publicKeyId]: platform.publicKey };

const secretKey = createSecretKey(Buffer.from(apiV3Key));
const associated = Buffer.from(kind);

const contestants: Readonly<Record<string, (push: Push) => Promise<boolean> | boolean>> = {
  'polyrail: verified and decrypted': async ({ headers, body }) => {
    const fresh = await seal.verify({ headers, body }, { atMs: nowMs, signal });
    const { resource } = JSON.parse(body.toString());
    return fresh && openResource(resource, trust).startsWith('{"mchid"');
  },
  'polyrail: receive': async ({ headers, body }) =>
    (await wechat.receive({ headers, body })).facts[0].status === 'succeeded',
  'wechatpay-axios-plugin: verified and decrypted': ({ headers, body }) => {
    const text = body.toString();
    const signed = Formatter.joinedByLineFeed(
      headers['wechatpay-timestamp'],
      headers['wechatpay-nonce'],
      text,
    );
    const genuine: boolean = Rsa.verify(signed, headers['wechatpay-signature'], rsaKey);
    const { ciphertext, nonce, associated_data: aad } = JSON.parse(text).resource;
    return genuine && Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad).startsWith('{"mchid"');
  },
  'wechatpay-node-v3: verified, decrypted without tag': async ({ headers, body }) => {
    const text = body.toString();
    const header = (name: string): string => headers[`wechatpay-${name}`] ?? '';
    const genuine = await client.verifySign({
      body: text,
      signature: header('signature'),
      serial: header('serial'),
      nonce: header('nonce'),
      timestamp: header('timestamp'),
    });
    const { ciphertext, nonce, associated_data: aad } = JSON.parse(text).resource;
    const opened = client.decipher_gcm<{ mchid: string }>(ciphertext, aad, nonce);
    return genuine && opened.mchid === mchId;
  },
  'bare crypto': ({ text, signature, nonce, sealed }) => {
    if (!verify('sha256', text, key, signature)) return false;
    const decipher = createDecipheriv('aes-256-gcm', secretKey, nonce);
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = decipher.update(sealed.subarray(0, -16));
    return Buffer.concat([plain, decipher.final()]).byteLength > 0;
  },
};

const pushes = Array.from({ length: 200 }, (_, order) => push(order));
const of = await cpuRounds({ contestants, cases: pushes, rounds, perRound });
const share = (name: string): string => (of(name) / of('bare crypto')).toFixed(2);
const rows = Object.keys(contestants).map((name) => [name, of(name).toFixed(1), share(name)]);
process.stdout.write(
  `A notification of a paid order, RSA-2048 and AES-256-GCM; CPU, medians of ${rounds} rounds of ${perRound}\n\n` +
    `${printTable(['', 'µs each', '× bare crypto'], rows)}\n\n` +
    `beside bare crypto (goal 1.3): verified and decrypted ` +
    `${share('polyrail: verified and decrypted')} ×, receive ${share('polyrail: receive')} ×\n`,
);
