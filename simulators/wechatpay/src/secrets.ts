/** wechatpay simulator · secrets: AES-256-GCM and RSA-OAEP, as members and callbacks are encrypted. */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';

/** What is encrypted with the APIv3 key. */
export interface Sealed {
  readonly key: string;
  /** 12 characters. */
  readonly nonce: string;
  readonly associatedData: string;
}

const tagBytes = 16;

/** AES-256-GCM: the ciphertext with its tag behind it, Base64. */
export function gcmSeal({ key, nonce, associatedData }: Sealed, plain: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associatedData));
  const parts = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString('base64');
}

/** Opens the same; `undefined` for what does not open. */
export function gcmOpen(sealed: Sealed & { readonly ciphertext: string }): string | undefined {
  const { key, nonce, associatedData, ciphertext } = sealed;
  const bytes = Buffer.from(ciphertext, 'base64');
  if (bytes.length < tagBytes || nonce === '') return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(associatedData));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = [decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()];
    return Buffer.concat(plain).toString('utf8');
  } catch {
    return undefined;
  }
}

/** RSAES-OAEP with SHA-1; `undefined` for what cannot be decrypted. */
export function oaepOpen(key: KeyObject, text: string): string | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const plain = privateDecrypt({ key, padding, oaepHash: 'sha1' }, Buffer.from(text, 'base64'));
    return plain.toString('utf8');
  } catch {
    return undefined;
  }
}

/** For the merchant: what only its private key opens. */
export function oaepSeal(key: KeyObject, plain: string): string {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key, padding, oaepHash: 'sha1' }, Buffer.from(plain)).toString('base64');
}
