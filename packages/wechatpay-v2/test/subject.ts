/** Test aid: this adapter on its simulator, as the conformance suite wants it. */
import type { ClientTls, Subject } from '@polyrail/conformance';
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

/** Sealed by one of the two algorithms; with agreements; or payouts, which have no sign. */
type Mode = NonNullable<WechatPayV2Config['signType']> | 'papay' | 'payouts';

const authCode = '130012345678901234';
const payeeName = '张晓明 of Shenzhen';

const configOf = (credentials: WechatPayCredentials, baseUrl: string, mode: Mode) =>
  ({
    mchId: credentials.mchId,
    appId: credentials.appId,
    apiKey: secret(credentials.apiKey),
    ...(mode === 'MD5' ? { signType: mode } : {}),
    ...(mode === 'papay' ? { papay: { planId: 12_535 } } : {}),
    clientCertificate: {
      cert: credentials.merchantCert,
      key: secret(credentials.merchantPrivateKey),
    },
    baseUrl,
    notifyUrl: 'http://merchant.invalid/wechatpay',
  }) as const satisfies WechatPayV2Config;

const truncated = (pem: string): string => pem.slice(0, pem.length >> 1);

/** The terms of a contract that every payer of the simulator may sign. */
const signUp = () => ({ extra: { displayAccount: '微信代扣' } });

const waivers = {
  'REF-05': 'a refund is accepted, and told as made only to who asks: none of the calls succeeds',
} as const;
const later =
  'a deduction is accepted at once and made seconds later, by nobody whom a site could ask';
const early = 'an accepted deduction waits for no payer: it is made while the law still watches';
const papayWaivers = {
  ...waivers,
  'OUT-01': early,
  'OUT-02': early,
  'OUT-05': early,
  'PAY-07': 'a deduction takes no deadline: asked for with one it is refused before it is sent',
  'AGR-09': later,
  'AGR-10': later,
  'AGR-15': later,
} as const;
const payoutWaivers = {
  'POUT-11': 'a transfer that arrived stays: WeChat Pay documents no way for it to come back',
} as const;

/** What does not hold in one mode, beside what does not hold in any. */
const waiversOf: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
  'HMAC-SHA256': waivers,
  MD5: waivers,
  papay: papayWaivers,
  payouts: payoutWaivers,
};

type CertifiedConfig = WechatPayV2Config & { readonly clientCertificate: object };

const create = (config: CertifiedConfig, context: Context, mode: Mode) =>
  mode === 'payouts'
    ? createWechatPayV2Payouts(config, context)
    : createWechatPayV2(config, context);

interface CertifiedSite extends WechatPaySite {
  readonly stranger: WechatPayCredentials;
}

/** Behind TLS, where refunds, reversals and payouts are taken with the certificate only. */
const clientTls = (mode: Mode): ClientTls<WechatPaySite> => ({
  verbs: mode === 'payouts' ? ['payout'] : ['refund', 'reverse'],
  async start(): Promise<CertifiedSite> {
    const site = await startWechatPay({ shareKeys: true, seed: 7, refundArrivalMs: 0 });
    return Object.create(site, { stranger: { value: await site.enroll() } }) as CertifiedSite;
  },
  create(site, context, identity) {
    const { credentials, secure, stranger } = site as CertifiedSite;
    const { url = '', authority: ca = '' } = secure ?? {};
    const { clientCertificate: own, ...config } = configOf(credentials, url, mode);
    const certificates = {
      own,
      stranger: { cert: stranger.merchantCert, key: secret(stranger.merchantPrivateKey) },
      broken: { ...own, key: secret(truncated(credentials.merchantPrivateKey)) },
    };
    const shown = identity === 'none' ? {} : { clientCertificate: certificates[identity] };
    return create({ ...config, ca, ...shown } as CertifiedConfig, context, mode);
  },
});

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
    return create(config as CertifiedConfig, context, mode);
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
    signUp: { page: signUp, app: signUp },
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
    acceptance: {
      refund: { order: { fault: 'refund-slow', afterMs: 60_000 }, doneAfterMs: 60_000 },
    },
    operations: {
      query: 'orderquery',
      close: 'closeorder',
      reverse: 'reverse',
      refund: 'refund',
      queryRefund: 'refundquery',
      signUp: 'papay.*',
      querySignUp: 'papay.querycontract',
      signOff: 'papay.deletecontract',
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
  ...(mode === 'HMAC-SHA256' || mode === 'payouts' ? { clientTls: clientTls(mode) } : {}),
  waive: waiversOf[mode],
  secrets: ({ credentials }) => [
    credentials.merchantPrivateKey,
    credentials.merchantPrivateKey.split('\n').slice(1, 3).join(''),
    credentials.apiKey,
    authCode,
    payeeName,
  ],
});
