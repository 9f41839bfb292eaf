/** reference site · seal: acme's side of every signature, written from the protocol by itself. */
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Hex HMAC-SHA256 over the parts, one below the other. */
export const sealOf = (secret: string, ...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('\n')).digest('hex');

export function sameSeal(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The same length and alphabet, another signature. */
export const corrupted = (seal: string): string => (seal[0] === '0' ? '1' : '0') + seal.slice(1);

/** A card that a merchant hid: AES-256-GCM, nonce first and tag last; `undefined` for anything else. */
export function openCard(hidden: string, merchantSecret: string): { number?: string } | undefined {
  const bytes = Buffer.from(hidden, 'base64');
  if (bytes.length < 28) return undefined;
  const key = createHash('sha256').update(`card ${merchantSecret}`).digest();
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    const plain = [decipher.update(bytes.subarray(12, -16)), decipher.final()];
    return JSON.parse(Buffer.concat(plain).toString('utf8')) as { number?: string };
  } catch {
    return undefined;
  }
}
