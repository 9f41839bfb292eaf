import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { call, type Node, pay, start, terms } from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

let count = 0;
const fresh = () => `ref_${++count}`;
const refund = (id: string, amount: unknown, more: object = {}): Promise<Node> =>
  call(site, 'trade.refund', { out_trade_no: id, refund_amount: amount, ...more });
const ask = (id: string, outRequestNo: string, more: object = {}): Promise<Node> =>
  call(site, 'trade.fastpay.refund.query', {
    out_trade_no: id,
    out_request_no: outRequestNo,
    ...more,
  });

describe('refund', () => {
  it('moves money once per out_request_no and tells the sum', async () => {
    const id = fresh();
    const { trade_no: tradeNo } = await pay(site, id, '3.00');
    const first = await refund(id, '1.00', { out_request_no: 'a' });
    expect(Object.keys(first)).toEqual([
      'code',
      'msg',
      'buyer_logon_id',
      'buyer_user_id',
      'fund_change',
      'gmt_refund_pay',
      'out_trade_no',
      'refund_fee',
      'send_back_fee',
      'trade_no',
    ]);
    expect(first).toMatchObject({ fund_change: 'Y', refund_fee: '1.00', trade_no: tradeNo });
    const again = await refund(id, '1.00', { out_request_no: 'a' });
    expect(again).toMatchObject({ code: '10000', fund_change: 'N', refund_fee: '1.00' });
    const second = await refund(id, 0.5, { out_request_no: 'b' });
    expect(second).toMatchObject({ fund_change: 'Y', refund_fee: '1.50' });
    expect(site.book(id)).toMatchObject({ refunds: 2, refunded: 150, state: 'TRADE_SUCCESS' });
    const other = await refund(id, '0.70', { out_request_no: 'a' });
    expect(other['sub_code']).toBe('ACQ.DISCORDANT_REPEAT_REQUEST');
    const more = await refund(id, '1.51', { out_request_no: 'c' });
    expect(more['sub_code']).toBe('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
    const rest = await refund(id, '1.50', { out_request_no: 'c' });
    expect(rest).toMatchObject({ fund_change: 'Y', refund_fee: '3.00' });
    expect(site.book(id)).toMatchObject({ refunds: 3, refunded: 300, state: 'TRADE_CLOSED' });
    const beyond = await refund(id, '0.01', { out_request_no: 'd' });
    expect(beyond['sub_code']).toBe('ACQ.TRADE_HAS_CLOSE');
    const repeated = await refund(id, '1.50', { out_request_no: 'c' });
    expect(repeated).toMatchObject({ code: '10000', fund_change: 'N' });
  });

  it('without out_request_no is whole or refused; then it is found by out_trade_no', async () => {
    const id = fresh();
    await pay(site, id, '3.00');
    const partial = await refund(id, '1.00');
    expect(partial['sub_code']).toBe('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
    expect(await refund(id, '3.00')).toMatchObject({ fund_change: 'Y' });
    expect(await refund(id, '3.00')).toMatchObject({ fund_change: 'N' });
    expect(await ask(id, id)).toMatchObject({ refund_status: 'REFUND_SUCCESS' });
    expect(site.book(id)).toMatchObject({ refunds: 1 });
  });

  it.each([
    ['nothing', undefined],
    ['0', '0'],
    ['-1', '-1'],
    ['three decimals', '0.001'],
  ])('refuses %s as an amount', async (_, amount) => {
    const id = fresh();
    await pay(site, id);
    const node = await refund(id, amount, { out_request_no: 'x' });
    expect(node['sub_code']).toBe('ACQ.INVALID_PARAMETER');
    expect(site.book(id)).toMatchObject({ refunds: 0 });
  });

  it('refuses what was not paid, what closed, and what never was', async () => {
    const id = fresh();
    await call(site, 'trade.precreate', terms(id));
    expect((await refund(id, '1.00'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    await site.payer.abandon(id);
    expect((await refund(id, '1.00'))['sub_code']).toBe('ACQ.TRADE_STATUS_ERROR');
    await call(site, 'trade.close', { out_trade_no: id });
    expect((await refund(id, '1.00'))['sub_code']).toBe('ACQ.TRADE_HAS_CLOSE');
    expect((await refund('never', '1.00'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
  });

  it('keeps the amounts of a payment that was wholly refunded', async () => {
    const id = fresh();
    await pay(site, id, '3.00');
    await refund(id, '3.00');
    const node = await call(site, 'trade.query', { out_trade_no: id });
    expect(node).toMatchObject({ trade_status: 'TRADE_CLOSED', receipt_amount: '3.00' });
    expect(node['send_pay_date']).toBe('2026-11-24 15:08:09');
  });

  it('lists its parts when asked', async () => {
    const id = fresh();
    await pay(site, id, '3.00');
    const options = { query_options: ['refund_detail_item_list'] };
    const node = await refund(id, '1.00', { out_request_no: 'a', ...options });
    expect(node['refund_detail_item_list']).toEqual([
      { amount: '1.00', fund_channel: 'ALIPAYACCOUNT', real_amount: '1.00' },
    ]);
  });
});

describe('the refund query', () => {
  it('leaves refund_status out when there is no such refund', async () => {
    const id = fresh();
    await pay(site, id);
    expect(await ask(id, 'none')).toEqual({ code: '10000', msg: 'Success' });
    await refund(id, '0.40', { out_request_no: 'a', refund_reason: '不要了' });
    expect(await ask(id, 'a')).toMatchObject({
      out_request_no: 'a',
      out_trade_no: id,
      refund_amount: '0.40',
      refund_reason: '不要了',
      refund_status: 'REFUND_SUCCESS',
      total_amount: '1.00',
    });
    const options = { query_options: ['gmt_refund_pay', 'refund_detail_item_list'] };
    expect(await ask(id, 'a', options)).toMatchObject({
      gmt_refund_pay: '2026-11-24 15:08:09',
      send_back_fee: '0.40',
    });
  });
  it('knows no trade, no refund', async () => {
    expect((await ask('never', 'a'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    const missing = await call(site, 'trade.fastpay.refund.query', { out_trade_no: 'x' });
    expect(missing['sub_code']).toBe('ACQ.INVALID_PARAMETER');
  });
});
