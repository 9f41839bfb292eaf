/** bench · contestants: one payment by QR code each, in three ways. */
import { createPrivateKey, sign, verify } from 'node:crypto';
import { inFlight, type Pay } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';
import { Pool } from 'undici';
import { appId, merchantKeys } from './work.ts';

/** The clock in GMT+8, as the protocol writes it. */
const timestamp = (): string =>
  new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

async function polyrail(): Promise<Pay> {
  const { createAlipay } = await import('../src/index.ts');
  const { privateKey, publicPem, gatewayUrl } = merchantKeys();
  const merchantKey = secret(privateKey);
  const alipay = createAlipay({ appId, merchantKey, platformKey: publicPem, gatewayUrl });
  const amount = money('9.00', 'CNY');
  return async (id) => {
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    const { status } = await alipay.pay({ scene: 'qr', ...order });
    if (status !== 'pending') throw new Error(`${id} is ${status}`);
  };
}

async function alipaySdk(): Promise<Pay> {
  const { AlipaySdk } = await import('alipay-sdk');
  const { privateKey, publicPem, gatewayUrl } = merchantKeys();
  const sdk = new AlipaySdk({
    appId,
    privateKey,
    keyType: 'PKCS8',
    alipayPublicKey: publicPem,
    gateway: gatewayUrl,
  });
  return async (id) => {
    const bizContent = { out_trade_no: id, total_amount: '9.00', subject: 'Tea' };
    const reply = await sdk.exec('alipay.trade.precreate', { bizContent }, { validateSign: true });
    if (reply.code !== '10000') throw new Error(`${id}: ${reply.code}`);
  };
}

/** What no client can do without: the request, its signature, and the check of the reply's. */
async function floor(): Promise<Pay> {
  const { privateKey, publicKey, gatewayUrl } = merchantKeys();
  const { origin, pathname } = new URL(gatewayUrl);
  const pool = new Pool(origin, { connections: inFlight });
  const key = createPrivateKey(privateKey);
  const signature = (text: string) =>
    new Promise<string>((resolve, reject) => {
      sign('sha256', Buffer.from(text), key, (error, made) =>
        error ? reject(error) : resolve(made.toString('base64')),
      );
    });
  return async (id) => {
    const content = `{"out_trade_no":"${id}","total_amount":"9.00","subject":"Tea"}`;
    const at = timestamp();
    const text = `app_id=${appId}&biz_content=${content}&charset=utf-8&format=JSON&method=alipay.trade.precreate&sign_type=RSA2&timestamp=${at}&version=1.0`;
    const query = `app_id=${appId}&charset=utf-8&format=JSON&method=alipay.trade.precreate&sign_type=RSA2&timestamp=${encodeURIComponent(at)}&version=1.0&sign=${encodeURIComponent(await signature(text))}`;
    const { body } = await pool.request({
      method: 'POST',
      path: `${pathname}?${query}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: `biz_content=${encodeURIComponent(content)}`,
    });
    const reply = await body.text();
    const end = reply.lastIndexOf(',"sign":"');
    const node = reply.slice(reply.indexOf(':') + 1, end);
    const signed = Buffer.from(reply.slice(end + 9, -2), 'base64');
    if (!verify('sha256', Buffer.from(node), publicKey, signed)) throw new Error('not signed');
    if (JSON.parse(node).code !== '10000') throw new Error(`${id} was not accepted`);
  };
}

export const contestants: Readonly<Record<string, () => Promise<Pay>>> = {
  polyrail,
  'alipay-sdk': alipaySdk,
  floor,
};
