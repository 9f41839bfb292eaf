import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { call, type Node, pay, send, start, terms } from './client.ts';
import { column, type Entry, rowsOf, unzip } from './zip.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const today = '2026-11-24';
const ask = (date: unknown, type: unknown = 'trade'): Promise<Node> =>
  call(site, 'data.dataservice.bill.downloadurl.query', { bill_type: type, bill_date: date });

async function download(date: string): Promise<readonly [Entry, Entry]> {
  const node = await ask(date);
  const answer = await send(site, { url: node['bill_download_url'], method: 'GET' });
  expect(answer.status).toBe(200);
  const entries = unzip(answer.bytes);
  expect(entries).toHaveLength(2);
  return entries as unknown as readonly [Entry, Entry];
}
async function trade(): Promise<void> {
  const store = { store_id: 'S1', operator_id: 'op', terminal_id: 't1', subject: '下单,测试' };
  await call(site, 'trade.precreate', terms('s1', '10.00', store));
  await site.payer.approve('s1');
  await pay(site, 's2', '5.50');
  await call(site, 'trade.precreate', terms('unpaid', '99.00'));
  await site.payer.abandon('unpaid');
  await site.clock.advance(1000);
  const refund = { out_trade_no: 's1', refund_amount: '2.50', out_request_no: 're_1' };
  await call(site, 'trade.refund', refund);
  await call(site, 'trade.cancel', { out_trade_no: 's2' });
}

describe('the bill', () => {
  it('holds what the book holds, as Alipay writes it', async () => {
    await trade();
    await site.settle(today);
    const [summary, detail] = await download(today);
    const account = `${site.credentials.sellerId}0156`;
    expect(summary.name).toBe(`${account}_20261124_业务明细(汇总).csv`);
    expect(detail.name).toBe(`${account}_20261124_业务明细.csv`);
    expect([summary.flags & 0x800, detail.flags & 0x800]).toEqual([0, 0]);
    const lines = detail.text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '#支付宝业务明细查询',
      `#账号：[${account}]`,
      '#起始日期：[2026年11月24日 00:00:00]   终止日期：[2026年11月25日 00:00:00]',
      '#-----------------------------------------业务明细列表----------------------------------------',
    ]);
    const s1 = site.book('s1')?.channelId;
    const payer = '[^,]+\\([^,]+\\)';
    const zeros = '0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00';
    const time = '2026-11-24 15:08:09';
    const store = 'S1\t,S1\t,op\t,t1\t';
    expect(lines[5]).toMatch(
      new RegExp(
        `^${s1}\t,s1\t,交易\t,下单，测试,${time},${time},${store},${payer}\t,10.00,10.00,${zeros},\t,0.00,0.00,下单，测试$`,
      ),
    );
    expect(lines[7]).toMatch(
      new RegExp(
        `^${s1}\t,s1\t,退款\t,下单，测试,${time},2026-11-24 15:08:10,${store},${payer}\t,-2.50,-2.50,${zeros},re_1\t,0.00,0.00,下单，测试$`,
      ),
    );
    expect(lines.slice(9)).toEqual([
      '#-----------------------------------------业务明细列表结束------------------------------------',
      '#交易合计：2笔，商家实收共15.50元，商家优惠共0.00元',
      '#退款合计：2笔，商家实收退款共-8.00元，商家优惠退款共0.00元',
      '#导出时间：[2026年11月24日 15:08:10]',
      '',
    ]);
    const rows = rowsOf(detail);
    expect(rows.every((row) => row.length === 25)).toBe(true);
    expect(column(rows, '商户订单号')).toEqual(['s1\t', 's2\t', 's1\t', 's2\t']);
    const total = column(rows, '商家实收（元）').reduce((sum, text) => sum + Number(text), 0);
    expect(total).toBeCloseTo(7.5);
    const truths = ['s1', 's2'].map((id) => site.book(id));
    const net = truths.reduce((sum, truth) => sum + (truth?.paid ?? 0) - (truth?.refunded ?? 0), 0);
    expect(net).toBe(750);
  });

  it('sums up by store', async () => {
    await trade();
    await site.settle(today);
    const rows = rowsOf((await download(today))[0]);
    expect(rows.every((row) => row.length === 12)).toBe(true);
    expect(rows.slice(1)).toEqual([
      'S1\t,S1\t,1,1,7.50,7.50,0.00,0.00,0.00,0.00,0.00,7.50'.split(','),
      '\t,\t,1,1,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00'.split(','),
      '合计,,2,2,7.50,7.50,0.00,0.00,0.00,0.00,0.00,7.50'.split(','),
    ]);
  });

  it("is one merchant's, and one day's of GMT+8", async () => {
    await pay(site, 'mine');
    const credentials = await site.enroll();
    await pay(site, 'theirs', '9.00', { credentials });
    await site.clock.advanceTo(Date.parse('2026-11-24T16:00:00Z'));
    await pay(site, 'tomorrow');
    await site.settle(today);
    await site.settle('2026-11-25');
    const [, detail] = await download(today);
    expect(column(rowsOf(detail), '商户订单号')).toEqual(['mine\t']);
    const [, next] = await download('2026-11-25');
    expect(column(rowsOf(next), '商户订单号')).toEqual(['tomorrow\t']);
  });

  it('is ready at nine the next day, of a month on the third', async () => {
    await pay(site, 'm1');
    expect((await ask(today))['sub_code']).toBe('BILL_NOT_EXIST');
    await site.clock.advanceTo(Date.parse('2026-11-25T00:59:59.999Z'));
    expect((await ask(today))['sub_code']).toBe('BILL_NOT_EXIST');
    await site.clock.advance(1);
    expect((await ask(today))['code']).toBe('10000');
    expect((await ask('2026-11-25'))['sub_code']).toBe('BILL_NOT_EXIST');
    await site.clock.advanceTo(Date.parse('2026-12-03T00:59:59.000Z'));
    expect((await ask('2026-11'))['sub_code']).toBe('BILL_NOT_EXIST');
    await site.clock.advance(1000);
    const [summary] = await download('2026-11');
    expect(summary.text).toContain('终止日期：[2026年12月01日 00:00:00]');
  });

  it('of a day without trades is an empty file and says so, or there is none', async () => {
    const node = await ask('2026-11-22');
    expect(node).toMatchObject({ code: '10000', bill_file_code: 'EMPTY_DATA_WITH_BILL_FILE' });
    const [, detail] = await download('2026-11-22');
    expect(rowsOf(detail)).toHaveLength(1);
    expect(detail.text).toContain('#交易合计：0笔，商家实收共0.00元');
    const strict = await start({ emptyBills: 'none', seed: 31 });
    const biz = { bill_type: 'trade', bill_date: '2026-11-22' };
    const none = await call(strict, 'data.dataservice.bill.downloadurl.query', biz);
    expect(none).toMatchObject({ code: '40004', sub_code: 'NO_BILL_DATA' });
    await strict.stop();
  });

  it.each([
    ['a date that is none', '2026-13-01', 'trade', 'INVAILID_ARGUMENTS'],
    ['a day that does not exist', '2026-02-30', 'trade', 'INVAILID_ARGUMENTS'],
    ['another format', '20261122', 'trade', 'INVAILID_ARGUMENTS'],
    ['no date', undefined, 'trade', 'INVAILID_ARGUMENTS'],
    ['no type', '2026-11-22', '', 'INVAILID_ARGUMENTS'],
    ['another type', '2026-11-22', 'trade_zft_merchant', 'TYPE_NOT_SUPPORTED'],
    ['the future', '2027-01-01', 'trade', 'BILL_NOT_EXIST'],
    ['before the merchant came', '2024-01-01', 'trade', 'BILL_DATE_BEFORE_REGISTRATION'],
  ])('refuses %s', async (_, date, type, subCode) => {
    expect(await ask(date, type)).toMatchObject({ code: '40004', sub_code: subCode });
  });

  it('opens for thirty seconds only', async () => {
    const node = await ask('2026-11-22');
    const url = node['bill_download_url'] as string;
    await site.clock.advance(30_000);
    expect((await send(site, { url, method: 'GET' })).status).toBe(200);
    await site.clock.advance(1);
    expect((await send(site, { url, method: 'GET' })).status).toBe(403);
    const other = url.replace(/fileId=.*/, 'fileId=none');
    expect((await send(site, { url: other, method: 'GET' })).status).toBe(404);
  });

  it('cannot be settled for a day that has not begun', async () => {
    await expect(site.settle('2026-11-25')).rejects.toThrow(/not begun/);
    await expect(site.settle('2026-11')).rejects.toThrow();
  });

  it('is spoilt on demand: not ready, cut off, wrong in its totals', async () => {
    await trade();
    await site.settle(today);
    const good = await download(today);
    site.faults.arm({ fault: 'bill-not-ready' });
    expect((await ask(today))['sub_code']).toBe('BILL_NOT_EXIST');
    site.faults.arm({ fault: 'bill-truncated' });
    const [, cut] = await download(today);
    expect(good[1].text.startsWith(cut.text.slice(0, -2))).toBe(true);
    expect(cut.text).not.toContain('业务明细列表结束');
    site.faults.arm({ fault: 'bill-wrong-totals' });
    const [summary, detail] = await download(today);
    expect(detail.text).toContain('商家实收共15.51元');
    expect(summary.text).toContain('合计,,2,2,7.51');
    expect(await download(today)).toEqual(good);
  });
});
