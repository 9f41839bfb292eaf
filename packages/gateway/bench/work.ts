/** bench · work: whom all contestants act for, with which keys, on which stores. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAlipay } from '@polyrail/alipay';
import { given, makePair } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';

export const appId = '2021000000000001';
export const sellerId = '2088000000000001';
export const amount = money('9.00', 'CNY');

/** Each is paid once in a round: a gateway knows an id it has seen. */
export const paymentIds: readonly string[] = Array.from({ length: 4000 }, (_, at) => `order_${at}`);
export const warmIds: readonly string[] = Array.from({ length: 400 }, (_, at) => `warm_${at}`);

/** Keys of one run, for the server and for every contestant. */
export function environmentOf(): Readonly<Record<string, string>> {
  const [merchant, platform] = [makePair(), makePair()];
  return {
    BENCH_MERCHANT_KEY: merchant.privateKey,
    BENCH_PLATFORM_KEY: platform.privateKey,
    BENCH_PLATFORM_PUBLIC: platform.publicKey,
  };
}

export const platformKey = () => createPrivateKey(given('BENCH_PLATFORM_KEY'));

export const alipay = () =>
  createAlipay({
    appId,
    sellerId,
    merchantKey: secret(given('BENCH_MERCHANT_KEY')),
    platformKey: createPublicKey(given('BENCH_PLATFORM_PUBLIC'))
      .export({ type: 'spki', format: 'pem' })
      .toString(),
    gatewayUrl: `${given('BENCH_ORIGIN')}/gateway.do`,
  });

/** Runs with a file of its own, which is gone afterwards. */
export async function withFile<T>(run: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'polyrail-bench-'));
  try {
    return await run(join(folder, 'bench.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `work` for every id, with always the same number under way; gives each one's duration in ms. */
export async function inLanes(
  ids: readonly string[],
  lanes: number,
  work: (id: string) => Promise<void>,
): Promise<readonly number[]> {
  const durations: number[] = [];
  const queue = ids.values();
  const lane = async (): Promise<void> => {
    for (const id of queue) {
      const begun = performance.now();
      await work(id);
      durations.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return durations;
}

export const percentile = (durations: readonly number[], share: number): number =>
  durations.toSorted((one, other) => one - other)[Math.floor(durations.length * share)] ?? 0;
