/** kit · gcm: AES-GCM, which hides and proves - and proves nothing to who leaves its tag unchecked. */
import { type CipherGCMTypes, createCipheriv, createDecipheriv, KeyObject } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';

/** One message under one key. A nonce must never be used twice with a key. */
export interface GcmMessage {
  /** 16 or 32 bytes. One that opens many messages is better a key object: bare bytes cost thrice. */
  readonly key: Uint8Array | KeyObject;
  /** Exactly 12 bytes: other lengths are hashed by the standard, and nobody sends them honestly. */
  readonly nonce: Uint8Array;
  /** What is proved but not hidden. Default: nothing. */
  readonly associated?: Uint8Array;
}

const nonceBytes = 12;
const tagBytes = 16;

const algorithms: { readonly [keyBytes: number]: CipherGCMTypes } = {
  16: 'aes-128-gcm',
  32: 'aes-256-gcm',
};

function algorithmOf({ key }: GcmMessage): CipherGCMTypes {
  const bytes = key instanceof KeyObject ? (key.symmetricKeySize ?? 0) : key.byteLength;
  const algorithm = algorithms[bytes];
  if (algorithm !== undefined) return algorithm;
  const message = `An AES-GCM key has 16 or 32 bytes; this one has ${bytes}`;
  throw new PolyrailError('CONFIG_INVALID', message);
}

const unreadable = (): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
    doubt: 'unreadable-reply',
  });

/**
 * Encrypts (text as UTF-8): the ciphertext with its 16-byte tag behind it.
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key or nonce of the wrong length
 */
export function encryptGcm(message: GcmMessage, plain: Uint8Array | string): Uint8Array {
  const { key, nonce, associated } = message;
  const algorithm = algorithmOf(message);
  if (nonce.byteLength !== nonceBytes) {
    const text = `An AES-GCM nonce has ${nonceBytes} bytes; this one has ${nonce.byteLength}`;
    throw new PolyrailError('CONFIG_INVALID', text);
  }
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  if (associated !== undefined) cipher.setAAD(associated);
  const data = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]));
}

/**
 * Decrypts a ciphertext with its 16-byte tag behind it, and gives nothing unless the tag fits.
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key of the wrong length; `REPLY_UNREADABLE`, always in
 * the same words, for a nonce of another length, a tag that is missing or cut, and a tag that does
 * not fit
 */
export function decryptGcm(message: GcmMessage, sealed: Uint8Array): Uint8Array {
  const { key, nonce, associated } = message;
  const algorithm = algorithmOf(message);
  const end = sealed.byteLength - tagBytes;
  if (nonce.byteLength !== nonceBytes || end < 0) throw unreadable();
  try {
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(end));
    if (associated !== undefined) decipher.setAAD(associated);
    const plain = decipher.update(sealed.subarray(0, end));
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch {
    throw unreadable();
  }
}
