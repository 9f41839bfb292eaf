/** bench · contestants: one native order each, in four ways. */
import { createPrivateKey, randomBytes, sign, verify } from 'node:crypto';
import { inFlight, type Pay } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';
import { Pool } from 'undici';
import {
  apiV3Key,
  appId,
  mchId,
  merchantKeys,
  merchantSerial,
  nativePath,
  notifyUrl,
  publicKeyId,
} from './work.ts';

async function polyrail(): Promise<Pay> {
  const { createWechatPay } = await import('../src/index.ts');
  const { privateKey, publicPem, origin } = merchantKeys();
  const wechat = createWechatPay({
    mchId,
    appId,
    merchantKey: secret(privateKey),
    merchantSerial,
    apiV3Key: secret(apiV3Key),
    publicKey: { id: publicKeyId, key: publicPem },
    notifyUrl,
    baseUrl: origin,
  });
  const amount = money('9.00', 'CNY');
  return async (id) => {
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    const { status } = await wechat.pay({ scene: 'qr', ...order });
    if (status !== 'pending') throw new Error(`${id} is ${status}`);
  };
}

const termsOf = (id: string) => ({
  appid: appId,
  mchid: mchId,
  description: 'Tea',
  out_trade_no: id,
  notify_url: notifyUrl,
  amount: { total: 900, currency: 'CNY' },
});

interface AxiosPlugin {
  readonly Wechatpay: new (
    config: object,
  ) => {
    readonly v3: {
      readonly pay: {
        readonly transactions: {
          readonly native: {
            post(terms: object): Promise<{ data: { code_url?: string } }>;
          };
        };
      };
    };
  };
}

/** Public-key mode, as its README configures it; replies are verified. */
async function axiosPlugin(): Promise<Pay> {
  const { default: plugin } = await import('wechatpay-axios-plugin');
  const { Wechatpay } = plugin as unknown as AxiosPlugin;
  const { privateKey, publicPem, origin } = merchantKeys();
  const wxpay = new Wechatpay({
    mchid: mchId,
    serial: merchantSerial,
    privateKey,
    certs: { [publicKeyId]: publicPem },
    baseURL: `${origin}/`,
  });
  return async (id) => {
    const { data } = await wxpay.v3.pay.transactions.native.post(termsOf(id));
    if (data.code_url === undefined) throw new Error(`${id} was not accepted`);
  };
}

/** Its own way to send, to another host; it verifies no reply. */
async function nodeV3(): Promise<Pay> {
  const { default: WxPay } = await import('wechatpay-node-v3');
  const { PayRequest } = await import('wechatpay-node-v3/dist/lib/pay-request.js');
  const { privateKey, publicPem, origin } = merchantKeys();
  const client = new WxPay({
    appid: appId,
    mchid: mchId,
    serial_no: merchantSerial,
    publicKey: Buffer.from(publicPem),
    privateKey: Buffer.from(privateKey),
    key: apiV3Key,
  });
  const http = new PayRequest();
  const post = http.post.bind(http);
  http.post = (url: string, ...rest) =>
    post(url.replace('https://api.mch.weixin.qq.com', origin), ...rest);
  client.createHttp(http);
  return async (id) => {
    const { appid: _appid, mchid: _mchid, ...terms } = termsOf(id);
    const { status, data } = (await client.transactions_native(terms)) as {
      status: number;
      data?: { code_url?: string };
    };
    if (status !== 200 || data?.code_url === undefined) throw new Error(`${id}: ${status}`);
  };
}

/** What no client can do without: the request, its signature, and the check of the reply's. */
async function floor(): Promise<Pay> {
  const { privateKey, publicKey, origin } = merchantKeys();
  const pool = new Pool(origin, { connections: inFlight });
  const key = createPrivateKey(privateKey);
  const signature = (text: string) =>
    new Promise<string>((resolve, reject) => {
      sign('sha256', Buffer.from(text), key, (error, made) =>
        error ? reject(error) : resolve(made.toString('base64')),
      );
    });
  return async (id) => {
    const content = JSON.stringify(termsOf(id));
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomBytes(16).toString('hex');
    const signed = await signature(`POST\n${nativePath}\n${timestamp}\n${nonce}\n${content}\n`);
    const { headers, body } = await pool.request({
      method: 'POST',
      path: nativePath,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",signature="${signed}",timestamp="${timestamp}",serial_no="${merchantSerial}"`,
      },
      body: content,
    });
    const reply = await body.text();
    const told = (name: string): string => String(headers[`wechatpay-${name}`]);
    const text = Buffer.from(`${told('timestamp')}\n${told('nonce')}\n${reply}\n`);
    const seal = Buffer.from(told('signature'), 'base64');
    if (!verify('sha256', text, publicKey, seal)) throw new Error('not signed');
    if (JSON.parse(reply).code_url === undefined) throw new Error(`${id} was not accepted`);
  };
}

export const contestants: Readonly<Record<string, () => Promise<Pay>>> = {
  polyrail,
  'wechatpay-axios-plugin': axiosPlugin,
  'wechatpay-node-v3': nodeV3,
  floor,
};
