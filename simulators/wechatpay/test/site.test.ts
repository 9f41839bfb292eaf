/** Starting, discovery, credentials, the journal, the book. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mountInProcess } from '@polyrail/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import {
  startWechatPay,
  type Truth,
  type WechatPaySite,
  wechatPaySimulator,
} from '../src/index.ts';
import { call, type Json, native, paid, query, start, startsAt, terms } from './client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const names = [
  ...['channel', 'baseUrl', 'appId', 'mchId', 'merchantPrivateKey', 'merchantCert'],
  ...['merchantCertSerial', 'apiV3Key', 'apiKey', 'platformCert', 'platformCertSerial'],
  ...['platformPublicKey', 'platformPublicKeyId', 'usePublicKey', 'tlsBaseUrl', 'tlsCa'],
  ...['billDate', 'control'],
];

describe('discovery', () => {
  it('has exactly the agreed names in every mode', async () => {
    site = await startWechatPay({ shareKeys: true });
    for (const [protocol, channel] of [
      ['v3', 'wechatv3'],
      ['v2', 'wechatv2'],
    ]) {
      for (const keys of ['certificate', 'public-key']) {
        const reply = await fetch(`${site.url}/_sim/discovery?protocol=${protocol}&keys=${keys}`);
        const found = (await reply.json()) as Json;
        expect(Object.keys(found).sort()).toEqual([...names].sort());
        expect(found).toMatchObject({
          channel,
          baseUrl: site.url,
          usePublicKey: keys === 'public-key',
        });
        expect(found['tlsBaseUrl']).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
        expect(found['tlsCa']).toContain('BEGIN CERTIFICATE');
        const { serialNumber } = new X509Certificate(found['merchantCert']);
        expect(found['merchantCertSerial']).toBe(serialNumber);
        const derived = createPublicKey(createPrivateKey(found['merchantPrivateKey']));
        expect(new X509Certificate(found['merchantCert']).publicKey.equals(derived)).toBe(true);
        expect([found['apiKey'].length, found['apiV3Key'].length]).toEqual([32, 32]);
      }
    }
    expect((await fetch(`${site.url}/_sim/discovery?protocol=v4`)).status).toBe(400);
    expect((await fetch(`${site.url}/_sim/discovery?keys=both`)).status).toBe(400);
  });

  it('tells how to pay, to decline and to settle', async () => {
    site = await startWechatPay({ shareKeys: true, tlsBeside: false });
    const { control } = site.discovery() as Json;
    const act = async (name: string, values: Record<string, string>) => {
      const { method, url, headers, body } = control[name];
      const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, one) => values[one] ?? '');
      return (await fetch(fill(url), { method, headers, body: fill(body) })).status;
    };
    await native(site, 'order-1');
    await native(site, 'order-2');
    expect(await act('pay', { tradeNo: 'order-1' })).toBe(200);
    expect(await act('decline', { tradeNo: 'order-2' })).toBe(200);
    expect(await act('settle', { date: String((site.discovery() as Json)['billDate']) })).toBe(200);
    expect(await act('settle', { date: '2199-01-01' })).toBe(409);
    expect(await act('pay', { tradeNo: 'nobody' })).toBe(404);
    expect(await act('pay', { tradeNo: 'order-2' })).toBe(409);
    expect(site.book('order-1')).toMatchObject({ debits: 1 });
  });
});

describe('a site', () => {
  it('replays a run from its seed', async () => {
    const run = async () => {
      site = await start({ seed: 99 });
      const { appId, mchId, apiV3Key } = site.credentials;
      await paid(site, 'order-1');
      const { transaction_id: transaction, payer } = (await query(site, 'order-1')).json;
      await site.stop();
      return [appId, mchId, apiV3Key, transaction, payer];
    };
    expect(await run()).toEqual(await run());
  });

  it('mints other keys for every start, unless told to share', async () => {
    site = await start({ shareKeys: false });
    const second = await start({ shareKeys: false });
    expect(second.credentials.merchantPrivateKey).not.toBe(site.credentials.merchantPrivateKey);
    expect(second.credentials.platformCert).not.toBe(site.credentials.platformCert);
    await second.stop();
  });

  it('keeps merchants apart', async () => {
    site = await start();
    const other = await site.enroll();
    await native(site, 'order-1');
    const body = terms(other, 'order-1', { amount: { total: 7 } });
    await call(site, 'POST /v3/pay/transactions/native', body, { credentials: other });
    await site.payer.approve('order-1', { mchId: other.mchId });
    expect(site.book('order-1', other.mchId)).toMatchObject({ paid: 7 });
    expect(site.book('order-1')).toMatchObject({ paid: 0 });
  });

  it('tells the truth of an order, or of all, from a ledger that sums to nothing', async () => {
    site = await start();
    await paid(site, 'order-1', 250);
    await native(site, 'order-2');
    expect(site.book('order-1')).toEqual({
      merchantId: 'order-1',
      channelId: expect.stringMatching(/^42000/),
      state: 'SUCCESS',
      debits: 1,
      paid: 250,
      refunds: 0,
      refunded: 0,
      arrived: 0,
    } satisfies Truth);
    const all = site.book() as { accounts: { balance: number }[]; orders: Json[] };
    expect(all.orders.map(({ merchantId }) => merchantId)).toEqual(['order-1', 'order-2']);
    expect(all.orders[1]?.['cashier']).toContain('/_sim/cashier?ticket=wx');
    expect(all.accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
    await site.reset();
    expect(site.book('order-1')).toBeUndefined();
  });

  it('journals what it was asked and says no secret', async () => {
    site = await start({ codepay: true });
    await paid(site, 'order-1');
    const entry = site.journal.entries({ operation: 'transactions.native' })[0];
    expect(entry).toMatchObject({
      id: 'order-1',
      status: 200,
      reply: { code_url: expect.any(String) },
    });
    const { apiV3Key, apiKey, merchantPrivateKey } = site.credentials;
    const text = JSON.stringify(site.journal.entries());
    for (const secret of [apiV3Key, apiKey, merchantPrivateKey]) expect(text).not.toContain(secret);
  });

  it('mounts elsewhere through its factory', async () => {
    site = await start();
    const other = await mountInProcess(wechatPaySimulator({ shareKeys: true }), {
      startAt: startsAt,
    });
    expect(other.channel).toBe('wechatpay');
    expect(other.credentials.mchId).toMatch(/^16\d{8}$/);
    await other.stop();
  });
});
