/** kit · ecb: opens AES-256-ECB, for protocols that have it. It hides little and proves nothing. */
import { createDecipheriv } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';

const keyBytes = 32;

/**
 * Decrypts with PKCS#7 padding. Equal blocks show, and blocks can be exchanged by anyone: believe
 * nothing of the text that another exchange has not proved.
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key that has not 32 bytes; `REPLY_UNREADABLE` for
 * everything that is wrong with the ciphertext, always in the same words
 */
export function decryptEcb(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (key.byteLength !== keyBytes) {
    const message = `An AES-256 key has ${keyBytes} bytes; this one has ${key.byteLength}`;
    throw new PolyrailError('CONFIG_INVALID', message);
  }
  const decipher = createDecipheriv('aes-256-ecb', key, null);
  try {
    return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  } catch {
    throw new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
      doubt: 'unreadable-reply',
    });
  }
}
