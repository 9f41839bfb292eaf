/** The algorithm SM on the simulator: money in and out, told, listed, by certificate and public key. */
import { secret } from '@polyrail/core';
import { startWechatPay, type WechatPayStartOptions } from '@polyrail/wechatpay-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { createWechatPay } from '../src/index.ts';
import { cny, thrown } from './gateway.ts';

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** Noon in Beijing: the bill of the day before is there. */
const startAt = Date.parse('2026-11-22T04:00:00.000Z');
const dayMs = 86_400_000;

async function shop(keys: 'certificate' | 'public-key', options: WechatPayStartOptions = {}) {
  const site = await startWechatPay({
    mount: 'in-process',
    algorithm: 'SM',
    keys,
    shareKeys: true,
    seed: 7,
    startAt,
    frozen: true,
    refundArrivalMs: 0,
    ...options,
  });
  stop = () => site.stop();
  const { credentials } = site;
  const key = { id: credentials.platformPublicKeyId, key: credentials.platformPublicKey };
  const channel = createWechatPay(
    {
      algorithm: 'SM',
      mchId: credentials.mchId,
      appId: credentials.appId,
      merchantKey: secret(credentials.merchantPrivateKey),
      merchantSerial: credentials.merchantCertSerial,
      apiV3Key: secret(credentials.apiV3Key),
      baseUrl: site.url,
      notifyUrl: 'http://merchant.invalid/wechatpay',
      ...(keys === 'public-key' ? { publicKey: key } : {}),
    },
    { transport: site.transport, clock: site.clock },
  );
  return { site, channel };
}

const order = (merchantPaymentId: string) => ({
  merchantPaymentId,
  amount: cny(990),
  description: 'Tea',
  scene: 'qr' as const,
});

describe.each(['certificate', 'public-key'] as const)('algorithm SM, %s mode', (keys) => {
  it('pays, hears of it, refunds, lists, and hides names', async () => {
    const { site, channel } = await shop(keys);
    const heard: Parameters<typeof channel.receive>[0][] = [];
    site.listen(async ({ headers, body }) => {
      heard.push({ headers, body });
      return { status: 204, headers: {}, body: new Uint8Array() };
    });
    const begun = await channel.pay(order('order_tea_1'));
    expect(begun.status).toBe('pending');
    await site.payer.approve('order_tea_1');
    await site.clock.advance(0);
    const told = await channel.receive(heard[0] ?? { headers: {}, body: new Uint8Array() });
    expect(told.facts[0]).toMatchObject({ status: 'succeeded', amount: cny(990) });
    const paid = await channel.query(begun.ref);
    expect([paid.status, paid.evidence]).toEqual(['succeeded', 'signed']);
    const refunded = await channel.refund({
      payment: begun.ref,
      merchantRefundId: 'refund_back_1',
      amount: cny(90),
    });
    expect(refunded.status).not.toBe('failed');
    const payout = await channel.payout({
      merchantPayoutId: 'out1',
      amount: cny(100),
      purpose: 'x',
      payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', name: secret('张三') },
      extra: {
        sceneId: '1000',
        report: [
          { type: '活动名称', content: '新会员有礼' },
          { type: '奖励说明', content: '注册会员抽奖一等奖' },
        ],
      },
    });
    expect(payout.status).toBe('pending');
    await site.settle('2026-11-22');
    await site.clock.advance(dayMs);
    const lines: string[] = [];
    for await (const line of await channel.statement({ kind: 'trade', date: '2026-11-22' })) {
      lines.push(`${line.kind} ${line.amount.amount}`);
    }
    expect(lines).toHaveLength(2);
    expect(site.book('order_tea_1')).toMatchObject({ paid: 990, refunded: 90 });
  });
});

describe('what the simulator does in SM', () => {
  it('refuses RSA, and signs answers that RSA cannot believe', async () => {
    const { site } = await shop('public-key');
    const rsa = await startWechatPay({ mount: 'in-process', shareKeys: true, startAt });
    const { credentials } = site;
    const channel = createWechatPay(
      {
        mchId: credentials.mchId,
        appId: credentials.appId,
        merchantKey: secret(rsa.credentials.merchantPrivateKey),
        merchantSerial: credentials.merchantCertSerial,
        apiV3Key: secret(credentials.apiV3Key),
        baseUrl: site.url,
        notifyUrl: 'http://merchant.invalid/wechatpay',
        publicKey: {
          id: rsa.credentials.platformPublicKeyId,
          key: rsa.credentials.platformPublicKey,
        },
      },
      { transport: site.transport, clock: site.clock },
    );
    const error = await thrown(channel.pay(order('order_tea_2')));
    expect(error).toMatchObject({ code: 'REFUSED', channelCode: 'SIGN_ERROR' });
    expect(site.book('order_tea_2')).toBeUndefined();
    await rsa.stop();
  });

  it('a forged or badly signed answer is not believed, a rotated certificate is', async () => {
    const { site, channel } = await shop('certificate');
    const begun = await channel.pay(order('order_tea_3'));
    await site.payer.approve('order_tea_3');
    for (const fault of ['bad-signature', 'foreign-signature']) {
      site.faults.arm({ fault, operation: 'transactions.query', times: 1 });
      expect((await thrown(channel.query(begun.ref))).code).toBe('REPLY_UNVERIFIED');
    }
    await site.rotate();
    expect((await channel.query(begun.ref)).status).toBe('succeeded');
  });
});
