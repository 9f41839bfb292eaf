/** wechatpay simulator · v2 seal: MD5 and HMAC-SHA256 over sorted pairs, and the cipher of refunds. */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import type { Fields } from './v2-xml.ts';
import type { V2SignType } from './voice.ts';

/** Every member with a value but `sign`, sorted by bytes, joined, and the key behind them. */
export function v2Text(fields: Fields, apiKey: string): string {
  const names = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return [...names.map((name) => `${name}=${fields[name]}`), `key=${apiKey}`].join('&');
}

const digests: Readonly<Record<V2SignType, (text: string, apiKey: string) => string>> = {
  MD5: (text) => createHash('md5').update(text).digest('hex'),
  'HMAC-SHA256': (text, apiKey) => createHmac('sha256', apiKey).update(text).digest('hex'),
};

/** Over a text that ends with the key; upper-case hexadecimal. */
export const v2Digest = (signType: V2SignType, text: string, apiKey: string): string =>
  digests[signType](text, apiKey).toUpperCase();

export const v2Sign = (fields: Fields, signType: V2SignType, apiKey: string): string =>
  v2Digest(signType, v2Text(fields, apiKey), apiKey);

/** AES-256-ECB; the key is the lower-case hexadecimal MD5 of the API key. Base64. */
export function sealRefund(plain: string, apiKey: string): string {
  const key = createHash('md5').update(apiKey).digest('hex');
  const cipher = createCipheriv('aes-256-ecb', key, null);
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}
