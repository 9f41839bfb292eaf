import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { barcode, call, type Node, pay, start, terms } from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
let count = 0;
const fresh = () => `pay_${++count}`;
const query = (id: string): Promise<Node> => call(site, 'trade.query', { out_trade_no: id });
const precreate = (id: string, total?: string, more?: object) =>
  call(site, 'trade.precreate', terms(id, total, more));

describe('what a payment request must be', () => {
  const cases: readonly [string, object, string][] = [
    ['amount 0', { total_amount: '0.00' }, 'ACQ.INVALID_PARAMETER'],
    ['a negative amount', { total_amount: '-1.00' }, 'ACQ.INVALID_PARAMETER'],
    ['three decimals', { total_amount: '1.001' }, 'ACQ.INVALID_PARAMETER'],
    ['an exponent', { total_amount: '1e2' }, 'ACQ.INVALID_PARAMETER'],
    ['no amount', { total_amount: undefined }, 'ACQ.INVALID_PARAMETER'],
    ['more than a hundred million', { total_amount: '100000000.01' }, 'ACQ.TOTAL_FEE_EXCEED'],
    ['no number', { out_trade_no: '' }, 'ACQ.INVALID_PARAMETER'],
    ['a hyphen in the number', { out_trade_no: 'a-b' }, 'ACQ.INVALID_PARAMETER'],
    ['a number of 65 characters', { out_trade_no: 'a'.repeat(65) }, 'ACQ.INVALID_PARAMETER'],
    ['no subject', { subject: '' }, 'ACQ.INVALID_PARAMETER'],
    ['a slash in the subject', { subject: 'a/b' }, 'ACQ.INVALID_PARAMETER'],
    ['an equals sign in the subject', { subject: 'a=b' }, 'ACQ.INVALID_PARAMETER'],
    ['an ampersand in the subject', { subject: 'a&b' }, 'ACQ.INVALID_PARAMETER'],
    ['a subject of 257 characters', { subject: '测'.repeat(257) }, 'ACQ.INVALID_PARAMETER'],
    ['another seller', { seller_id: '2088000000000000' }, 'ACQ.SELLER_NOT_EXIST'],
    [
      'an expiry that passed',
      { time_expire: '2026-11-24 15:08:08' },
      'ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR',
    ],
    ['an expiry that is no time', { time_expire: 'tomorrow' }, 'ACQ.INVALID_PARAMETER'],
    ['a timeout of nothing', { timeout_express: '0m' }, 'ACQ.INVALID_PARAMETER'],
    ['a timeout of 16 days', { timeout_express: '16d' }, 'ACQ.INVALID_PARAMETER'],
    ['a timeout with decimals', { timeout_express: '1.5h' }, 'ACQ.INVALID_PARAMETER'],
    [
      'parts larger than the whole',
      { discountable_amount: '0.60', undiscountable_amount: '0.50' },
      'ACQ.INVALID_PARAMETER',
    ],
    ['goods without a price', { goods_detail: [{ goods_id: '1' }] }, 'ACQ.INVALID_PARAMETER'],
    ['a body of 129 characters', { body: 'b'.repeat(129) }, 'ACQ.INVALID_PARAMETER'],
  ];
  it.each(cases)('precreate refuses %s', async (_, change, subCode) => {
    const id = fresh();
    const node = await call(site, 'trade.precreate', { ...terms(id), ...change });
    expect(node).toMatchObject({ code: '40004', msg: 'Business Failed', sub_code: subCode });
    expect(site.book(id)).toBeUndefined();
  });

  it.each([
    ['100000000', 10_000_000_000],
    ['0.01', 1],
    ['9', 900],
    ['9.9', 990],
  ])('takes %s yuan exactly', async (total, fen) => {
    const id = fresh();
    expect((await precreate(id, total))['code']).toBe('10000');
    await site.payer.approve(id, { amount: fen });
    expect(site.book(id)).toMatchObject({ paid: fen, debits: 1 });
  });

  it.each(['', '12', '2412345678901234', '311234567890123456', '28123456789012345678901234', 'x'])(
    'pay refuses the auth_code %j',
    async (authCode) => {
      const id = fresh();
      const biz = { ...terms(id), scene: 'bar_code', auth_code: authCode };
      const node = await call(site, 'trade.pay', biz);
      const expected = authCode === '' ? 'INVALID_PARAMETER' : 'PAYMENT_AUTH_CODE_INVALID';
      expect(node['sub_code']).toBe(`ACQ.${expected}`);
      expect(site.book(id)).toBeUndefined();
    },
  );

  it('pay wants a scene, create a payer', async () => {
    const paying = await call(site, 'trade.pay', { ...terms(fresh()), auth_code: barcode() });
    expect(paying['sub_code']).toBe('ACQ.INVALID_PARAMETER');
    const creating = await call(site, 'trade.create', terms(fresh()));
    expect(creating['sub_code']).toBe('ACQ.INVALID_PARAMETER');
    const self = { ...terms(fresh()), buyer_id: site.credentials.sellerId };
    expect((await call(site, 'trade.create', self))['sub_code']).toBe('ACQ.BUYER_SELLER_EQUAL');
  });
});

describe('one number is one payment', () => {
  it('the same pay again is told its result and moves nothing', async () => {
    const id = fresh();
    const biz = { ...terms(id), scene: 'bar_code', auth_code: barcode() };
    const first = await call(site, 'trade.pay', biz);
    expect(await call(site, 'trade.pay', biz)).toEqual(first);
    expect(site.book(id)).toMatchObject({ debits: 1, paid: 100 });
    const another = await call(site, 'trade.pay', { ...biz, auth_code: barcode() });
    expect(another['sub_code']).toBe('ACQ.TRADE_HAS_SUCCESS');
    const changed = await call(site, 'trade.pay', { ...biz, total_amount: '1.01' });
    expect(changed['sub_code']).toBe('ACQ.CONTEXT_INCONSISTENT');
  });

  it.each([
    ['amount', { total_amount: '2.00' }],
    ['subject', { subject: 'other' }],
  ])('another %s under it is refused', async (_, change) => {
    const id = fresh();
    const first = await precreate(id);
    const node = await call(site, 'trade.precreate', { ...terms(id), ...change });
    expect(node['sub_code']).toBe('ACQ.CONTEXT_INCONSISTENT');
    const paying = { ...terms(id), ...change, scene: 'bar_code', auth_code: barcode() };
    expect((await call(site, 'trade.pay', paying))['sub_code']).toBe('ACQ.CONTEXT_INCONSISTENT');
    expect(await precreate(id)).toEqual(first);
  });

  it('create again gives the same trade; paid and closed numbers are used up', async () => {
    const id = fresh();
    const biz = { ...terms(id), buyer_id: '2088123412341234' };
    const first = await call(site, 'trade.create', biz);
    expect(await call(site, 'trade.create', biz)).toEqual(first);
    await site.payer.approve(id);
    expect((await call(site, 'trade.create', biz))['sub_code']).toBe('ACQ.TRADE_HAS_SUCCESS');
    const closed = fresh();
    await call(site, 'trade.create', { ...biz, out_trade_no: closed });
    await call(site, 'trade.close', { out_trade_no: closed });
    const again = await call(site, 'trade.create', { ...biz, out_trade_no: closed });
    expect(again['sub_code']).toBe('ACQ.TRADE_HAS_CLOSE');
  });
});

describe('query', () => {
  it('knows a QR only once it was scanned', async () => {
    const id = fresh();
    await precreate(id);
    expect((await query(id))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    await site.payer.abandon(id);
    expect(await query(id)).toMatchObject({
      trade_status: 'WAIT_BUYER_PAY',
      total_amount: '1.00',
      receipt_amount: '0.00',
      buyer_pay_amount: '0.00',
    });
    await site.payer.approve(id);
    const paid = await query(id);
    expect(paid).toMatchObject({
      trade_status: 'TRADE_SUCCESS',
      receipt_amount: '1.00',
      send_pay_date: '2026-11-24 15:08:09',
    });
    expect(paid['fund_bill_list']).toBeUndefined();
    const biz = { out_trade_no: id, query_options: ['fund_bill_list'] };
    expect((await call(site, 'trade.query', biz))['fund_bill_list']).toEqual([
      { amount: '1.00', fund_channel: 'ALIPAYACCOUNT' },
    ]);
  });

  it('lets trade_no win over out_trade_no', async () => {
    const [one, two] = [fresh(), fresh()];
    await pay(site, one);
    const { trade_no: tradeNo } = await pay(site, two, '2.00');
    const node = await call(site, 'trade.query', { out_trade_no: one, trade_no: tradeNo });
    expect(node).toMatchObject({ out_trade_no: two, total_amount: '2.00' });
    const unknown = { out_trade_no: one, trade_no: '2026112422000000000000000000' };
    expect((await call(site, 'trade.query', unknown))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    expect((await call(site, 'trade.query', {}))['sub_code']).toBe('ACQ.INVALID_PARAMETER');
  });

  it("tells no merchant of another one's trades", async () => {
    const id = fresh();
    const { trade_no: tradeNo } = await pay(site, id);
    const credentials = await site.enroll();
    for (const biz of [{ out_trade_no: id }, { trade_no: tradeNo }]) {
      const node = await call(site, 'trade.query', biz, { credentials });
      expect(node['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    }
    await pay(site, id, '5.00', { credentials });
    expect(site.book(id)).toMatchObject({ paid: 100 });
    expect(site.book(id, credentials.appId)).toMatchObject({ paid: 500 });
  });
});

describe('close', () => {
  it('ends an open trade, and only that', async () => {
    const id = fresh();
    await precreate(id);
    const close = () => call(site, 'trade.close', { out_trade_no: id });
    expect((await close())['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    await site.payer.abandon(id);
    expect(await close()).toMatchObject({ code: '10000', out_trade_no: id });
    expect((await query(id))['trade_status']).toBe('TRADE_CLOSED');
    expect((await close())['sub_code']).toBe('ACQ.TRADE_STATUS_ERROR');
    await expect(site.payer.approve(id)).rejects.toThrow(/TRADE_CLOSED/);
    const paid = fresh();
    await pay(site, paid);
    const refused = await call(site, 'trade.close', { out_trade_no: paid });
    expect(refused['sub_code']).toBe('ACQ.TRADE_STATUS_ERROR');
    expect(site.book(paid)).toMatchObject({ state: 'TRADE_SUCCESS', refunds: 0 });
  });
});

describe('cancel', () => {
  const cancel = (id: string) => call(site, 'trade.cancel', { out_trade_no: id });

  it('of a number nobody saw succeeds without an action', async () => {
    const node = await cancel('never_seen');
    expect(node).toEqual({
      code: '10000',
      msg: 'Success',
      out_trade_no: 'never_seen',
      retry_flag: 'N',
    });
    expect(site.book('never_seen')).toBeUndefined();
  });

  it('closes an open trade and says so again', async () => {
    const id = fresh();
    await call(site, 'trade.create', { ...terms(id), buyer_id: '2088123412341234' });
    expect(await cancel(id)).toMatchObject({ action: 'close', retry_flag: 'N' });
    expect(await cancel(id)).toMatchObject({ action: 'close', retry_flag: 'N' });
    expect(site.book(id)).toMatchObject({ state: 'TRADE_CLOSED', debits: 0 });
  });

  it('refunds a paid trade once, however often it is asked', async () => {
    const id = fresh();
    await pay(site, id, '3.00');
    const node = await cancel(id);
    expect(node).toMatchObject({ action: 'refund', gmt_refund_pay: '2026-11-24 15:08:09' });
    expect((await cancel(id))['action']).toBe('refund');
    expect(site.book(id)).toMatchObject({ state: 'TRADE_CLOSED', refunds: 1, refunded: 300 });
  });

  it('refunds what is left after partial refunds', async () => {
    const id = fresh();
    await pay(site, id, '3.00');
    const biz = { out_trade_no: id, refund_amount: '1.00', out_request_no: 'r1' };
    await call(site, 'trade.refund', biz);
    expect((await cancel(id))['action']).toBe('refund');
    expect(site.book(id)).toMatchObject({ refunds: 2, refunded: 300 });
  });

  it('revokes a QR nobody scanned: it can never be paid', async () => {
    const id = fresh();
    await precreate(id);
    const node = await cancel(id);
    expect(node['retry_flag']).toBe('N');
    expect(node['action']).toBeUndefined();
    await expect(site.payer.approve(id)).rejects.toThrow(/VOID/);
    expect((await precreate(id))['sub_code']).toBe('ACQ.TRADE_HAS_CLOSE');
  });

  it('comes too late after a day', async () => {
    const late = await start({ seed: 11 });
    await pay(late, 'old');
    await late.clock.advance(day + 1000);
    const node = await call(late, 'trade.cancel', { out_trade_no: 'old' });
    expect(node['sub_code']).toBe('ACQ.TRADE_CANCEL_TIME_OUT');
    expect(late.book('old')).toMatchObject({ refunds: 0 });
    await late.stop();
  });
});

describe('time', () => {
  const lives: readonly [string, string, object, number][] = [
    ['three hours by default, face to face', 'precreate', {}, 3 * hour],
    ['fifteen days by default otherwise', 'create', {}, 15 * day],
    ['timeout_express in minutes', 'create', { timeout_express: '7m' }, 7 * minute],
    ['timeout_express in hours', 'create', { timeout_express: '2h' }, 2 * hour],
    ['timeout_express in days', 'create', { timeout_express: '3d' }, 3 * day],
    [
      'until midnight',
      'create',
      { timeout_express: '1c' },
      Date.parse('2026-11-24T16:00:00Z') - Date.parse('2026-11-24T07:08:09Z'),
    ],
    [
      'time_expire, which beats timeout_express',
      'create',
      { time_expire: '2026-11-24 15:10:09', timeout_express: '1d' },
      2 * minute,
    ],
  ];
  it.each(lives)('closes an unpaid trade: %s', async (_, method, more, lifeMs) => {
    const slow = await start({ seed: 12 });
    const biz = { ...terms('slow'), buyer_id: '2088123412341234', ...more };
    await call(slow, `trade.${method}`, biz);
    await slow.payer.abandon('slow');
    await slow.clock.advance(lifeMs - 1);
    expect(slow.book('slow')?.state).toBe('WAIT_BUYER_PAY');
    await slow.clock.advance(1);
    expect(slow.book('slow')?.state).toBe('TRADE_CLOSED');
    await slow.stop();
  });

  it('ends a QR after two hours, and frees its number', async () => {
    const slow = await start({ seed: 13 });
    const first = await call(slow, 'trade.precreate', terms('qr'));
    await slow.clock.advance(2 * hour - 1);
    expect(slow.book('qr')?.state).toBe('UNSCANNED');
    await slow.clock.advance(1);
    expect(slow.book('qr')?.state).toBe('VOID');
    const again = await call(slow, 'trade.precreate', terms('qr'));
    expect(again['code']).toBe('10000');
    expect(again['qr_code']).not.toBe(first['qr_code']);
    await slow.stop();
  });

  it('finishes a paid trade when its refund window is over', async () => {
    const slow = await start({ seed: 14, refundWindowMs: 30 * day });
    await pay(slow, 'first');
    await slow.clock.advance(day);
    await pay(slow, 'second');
    await slow.clock.advance(29 * day);
    expect(slow.book('first')?.state).toBe('TRADE_FINISHED');
    expect(slow.book('second')?.state).toBe('TRADE_SUCCESS');
    await slow.clock.advance(day);
    expect(slow.book('second')?.state).toBe('TRADE_FINISHED');
    const refund = { out_trade_no: 'first', refund_amount: '1.00' };
    expect((await call(slow, 'trade.refund', refund))['sub_code']).toBe('ACQ.TRADE_HAS_FINISHED');
    const cancel = await call(slow, 'trade.cancel', { out_trade_no: 'first' });
    expect(cancel['sub_code']).toBe('ACQ.TRADE_HAS_FINISHED');
    await slow.stop();
  });
});

describe('the payer', () => {
  it('pays once, even pressing twice, and never another amount', async () => {
    const id = fresh();
    await precreate(id);
    await expect(site.payer.approve(id, { amount: 99 })).rejects.toThrow(/100 in minor units/);
    await site.payer.approve(id, { amount: '1.00' });
    await site.payer.approve(id);
    expect(site.book(id)).toMatchObject({ debits: 1 });
  });
  it('declines, which ends the trade', async () => {
    const id = fresh();
    await precreate(id);
    await site.payer.decline(id);
    expect((await query(id))['trade_status']).toBe('TRADE_CLOSED');
    await expect(site.payer.decline(id)).rejects.toThrow(/declined/);
  });
  it('knows no order that was never placed', async () => {
    await expect(site.payer.approve('nobody')).rejects.toThrow(/Nothing here has the number/);
  });
});
