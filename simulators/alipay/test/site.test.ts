import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mountInProcess } from '@polyrail/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type AlipaySite, alipaySimulator, type Truth } from '../src/index.ts';
import { call, pay, start, startsAt, terms } from './client.ts';

let site: AlipaySite;
afterEach(() => site.stop());

const names = [
  'channel',
  'baseUrl',
  'gatewayPath',
  'appId',
  'sellerId',
  'merchantPrivateKey',
  'merchantPublicKey',
  'platformPublicKey',
  'v3Endpoint',
  'encryptKey',
  'merchantSm2PrivateKey',
  'platformSm2PublicKey',
  'appAuthToken',
  'authAppId',
  'authSellerId',
  'billDate',
  'control',
];

describe('discovery', () => {
  it('has exactly the agreed names, the certificates only in cert mode', async () => {
    site = await start({ mount: 'http' });
    const read = async (query: string) => {
      const reply = await fetch(`${site.url}/_sim/discovery${query}`);
      return { status: reply.status, document: (await reply.json()) as Record<string, unknown> };
    };
    const { document: key } = await read('');
    expect(Object.keys(key).sort()).toEqual([...names].sort());
    expect((await read('?mode=key')).document).toEqual(key);
    const { document: cert } = await read('?mode=cert');
    const trio = ['merchantCert', 'platformCert', 'rootCert'];
    expect(Object.keys(cert).sort()).toEqual([...names, ...trio].sort());
    expect((await read('?mode=both')).status).toBe(400);
    const { credentials } = site;
    expect(cert).toMatchObject({
      channel: 'alipay',
      baseUrl: site.url,
      gatewayPath: '/gateway.do',
      appId: credentials.appId,
      merchantCert: credentials.merchantCert,
      billDate: '2026-11-24',
    });
    expect(key['baseUrl']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(credentials.gatewayUrl).toBe(`${site.url}/gateway.do`);
    const pem = String(key['merchantPrivateKey']);
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const derived = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
    expect(derived).toBe(key['merchantPublicKey']);
    expect(JSON.stringify(site.discovery({ mode: 'cert' }))).toBe(JSON.stringify(cert));
  });

  it('tells how to pay, to decline and to settle', async () => {
    site = await start({ mount: 'http' });
    const { control } = site.discovery() as {
      control: Record<
        string,
        { method: string; url: string; headers: Record<string, string>; body: string }
      >;
    };
    expect(Object.keys(control)).toEqual(['pay', 'decline', 'settle']);
    const act = async (name: string, values: Record<string, string>) => {
      const { method, url, headers, body } = control[name]!;
      const fill = (text: string) =>
        text.replace(/\{(\w+)\}/g, (_, variable) => values[variable] ?? '');
      return (await fetch(fill(url), { method, headers, body: fill(body) })).status;
    };
    await call(site, 'trade.precreate', terms('c1'));
    await call(site, 'trade.precreate', terms('c2'));
    expect(await act('pay', { tradeNo: 'c1', amount: '1.00' })).toBe(200);
    expect(await act('decline', { tradeNo: 'c2' })).toBe(200);
    expect(await act('settle', { date: '2026-11-24' })).toBe(200);
    expect(await act('pay', { tradeNo: 'nobody' })).toBe(404);
    expect(await act('pay', { tradeNo: 'c2' })).toBe(409);
    expect(site.book('c1')).toMatchObject({ debits: 1 });
    expect(site.book('c2')).toMatchObject({ state: 'TRADE_CLOSED' });
  });
});

describe('a site', () => {
  it('mints other keys for every start and every merchant, unless told to share', async () => {
    site = await start({ shareKeys: false });
    const second = await start({ shareKeys: false });
    const third = await site.enroll();
    const keys = [site.credentials, second.credentials, third].map((one) => one.merchantPrivateKey);
    expect(new Set(keys).size).toBe(3);
    expect(second.credentials.platformPublicKey).not.toBe(site.credentials.platformPublicKey);
    expect(third.platformPublicKey).toBe(site.credentials.platformPublicKey);
    expect(third.appId).not.toBe(site.credentials.appId);
    expect(third.sellerId).not.toBe(site.credentials.sellerId);
    await second.stop();
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.credentials.merchantPrivateKey).toBe(two.credentials.merchantPrivateKey);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('replays a run from its seed', async () => {
    const run = async () => {
      site = await start({ seed: 99 });
      const { appId, sellerId } = site.credentials;
      const { trade_no: tradeNo, buyer_user_id: buyer } = await pay(site, 'r1');
      await site.stop();
      return [appId, sellerId, tradeNo, buyer];
    };
    expect(await run()).toEqual(await run());
  });

  it('tells the truth of an order, or of all', async () => {
    site = await start();
    expect(site.book('t1')).toBeUndefined();
    await pay(site, 't1', '2.00');
    await call(site, 'trade.precreate', terms('t2'));
    expect(site.book('t1')).toEqual({
      merchantId: 't1',
      channelId: expect.stringMatching(/^2026112422/),
      state: 'TRADE_SUCCESS',
      debits: 1,
      paid: 200,
      refunds: 0,
      refunded: 0,
    } satisfies Truth);
    const all = site.book() as { accounts: { balance: number }[]; orders: Truth[] };
    expect(all.orders.map(({ merchantId }) => merchantId)).toEqual(['t1', 't2']);
    const opening = 100_000_000;
    const balances = all.accounts.map(({ balance }) => balance).sort((a, b) => a - b);
    expect(balances).toEqual([-opening, -200, opening + 200]);
  });

  it('forgets orders on reset and keeps its keys', async () => {
    site = await start();
    const before = site.credentials;
    await pay(site, 'x1');
    await site.settle('2026-11-24');
    await site.reset();
    expect(site.book('x1')).toBeUndefined();
    expect(site.credentials).toEqual(before);
    const biz = { bill_type: 'trade', bill_date: '2026-11-24' };
    const bill = await call(site, 'data.dataservice.bill.downloadurl.query', biz);
    expect(bill['sub_code']).toBe('BILL_NOT_EXIST');
    expect((await pay(site, 'x1'))['code']).toBe('10000');
  });

  it('mounts elsewhere through its factory', async () => {
    site = await start();
    const other = await mountInProcess(alipaySimulator({ shareKeys: true }), { startAt: startsAt });
    expect(other.url).toBe('http://alipay.simulator.invalid');
    expect(other.credentials.gatewayUrl).toBe('http://alipay.simulator.invalid/gateway.do');
    await other.stop();
  });

  it('serves TLS', async () => {
    site = await start({ mount: 'http', tls: true });
    expect(site.url).toMatch(/^https:/);
    expect((await pay(site, 'tls1'))['code']).toBe('10000');
  });

  it('has a console a person can read', async () => {
    site = await start({ mount: 'http' });
    await call(site, 'trade.precreate', terms('k1'));
    const text = await (await fetch(`${site.url}/_sim/`)).text();
    expect(text).toContain('/_sim/cashier?ticket=');
    expect(text).not.toContain('PRIVATE KEY');
  });
});
