/** Test aid: API v2 written by hand. */
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { WechatPayCredentials, WechatPaySite } from '../src/index.ts';
import { type Answer, type Fields, send } from './client.ts';

export const stringA = (fields: Fields): string =>
  Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');

const digests: Readonly<Record<string, (text: string, key: string) => string>> = {
  MD5: (text) => createHash('md5').update(text).digest('hex'),
  'HMAC-SHA256': (text, key) => createHmac('sha256', key).update(text).digest('hex'),
};

export const signOf = (
  fields: Fields,
  apiKey: string,
  type = fields['sign_type'] ?? 'MD5',
): string => (digests[type]?.(`${stringA(fields)}&key=${apiKey}`, apiKey) ?? '').toUpperCase();

export const xml = (fields: Fields): string =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`;

/** What stands in a document, CDATA taken off. */
export const fieldsIn = (text: string): Fields =>
  Object.fromEntries(
    [...text.matchAll(/<(\w+)><!\[CDATA\[([\s\S]*?)\]\]><\/\1>/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]),
  );

export interface V2Answer extends Answer {
  readonly fields: Fields;
}

/** Members every call has, signed. */
export function signed(
  { appId, mchId, apiKey }: WechatPayCredentials,
  more: Readonly<Record<string, string | number>>,
  nonce: Fields = { nonce_str: 'N0nce' },
): Fields {
  const texts = Object.entries(more).map(([name, value]) => [name, String(value)]);
  const fields = { appid: appId, mch_id: mchId, ...nonce, ...Object.fromEntries(texts) } as Fields;
  return { ...fields, sign: signOf(fields, apiKey) };
}

export async function post(site: WechatPaySite, path: string, fields: Fields): Promise<V2Answer> {
  const headers = { 'content-type': 'text/xml' };
  const answer = await send(site, { target: path, body: xml(fields), headers });
  return { ...answer, fields: fieldsIn(answer.text) };
}

/** One call; the answer's signature is checked where it has one, and must be there after success. */
export async function callV2(
  site: WechatPaySite,
  path: string,
  more: Readonly<Record<string, string | number>>,
  nonce?: Fields,
): Promise<Fields> {
  const request = signed(site.credentials, more, nonce);
  const { fields } = await post(site, path, request);
  if (fields['return_code'] === 'SUCCESS') {
    const wanted = signOf(fields, site.credentials.apiKey, request['sign_type'] ?? 'MD5');
    if (fields['sign'] !== wanted) throw new Error(`unverified: ${JSON.stringify(fields)}`);
  }
  return fields;
}

export const unified = (out_trade_no: string, more: object = {}) => ({
  out_trade_no,
  body: '测试 & <goods>',
  total_fee: 100,
  trade_type: 'NATIVE',
  product_id: 'p1',
  spbill_create_ip: '203.0.113.9',
  notify_url: 'https://shop.example/notify',
  ...more,
});

/** Opens the encrypted part of a refund notification. */
export function openInfo(info: string, apiKey: string): Fields {
  const key = createHash('md5').update(apiKey).digest('hex');
  const decipher = createDecipheriv('aes-256-ecb', key, null);
  return fieldsIn(Buffer.concat([decipher.update(info, 'base64'), decipher.final()]).toString());
}
