/** What goes wrong on this channel: barcodes, probes, limits, answers that hide what was done. */
import { afterEach, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { call, collect, native, paid, query, signedSend, start, verifies } from './client.ts';
import { callV2, unified } from './v2-client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const codepay = (id: string, more: object = {}) => {
  const { appId: appid, mchId: mchid } = site.credentials;
  return call(site, 'POST /v3/pay/transactions/codepay', {
    appid,
    mchid,
    description: '咖啡',
    out_trade_no: id,
    payer: { auth_code: '134567890123456789' },
    amount: { total: 100, currency: 'CNY' },
    scene_info: { store_info: { id: '0001' } },
    ...more,
  });
};
const reverse = (id: string) => {
  const { appId: appid, mchId: mchid } = site.credentials;
  const path = `/v3/pay/transactions/out-trade-no/${id}/reverse`;
  return call(site, `POST ${path}`, { appid, mchid });
};

describe('a barcode over v3', () => {
  it('is not offered unless the option says so', async () => {
    site = await start();
    expect((await codepay('bar_001')).json['code']).toBe('NO_AUTH');
  });

  it('is paid, waits with 202 for a password, and is taken back', async () => {
    site = await start({ codepay: true });
    const told = collect(site);
    expect((await codepay('bar_001')).json).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'MICROPAY',
    });
    expect((await codepay('bar_001')).json['trade_state']).toBe('SUCCESS');
    site.faults.arm({ fault: 'user-paying', queries: 2 });
    const waiting = await codepay('bar_002');
    expect([waiting.status, waiting.json['code']]).toEqual([202, 'USERPAYING']);
    expect(verifies(waiting.headers, waiting.bytes, site.credentials)).toBe(true);
    expect((await query(site, 'bar_002')).json['trade_state']).toBe('USERPAYING');
    expect((await query(site, 'bar_002')).json['trade_state']).toBe('SUCCESS');
    site.faults.arm({ fault: 'user-paying', httpStatus: 200, outcome: 'declined', queries: 1 });
    expect((await codepay('bar_003')).json['trade_state']).toBe('USERPAYING');
    expect((await query(site, 'bar_003')).json['trade_state']).toBe('PAYERROR');
    expect((await reverse('bar_002')).json['out_trade_no']).toBe('bar_002');
    expect((await reverse('bar_002')).status).toBe(200);
    expect(site.book('bar_002')).toMatchObject({ state: 'REVOKED', debits: 1, refunded: 100 });
    expect((await codepay('bar_004', { payer: { auth_code: '28' } })).json['code']).toBe(
      'TRADE_ERROR',
    );
    expect(told).toHaveLength(0);
  });
});

describe('answers that hide what was done', () => {
  it('say SYSTEM_ERROR, and it was paid', async () => {
    site = await start({ codepay: true });
    site.faults.arm({ fault: 'system-error-then-paid', operation: 'transactions.codepay' });
    const answer = await codepay('bar_001');
    expect([answer.status, answer.json['code']]).toEqual([500, 'SYSTEM_ERROR']);
    expect(site.book('bar_001')).toMatchObject({ debits: 1 });
    site.faults.arm({ fault: 'system-error', operation: 'micropay' });
    const { notify_url: _n, trade_type: _t, product_id: _p, ...rest } = unified('bar_002');
    const failed = await callV2(site, '/pay/micropay', {
      ...rest,
      auth_code: '134567890123456789',
    });
    expect(failed['err_code']).toBe('SYSTEMERROR');
    expect(site.book('bar_002')).toBeUndefined();
  });

  it.each([
    ['system-error', 500, 'SYSTEM_ERROR'],
    ['rate-limit', 429, 'FREQUENCY_LIMITED'],
    ['maintenance', 503, 'SERVICE_UNAVAILABLE'],
    ['bank-error', 500, 'BANK_ERROR'],
    ['accepted', 202, 'ACCEPTED'],
  ])('%s does nothing', async (fault, status, code) => {
    site = await start();
    site.faults.arm({ fault, operation: 'transactions.native' });
    const answer = await native(site, 'order-1');
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(site.book('order-1')).toBeUndefined();
    expect((await native(site, 'order-1')).status).toBe(200);
  });

  it('refuse with any code, in the words the channel has for it', async () => {
    site = await start();
    await paid(site, 'order-1');
    const refused = async (rule: object) => {
      site.faults.arm({ fault: 'business-error', ...rule });
      const { status, json } = await query(site, 'order-1');
      return [status, json['code'], json['message']];
    };
    expect(await refused({ code: 'ORDER_CLOSED' })).toEqual([400, 'ORDER_CLOSED', '订单已关闭']);
    expect(await refused({})).toEqual([403, 'NOT_ENOUGH', expect.stringContaining('余额不足')]);
    const own = { code: 'RULE_LIMIT', httpStatus: 403, message: '业务规则限制' };
    expect(await refused(own)).toEqual([403, 'RULE_LIMIT', '业务规则限制']);
    site.faults.arm({ fault: 'order-not-exist-lag' });
    expect((await query(site, 'order-1')).json['code']).toBe('ORDER_NOT_EXIST');
  });
});

describe('answers that must not be believed', () => {
  it.each(['bad-signature', 'foreign-signature', 'unknown-serial', 'unsigned-reply', 'sign-probe'])(
    '%s',
    async (fault) => {
      site = await start();
      await native(site, 'order-1');
      site.faults.arm({ fault });
      const { mchId } = site.credentials;
      const target = `/v3/pay/transactions/out-trade-no/order-1?mchid=${mchId}`;
      const { headers, bytes } = await signedSend(site, { target });
      expect(verifies(headers, bytes, site.credentials)).toBe(false);
      expect((await query(site, 'order-1')).status).toBe(200);
    },
  );

  it('are about another amount, another order, or another time', async () => {
    site = await start();
    await paid(site, 'order-1');
    site.faults.arm({ fault: 'wrong-amount', amount: 1 });
    expect((await query(site, 'order-1')).json['amount']).toMatchObject({
      total: 1,
      payer_total: 1,
    });
    site.faults.arm({ fault: 'wrong-order', otherId: 'order-2' });
    expect((await query(site, 'order-1')).json['out_trade_no']).toBe('order-2');
    site.faults.arm({ fault: 'stale-timestamp' });
    const { headers } = await query(site, 'order-1');
    expect(Number(headers['wechatpay-timestamp'])).toBe(Math.floor(site.clock.now() / 1000) - 301);
  });
});

describe('probes', () => {
  it('come at the rate that is set, never twice for one request', async () => {
    site = await start({ probeRate: 1 });
    const told = collect(site, () => 401);
    const target = '/v3/certificates';
    const probed = (headers: Readonly<Record<string, string>>) =>
      headers['wechatpay-signature']?.startsWith('WECHATPAY/SIGNTEST/');
    const seen = [await signedSend(site, { target }), await signedSend(site, { target })];
    expect(seen.map(({ headers }) => probed(headers))).toEqual([true, false]);
    await signedSend(site, { target: '/v3/certificates?algorithm_type=RSA' });
    const other = await signedSend(site, { target: '/v3/certificates?algorithm_type=ALL' });
    expect(probed(other.headers)).toBe(true);
    const { appId, mchId } = site.credentials;
    const body = JSON.stringify({
      appid: appId,
      mchid: mchId,
      description: 'x',
      out_trade_no: 'order-1',
      notify_url: 'https://shop.example/',
      amount: { total: 1 },
    });
    await signedSend(site, { target: '/v3/pay/transactions/native', body });
    await site.payer.approve('order-1');
    await site.clock.advance(15_000);
    expect(told.map(({ headers }) => probed(headers))).toEqual([true, false]);
  });
});

describe('limits', () => {
  it('hold per merchant and second where the option says so', async () => {
    site = await start({ rateLimits: true });
    const ask = () => call(site, 'GET /v3/bill/fundflowbill?bill_date=2026-11-20');
    const codes: unknown[] = [];
    for (let count = 0; count < 4; count += 1) codes.push((await ask()).json['code']);
    expect(codes).toEqual([...Array(3).fill('NO_STATEMENT_EXIST'), 'FREQUENCY_LIMITED']);
    await site.clock.advance(1_000);
    expect((await ask()).json['code']).toBe('NO_STATEMENT_EXIST');
  });
});
