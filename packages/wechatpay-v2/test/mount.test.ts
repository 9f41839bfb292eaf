/** Not configured with any address: WeChat Pay's own host, the simulator standing in for it. */
import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import { mountMsw } from '@polyrail/wechatpay-simulator/msw';
import { afterEach, expect, it } from 'vitest';
import { createWechatPayV2 } from '../src/index.ts';

let network: NetworkWatch | undefined;
afterEach(() => network?.stop());

it('pays, refunds with a certificate nobody can see, and looks for the real host later', async () => {
  await using site = await startWechatPay({ mount: 'in-process', shareKeys: true, seed: 7 });
  const heard = new TextEncoder().encode('<xml><return_code>SUCCESS</return_code></xml>');
  site.listen(() => ({ status: 200, headers: {}, body: heard }));
  network = watchNetwork();
  const { mchId, appId, apiKey, merchantCert, merchantPrivateKey } = site.credentials;
  const wechatPay = createWechatPayV2({
    ...{ mchId, appId, apiKey: secret(apiKey), notifyUrl: 'https://shop.example/notify' },
    clientCertificate: { cert: merchantCert, key: secret(merchantPrivateKey) },
  });
  const amount = money('9.00', 'CNY');
  const order = { scene: 'qr' as const, amount, description: 'Tea' };
  {
    await using _stood = await mountMsw(site);
    const { ref } = await wechatPay.pay({ ...order, merchantPaymentId: 'order_1' });
    await site.payer.approve('order_1');
    expect(await wechatPay.query(ref)).toMatchObject({ status: 'succeeded', evidence: 'signed' });
    const refund = await wechatPay.refund({ merchantRefundId: 'refund_1', payment: ref, amount });
    expect(refund.status).toBe('pending');
    expect(site.journal.entries({ operation: 'refund' })[0]?.note).toContain('certificate');
    expect(network.attempts).toEqual([]);
  }
  const later = wechatPay.pay({ ...order, merchantPaymentId: 'order_2' });
  await expect(later).rejects.toMatchObject({ code: 'NOT_SENT' });
  expect(network.attempts[0]).toBe('lookup api.mch.weixin.qq.com');
});
