/** bench · work: whom all contestants act for, and with which keys. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { given } from '@polyrail/contest';

export const appId = '2021000000000001';

export const platformKeys = () => ({ privateKey: createPrivateKey(given('BENCH_PLATFORM_KEY')) });

export const merchantKeys = () => ({
  privateKey: given('BENCH_MERCHANT_KEY'),
  publicKey: createPublicKey(given('BENCH_PLATFORM_PUBLIC')),
  publicPem: given('BENCH_PLATFORM_PUBLIC'),
  gatewayUrl: `${given('BENCH_ORIGIN')}/gateway.do`,
});
