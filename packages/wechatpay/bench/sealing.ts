/** bench · sealing: what WeChat Pay signs and hides, in a few lines. */
import { createCipheriv, type KeyObject, sign } from 'node:crypto';
import { apiV3Key, publicKeyId } from './work.ts';

export type Headers = Readonly<Record<string, string>>;

/** The headers of a body that was signed at a moment, in milliseconds since the epoch. */
export function sealOf(body: string, key: KeyObject, atMs: number): Headers {
  const timestamp = String(Math.floor(atMs / 1000));
  const nonce = '0a5ccb1cfb2add2f751351f363c1ead1';
  const signature = sign('sha256', Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), key);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': publicKeyId,
    'wechatpay-signature': signature.toString('base64'),
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

/** AES-256-GCM, the tag behind the ciphertext. */
export function hidden(plain: string, nonce: string, kind: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce);
  cipher.setAAD(Buffer.from(kind));
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}
