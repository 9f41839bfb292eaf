/** reference channel · seal: signs requests and checks acme's signature. Knows no network. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  timingSafeEqual,
} from 'node:crypto';
import { type Card, revealText } from '@polyrail/core';

const hmac = (secret: string, parts: readonly string[]): Buffer =>
  createHmac('sha256', secret).update(parts.join('\n')).digest();

/** Over operation, timestamp, nonce and body, one below the other. */
export const sign = (secret: string, parts: readonly string[]): string =>
  hmac(secret, parts).toString('hex');

/** Compares in constant time: how long it takes tells a forger nothing. */
export function verifies(claim: {
  readonly secret: string | undefined;
  readonly parts: readonly string[];
  readonly signature: string;
}): boolean {
  // Buffer.from stops at the first character that is no hex digit: the length is checked first.
  if (claim.secret === undefined || !/^[0-9a-f]{64}$/.test(claim.signature)) return false;
  return timingSafeEqual(hmac(claim.secret, claim.parts), Buffer.from(claim.signature, 'hex'));
}

const hidingKey = (purpose: string, merchantSecret: string): Buffer =>
  createHash('sha256').update(`${purpose} ${merchantSecret}`).digest();

/** A key that acme hid for this merchant; `undefined` for what nobody could have hidden so. */
export function openKey(hidden: string, merchantSecret: string): string | undefined {
  const bytes = Buffer.from(hidden, 'base64');
  if (bytes.length < 28) return undefined;
  const key = hidingKey('key', merchantSecret);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    const plain = [decipher.update(bytes.subarray(12, -16)), decipher.final()];
    return Buffer.concat(plain).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Whether a file is the one whose digest was sealed. */
export const isWhole = (text: string, digest: string): boolean =>
  createHash('sha256').update(text).digest('hex') === digest;

/** AES-256-GCM under the digest of the merchant's secret; the nonce is made of what is hidden. */
export function hideCard(card: Card, merchantSecret: string): string {
  const members = Object.entries(card).map(([name, value]) => [name, revealText(value)] as const);
  const plain = JSON.stringify(Object.fromEntries(members));
  const key = hidingKey('card', merchantSecret);
  const nonce = hmac(merchantSecret, [plain]).subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const hidden = [cipher.update(plain, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...hidden, cipher.getAuthTag()]).toString('base64');
}
