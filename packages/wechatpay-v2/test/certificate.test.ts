/** Real mutual TLS: the simulator's own listener wants the certificate, and gets it. */
import { type Money, secret } from '@polyrail/core';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWechatPayV2,
  createWechatPayV2Payouts,
  type WechatPayV2Config,
} from '../src/index.ts';
import { cny, thrown } from './gateway.ts';

let site: WechatPaySite;
let tls: { readonly tlsBaseUrl: string; readonly tlsCa: string };

beforeAll(async () => {
  site = await startWechatPay({ shareKeys: true, refundArrivalMs: 0 });
  const reply = await fetch(`${site.url}/_sim/discovery?protocol=v2`);
  tls = (await reply.json()) as typeof tls;
});
afterAll(() => site.stop());

const configOf = () =>
  ({
    mchId: site.credentials.mchId,
    appId: site.credentials.appId,
    apiKey: secret(site.credentials.apiKey),
    notifyUrl: 'http://127.0.0.1:9/wechatpay',
    baseUrl: tls.tlsBaseUrl,
    ca: tls.tlsCa,
  }) as const satisfies WechatPayV2Config;
const certifiedConfig = () => ({
  ...configOf(),
  clientCertificate: {
    cert: site.credentials.merchantCert,
    key: secret(site.credentials.merchantPrivateKey),
  },
});
const payoutOf = (merchantPayoutId: string, amount: Money) =>
  ({
    merchantPayoutId,
    amount,
    purpose: 'a prize',
    payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  }) as const;

describe('over mutual TLS', () => {
  it('an order is paid, refunded and asked about', async () => {
    await using channel = createWechatPayV2(certifiedConfig());
    const paid = await channel.pay({
      scene: 'barcode',
      merchantPaymentId: 'order_tls_1',
      amount: cny(900),
      description: 'A cup of tea 茶',
      authCode: '130012345678901234',
    });
    expect(paid).toMatchObject({ status: 'succeeded', evidence: 'signed' });
    const refund = await channel.refund({
      payment: paid.ref,
      merchantRefundId: 'refund_tls_1',
      amount: cny(300),
    });
    expect(refund.status).toBe('pending');
    expect(await channel.query(paid.ref)).toMatchObject({ undone: { amount: cny(300) } });
    expect(site.book('order_tls_1')).toMatchObject({ debits: 1, refunded: 300 });
  });

  it('a payout arrives', async () => {
    await using channel = createWechatPayV2Payouts(certifiedConfig());
    const payout = await channel.payout(payoutOf('payouttls1', cny(100)));
    expect(payout).toMatchObject({ status: 'succeeded', evidence: 'transport' });
    expect(site.payout('payouttls1')).toMatchObject({ paid: 100 });
  });

  it('without the right certificate nothing moves', async () => {
    const { merchantCert } = site.credentials;
    const stranger = await site.enroll();
    const wrong = { cert: stranger.merchantCert, key: secret(stranger.merchantPrivateKey) };
    await using channel = createWechatPayV2Payouts({ ...configOf(), clientCertificate: wrong });
    expect(wrong.cert).not.toBe(merchantCert);
    const refused = await thrown(channel.payout(payoutOf('payouttls2', cny(100))));
    expect(refused).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
    expect(site.payout('payouttls2')).toBeUndefined();
  });

  it('a host that nobody vouches for is not told anything', async () => {
    const { ca: _none, ...config } = certifiedConfig();
    await using channel = createWechatPayV2(config);
    const asked = channel.query({
      noun: 'payment',
      merchantId: 'order_tls_1',
      startedAt: '2026-11-22T02:49:24.000Z',
    });
    expect((await thrown(asked)).code).toMatch(/^(?:NOT_SENT|UNAVAILABLE)$/);
  });
});
