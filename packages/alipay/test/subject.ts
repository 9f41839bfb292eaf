/** Test aid: this adapter on its simulator, as the conformance suite wants it. */

import { type AlipayCredentials, type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import type { Subject } from '@polyrail/conformance';
import type { Context } from '@polyrail/core';
import { secret } from '@polyrail/core';
import { type AlipayConfig, createAlipay } from '../src/index.ts';
import { impostorOf } from './impostor.ts';

type Mode = 'key' | 'certificate' | 'v3';

function configOf(credentials: AlipayCredentials, mode: Mode): AlipayConfig {
  const { appId, sellerId, gatewayUrl, merchantPrivateKey } = credentials;
  const { platformPublicKey, merchantCert, platformCert, rootCert } = credentials;
  const certificates = { merchant: merchantCert, platform: platformCert, root: rootCert };
  return {
    appId,
    sellerId,
    gatewayUrl,
    merchantKey: secret(merchantPrivateKey),
    ...(mode === 'key' ? { platformKey: platformPublicKey } : { certificates }),
    ...(mode === 'v3' ? { protocol: 'v3' } : {}),
  };
}

const payeeName = '张晓明 of Hangzhou';
const cardNumber = '6222021234567890128';

/** The scene of a contract that every payer of the simulator may sign. */
const signUp = () => ({ extra: { signScene: 'INDUSTRY|DIGITAL_MEDIA' } });

const truncated = (pem: string): string => pem.slice(0, pem.length >> 1);

/** Alipay in one of its modes; `v3` is with certificates. Keys are shared between the sites of a process: minting is slow. */
export const alipaySubject = (mode: Mode): Subject<AlipaySite> => ({
  name: `alipay (${mode} mode)`,
  start: () => startAlipay({ mount: 'in-process', shareKeys: true, merchantKeyPrimes: 4, seed: 7 }),
  create(site, context: Context, credentials) {
    const own = (credentials ?? site.credentials) as AlipayCredentials | AlipayConfig;
    return createAlipay('merchantKey' in own ? own : configOf(own, mode), context);
  },
  samples: {
    scenes: {
      barcode: () => ({ authCode: '286512345678901234' }),
      'in-wallet': () => ({ payerId: '2088622912345678' }),
      h5: () => ({ returnUrl: 'https://shop.example/back' }),
    },
    signUp: { page: signUp, qr: signUp, app: signUp },
    payees: () => [
      { payee: { kind: 'wallet', id: '2088622912345678' } },
      { payee: { kind: 'wallet', id: 'payee@example.com', name: secret(payeeName) } },
      {
        payee: {
          kind: 'bank',
          account: secret(cardNumber),
          name: secret(payeeName),
          bank: '招商银行',
        },
      },
    ],
    async follow(site, action) {
      const post = (url: string, body: string) =>
        site.transport.exchange({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
          body,
        });
      const get = (url: string) => site.transport.exchange({ method: 'GET', url, headers: {} });
      const open = {
        // A code that holds one of the site's own addresses is opened; others are the payer's to scan.
        qr: () => {
          const { text } = action as { text: string };
          return text.startsWith(site.url) ? get(text) : undefined;
        },
        otp: undefined,
        redirect: () => get((action as { url: string }).url),
        form: () => {
          const { url, fields } = action as { url: string; fields: Record<string, string> };
          return post(url, new URLSearchParams(fields).toString());
        },
        sdk: () => {
          const { parameters } = action as { parameters: unknown };
          if (typeof parameters !== 'string') return undefined;
          return post(`${site.url}/_sim/app`, parameters);
        },
      }[action.kind];
      const reply = await open?.();
      for await (const _chunk of reply?.body ?? []);
    },
    // With a key alone nothing could announce another one, nor is anything paid out.
    ...(mode === 'key'
      ? {}
      : {
          rotateKey: (site: AlipaySite) => site.faults.arm({ fault: 'key-rotation' }),
          acceptance: {
            payout: { order: { fault: 'payout-dealing', afterMs: 60_000 }, doneAfterMs: 60_000 },
          },
        }),
    ...(mode === 'certificate'
      ? { impostor: ({ credentials }: AlipaySite) => impostorOf(credentials.platformCert) }
      : {}),
    operations: {
      query: 'alipay.trade.query',
      close: 'alipay.trade.close',
      cancel: 'alipay.trade.cancel',
      reverse: 'alipay.trade.cancel',
      refund: 'alipay.trade.refund',
      queryRefund: 'alipay.trade.fastpay.refund.query',
      queryAuthorization: 'alipay.fund.auth.operation.detail.query',
      capture: 'alipay.trade.pay',
      cancelAuthorization: 'alipay.fund.auth.order.unfreeze',
      signUp: 'alipay.user.agreement.page.sign',
      querySignUp: 'alipay.user.agreement.query',
      signOff: 'alipay.user.agreement.unsign',
      payout: 'alipay.fund.trans.uni.transfer',
      queryPayout: 'alipay.fund.trans.common.query',
      balance: 'alipay.fund.account.query',
      statement: 'alipay.data.dataservice.bill.downloadurl.query',
      receive: 'trade_status_sync',
    },
    invalidCredentials(site) {
      const config = configOf(site.credentials, mode);
      const { merchantPrivateKey } = site.credentials;
      return [
        {
          what: 'a private key cut in half',
          field: 'config.merchantKey',
          credentials: { ...config, merchantKey: secret(truncated(merchantPrivateKey)) },
        },
        {
          what: 'an application id with a blank',
          field: 'config.appId',
          credentials: { ...config, appId: '20 21' },
        },
      ];
    },
  },
  secrets: ({ credentials }) => [
    credentials.merchantPrivateKey,
    credentials.merchantPrivateKey.split('\n').slice(1, 3).join(''),
    '286512345678901234',
    cardNumber,
    payeeName,
  ],
});
