/** gateway storm · town: four channels' simulators on one clock. */
import { createHash } from 'node:crypto';
import { startAlipay } from '@polyrail/alipay-simulator';
import type { Clock, Random } from '@polyrail/core';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { startUnionPay } from '@polyrail/unionpay-simulator';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import type { Sites } from './books.ts';

/** Noon in Beijing. */
export const startAt = Date.parse('2026-11-22T04:00:00.000Z');

export interface Town extends Sites {
  readonly clock: VirtualClock;
}

export async function openTown(seed: number): Promise<Town> {
  const clock = createVirtualClock({ startAt, frozen: true, alone: true });
  const keys = { shareKeys: true, merchantKeyPrimes: 4 } as const;
  const mount = { mount: 'in-process', ...keys, seed, clock } as const;
  const alipay = await startAlipay(mount);
  const wechatpay = await startWechatPay({ ...mount, codepay: true });
  const older = await startWechatPay(mount);
  const unionpay = await startUnionPay(mount);
  return { clock, alipay, wechatpay, 'wechatpay-v2': older, unionpay };
}

/** Random bytes that depend on the moment and on nothing that was drawn before. */
export const momentaryRandom = (seed: number, clock: Clock): Random => {
  let [moment, drawn] = [0, 0];
  return {
    bytes(length) {
      const now = clock.now();
      if (length === 1) {
        return createHash('sha256').update(`${seed} ${now}`).digest().subarray(0, 1);
      }
      [moment, drawn] = now === moment ? [moment, drawn + 1] : [now, 0];
      const parts = Array.from({ length: Math.ceil(length / 32) }, (_, part) =>
        createHash('sha256').update(`${seed} ${now} ${drawn} ${part}`).digest(),
      );
      return new Uint8Array(Buffer.concat(parts).subarray(0, length));
    },
  };
};
