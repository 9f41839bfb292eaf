/** kit · short-text: what hiding a short text under an RSA key has in common, whatever the padding. */
import type { KeyObject } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';
import { rsaBits } from './keys.ts';

/** A text as bytes (UTF-8), and those of the block it goes into. */
export interface ShortText {
  readonly data: Uint8Array;
  readonly blockBytes: number;
}

/**
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not RSA; `REQUEST_INVALID` when the text is too
 * long for the key
 */
export function shortText(
  key: KeyObject,
  plain: Uint8Array | string,
  overheadBytes: number,
): ShortText {
  const data = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const blockBytes = Math.ceil(rsaBits(key) / 8);
  const most = blockBytes - overheadBytes;
  if (data.byteLength <= most) return { data, blockBytes };
  const message = `The text has ${data.byteLength} bytes; this key hides at most ${most}`;
  throw new PolyrailError('REQUEST_INVALID', message);
}

/**
 * What `decrypt` finds; everything that is wrong with a ciphertext is told in the same words.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is no private RSA key; `REPLY_UNREADABLE`
 */
export function decryptedBy(key: KeyObject, decrypt: () => Uint8Array | undefined): Uint8Array {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    throw new PolyrailError('CONFIG_INVALID', 'A private RSA key is needed to decrypt');
  }
  let content: Uint8Array | undefined;
  try {
    content = decrypt();
  } catch {
    // Told below, in the same words.
  }
  if (content !== undefined) return new Uint8Array(content);
  throw new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
    doubt: 'unreadable-reply',
  });
}
