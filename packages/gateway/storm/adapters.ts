/** gateway storm · adapters: the channels as one process of a merchant makes them for itself. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { createAlipay } from '@polyrail/alipay';
import { type Channel, type Clock, type Random, secret, type Transport } from '@polyrail/core';
import { createUnionPay } from '@polyrail/unionpay';
import { createWechatPay } from '@polyrail/wechatpay';
import { createWechatPayV2 } from '@polyrail/wechatpay-v2';
import type { Sites } from './books.ts';
import type { ChannelName } from './deeds.ts';

const keys = new Map<string, KeyObject>();

/** Signs here and now, so that no thread decides what happens first. */
function signerOf(pem: string) {
  const key = keys.get(pem) ?? createPrivateKey(pem);
  keys.set(pem, key);
  return (data: Uint8Array) => sign('sha256', data, key);
}

type Reached<S extends { credentials: unknown; url: string; transport: Transport }> = Pick<
  S,
  'credentials' | 'url' | 'transport'
>;

/** How the channels are reached, and with what. */
export interface Access {
  readonly alipay: Reached<Sites['alipay']>;
  readonly wechatpay: Reached<Sites['wechatpay']>;
  readonly 'wechatpay-v2': Reached<Sites['wechatpay-v2']>;
  readonly unionpay: Reached<Sites['unionpay']>;
}

/** The adapters as one process makes them for itself. */
export function channelsOf(
  { alipay, wechatpay, 'wechatpay-v2': older, unionpay }: Access,
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
        certificates: {
          merchant: alipay.credentials.merchantCert,
          platform: alipay.credentials.platformCert,
          root: alipay.credentials.rootCert,
        },
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
        codepay: true,
        papay: { planId: 12535 },
        payScore: { serviceId: '2002000000000558128851361561536' },
      },
      context('wechatpay', wechatpay.transport),
    ),
    'wechatpay-v2': createWechatPayV2(
      {
        mchId: older.credentials.mchId,
        appId: older.credentials.appId,
        apiKey: secret(older.credentials.apiKey),
        // The transport shows it to nobody: that it is there gives the verbs that want one.
        clientCertificate: {
          cert: older.credentials.merchantCert,
          key: secret(older.credentials.merchantPrivateKey),
        },
        baseUrl: older.url,
        notifyUrl: 'http://shop.invalid/wechatpay-v2',
      },
      context('wechatpay-v2', older.transport),
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
