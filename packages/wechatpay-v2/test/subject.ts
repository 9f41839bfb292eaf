/** Test aid: this adapter on its simulator, as the conformance suite wants it. */
import type { Subject } from '@polyrail/conformance';
import { type Context, secret } from '@polyrail/core';
import {
  startWechatPay,
  type WechatPayCredentials,
  type WechatPaySite,
} from '@polyrail/wechatpay-simulator';
import {
  createWechatPayV2,
  createWechatPayV2Payouts,
  type WechatPayV2Config,
} from '../src/index.ts';

/** Sealed by one of the two algorithms; or payouts, which have no sign. */
type Mode = NonNullable<WechatPayV2Config['signType']> | 'payouts';

const authCode = '130012345678901234';
const payeeName = '张晓明 of Shenzhen';

const configOf = (credentials: WechatPayCredentials, baseUrl: string, mode: Mode) =>
  ({
    mchId: credentials.mchId,
    appId: credentials.appId,
    apiKey: secret(credentials.apiKey),
    ...(mode === 'payouts' ? {} : { signType: mode }),
    clientCertificate: {
      cert: credentials.merchantCert,
      key: secret(credentials.merchantPrivateKey),
    },
    baseUrl,
    notifyUrl: 'http://merchant.invalid/wechatpay',
  }) as const satisfies WechatPayV2Config;

const waivers = {
  'REF-05': 'a refund is accepted, and told as made only to who asks: none of the calls succeeds',
} as const;
const payoutWaivers = {
  'POUT-11': 'a transfer that arrived stays: WeChat Pay documents no way for it to come back',
} as const;

/** WeChat Pay over v2 in one of its modes. */
export const wechatPayV2Subject = (mode: Mode): Subject<WechatPaySite> => ({
  name: `wechatpay-v2 (${mode})`,
  start: () =>
    startWechatPay({
      mount: 'in-process',
      shareKeys: true,
      seed: 7,
      refundArrivalMs: 0,
      // Noon in Beijing: the bill of the day before is there.
      startAt: Date.parse('2026-11-22T04:00:00.000Z'),
    }),
  create(site, context: Context, credentials) {
    const own = (credentials ?? site.credentials) as WechatPayCredentials | WechatPayV2Config;
    const config = 'merchantPrivateKey' in own ? configOf(own, site.url, mode) : own;
    return mode === 'payouts'
      ? createWechatPayV2Payouts(config as ReturnType<typeof configOf>, context)
      : createWechatPayV2(config, context);
  },
  samples: {
    scenes: {
      barcode: () => ({ authCode }),
      'in-wallet': () => ({ payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }),
      h5: () => ({
        payer: { ip: '203.0.113.7' },
        returnUrl: 'https://shop.example/back',
        extra: { sceneInfo: '{"h5_info":{"type":"Wap"}}' },
      }),
    },
    payees: () => [
      {
        payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', name: secret(payeeName) },
      },
    ],
    async follow(site, action) {
      // Only addresses of the site are opened; the wallet's own are the payer's.
      if (action.kind !== 'redirect' || !action.url.startsWith(site.url)) return;
      const reply = await site.transport.exchange({ method: 'GET', url: action.url, headers: {} });
      for await (const _chunk of reply.body);
    },
    operations: {
      query: 'orderquery',
      close: 'closeorder',
      reverse: 'reverse',
      refund: 'refund',
      queryRefund: 'refundquery',
      payout: 'transfers',
      queryPayout: 'gettransferinfo',
      statement: 'download*',
      receive: 'pay',
    },
    invalidCredentials(site) {
      const config = configOf(site.credentials, site.url, mode);
      return [
        {
          what: 'a short API key',
          field: 'config.apiKey',
          credentials: { ...config, apiKey: secret(site.credentials.apiKey.slice(1)) },
        },
        {
          what: 'an application id with a blank',
          field: 'config.appId',
          credentials: { ...config, appId: 'wx 21' },
        },
      ];
    },
  },
  waive: mode === 'payouts' ? payoutWaivers : waivers,
  secrets: ({ credentials }) => [
    credentials.merchantPrivateKey,
    credentials.merchantPrivateKey.split('\n').slice(1, 3).join(''),
    credentials.apiKey,
    authCode,
    payeeName,
  ],
});
