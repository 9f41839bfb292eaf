/**
 * kit · pkcs1: RSAES-PKCS1-v1_5, for the few short fields that older protocols hide with it. The padding
 * is made and read here, because the runtime takes its randomness from nowhere else than itself.
 */
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Random } from '@polyrail/core';
import { systemRandom } from './random.ts';
import { decryptedBy, shortText } from './short-text.ts';

const bare = { padding: constants.RSA_NO_PADDING } as const;
/** Two bytes before the padding, one behind it, and at least eight between them. */
const overheadBytes = 11;
const leastPadding = 8;

/** Random bytes, none of them zero: a zero ends the padding. */
function paddingOf(random: Random, length: number): Uint8Array {
  const padding = random.bytes(length);
  // A generator of zeros, as a test may inject one, must not keep us here.
  return padding.map((byte, at) => (byte === 0 ? (at % 255) + 1 : byte));
}

/**
 * Encrypts one short text (as UTF-8): at most 245 bytes with a key of 2048 bits.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not RSA; `REQUEST_INVALID` when the text is too
 * long for the key
 */
export function encryptPkcs1(
  key: KeyObject,
  plain: Uint8Array | string,
  random: Random = systemRandom,
): Uint8Array {
  const { data, blockBytes } = shortText(key, plain, overheadBytes);
  const padding = paddingOf(random, blockBytes - data.byteLength - 3);
  const block = Buffer.concat([Buffer.from([0, 2]), padding, Buffer.from([0]), data]);
  return new Uint8Array(publicEncrypt({ key, ...bare }, block));
}

/** What stands behind the padding; `undefined` where there is none. */
function contentOf(block: Uint8Array): Uint8Array | undefined {
  if (block[0] !== 0 || block[1] !== 2) return undefined;
  const end = block.indexOf(0, 2);
  return end < leastPadding + 2 ? undefined : block.subarray(end + 1);
}

/**
 * Decrypts what a verified message holds. Of anything else it must not be asked: whoever may try
 * ciphertexts and sees which ones are refused can read all of them.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is no private RSA key; `REPLY_UNREADABLE` for
 * everything that is wrong with the ciphertext, always in the same words
 */
export function decryptPkcs1(key: KeyObject, ciphertext: Uint8Array): Uint8Array {
  return decryptedBy(key, () => contentOf(privateDecrypt({ key, ...bare }, ciphertext)));
}
