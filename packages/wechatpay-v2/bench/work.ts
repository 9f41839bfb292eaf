/** bench · work: whom all contestants act for, and how both sides sign. */
import { createHmac } from 'node:crypto';

export const mchId = '1900007291';
export const appId = 'wxd678efh567hg6787';
export const apiKey = '0123456789abcdef0123456789ABCDEF';
export const notifyUrl = 'https://shop.example/wechatpay';
export const orderPath = '/pay/unifiedorder';

export type Fields = Readonly<Record<string, string>>;

/** HMAC-SHA256 over sorted fields and the key; every field of these has a value. */
export function signOf(fields: Fields): string {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  return createHmac('sha256', apiKey).update(`${text}&key=${apiKey}`).digest('hex').toUpperCase();
}

export const xmlOf = (fields: Fields): string =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`;
