/** contest · keys: what all contestants are given - keys made for one run, orders, the number in flight. */
import { generateKeyPairSync } from 'node:crypto';

export const orderIds: readonly string[] = Array.from({ length: 256 }, (_, at) => `order_${at}`);
export const inFlight = 32;

/** RSA-2048, PKCS#8 and SPKI as PEM. */
export interface Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function makePair(): Pair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** What the bench that started this process left in its environment. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by the bench: npm run bench`);
  return value;
}
