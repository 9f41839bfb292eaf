/** kit · sm4: SM4-GCM (GM/T 0002) on `sm-crypto-v2`, with the tag checked; the runtime has no such mode. */
import { PolyrailError } from '@polyrail/core';
import { sm3, sm4 } from 'sm-crypto-v2';
import type { GcmMessage } from './gcm.ts';

/** One message under one key of 16 bytes. */
export type Sm4GcmMessage = GcmMessage & { readonly key: Uint8Array };

const nonceBytes = 12;
const tagBytes = 16;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const unreadable = (): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
    doubt: 'unreadable-reply',
  });

function requireKey({ key }: Sm4GcmMessage): string {
  if (key.byteLength === 16) return hexOf(key);
  const message = `An SM4 key has 16 bytes; this one has ${key.byteLength}`;
  throw new PolyrailError('CONFIG_INVALID', message);
}

const optionsOf = ({ nonce, associated = new Uint8Array(0) }: GcmMessage) => ({
  mode: 'gcm' as const,
  iv: hexOf(nonce),
  associatedData: hexOf(associated),
});

/** The SM3 digest (GM/T 0004) of bytes or of text as UTF-8: 32 bytes. */
export const digestSm3 = (data: Uint8Array | string): Uint8Array =>
  Buffer.from(sm3(typeof data === 'string' ? Buffer.from(data, 'utf8') : data), 'hex');

/**
 * Encrypts (text as UTF-8): the ciphertext with its 16-byte tag behind it.
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key or nonce of the wrong length
 */
export function encryptSm4Gcm(message: Sm4GcmMessage, plain: Uint8Array | string): Uint8Array {
  const key = requireKey(message);
  if (message.nonce.byteLength !== nonceBytes) {
    throw new PolyrailError('CONFIG_INVALID', `An SM4-GCM nonce has ${nonceBytes} bytes`);
  }
  const data = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const options = { ...optionsOf(message), outputTag: true as const };
  const { output, tag = '' } = sm4.encrypt(data, key, options);
  return Buffer.from(`${output}${tag}`, 'hex');
}

/**
 * Decrypts a ciphertext with its 16-byte tag behind it, and gives nothing unless the tag fits.
 *
 * @throws PolyrailError `CONFIG_INVALID` for a key of the wrong length; `REPLY_UNREADABLE`, always in
 * the same words, for everything that is wrong with nonce, tag or ciphertext
 */
export function decryptSm4Gcm(message: Sm4GcmMessage, sealed: Uint8Array): Uint8Array {
  const key = requireKey(message);
  const end = sealed.byteLength - tagBytes;
  if (message.nonce.byteLength !== nonceBytes || end < 0) throw unreadable();
  try {
    const tag = hexOf(sealed.subarray(end));
    const options = { ...optionsOf(message), tag, output: 'array' as const };
    return Uint8Array.from(sm4.decrypt(sealed.subarray(0, end), key, options));
  } catch {
    throw unreadable();
  }
}
