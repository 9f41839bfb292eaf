/** gateway storm · adapters: the channels as one process of a merchant makes them for itself. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { createAlipay } from '@polyrail/alipay';
import {
  type Channel,
  type Clock,
  type Context,
  type Random,
  secret,
  type Transport,
} from '@polyrail/core';
import { createUnionPay } from '@polyrail/unionpay';
import { createWechatPay } from '@polyrail/wechatpay';
import { createWechatPayV2, createWechatPayV2Payouts } from '@polyrail/wechatpay-v2';
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

/** WeChat Pay's v2 with its payouts, which are a protocol and a channel of their own. */
function olderChannel({ credentials, url }: Access['wechatpay-v2'], context: Context): Channel {
  const config = {
    mchId: credentials.mchId,
    appId: credentials.appId,
    apiKey: secret(credentials.apiKey),
    // The transport shows it to nobody: that it is there gives the verbs that want one.
    clientCertificate: {
      cert: credentials.merchantCert,
      key: secret(credentials.merchantPrivateKey),
    },
    baseUrl: url,
    notifyUrl: 'http://shop.invalid/wechatpay-v2',
  };
  const payments = createWechatPayV2(config, context);
  const { payout, queryPayout, capabilities } = createWechatPayV2Payouts(config, context);
  const { merchantPayoutId } = capabilities;
  return {
    ...payments,
    payout,
    queryPayout,
    capabilities: { ...payments.capabilities, ...(merchantPayoutId && { merchantPayoutId }) },
  };
}

/** The adapters as one process makes them for itself. */
export function channelsOf(
  { alipay, wechatpay, 'wechatpay-v2': older, unionpay }: Access,
  process: {
    readonly clock: Clock;
    readonly random: Random;
    watch(transport: Transport, channel: ChannelName): Transport;
    /** Whether UnionPay's agreements are mandates; else they are tokens. */
    readonly mandates?: boolean;
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
    'wechatpay-v2': olderChannel(older, context('wechatpay-v2', older.transport)),
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
        ...(process.mandates === true
          ? { agreements: 'collection' as const }
          : { tokenRequestor: unionpay.credentials.trId }),
        notifyUrl: 'http://shop.invalid/unionpay',
        returnUrl: 'http://shop.invalid/back',
        gatewayUrl: `${unionpay.url}/gateway/api`,
        fileUrl: `${unionpay.url}/`,
      },
      context('unionpay', unionpay.transport),
    ),
  };
}
