/** kit · random: unguessable bytes, and the two texts channels make of them. */
import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '@polyrail/core';

/** Asking the machine costs a call into its kernel: one brings the bytes of a hundred nonces. */
const supplyBytes = 4_096;
const mostFromSupply = 64;
const supply = new Uint8Array(supplyBytes);
let used = supplyBytes;

/** Bytes that are handed out once, and then stand nowhere else. */
function fromSupply(length: number): Uint8Array {
  if (used + length > supplyBytes) {
    randomFillSync(supply);
    used = 0;
  }
  const drawn = supply.slice(used, used + length);
  supply.fill(0, used, used + length);
  used += length;
  return drawn;
}

/** The cryptographic generator of the machine. */
export const systemRandom: Random = Object.freeze({
  bytes: (length: number): Uint8Array =>
    Number.isInteger(length) && length >= 0 && length <= mostFromSupply
      ? fromSupply(length)
      : new Uint8Array(randomBytes(length)),
});

/** A random UUID, RFC 9562 version 4, lower case with hyphens. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Thirty-two symbols, so that a byte picks one without bias. */
const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Upper-case letters and digits, five bits of randomness each. */
export function nonce(random: Random, length: number): string {
  let text = '';
  for (const byte of random.bytes(length)) text += symbols[byte & 31];
  return text;
}
