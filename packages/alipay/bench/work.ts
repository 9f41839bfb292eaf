/** bench · work: what all contestants do - the same orders, with the same keys, the same in flight. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

export const orderIds: readonly string[] = Array.from({ length: 256 }, (_, at) => `order_${at}`);
export const appId = '2021000000000001';
export const inFlight = 32;

interface Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** RSA-2048, PKCS#8 and SPKI as PEM, made for one run. */
export function makePair(): Pair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

const given = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by bench/pay.ts: start that`);
  return value;
};

export const platformKeys = () => ({ privateKey: createPrivateKey(given('BENCH_PLATFORM_KEY')) });

export const merchantKeys = () => ({
  privateKey: given('BENCH_MERCHANT_KEY'),
  publicKey: createPublicKey(given('BENCH_PLATFORM_PUBLIC')),
  publicPem: given('BENCH_PLATFORM_PUBLIC'),
  gatewayUrl: given('BENCH_GATEWAY'),
});
