/** kit · random: unguessable bytes, and the two texts channels make of them. */
import { randomBytes } from 'node:crypto';
import type { Random } from '@polyrail/core';

/** The cryptographic generator of the machine. */
export const systemRandom: Random = Object.freeze({
  bytes: (length: number): Uint8Array => new Uint8Array(randomBytes(length)),
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
export const nonce = (random: Random, length: number): string =>
  Array.from(random.bytes(length), (byte) => symbols[byte & 31]).join('');
