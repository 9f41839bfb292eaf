/** kit · oaep: RSAES-OAEP with SHA-1 and MGF1-SHA-1, for the few short fields channels want hidden. */
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';
import { rsaBits } from './keys.ts';

const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' } as const;
/** Two hashes and two bytes of every block are the padding's. */
const overheadBytes = 42;

/**
 * Encrypts one short text (as UTF-8): at most 214 bytes with a key of 2048 bits.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not RSA; `REQUEST_INVALID` when the text is
 * too long for the key
 */
export function encryptOaep(key: KeyObject, plain: Uint8Array | string): Uint8Array {
  const data = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const most = Math.ceil(rsaBits(key) / 8) - overheadBytes;
  if (data.byteLength > most) {
    const message = `The text has ${data.byteLength} bytes; this key hides at most ${most}`;
    throw new PolyrailError('REQUEST_INVALID', message);
  }
  return new Uint8Array(publicEncrypt({ key, ...padding }, data));
}

/**
 * Decrypts.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is no private RSA key; `REPLY_UNREADABLE` for
 * everything that is wrong with the ciphertext, always in the same words
 */
export function decryptOaep(key: KeyObject, ciphertext: Uint8Array): Uint8Array {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    throw new PolyrailError('CONFIG_INVALID', 'A private RSA key is needed to decrypt');
  }
  try {
    return new Uint8Array(privateDecrypt({ key, ...padding }, ciphertext));
  } catch {
    throw new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
      doubt: 'unreadable-reply',
    });
  }
}
