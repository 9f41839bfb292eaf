/** kit · aes: AES-CBC with PKCS#7 padding. It hides and proves nothing: only signed text is opened. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';

export interface AesKey {
  /** 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes. Some channels fix them at zero; say so here. */
  readonly iv: Uint8Array;
}

const algorithms: { readonly [keyBytes: number]: string } = {
  16: 'aes-128-cbc',
  24: 'aes-192-cbc',
  32: 'aes-256-cbc',
};

function algorithmOf({ key, iv }: AesKey): string {
  const algorithm = algorithms[key.byteLength];
  if (algorithm === undefined) {
    const message = `An AES key has 16, 24 or 32 bytes; this one has ${key.byteLength}`;
    throw new PolyrailError('CONFIG_INVALID', message);
  }
  if (iv.byteLength === 16) return algorithm;
  const message = `An AES-CBC initialization vector has 16 bytes; this one has ${iv.byteLength}`;
  throw new PolyrailError('CONFIG_INVALID', message);
}

/**
 * Encrypts (text as UTF-8).
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key or vector of the wrong length
 */
export function encryptAes(secrets: AesKey, plain: Uint8Array | string): Uint8Array {
  const cipher = createCipheriv(algorithmOf(secrets), secrets.key, secrets.iv);
  const data = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]));
}

/**
 * Decrypts.
 *
 * @throws PolyrailError `CONFIG_INVALID` as `encryptAes`; `REPLY_UNREADABLE` for everything that is
 * wrong with the ciphertext, always in the same words: a telling error would be a padding oracle
 */
export function decryptAes(secrets: AesKey, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(algorithmOf(secrets), secrets.key, secrets.iv);
  try {
    return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  } catch {
    throw new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
      doubt: 'unreadable-reply',
    });
  }
}
