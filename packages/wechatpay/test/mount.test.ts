/** Not configured with any address: WeChat Pay's own hosts, the simulator standing in for them. */
import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import { type Context, money, secret } from '@polyrail/core';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { mountMsw } from '@polyrail/wechatpay-simulator/msw';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWechatPay, type WechatPayConfig } from '../src/index.ts';

interface Way {
  readonly name: string;
  readonly mount?: (site: WechatPaySite) => Promise<AsyncDisposable>;
  readonly context: (site: WechatPaySite) => Context;
}

const ways: readonly Way[] = [
  { name: 'msw and the default transport', mount: mountMsw, context: ({ clock }) => ({ clock }) },
  { name: "the site's transport", context: ({ clock, transport }) => ({ clock, transport }) },
];

describe.each(ways)('$name', ({ mount, context }) => {
  let site: WechatPaySite;
  let stood: AsyncDisposable | undefined;
  let network: NetworkWatch;
  beforeEach(async () => {
    site = await startWechatPay({ mount: 'in-process', shareKeys: true, seed: 7 });
    site.listen(() => ({ status: 204, headers: {}, body: new Uint8Array() }));
    stood = await mount?.(site);
    network = watchNetwork();
  });
  afterEach(async () => {
    network.stop();
    await stood?.[Symbol.asyncDispose]();
    await site.stop();
  });

  const create = (more: Partial<WechatPayConfig> = {}) => {
    const { mchId, appId, merchantPrivateKey, merchantCertSerial, apiV3Key } = site.credentials;
    const own = { mchId, appId, merchantSerial: merchantCertSerial };
    const keys = { merchantKey: secret(merchantPrivateKey), apiV3Key: secret(apiV3Key) };
    const notifyUrl = 'https://shop.example/notify';
    return createWechatPay({ ...own, ...keys, notifyUrl, ...more }, context(site));
  };
  const order = (merchantPaymentId: string) => ({
    scene: 'qr' as const,
    merchantPaymentId,
    amount: money('9.00', 'CNY'),
    description: 'Tea',
  });

  it('downloads certificates, pays, hears of it, refunds and reads the bill', async () => {
    const wechatPay = create();
    const told: unknown[] = [];
    site.listen(async (message) => {
      told.push(...(await wechatPay.receive(message)).facts);
      return { status: 204, headers: {}, body: new Uint8Array() };
    });
    const { ref, status } = await wechatPay.pay(order('order_1'));
    expect(status).toBe('pending');
    await site.payer.approve('order_1');
    expect(await wechatPay.query(ref)).toMatchObject({ status: 'succeeded', evidence: 'signed' });
    await expect.poll(() => told).toMatchObject([{ ref: { merchantId: 'order_1' } }]);
    const amount = money('4.00', 'CNY');
    const refund = await wechatPay.refund({ merchantRefundId: 'refund_1', payment: ref, amount });
    expect(refund.status).toBe('pending');
    const { billDate: date } = site.discovery() as { billDate: string };
    await site.clock.advance(36 * 3_600_000);
    const lines = [];
    const statement = await wechatPay.statement({ kind: 'trade', date });
    for await (const line of statement) lines.push(line.merchantId);
    expect(lines).toContain('order_1');
    expect(network.attempts).toEqual([]);
  });

  it('does not know what a lost reply said, and asks', async () => {
    const wechatPay = create();
    site.faults.arm({ fault: 'reset-mid-body', operation: 'transactions.native' });
    const { ref, ...lost } = await wechatPay.pay(order('order_2'));
    expect(lost).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
    await site.payer.approve('order_2');
    expect((await wechatPay.query(ref)).status).toBe('succeeded');
    expect(network.attempts).toEqual([]);
  });

  it.runIf(mount === undefined)('goes to the backup host when nothing could be sent', async () => {
    const wechatPay = create({ certificates: [site.credentials.platformCert] });
    site.faults.arm({ fault: 'refuse-connection' });
    expect((await wechatPay.pay(order('order_3'))).status).toBe('pending');
    expect(site.book('order_3')).toMatchObject({ state: 'NOTPAY' });
  });

  it.runIf(mount !== undefined)('looks for the real hosts once nothing stands in', async () => {
    await stood?.[Symbol.asyncDispose]();
    const wechatPay = create({ certificates: [site.credentials.platformCert] });
    await expect(wechatPay.pay(order('order_4'))).rejects.toMatchObject({ code: 'NOT_SENT' });
    expect(network.attempts).toEqual([
      'lookup api.mch.weixin.qq.com',
      'lookup api2.mch.weixin.qq.com',
    ]);
  });
});
