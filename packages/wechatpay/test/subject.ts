/** Test aid: this adapter on its simulator, as the conformance suite wants it. */
import type { Subject } from '@polyrail/conformance';
import { type Context, secret } from '@polyrail/core';
import {
  startWechatPay,
  type WechatPayCredentials,
  type WechatPaySite,
} from '@polyrail/wechatpay-simulator';
import { createWechatPay, type WechatPayConfig } from '../src/index.ts';
import { impostor } from './impostor.ts';

/**
 * How replies are verified; `papay` is
 * public-key mode with agreements in place of codes, and of the pay score that stands beside them there.
 */
type Mode = 'public-key' | 'certificate' | 'papay';

const authCode = '130012345678901234';
const payer = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
const payeeName = '张晓明 of Shenzhen';
const planId = 12535;
const serviceId = '00004000000000000159';

const configOf = (credentials: WechatPayCredentials, baseUrl: string, mode: Mode) =>
  ({
    mchId: credentials.mchId,
    appId: credentials.appId,
    merchantKey: secret(credentials.merchantPrivateKey),
    merchantSerial: credentials.merchantCertSerial,
    apiV3Key: secret(credentials.apiV3Key),
    baseUrl,
    notifyUrl: 'http://merchant.invalid/wechatpay',
    ...(mode === 'papay' ? { papay: { planId } } : { codepay: true }),
    ...(mode === 'public-key'
      ? { payScore: { serviceId, apiKey: secret(credentials.apiKey) } }
      : {}),
    ...(mode !== 'certificate'
      ? {
          publicKey: { id: credentials.platformPublicKeyId, key: credentials.platformPublicKey },
        }
      : { certificates: [credentials.platformCert] }),
  }) as const satisfies WechatPayConfig;

const truncated = (pem: string): string => pem.slice(0, pem.length >> 1);

/** The terms of a contract that every payer of the simulator may sign. */
const signUp = () => ({
  extra: {
    displayAccount: '微信代扣',
    schedule: {
      date: '2030-01-01',
      amount: { amount: 100, currency: 'CNY' },
      description: 'Membership',
    },
  },
});

/** What scene 1000 must report. */
const extra = {
  sceneId: '1000',
  report: [
    { type: '活动名称', content: '新会员有礼' },
    { type: '奖励说明', content: '注册会员抽奖一等奖' },
  ],
};

const waivers = {
  'PAY-10': 'an order tells that something was refunded, never how much: there is no sum to tell',
  'POUT-11': 'a transfer that arrived stays: WeChat Pay documents no way for it to come back',
} as const;
const later =
  'a deduction is accepted at once and made seconds later, by nobody whom a site could ask';
const early = 'an accepted deduction waits for no payer: it is made while the law still watches';

/** What does not hold in one mode, beside what does not hold in any. */
const waiversOf: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
  'public-key': {
    ...waivers,
    'STMT-10': 'a bill names the pay-score order that was captured: a capture has no number there',
  },
  certificate: {
    ...waivers,
    'STMT-08': 'what is lost is the renewal of the certificates, which stops nothing',
  },
  papay: {
    ...waivers,
    'OUT-01': early,
    'OUT-02': early,
    'OUT-05': early,
    'AGR-09': later,
    'AGR-10': later,
    'AGR-15': later,
  },
};

interface Completion {
  readonly body?: { readonly post_payments?: readonly { readonly description?: string }[] };
}

/**
 * The ledger by the ids of captures. WeChat Pay gives a capture no number: it is the payment of the
 * order that was completed, under the order's number.
 */
function byCapture(site: WechatPaySite): WechatPaySite {
  const orderOf = (id: string): string | undefined =>
    site.journal
      .entries({ operation: 'payscore.complete' })
      .filter(({ status }) => status === 200)
      .find(({ request }) =>
        (request as Completion).body?.post_payments?.some(({ description }) => description === id),
      )?.id;
  const book = (id: string, mchId?: string) => {
    const order = site.book(id, mchId) === undefined ? orderOf(id) : undefined;
    return site.book(order ?? id, mchId);
  };
  return Object.create(site, { book: { value: book } });
}

/** WeChat Pay in one of its modes. */
export const wechatPaySubject = (mode: Mode): Subject<WechatPaySite> => ({
  name: `wechatpay (${mode} mode)`,
  start: async () => {
    const site = await startWechatPay({
      mount: 'in-process',
      keys: mode === 'papay' ? 'public-key' : mode,
      codepay: mode !== 'papay',
      shareKeys: true,
      merchantKeyPrimes: 4,
      seed: 7,
      refundArrivalMs: 0,
      ...(mode === 'public-key' ? { deductionMs: 0 } : {}),
      // Noon in Beijing: the bill of the day before is there.
      startAt: Date.parse('2026-11-22T04:00:00.000Z'),
    });
    return mode === 'public-key' ? byCapture(site) : site;
  },
  create(site, context: Context, credentials) {
    const own = (credentials ?? site.credentials) as WechatPayCredentials | WechatPayConfig;
    const config = 'merchantKey' in own ? own : configOf(own, site.url, mode);
    return createWechatPay(config, context);
  },
  samples: {
    scenes: {
      barcode: () => ({ authCode, extra: { store: { id: 'S1' } } }),
      'in-wallet': () => ({ payerId: payer }),
      h5: () => ({ payer: { ip: '203.0.113.7' }, returnUrl: 'https://shop.example/back' }),
    },
    // In one scene the payer agreed before, in the other he is asked.
    authorize: {
      'in-wallet': () => ({ payerId: payer, extra: { needUserConfirm: false } }),
    },
    signUp: { page: signUp, app: signUp },
    payees: () => [
      {
        payee: { kind: 'wallet', id: payer, name: secret(payeeName) },
        extra,
      },
    ],
    async follow(site, action) {
      // Only addresses of the site are opened; the wallet's own are the payer's.
      if (action.kind !== 'redirect' || !action.url.startsWith(site.url)) return;
      const reply = await site.transport.exchange({ method: 'GET', url: action.url, headers: {} });
      for await (const _chunk of reply.body);
    },
    ...(mode === 'certificate' ? { rotateKey: (site: WechatPaySite) => site.rotate() } : {}),
    impostor: () => impostor,
    acceptance: {
      refund: { order: { fault: 'refund-slow', afterMs: 60_000 }, doneAfterMs: 60_000 },
    },
    operations: {
      query: 'transactions.query',
      close: 'transactions.close',
      reverse: 'transactions.reverse',
      refund: 'refunds.create',
      queryRefund: 'refunds.query',
      authorize: 'payscore.create',
      queryAuthorization: 'payscore.query',
      capture: 'payscore.complete',
      cancelAuthorization: 'payscore.cancel',
      signUp: 'contracts.*',
      querySignUp: 'contracts.query',
      signOff: 'contracts.terminate',
      payout: 'transfers.create',
      queryPayout: 'transfers.query',
      cancelPayout: 'transfers.cancel',
      balance: 'balances.query',
      statement: 'bills.*',
      receive: 'TRANSACTION.SUCCESS',
    },
    invalidCredentials(site) {
      const config = configOf(site.credentials, site.url, mode);
      const { merchantPrivateKey, apiV3Key } = site.credentials;
      return [
        {
          what: 'a private key cut in half',
          field: 'config.merchantKey',
          credentials: { ...config, merchantKey: secret(truncated(merchantPrivateKey)) },
        },
        {
          what: 'a short APIv3 key',
          field: 'config.apiV3Key',
          credentials: { ...config, apiV3Key: secret(apiV3Key.slice(1)) },
        },
        {
          what: 'an application id with a blank',
          field: 'config.appId',
          credentials: { ...config, appId: 'wx 21' },
        },
      ];
    },
  },
  waive: waiversOf[mode],
  secrets: ({ credentials }) => [
    credentials.merchantPrivateKey,
    credentials.merchantPrivateKey.split('\n').slice(1, 3).join(''),
    credentials.apiV3Key,
    credentials.apiKey,
    authCode,
    payeeName,
  ],
});
