/** Pay-score orders: confirmed by their user, served, completed, collected, refunded. */
import { afterEach, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { call, collect, notifyUrl, refund, start } from './client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const path = '/v3/payscore/serviceorder';
const create = (outOrderNo: string, more: object = {}) =>
  call(site, `POST ${path}`, {
    appid: site.credentials.appId,
    out_order_no: outOrderNo,
    service_id: '500001',
    service_introduction: '充电宝',
    risk_fund: { name: 'DEPOSIT', amount: 10_000 },
    time_range: { start_time: 'OnAccept' },
    notify_url: notifyUrl,
    need_user_confirm: true,
    ...more,
  });
const query = (id: string) =>
  call(site, `GET ${path}?out_order_no=${id}&service_id=500001&appid=${site.credentials.appId}`);
const act = (id: string, deed: string, more: object) => {
  const body = { appid: site.credentials.appId, service_id: '500001', ...more };
  return call(site, `POST ${path}/${id}/${deed}`, body);
};
const bill = (amount: number) => ({
  post_payments: [{ name: '租金', description: 'Night 1', amount: amount + 100 }],
  post_discounts: [{ name: '优惠', description: '新人', amount: 100 }],
  total_amount: amount,
});

it('an order is confirmed, completed and collected', async () => {
  site = await start();
  const told = collect(site);
  expect((await create('S1')).json).toMatchObject({
    state: 'CREATED',
    package: expect.any(String),
  });
  expect((await act('S1', 'complete', bill(300))).status).toBe(400);
  await site.payer.approve('S1');
  expect((await query('S1')).json).toMatchObject({
    state: 'DOING',
    state_description: 'USER_CONFIRM',
  });
  expect((await act('S1', 'complete', { ...bill(300), total_amount: 301 })).status).toBe(400);
  const done = await act('S1', 'complete', bill(300));
  expect(done.json).toMatchObject({
    state: 'DONE',
    collection: { state: 'USER_PAYING', paying_amount: 300 },
  });
  await act('S1', 'complete', bill(300));
  await site.clock.advance(2_000);
  expect((await query('S1')).json['collection']).toMatchObject({
    state: 'USER_PAID',
    paid_amount: 300,
  });
  expect(site.authorization('S1')).toEqual({
    merchantId: 'S1',
    channelId: expect.any(String),
    state: 'DONE',
    holds: 1,
    held: 10_000,
    captured: 300,
    released: 9_700,
    items: ['Night 1'],
  });
  await site.clock.advance(0);
  expect(told.map(({ envelope }) => envelope['event_type'])).toEqual([
    'PAYSCORE.USER_CONFIRM',
    'PAYSCORE.USER_PAID',
  ]);
  expect(told[0]?.envelope['resource'].associated_data).toBe('payscore');
  expect((await refund(site, 'S1', 'r1', { total: 300 })).status).toBe(200);
});

it('an order is cancelled, refused, or begun without asking', async () => {
  site = await start();
  await create('S1');
  expect((await act('S1', 'cancel', { reason: '用户不要了' })).json['state']).toBe('REVOKED');
  expect((await act('S1', 'complete', bill(1))).json['code']).toBe('INVALID_ORDER_STATE');
  await create('S2');
  await site.payer.decline('S2');
  expect((await query('S2')).json['state']).toBe('EXPIRED');
  expect((await create('S3', { need_user_confirm: false })).status).toBe(400);
  const more = { need_user_confirm: false, openid: 'o1' };
  expect((await create('S3', more)).json['state']).toBe('DOING');
  expect((await create('S3', { ...more, attach: 'x' })).json['code']).toBe('OUT_TRADE_NO_USED');
  const free = await act('S3', 'complete', { post_payments: [], total_amount: 0 });
  expect(free.json).toMatchObject({ state: 'DONE', need_collection: false });
  expect(site.authorization('S3')).toMatchObject({ captured: 0, released: 10_000 });
  expect((await query('S9')).status).toBe(404);
});
