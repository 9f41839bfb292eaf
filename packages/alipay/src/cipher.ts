/** alipay · cipher: hides the content of calls and replies with the application's AES key (dossier §6). */
import { revealText, type Secret } from '@polyrail/core';
import { decryptAes, encryptAes } from '@polyrail/kit/aes';
import { badConfig } from '@polyrail/kit/config';
import type { Settings } from './config.ts';

export interface Cipher {
  /** The bytes as base64 ciphertext. */
  encrypt(plain: Uint8Array): string;
  /** @throws PolyrailError `REPLY_UNREADABLE` for what is no ciphertext of this key */
  decrypt(base64: string): Uint8Array;
}

/** Quirk: the vector is sixteen zero bytes for every message; only the signature protects it. */
const zeroVector = new Uint8Array(16);

function keyBytes(source: Secret): Uint8Array {
  const text = revealText(source).trim();
  const bytes = Buffer.from(text, 'base64');
  const sound = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && [16, 24, 32].includes(bytes.byteLength);
  if (sound) return bytes;
  throw badConfig('encryptionKey', 'must be base64 of 16, 24 or 32 bytes, as the console shows it');
}

/** `undefined` when the application encrypts nothing. The key is read at first use. */
export function cipherOf({ encryptionKey }: Settings): Cipher | undefined {
  if (encryptionKey === undefined) return undefined;
  let key: Uint8Array | undefined;
  const secrets = () => {
    key ??= keyBytes(encryptionKey);
    return { key, iv: zeroVector };
  };
  return {
    encrypt: (plain) => Buffer.from(encryptAes(secrets(), plain)).toString('base64'),
    decrypt: (base64) => decryptAes(secrets(), Buffer.from(base64, 'base64')),
  };
}
