/** Test aid: this adapter on its simulator, as the conformance suite wants it. */

import { type AlipayCredentials, type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import type { Subject } from '@polyrail/conformance';
import type { Context } from '@polyrail/core';
import { secret } from '@polyrail/core';
import { type AlipayConfig, createAlipay } from '../src/index.ts';

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

const truncated = (pem: string): string => pem.slice(0, pem.length >> 1);

/** Alipay in one of its modes; `v3` is with certificates. Keys are shared between the sites of a process: minting is slow. */
export const alipaySubject = (mode: Mode): Subject<AlipaySite> => ({
  name: `alipay (${mode} mode)`,
  start: () => startAlipay({ mount: 'in-process', shareKeys: true, seed: 7 }),
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
        qr: undefined,
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
    operations: {
      query: 'alipay.trade.query',
      close: 'alipay.trade.close',
      cancel: 'alipay.trade.cancel',
      reverse: 'alipay.trade.cancel',
      refund: 'alipay.trade.refund',
      queryRefund: 'alipay.trade.fastpay.refund.query',
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
  ],
});
