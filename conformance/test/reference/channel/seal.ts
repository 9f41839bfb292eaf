/** reference channel · seal: signs requests and checks acme's signature. Knows no network. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const hmac = (secret: string, parts: readonly string[]): Buffer =>
  createHmac('sha256', secret).update(parts.join('\n')).digest();

/** Over operation, timestamp, nonce and body, one below the other. */
export const sign = (secret: string, parts: readonly string[]): string =>
  hmac(secret, parts).toString('hex');

/** Compares in constant time: how long it takes tells a forger nothing. */
export function verifies(claim: {
  readonly secret: string;
  readonly parts: readonly string[];
  readonly signature: string;
}): boolean {
  // Buffer.from stops at the first character that is no hex digit: the length is checked first.
  if (!/^[0-9a-f]{64}$/.test(claim.signature)) return false;
  return timingSafeEqual(hmac(claim.secret, claim.parts), Buffer.from(claim.signature, 'hex'));
}
