/** The example of the README, on the simulator. */
import { money, secret } from '@polyrail/core';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import { describe, expect, it } from 'vitest';
import { createWechatPayV2, createWechatPayV2Payouts } from '../src/index.ts';

describe('the example', () => {
  it('pays by code, reverses it, and pays out', async () => {
    await using site = await startWechatPay({ mount: 'in-process', shareKeys: true });
    const { credentials, clock, transport } = site;
    const config = {
      mchId: credentials.mchId,
      appId: credentials.appId,
      apiKey: secret(credentials.apiKey),
      clientCertificate: {
        cert: credentials.merchantCert,
        key: secret(credentials.merchantPrivateKey),
      },
      notifyUrl: 'http://shop.example/wechatpay',
      baseUrl: site.url,
    };
    await using wechat = createWechatPayV2(config, { clock, transport });
    const order = { amount: money('9.00', 'CNY'), description: 'A cup of tea' };
    const payment = await wechat.pay({
      ...order,
      scene: 'barcode',
      merchantPaymentId: 'order_1',
      authCode: '130012345678901234',
    });
    expect(payment.status).toBe('succeeded');
    const reversal = await wechat.reverse(payment.ref);
    expect(reversal).toMatchObject({ status: 'succeeded', effect: 'refunded' });
    expect(site.book('order_1')).toMatchObject({ debits: 1, refunded: 900 });

    await using payouts = createWechatPayV2Payouts(config, { clock, transport });
    const payout = await payouts.payout({
      merchantPayoutId: 'prize1',
      amount: money('5.00', 'CNY'),
      purpose: 'A prize',
      payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', name: secret('张三') },
    });
    expect(payout.status).toBe('succeeded');
  });
});
