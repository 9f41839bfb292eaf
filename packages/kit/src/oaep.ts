/** kit · oaep: RSAES-OAEP with SHA-1 and MGF1-SHA-1, for the few short fields channels want hidden. */
import { constants, createHash, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Random } from '@polyrail/core';
import { systemRandom } from './random.ts';
import { decryptedBy, shortText } from './short-text.ts';

const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' } as const;
const hashBytes = 20;
/** Two hashes and two bytes of every block are the padding's. */
const overheadBytes = 2 * hashBytes + 2;

const sha1 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** MGF1 (RFC 8017, B.2.1), laid over `target`. */
function masked(target: Uint8Array, seed: Uint8Array): Buffer {
  const mask = Buffer.alloc(target.byteLength);
  const counter = Buffer.alloc(4);
  for (let at = 0; at < target.byteLength; at += hashBytes) {
    counter.writeUInt32BE(at / hashBytes);
    sha1(seed, counter).copy(mask, at);
  }
  return mask.map((byte, at) => byte ^ (target[at] ?? 0)) as Buffer;
}

/** The block to be encrypted (RFC 8017, 7.1.1), without a label. */
function blockOf(data: Uint8Array, length: number, seed: Uint8Array): Buffer {
  const block = Buffer.alloc(length - hashBytes - 1);
  sha1().copy(block);
  block[block.byteLength - data.byteLength - 1] = 1;
  block.set(data, block.byteLength - data.byteLength);
  const hidden = masked(block, seed);
  return Buffer.concat([Buffer.from([0]), masked(seed, hidden), hidden]);
}

/**
 * Encrypts one short text (as UTF-8): at most 214 bytes with a key of 2048 bits. The padding is made
 * here, because the runtime takes its randomness from nowhere else than itself.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not RSA; `REQUEST_INVALID` when the text is
 * too long for the key
 */
export function encryptOaep(
  key: KeyObject,
  plain: Uint8Array | string,
  random: Random = systemRandom,
): Uint8Array {
  const { data, blockBytes } = shortText(key, plain, overheadBytes);
  const block = blockOf(data, blockBytes, random.bytes(hashBytes));
  return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block));
}

/**
 * Decrypts.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is no private RSA key; `REPLY_UNREADABLE` for
 * everything that is wrong with the ciphertext, always in the same words
 */
export function decryptOaep(key: KeyObject, ciphertext: Uint8Array): Uint8Array {
  return decryptedBy(key, () => privateDecrypt({ key, ...padding }, ciphertext));
}
