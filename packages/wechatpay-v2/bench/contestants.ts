/** bench · contestants: one native order each, signed with HMAC-SHA256, in three ways. */
import { randomBytes } from 'node:crypto';
import { given, inFlight, type Pay } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';
import { Pool } from 'undici';
import { apiKey, appId, type Fields, mchId, notifyUrl, orderPath, signOf, xmlOf } from './work.ts';

async function polyrail(): Promise<Pay> {
  const { createWechatPayV2 } = await import('../src/index.ts');
  const baseUrl = given('BENCH_ORIGIN');
  const wechat = createWechatPayV2({ mchId, appId, apiKey: secret(apiKey), notifyUrl, baseUrl });
  const amount = money('9.00', 'CNY');
  return async (id) => {
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    const { status } = await wechat.pay({ scene: 'qr', ...order });
    if (status !== 'pending') throw new Error(`${id} is ${status}`);
  };
}

interface Tenpay {
  readonly urls: Record<string, string>;
  unifiedOrder(parameters: object): Promise<{ readonly code_url?: string }>;
}

async function tenpay(): Promise<Pay> {
  const { default: Payment } = await import('tenpay');
  const config = { appid: appId, mchid: mchId, partnerKey: apiKey, notify_url: notifyUrl };
  const client = new (Payment as unknown as new (config: object) => Tenpay)(config);
  client.urls['unifiedorder'] = `${given('BENCH_ORIGIN')}${orderPath}`;
  return async (id) => {
    const { code_url: code } = await client.unifiedOrder({
      out_trade_no: id,
      body: 'Tea',
      total_fee: 900,
      trade_type: 'NATIVE',
      product_id: id,
      sign_type: 'HMAC-SHA256',
    });
    if (code === undefined) throw new Error(`${id} was not accepted`);
  };
}

/** The fields of an XML message without anything XML can do, as this server writes them. */
const fieldsIn = (xml: string): Record<string, string> =>
  Object.fromEntries(
    [...xml.matchAll(/<(\w+)><!\[CDATA\[(.*?)\]\]>/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

/** What no client can do without: the request, its sign, and the check of the reply's. */
async function floor(): Promise<Pay> {
  const pool = new Pool(given('BENCH_ORIGIN'), { connections: inFlight });
  return async (id) => {
    const fields: Fields = {
      appid: appId,
      mch_id: mchId,
      body: 'Tea',
      out_trade_no: id,
      fee_type: 'CNY',
      total_fee: '900',
      spbill_create_ip: '127.0.0.1',
      notify_url: notifyUrl,
      trade_type: 'NATIVE',
      product_id: id,
      nonce_str: randomBytes(16).toString('hex'),
      sign_type: 'HMAC-SHA256',
    };
    const { body } = await pool.request({
      method: 'POST',
      path: orderPath,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
      body: xmlOf({ ...fields, sign: signOf(fields) }),
    });
    const { sign, ...told } = fieldsIn(await body.text());
    if (sign !== signOf(told)) throw new Error('not signed');
    if (told['code_url'] === undefined) throw new Error(`${id} was not accepted`);
  };
}

export const contestants: Readonly<Record<string, () => Promise<Pay>>> = {
  polyrail,
  tenpay,
  floor,
};
