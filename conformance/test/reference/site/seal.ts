/** reference site · seal: acme's side of every signature, written from the protocol by itself. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Hex HMAC-SHA256 over the parts, one below the other. */
export const sealOf = (secret: string, ...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('\n')).digest('hex');

export function sameSeal(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The same length and alphabet, another signature. */
export const corrupted = (seal: string): string => (seal[0] === '0' ? '1' : '0') + seal.slice(1);
