/** wechatpay simulator · v3 seal: the signatures that requests bring and answers get. */
import { createVerify } from 'node:crypto';
import type { Signer } from './merchants.ts';

const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]{4,2048}={0,2}$/.test(text);

/** Whether a merchant's registered key made a signature over `data`; false for a malformed one. */
export const verifiesV3 = ({ publicKey }: Signer, data: Uint8Array, signature: string): boolean =>
  isBase64(signature) &&
  createVerify('RSA-SHA256').update(data).verify(publicKey, signature, 'base64');
