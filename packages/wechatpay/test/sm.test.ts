/** The algorithm SM: SM2 with SM3 over requests and messages, SM4-GCM within them. */
import { type Incoming, secret, type Transport } from '@polyrail/core';
import {
  decryptSm2,
  generateSm2KeyPair,
  signSm2,
  sm2PrivateKeyPem,
  sm2PublicKeyPem,
  verifySm2,
} from '@polyrail/kit/sm2';
import { digestSm3, encryptSm4Gcm } from '@polyrail/kit/sm4';
import { describe, expect, it } from 'vitest';
import { checkWechatPayConfig, createWechatPay } from '../src/index.ts';
import {
  apiV3Key,
  base,
  clock,
  cny,
  nowMs,
  payment,
  publicKeyId,
  thrown,
  transaction,
} from './gateway.ts';

const own = generateSm2KeyPair();
const theirs = generateSm2KeyPair();
const config = {
  ...base,
  algorithm: 'SM',
  merchantKey: secret(sm2PrivateKeyPem(own)),
  publicKey: { id: publicKeyId, key: sm2PublicKeyPem(theirs.publicKey) },
} as const;

function headersOf(body: Uint8Array, type = 'WECHATPAY2-SM2-WITH-SM3') {
  const timestamp = String(Math.floor(nowMs / 1000));
  const text = `${timestamp}\nn0nce\n${Buffer.from(body).toString()}\n`;
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': 'n0nce',
    'wechatpay-serial': publicKeyId,
    'wechatpay-signature-type': type,
    'wechatpay-signature': Buffer.from(signSm2(theirs, text)).toString('base64'),
  };
}

function site(told: object, type?: string) {
  const heard: { authorization: string; text: string; body: string }[] = [];
  const transport: Transport = {
    async exchange({ method, url, headers, body = '' }, options) {
      const { authorization = '' } = headers;
      const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(authorization)?.[1] ?? '';
      const { pathname, search } = new URL(url);
      const lines = [method, pathname + search, part('timestamp'), part('nonce_str'), body];
      const text = lines.map((line) => `${line}\n`).join('');
      const signature = Buffer.from(part('signature'), 'base64');
      expect(verifySm2(own.publicKey, text, signature)).toBe(true);
      heard.push({ authorization, text, body: String(body) });
      options?.onFirstByte?.();
      const bytes = Buffer.from(JSON.stringify(told));
      return {
        status: 200,
        headers: headersOf(bytes, type),
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  };
  return { heard, channel: createWechatPay(config, { transport, clock }) };
}

function push(algorithm = 'AEAD_SM4_GCM'): Incoming {
  const key = digestSm3(apiV3Key).subarray(0, 16);
  const message = {
    key,
    nonce: Buffer.from('pJzPEVj3TKtN'),
    associated: Buffer.from('transaction'),
  };
  const sealed = encryptSm4Gcm(message, JSON.stringify(transaction));
  const body = Buffer.from(
    JSON.stringify({
      id: 'e1',
      event_type: 'TRANSACTION.SUCCESS',
      resource: {
        algorithm,
        nonce: 'pJzPEVj3TKtN',
        associated_data: 'transaction',
        ciphertext: Buffer.from(sealed).toString('base64'),
      },
    }),
  );
  return { headers: headersOf(body), body };
}

describe('algorithm SM', () => {
  it('signs requests and verifies replies', async () => {
    const { heard, channel } = site(transaction);
    expect((await channel.query(payment)).status).toBe('succeeded');
    expect(heard[0]?.authorization).toMatch(/^WECHATPAY2-SM2-WITH-SM3 mchid=/);
    await checkWechatPayConfig(config);
  });

  it('believes no reply that names another algorithm', async () => {
    const { channel } = site(transaction, 'WECHATPAY2-SHA256-RSA2048');
    expect((await thrown(channel.query(payment))).code).toBe('REPLY_UNVERIFIED');
  });

  it('opens notifications encrypted with SM4, and with nothing else', async () => {
    const { channel } = site({});
    expect((await channel.receive(push())).facts[0].status).toBe('succeeded');
    const error = await thrown(channel.receive(push('AEAD_AES_256_GCM')));
    expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('hides names with SM2', async () => {
    const { heard, channel } = site({ out_bill_no: 'payout1', state: 'ACCEPTED' });
    await channel.payout({
      merchantPayoutId: 'payout1',
      amount: cny(100),
      purpose: 'x',
      payee: { kind: 'wallet', id: 'o1', name: secret('张三') },
      extra: { sceneId: '1000', report: [{ type: 'a', content: 'b' }] },
    });
    const { user_name: hidden } = JSON.parse(heard[0]?.body ?? '');
    expect(Buffer.from(decryptSm2(theirs, Buffer.from(hidden, 'base64'))).toString()).toBe('张三');
  });
});
