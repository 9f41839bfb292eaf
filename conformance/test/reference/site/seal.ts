/** reference site · seal: acme's side of every signature, written from the protocol by itself. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  timingSafeEqual,
} from 'node:crypto';
import type { World } from '@polyrail/simulator';

/** Hex HMAC-SHA256 over the parts, one below the other. */
export const sealOf = (secret: string, ...parts: readonly string[]): string =>
  createHmac('sha256', secret).update(parts.join('\n')).digest('hex');

export function sameSeal(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The same length and alphabet, another signature. */
export const corrupted = (seal: string): string => (seal[0] === '0' ? '1' : '0') + seal.slice(1);

/** A key with its name. */
export interface SealedBy {
  readonly id: string;
  readonly secret: string;
}

type Take = (fault: string) => unknown;

/** Which key seals, and the seal; a probe has one that nothing could verify, and says so. */
export function sealHeaders(parts: readonly string[], { id, secret }: SealedBy, take: Take) {
  const seal = sealOf(secret, ...parts);
  const signature = take('bad-signature') ? corrupted(seal) : seal;
  const probe = take('sign-probe') ? `acme-probe-${signature.slice(11)}` : signature;
  return { 'x-acme-key': id, 'x-acme-signature': probe };
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same file with another number at the end of one of acme's ids: its totals still add up. */
export const exchangedDigit = (text: string): string =>
  text.replace(/\d(?=,(?:in|out),)/, (digit) => String((Number(digit) + 1) % 10));

const hidingKey = (purpose: string, merchantSecret: string): Buffer =>
  createHash('sha256').update(`${purpose} ${merchantSecret}`).digest();

interface Hiding {
  readonly purpose: string;
  readonly merchantSecret: string;
  readonly random: World['random'];
}

/** A text for one merchant's eyes: AES-256-GCM, nonce first and tag last, in base64. */
export function hideText(text: string, { purpose, merchantSecret, random }: Hiding): string {
  const nonce = random.fork('hiding').bytes(12);
  const cipher = createCipheriv('aes-256-gcm', hidingKey(purpose, merchantSecret), nonce);
  const hidden = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...hidden, cipher.getAuthTag()]).toString('base64');
}

/** What a merchant tells of a card. */
export interface ToldCard {
  readonly number?: string;
  readonly securityCode?: string;
}

/** A card that a merchant hid the same way; `undefined` for anything else. */
export function openCard(hidden: string, merchantSecret: string): ToldCard | undefined {
  const bytes = Buffer.from(hidden, 'base64');
  if (bytes.length < 28) return undefined;
  const key = hidingKey('card', merchantSecret);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    const plain = [decipher.update(bytes.subarray(12, -16)), decipher.final()];
    return JSON.parse(Buffer.concat(plain).toString('utf8')) as ToldCard;
  } catch {
    return undefined;
  }
}
