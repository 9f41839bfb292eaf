/** kit · random: unguessable bytes, and the two texts channels make of them. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '@polyrail/core';

/** Drawn ahead: asking the machine costs as much for all of them as for the few that are wanted. */
const pool = new Uint8Array(4096);
let used = pool.length;

function bytes(length: number): Uint8Array {
  if (length > pool.length / 16) return randomFillSync(new Uint8Array(length));
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const drawn = pool.slice(used, used + length);
  // Nobody finds here what somebody keeps secret.
  pool.fill(0, used, used + length);
  used += length;
  return drawn;
}

/** The cryptographic generator of the machine. */
export const systemRandom: Random = Object.freeze({ bytes });

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
