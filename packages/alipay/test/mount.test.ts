/** Not configured with any address: Alipay's own hosts, with the simulator standing in for them. */

import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import { mountMsw } from '@polyrail/alipay-simulator/msw';
import { mountUndici } from '@polyrail/alipay-simulator/undici';
import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import { type Context, money, secret, type Transport } from '@polyrail/core';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlipayConfig, createAlipay } from '../src/index.ts';

/** A merchant's own transport, over undici's global dispatcher. */
const overUndici: Transport = {
  async exchange({ method, url, headers, body = null }, { signal, onFirstByte } = {}) {
    onFirstByte?.();
    const options = { method, headers, body, ...(signal === undefined ? {} : { signal }) };
    const reply = await request(url, options as Parameters<typeof request>[1]);
    const names = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
    return { status: reply.statusCode, headers: Object.fromEntries(names), body: reply.body };
  },
};

interface Way {
  readonly name: string;
  readonly mount?: (site: AlipaySite) => Promise<AsyncDisposable>;
  readonly context: (site: AlipaySite) => Context;
}

const ways: readonly Way[] = [
  { name: 'msw and the default transport', mount: mountMsw, context: () => ({}) },
  {
    name: "undici's global dispatcher",
    mount: mountUndici,
    context: () => ({ transport: overUndici }),
  },
  { name: "the site's transport", context: ({ transport }) => ({ transport }) },
];

describe.each(ways)('$name', ({ mount, context }) => {
  let site: AlipaySite;
  let stood: AsyncDisposable | undefined;
  let network: NetworkWatch;
  beforeEach(async () => {
    site = await startAlipay({ mount: 'in-process', shareKeys: true, seed: 7 });
    stood = await mount?.(site);
    network = watchNetwork();
  });
  afterEach(async () => {
    network.stop();
    await stood?.[Symbol.asyncDispose]();
    await site.stop();
  });

  const create = (more: Partial<AlipayConfig> = {}) => {
    const { appId, sellerId, merchantPrivateKey, platformPublicKey } = site.credentials;
    const keys = { merchantKey: secret(merchantPrivateKey), platformKey: platformPublicKey };
    return createAlipay({ appId, sellerId, ...keys, ...more }, context(site));
  };
  const order = (merchantPaymentId: string) => ({
    scene: 'qr' as const,
    merchantPaymentId,
    amount: money('9.00', 'CNY'),
    description: 'Tea',
  });

  it.each([{}, { protocol: 'v3' }, { environment: 'sandbox' }] as const)(
    'pays, refunds and reads the bill: %o',
    async (config) => {
      const alipay = create(config);
      const { ref, status } = await alipay.pay(order('m1'));
      expect(status).toBe('pending');
      await site.payer.approve('m1');
      expect(await alipay.query(ref)).toMatchObject({ status: 'succeeded', evidence: 'signed' });
      const amount = money('4.00', 'CNY');
      const refund = await alipay.refund({ merchantRefundId: 'r1', payment: ref, amount });
      expect(refund.status).toBe('succeeded');
      const { billDate: date } = site.discovery() as { billDate: string };
      await site.settle(date);
      const lines = [];
      const statement = await alipay.statement({ kind: 'trade', date });
      for await (const line of statement) lines.push(line.merchantId);
      expect(lines).toContain('m1');
      expect(network.attempts).toEqual([]);
    },
  );

  it('does not know what a lost reply said, and asks', async () => {
    const alipay = create();
    site.faults.arm({ fault: 'drop-reply', operation: 'alipay.trade.precreate' });
    const { ref, ...lost } = await alipay.pay(order('m2'));
    expect(lost).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
    await site.payer.approve('m2');
    expect((await alipay.query(ref)).status).toBe('succeeded');
    expect(network.attempts).toEqual([]);
  });

  it.runIf(mount !== undefined)('looks for the real host once nothing stands in', async () => {
    await stood?.[Symbol.asyncDispose]();
    const paying = create().pay(order('m3'));
    const outcome = await paying.catch(({ code }: { code: string }) => ({ status: code }));
    expect(['NOT_SENT', 'unknown']).toContain(outcome.status);
    expect(network.attempts).toEqual(['lookup openapi.alipay.com']);
    expect(site.book('m3')).toBeUndefined();
  });
});
