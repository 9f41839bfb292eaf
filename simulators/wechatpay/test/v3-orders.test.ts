/** Orders of v3: created again, queried, closed, paid, told, refunded. */
import { afterEach, describe, expect, it } from 'vitest';
import { notificationLadderMs, type WechatPaySite } from '../src/index.ts';
import {
  call,
  collect,
  native,
  notifyUrl,
  paid,
  query,
  refund,
  send,
  start,
  terms,
  verifies,
} from './client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const create = (product: string, more: object = {}, id = 'order-1') =>
  call(site, `POST /v3/pay/transactions/${product}`, terms(site.credentials, id, more));

describe('creating', () => {
  it('answers every product with what its client needs', async () => {
    site = await start();
    const prepay = expect.stringMatching(/^wx\d{8}[0-9a-f]{26}$/);
    const payer = { payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' } };
    expect((await create('jsapi', payer, 'order-1')).json).toEqual({ prepay_id: prepay });
    expect((await create('app', {}, 'order-2')).json).toEqual({ prepay_id: prepay });
    const code = /^weixin:\/\/wxpay\/bizpayurl\/up\?pr=\w{7}&groupid=00$/;
    expect((await create('native', {}, 'order-3')).json['code_url']).toMatch(code);
    const scene_info = { payer_client_ip: '203.0.113.9', h5_info: { type: 'Wap' } };
    const h5 =
      /^https:\/\/wx\.tenpay\.com\/cgi-bin\/mmpayweb-bin\/checkmweb\?prepay_id=wx\w+&package=\d+$/;
    expect((await create('h5', { scene_info }, 'order-4')).json['h5_url']).toMatch(h5);
  });

  it.each([
    ['native', { amount: { total: 0 } }, '/amount/total', /值低于最小值 1/],
    ['native', { amount: { total: 1.5 } }, '/amount/total', /整数/],
    ['native', { amount: undefined }, '/amount', /必填/],
    ['native', { amount: { total: 1, currency: 'USD' } }, '/amount/currency', /币种/],
    ['native', { out_trade_no: 'short' }, '/out_trade_no', /正则/],
    ['native', { description: 'x'.repeat(128) }, '/description', /大于最大值 127/],
    ['native', { notify_url: 'https://shop.example/?a=1' }, '/notify_url', /不带参数/],
    ['native', { time_expire: '2026-11-24 16:00' }, '/time_expire', /rfc3339/],
    ['native', { time_expire: '2026-11-24T15:08:30+08:00' }, '/time_expire', /1分钟/],
    ['jsapi', {}, '/payer', /必填/],
    ['h5', {}, '/scene_info', /必填/],
    [
      'native',
      { detail: { goods_detail: [{ quantity: 1 }] } },
      '/detail/goods_detail/0/merchant_goods_id',
      /必填/,
    ],
  ])('%s refuses %j, naming the member', async (product, more, field, message) => {
    site = await start();
    const { status, json } = await create(product, more);
    expect([status, json['code']]).toEqual([400, 'PARAM_ERROR']);
    expect(json['detail']).toMatchObject({ field, location: 'body' });
    expect(json['message']).toMatch(message);
    expect(site.book('order-1')).toBeUndefined();
  });

  it('refuses an app that is not the merchant’s', async () => {
    site = await start();
    const { status, json } = await create('native', { appid: 'wx0000000000000000' });
    expect([status, json['code']]).toEqual([400, 'APPID_MCHID_NOT_MATCH']);
  });

  it('refuses members nobody documented where the option says so', async () => {
    site = await start({ strictMembers: true });
    const { json } = await create('native', { colour: 'red' });
    expect(json['message']).toBe('请求中含有未在API文档中定义的参数');
  });

  it('takes the same order again, and refuses another under its number', async () => {
    site = await start();
    const first = await native(site, 'order-1');
    const again = await native(site, 'order-1');
    expect(again.status).toBe(200);
    expect(again.json['code_url']).not.toBe(first.json['code_url']);
    const stale = encodeURIComponent(first.json['code_url']);
    expect((await send(site, { target: `/_sim/cashier?ticket=${stale}` })).status).toBe(404);
    for (const more of [{ amount: { total: 99 } }, { description: 'x' }, { attach: 'y' }]) {
      const { status, json } = await native(site, 'order-1', more);
      expect([status, json]).toEqual([
        403,
        { code: 'OUT_TRADE_NO_USED', message: '201 商户订单号重复' },
      ]);
    }
    const payer = { payer: { openid: 'o1' } };
    expect((await create('jsapi', payer)).json['code']).toBe('OUT_TRADE_NO_USED');
    await site.payer.approve('order-1');
    expect((await native(site, 'order-1')).json).toMatchObject({
      code: 'INVALID_REQUEST',
      message: '该订单已支付',
    });
    expect(site.book('order-1')?.debits).toBe(1);
  });

  it('serves a provider for another merchant', async () => {
    site = await start();
    const { appId, mchId, subMchId } = site.credentials;
    const { appid: _appid, mchid: _mchid, ...rest } = terms(site.credentials, 'order-1');
    const body = { ...rest, sp_appid: appId, sp_mchid: mchId, sub_mchid: subMchId };
    const path = '/v3/pay/partner/transactions';
    expect((await call(site, `POST ${path}/native`, body)).status).toBe(200);
    await site.payer.approve('order-1', { mchId: subMchId });
    const target = `${path}/out-trade-no/order-1?sp_mchid=${mchId}&sub_mchid=${subMchId}`;
    expect((await call(site, `GET ${target}`)).json).toMatchObject({
      sp_mchid: mchId,
      sub_mchid: subMchId,
      trade_state: 'SUCCESS',
      payer: { sp_openid: expect.any(String) },
    });
    expect((await query(site, 'order-1')).status).toBe(404);
    expect(site.book('order-1', mchId)).toBeUndefined();
    expect(site.book('order-1', subMchId)).toMatchObject({ debits: 1, paid: 100 });
  });
});

describe('querying and closing', () => {
  it('shows an order before and after it is paid, by either number', async () => {
    site = await start();
    const { appId, mchId } = site.credentials;
    await native(site, 'order-1', { attach: 'more' });
    expect((await query(site, 'order-1')).json).toEqual({
      amount: { currency: 'CNY', total: 100 },
      appid: appId,
      attach: 'more',
      mchid: mchId,
      out_trade_no: 'order-1',
      payer: {},
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
    });
    await site.payer.approve('order-1', { amount: '1.00' });
    const { json } = await query(site, 'order-1');
    expect(json).toMatchObject({
      amount: { currency: 'CNY', payer_currency: 'CNY', payer_total: 100, total: 100 },
      success_time: '2026-11-24T15:08:09+08:00',
      trade_state: 'SUCCESS',
      trade_type: 'NATIVE',
      transaction_id: expect.stringMatching(/^42000\d{5}20261124\d{10}$/),
      bank_type: expect.any(String),
      payer: { openid: expect.stringMatching(/^o\w{27}$/) },
    });
    const byId = await call(
      site,
      `GET /v3/pay/transactions/id/${json['transaction_id']}?mchid=${mchId}`,
    );
    expect(byId.json).toEqual(json);
  });

  it('wants the merchant’s own number', async () => {
    site = await start();
    await native(site, 'order-1');
    const { status, json } = await call(site, 'GET /v3/pay/transactions/out-trade-no/order-1');
    expect([status, json['code'], json['detail'].location]).toEqual([400, 'PARAM_ERROR', 'query']);
  });

  it('closes again and again, but nothing that is paid', async () => {
    site = await start();
    const { mchId: mchid } = site.credentials;
    const close = (id: string) =>
      call(site, `POST /v3/pay/transactions/out-trade-no/${id}/close`, { mchid });
    await native(site, 'order-1');
    expect((await close('order-1')).status).toBe(204);
    expect((await close('order-1')).status).toBe(204);
    expect((await native(site, 'order-1')).json['code']).toBe('ORDER_CLOSED');
    expect((await close('order-2')).json['code']).toBe('ORDER_NOT_EXIST');
    await paid(site, 'order-3');
    expect((await close('order-3')).json['code']).toBe('ORDER_PAID');
    await expect(site.payer.approve('order-1')).rejects.toThrow('CLOSED');
  });

  it('closes by itself when its time is over', async () => {
    site = await start();
    await native(site, 'order-1', { time_expire: '2026-11-24T15:18:09+08:00' });
    await native(site, 'order-2');
    await site.clock.advance(600_000);
    expect((await query(site, 'order-1')).json['trade_state']).toBe('CLOSED');
    expect((await query(site, 'order-2')).json['trade_state']).toBe('NOTPAY');
    await site.clock.advance(7 * 86_400_000);
    expect((await query(site, 'order-2')).json['trade_state']).toBe('CLOSED');
  });

  it('has failed once its payer declined', async () => {
    site = await start();
    await native(site, 'order-1');
    await site.payer.abandon('order-1');
    expect((await query(site, 'order-1')).json['trade_state']).toBe('NOTPAY');
    await site.payer.decline('order-1');
    expect((await query(site, 'order-1')).json['trade_state']).toBe('PAYERROR');
    await expect(site.payer.decline('order-1')).rejects.toThrow('PAYERROR');
    await expect(site.payer.approve('nobody')).rejects.toThrow('Nothing here has the number');
  });
});

describe('callbacks', () => {
  it('tell a payment encrypted and sealed', async () => {
    site = await start();
    const told = collect(site);
    await paid(site, 'order-1');
    await site.clock.advance(0);
    expect(told).toHaveLength(1);
    const { envelope, news, headers, text } = told[0]!;
    expect(verifies(headers, text, site.credentials)).toBe(true);
    expect(verifies(headers, `${text} `, site.credentials)).toBe(false);
    expect(headers['wechatpay-nonce']).toMatch(/^[0-9A-Za-z]{32}$/);
    expect(headers['request-id']).toMatch(/-0$/);
    expect(envelope).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
      resource: { original_type: 'transaction', associated_data: 'transaction' },
    });
    expect(news).toEqual((await query(site, 'order-1')).json);
  });

  it('climb the ladder until they are heard', async () => {
    site = await start();
    const told = collect(site, () => 500);
    await paid(site, 'order-1');
    await site.clock.advance(25 * 3_600_000);
    const gaps = told.slice(1).map(({ at }, index) => at - (told[index]?.at ?? 0));
    expect(gaps).toEqual(notificationLadderMs);
    expect(notificationLadderMs.reduce((sum, gap) => sum + gap, 0)).toBe((24 * 60 + 4) * 60_000);
    expect(new Set(told.map(({ envelope }) => envelope['id'])).size).toBe(1);
    expect(new Set(told.map(({ headers }) => headers['wechatpay-nonce'])).size).toBe(16);
  });

  it('end with 200 or 204, and nothing else', async () => {
    for (const [status, deliveries] of [
      [200, 1],
      [204, 1],
      [202, 2],
      [302, 2],
    ] as const) {
      site = await start();
      const told = collect(site, () => status);
      await paid(site, 'order-1');
      await site.clock.advance(15_000);
      expect([status, told.length]).toEqual([status, deliveries]);
      await site.stop();
    }
  });

  it('can be wrong in every way a merchant must notice', async () => {
    site = await start();
    const told = collect(site);
    const faults = [
      'bad-signature',
      'foreign-signature',
      'stale-timestamp',
      'sign-probe',
      'unknown-serial',
    ];
    const one = async (fault: string, id: string) => {
      site.faults.arm({ fault, operation: 'TRANSACTION.SUCCESS', id });
      await paid(site, id);
      await site.clock.advance(0);
      return told.at(-1);
    };
    const good: boolean[] = [];
    for (const [index, fault] of faults.entries()) {
      const { headers = {}, text = '' } = (await one(fault, `order-${index}`)) ?? {};
      good.push(verifies(headers, text, site.credentials));
      if (fault === 'sign-probe') {
        expect(headers['wechatpay-signature']).toMatch(/^WECHATPAY\/SIGNTEST\//);
      }
    }
    expect(good).toEqual([false, false, true, false, false]);
    const other = await one('other-signer', 'order-7');
    expect(other?.headers['wechatpay-serial']).toBe(site.credentials.platformPublicKeyId);
    const amount = await one('wrong-amount', 'order-8');
    expect(amount?.news['amount'].total).toBe(101);
    const stray = await one('wrong-order', 'order-9');
    expect(stray?.news['out_trade_no']).toBe('order-9_2');
    const forged = await one('forged-notification', 'order-10');
    expect(forged?.news['out_trade_no']).toBe('order-10');
    expect(told.filter(({ news }) => news['out_trade_no'] === 'order-10')).toHaveLength(2);
  });

  it('may come before the answer to the call that caused them', async () => {
    site = await start({ codepay: true, refundArrivalMs: 0 });
    const order: string[] = [];
    site.listen(async () => {
      order.push('told');
      return { status: 204, headers: {}, body: new Uint8Array() };
    });
    await paid(site, 'order-1');
    await site.clock.advance(0);
    order.length = 0;
    site.faults.arm({ fault: 'notification-first', operation: 'refunds.create' });
    await refund(site, 'order-1', 'r1');
    order.push('answered');
    expect(order).toEqual(['told', 'answered']);
  });
});

describe('refunds', () => {
  const state = async (id: string) =>
    (await call(site, `GET /v3/refund/domestic/refunds/${id}`)).json;

  it('are accepted, under way, and then told', async () => {
    site = await start();
    const told = collect(site);
    await paid(site, 'order-1');
    const { status, json } = await refund(site, 'order-1', 'r1');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'PROCESSING',
      out_refund_no: 'r1',
      refund_id: expect.stringMatching(/^503\d{26}$/),
      amount: { refund: 30, total: 100, payer_refund: 30 },
      channel: 'ORIGINAL',
    });
    expect(site.book('order-1')).toMatchObject({ refunds: 1, refunded: 30, arrived: 0 });
    expect((await query(site, 'order-1')).json['trade_state']).toBe('REFUND');
    await site.clock.advance(3_000);
    expect(await state('r1')).toMatchObject({
      status: 'SUCCESS',
      success_time: expect.any(String),
    });
    expect(site.book('order-1')).toMatchObject({ arrived: 30 });
    expect(told.at(-1)?.envelope['event_type']).toBe('REFUND.SUCCESS');
    expect(told.at(-1)?.news).toMatchObject({ refund_status: 'SUCCESS', out_refund_no: 'r1' });
    expect(told.at(-1)?.news).not.toHaveProperty('status');
  });

  it('are made once per number', async () => {
    site = await start();
    await paid(site, 'order-1');
    const first = await refund(site, 'order-1', 'r1');
    const again = await refund(site, 'order-1', 'r1');
    expect(again.json['refund_id']).toBe(first.json['refund_id']);
    expect((await refund(site, 'order-1', 'r1', { refund: 31 })).json['code']).toBe('PARAM_ERROR');
    expect(site.book('order-1')).toMatchObject({ refunds: 1, refunded: 30 });
  });

  it('never exceed what was paid, nor what the merchant has', async () => {
    site = await start({ openingBalance: 0 });
    await paid(site, 'order-1');
    const code = async (more: object, id = 'r9') =>
      (await refund(site, 'order-1', id, more)).json['code'];
    expect(await code({ total: 99 })).toBe('PARAM_ERROR');
    expect(await code({ refund: 101 })).toBe('INVALID_REQUEST');
    expect(await code({ refund: 60 }, 'r1')).toBeUndefined();
    expect(await code({ refund: 41 })).toBe('INVALID_REQUEST');
    expect(await code({ refund: 40 }, 'r2')).toBeUndefined();
    expect((await refund(site, 'order-1', 'r3')).json['message']).toBe('订单已全额退款');
    expect((await refund(site, 'order-2', 'r4')).json).toMatchObject({
      code: 'RESOURCE_NOT_EXISTS',
    });
    await native(site, 'order-3');
    expect((await refund(site, 'order-3', 'r5')).status).toBe(400);
    expect((await state('r5'))['code']).toBe('RESOURCE_NOT_EXISTS');
    expect(site.book('order-1')).toMatchObject({ refunds: 2, refunded: 100 });
  });

  it('may take hours, be closed, or be abnormal and tried again', async () => {
    site = await start();
    const told = collect(site);
    for (const id of ['order-1', 'order-2', 'order-3']) await paid(site, id);
    site.faults.arm({ fault: 'refund-slow', id: 'order-1' });
    site.faults.arm({ fault: 'refund-closed', id: 'order-2' });
    site.faults.arm({ fault: 'refund-abnormal', id: 'order-3', afterMs: 1_000 });
    await refund(site, 'order-1', 'r1');
    await refund(site, 'order-2', 'r2');
    const { json } = await refund(site, 'order-3', 'r3');
    await site.clock.advance(3 * 3_600_000);
    expect((await state('r1'))['status']).toBe('PROCESSING');
    expect((await state('r2'))['status']).toBe('CLOSED');
    expect(site.book('order-2')).toMatchObject({ refunds: 0, refunded: 0 });
    expect((await state('r3'))['status']).toBe('ABNORMAL');
    const events = told.map(({ envelope }) => envelope['event_type']);
    expect(events).toContain('REFUND.CLOSED');
    expect(events).toContain('REFUND.ABNORMAL');
    const path = `/v3/refund/domestic/refunds/${json['refund_id']}/apply-abnormal-refund`;
    const retry = { out_refund_no: 'r3', type: 'MERCHANT_BANK_CARD' };
    expect((await call(site, `POST ${path}`, retry)).json['status']).toBe('PROCESSING');
    await site.clock.advance(3_600_000);
    expect((await state('r3'))['status']).toBe('SUCCESS');
    expect((await state('r1'))['status']).toBe('SUCCESS');
  });

  it('may be accepted although the answer says otherwise', async () => {
    site = await start();
    await paid(site, 'order-1');
    site.faults.arm({ fault: 'refund-unheard', operation: 'refunds.create' });
    expect((await refund(site, 'order-1', 'r1')).status).toBe(429);
    expect(site.book('order-1')).toMatchObject({ refunds: 1 });
    site.faults.arm({ fault: 'rate-limit', operation: 'refunds.create' });
    expect((await refund(site, 'order-1', 'r2')).json['code']).toBe('FREQUENCY_LIMITED');
    expect(site.book('order-1')).toMatchObject({ refunds: 1 });
  });

  it('are told nothing of without an address', async () => {
    site = await start();
    const told = collect(site);
    await paid(site, 'order-1');
    await refund(site, 'order-1', 'r1', { notify_url: undefined });
    await site.clock.advance(60_000);
    expect(told.map(({ envelope }) => envelope['event_type'])).toEqual(['TRANSACTION.SUCCESS']);
    expect(notifyUrl).toContain('/notify');
  });
});
