/** gateway storm · town: three channels' simulators on one clock, and the adapters that reach them. */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { createAlipay } from '@polyrail/alipay';
import { startAlipay } from '@polyrail/alipay-simulator';
import { type Channel, type Clock, type Random, secret, type Transport } from '@polyrail/core';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { createUnionPay } from '@polyrail/unionpay';
import { startUnionPay } from '@polyrail/unionpay-simulator';
import { createWechatPay } from '@polyrail/wechatpay';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import type { Sites } from './books.ts';
import type { ChannelName } from './script.ts';

/** Noon in Beijing. */
export const startAt = Date.parse('2026-11-22T04:00:00.000Z');

export interface Town extends Sites {
  readonly clock: VirtualClock;
}

export async function openTown(seed: number): Promise<Town> {
  const clock = createVirtualClock({ startAt, frozen: true, alone: true });
  const mount = { mount: 'in-process', shareKeys: true, seed, clock } as const;
  const alipay = await startAlipay(mount);
  const wechatpay = await startWechatPay(mount);
  const unionpay = await startUnionPay(mount);
  return { clock, alipay, wechatpay, unionpay };
}

const keys = new Map<string, KeyObject>();

/** Signs here and now, so that no thread decides what happens first. */
function signerOf(pem: string) {
  const key = keys.get(pem) ?? createPrivateKey(pem);
  keys.set(pem, key);
  return (data: Uint8Array) => sign('sha256', data, key);
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

type Reached<S extends { credentials: unknown; url: string; transport: Transport }> = Pick<
  S,
  'credentials' | 'url' | 'transport'
>;

/** How the channels are reached, and with what. */
export interface Access {
  readonly alipay: Reached<Sites['alipay']>;
  readonly wechatpay: Reached<Sites['wechatpay']>;
  readonly unionpay: Reached<Sites['unionpay']>;
}

/** The adapters as one process makes them for itself. */
export function channelsOf(
  { alipay, wechatpay, unionpay }: Access,
  process: {
    readonly clock: Clock;
    readonly random: Random;
    watch(transport: Transport, channel: ChannelName): Transport;
  },
): Readonly<Record<ChannelName, Channel>> {
  const { clock, random } = process;
  const context = (channel: ChannelName, transport: Transport) => ({
    transport: process.watch(transport, channel),
    clock,
    random,
  });
  return {
    alipay: createAlipay(
      {
        appId: alipay.credentials.appId,
        sellerId: alipay.credentials.sellerId,
        gatewayUrl: alipay.credentials.gatewayUrl,
        merchantKey: signerOf(alipay.credentials.merchantPrivateKey),
        platformKey: alipay.credentials.platformPublicKey,
      },
      context('alipay', alipay.transport),
    ),
    wechatpay: createWechatPay(
      {
        mchId: wechatpay.credentials.mchId,
        appId: wechatpay.credentials.appId,
        merchantKey: signerOf(wechatpay.credentials.merchantPrivateKey),
        merchantSerial: wechatpay.credentials.merchantCertSerial,
        apiV3Key: secret(wechatpay.credentials.apiV3Key),
        baseUrl: wechatpay.url,
        notifyUrl: 'http://shop.invalid/wechatpay',
        certificates: [wechatpay.credentials.platformCert],
      },
      context('wechatpay', wechatpay.transport),
    ),
    unionpay: createUnionPay(
      {
        merId: unionpay.credentials.merId,
        signing: {
          method: 'rsa',
          certificate: unionpay.credentials.merchantCert,
          key: signerOf(unionpay.credentials.merchantPrivateKey),
        },
        certificates: {
          root: unionpay.credentials.rootCert,
          middle: unionpay.credentials.middleCert,
        },
        encryptionCertificate: unionpay.credentials.encryptCert,
        tokenRequestor: unionpay.credentials.trId,
        notifyUrl: 'http://shop.invalid/unionpay',
        returnUrl: 'http://shop.invalid/back',
        gatewayUrl: `${unionpay.url}/gateway/api`,
        fileUrl: `${unionpay.url}/`,
      },
      context('unionpay', unionpay.transport),
    ),
  };
}
