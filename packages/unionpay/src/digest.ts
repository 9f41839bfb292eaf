/** unionpay · digest: the hashes that are signed, and those that are keyed (dossier §3.2). */
import { hash as digest } from 'node:crypto';
import { digestSm3 } from '@polyrail/kit/sm4';

export type Hash = 'sha1' | 'sha256' | 'sm3';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * A digest in lower-case hexadecimal.
 *
 * Quirk: it is this text, not the digest, that is signed - and hashed once more by whoever signs it.
 */
export const digestHex = (hash: Hash, bytes: Uint8Array): string =>
  hash === 'sm3' ? hexOf(digestSm3(bytes)) : digest(hash, bytes, 'hex');

/** `signature` of methods 11 and 12: the text, `&`, and the digest of the key, hashed together. */
export function keyedHex(hash: 'sha256' | 'sm3', bytes: Uint8Array, key: string): string {
  const tail = Buffer.from(`&${digestHex(hash, Buffer.from(key, 'utf8'))}`, 'ascii');
  return digestHex(hash, Buffer.concat([bytes, tail]));
}
