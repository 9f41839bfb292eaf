/** contest · keys: what all contestants are given - keys made for one run, orders, the number in flight. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

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

/** Keys that nobody vouches for, ready to sign with. */
export interface StrangersKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let strangers: StrangersKeys | undefined;

/** Made when they are first wanted: that takes longer than all that is done with them. */
export function strangersKeys(): StrangersKeys {
  if (strangers !== undefined) return strangers;
  const { privateKey, publicKey } = makePair();
  strangers = { privateKey: createPrivateKey(privateKey), publicKey: createPublicKey(publicKey) };
  return strangers;
}

/** What the bench that started this process left in its environment. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by the bench: npm run bench`);
  return value;
}
