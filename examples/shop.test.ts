/** examples · shop: shipped once whatever happens, one payment at a time, and nothing unverified. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayOptions } from '@polyrail/gateway';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { currentOf, paymentsOf } from './shop/cashier.ts';
import { shipped } from './shop/live.ts';
import { type Order, paymentIdOf } from './shop/orders.ts';
import { type Payers, startPayers } from './shop/payers.ts';
import { listen, openShop, type Shop } from './shop/shop.ts';

const folder = mkdtempSync(join(tmpdir(), 'polyrail-shop-'));
const goods = 'A cup of oolong';
const patienceMs = 10_000;
let payers: Payers;
let shop: Shop;
let shopUrl: string;

async function open(gatewayOptions: Partial<GatewayOptions> = {}, port = 0): Promise<void> {
  const { server, shopUrl: url } = await listen(port);
  shopUrl = url;
  payers ??= await startPayers(shopUrl, { shareKeys: true });
  const { channels, clock } = payers;
  const file = join(folder, 'shop.db');
  const phoneOf = () => undefined;
  shop = await openShop({ server, shopUrl, channels, clock, file, phoneOf, gatewayOptions });
}

const post = (path: string, fields: Readonly<Record<string, string>>) =>
  fetch(`${shopUrl}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });

async function order(way: string): Promise<Order> {
  const reply = await post('/orders', { goods, way });
  const id = reply.headers.get('location')?.split('/').at(-1) ?? '';
  return shop.orders.find(id) as Order;
}

const stock = () => shop.orders.shelf().find(({ name }) => name === goods)?.stock ?? 0;
const stateOf = async (one: Order) => currentOf(await paymentsOf(shop.gateway, one))?.state;

afterEach(() => shop.close());
afterAll(async () => {
  await payers.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the shop', () => {
  it('ships once, though it is told twice and the first delivery is undone', async () => {
    let undone = 0;
    await open({
      checkpoint(point) {
        if (point !== 'in-outbox' || undone > 0) return;
        undone += 1;
        throw new Error('The database went away');
      },
    });
    const before = stock();
    const made = await order('alipay-qr');
    const paymentId = paymentIdOf(made.id, 1);
    payers.alipay.faults.arm({ fault: 'duplicate-notification', id: paymentId });
    await payers.alipay.payer.approve(paymentId);
    await expect.poll(() => undone, { timeout: patienceMs }).toBe(1);
    expect([stock(), shop.orders.find(made.id)?.shippedAt]).toEqual([before, undefined]);
    expect(await shipped(shop.orders, made.id, patienceMs)).toBe(true);
    await payers.alipay.notifier.idle();
    expect(stock()).toBe(before - 1);
  });

  it('learns after a night what was paid while it was closed', async () => {
    await open();
    const made = await order('wechatpay-qr');
    await shop.close();
    await payers.wechatpay.payer.approve(paymentIdOf(made.id, 1));
    await open({}, Number(new URL(shopUrl).port));
    expect(await stateOf(made)).toBe('pending');
    await payers.clock.advance(60_000);
    expect(await shipped(shop.orders, made.id, patienceMs)).toBe(true);
    expect(await stateOf(made)).toBe('succeeded');
  });

  it('begins one payment when two browsers press Pay at once', async () => {
    await open();
    const lost = await post('/orders', { goods, way: 'cowries' });
    const [, id = ''] = /href="\/orders\/(\w+)"/.exec(await lost.text()) ?? [];
    expect(lost.status).toBe(400);
    const pressed = await Promise.all([
      post(`/orders/${id}/payments`, { way: 'alipay-qr' }),
      post(`/orders/${id}/payments`, { way: 'wechatpay-qr' }),
    ]);
    expect(pressed.filter(({ status }) => status === 303).length).toBeGreaterThan(0);
    const payments = await paymentsOf(shop.gateway, shop.orders.find(id) as Order);
    expect(payments).toMatchObject([{ state: 'pending', attempts: [{ fate: 'pending' }] }]);
    expect((await post(`/orders/${id}/payments`, { way: 'alipay-qr' })).status).toBe(303);
    expect(await paymentsOf(shop.gateway, shop.orders.find(id) as Order)).toHaveLength(1);
  });

  it('believes no notification that does not verify, and knows no stranger', async () => {
    await open();
    const made = await order('alipay-qr');
    const forged = { out_trade_no: paymentIdOf(made.id, 1), trade_status: 'TRADE_SUCCESS' };
    const answer = await post('/notify/alipay', { ...forged, sign: 'AAAA', sign_type: 'RSA2' });
    expect(await answer.text()).not.toBe('success');
    expect(await stateOf(made)).toBe('pending');
    const strange = ['', '/card', '/state', '/live', '/qr.svg', '/back'];
    const replies = strange.map((path) => fetch(`${shopUrl}/orders/0123456789abcdef${path}`));
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual(
      strange.map(() => 404),
    );
  });
});

it('a payer whom one channel refuses may pay another way', async () => {
  await open();
  payers.wechatpay.faults.arm({ fault: 'rate-limit', operation: 'transactions.native' });
  const refused = await post('/orders', { goods, way: 'wechatpay-qr' });
  expect(refused.status).toBe(502);
  const [address = '', id = ''] = /\/orders\/(\w+)/.exec(await refused.text()) ?? [];
  const page = async () => (await fetch(`${shopUrl}${address}`)).text();
  const offered = await page();
  expect(offered).toContain('Not paid yet.');
  expect(offered).toContain('<button>Pay</button>');
  expect((await post(`${address}/payments`, { way: 'alipay-qr' })).status).toBe(303);
  const payments = await paymentsOf(shop.gateway, shop.orders.find(id) as Order);
  expect(payments).toMatchObject([{ state: 'pending', channel: 'alipay' }]);
  expect(await page()).not.toContain('<button>Pay</button>');
  await payers.alipay.payer.approve(payments[0]?.attempts.at(-1)?.attemptId ?? '');
  expect(await shipped(shop.orders, id, patienceMs)).toBe(true);
});
