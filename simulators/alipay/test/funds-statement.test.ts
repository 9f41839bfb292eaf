import { afterEach, describe, expect, it } from 'vitest';
import { type AlipaySite, type AlipayStartOptions, startAlipay } from '../src/index.ts';
import { barcode, call, type Node, pay, send, start, terms } from './client.ts';
import { column, type Entry, rowsOf, unzip } from './zip.ts';

let site: AlipaySite;
afterEach(() => site.stop());

const today = '2026-11-24';
const open = async (options: AlipayStartOptions = {}) => {
  const more = { transfersNeedCertificates: false, openingBalance: 10_000, ...options };
  site = await start(more);
};
const ask = (date: string, type = 'signcustomer'): Promise<Node> =>
  call(site, 'data.dataservice.bill.downloadurl.query', { bill_type: type, bill_date: date });
async function download(date: string, type?: string): Promise<readonly [Entry, Entry]> {
  const node = await ask(date, type);
  const answer = await send(site, { url: node['bill_download_url'], method: 'GET' });
  const [summary, detail] = unzip(answer.bytes);
  return [summary as Entry, detail as Entry];
}
const transfer = (id: string, identityType = 'ALIPAY_USER_ID') =>
  call(site, 'fund.trans.uni.transfer', {
    out_biz_no: id,
    trans_amount: '30.00',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: '佣金',
    remark: '十一月',
    payee_info: { identity: '2088123456789012', identity_type: identityType, name: '王五' },
  });

/** A payment, a refund, a capture, a transfer, and one that fails on its way. */
async function trade(): Promise<void> {
  await pay(site, 'f1', '50.00');
  const refund = { out_trade_no: 'f1', refund_amount: '20.00', out_request_no: 'r1' };
  await call(site, 'trade.refund', refund);
  const { auth_no: authNo } = await call(site, 'fund.auth.order.freeze', {
    out_order_no: 'h1',
    out_request_no: 'h1',
    amount: '8.00',
    order_title: '押金',
    auth_code: barcode(),
    auth_code_type: 'bar_code',
  });
  const capture = { ...terms('f2', '5.00'), auth_no: authNo, product_code: 'PRE_AUTH' };
  await call(site, 'trade.pay', capture);
  await transfer('p1');
  await transfer('p2', 'BANKCARD_ACCOUNT');
  await site.payer.decline('p2');
}

describe('the bill of the account', () => {
  it('has every line of the account with the balance after it', async () => {
    await open();
    await trade();
    await site.settle(today);
    const [summary, detail] = await download(today);
    expect(detail.name).toMatch(/0156_20261124_账务明细\.csv$/);
    expect(summary.name).toMatch(/0156_20261124_账务明细\(汇总\)\.csv$/);
    expect(detail.text.split('\n').slice(0, 4)).toEqual([
      '#支付宝账务明细查询',
      `#账号：[${site.credentials.sellerId}0156]`,
      '#起始日期：[2026年11月24日 00:00:00]   终止日期：[2026年11月25日 00:00:00]',
      '#-----------------------------------------账务明细列表----------------------------------------',
    ]);
    const rows = rowsOf(detail);
    expect(rows[0]).toHaveLength(12);
    expect(column(rows, '商户订单号')).toEqual(
      ['f1', 'f1', 'f2', 'p1', 'p2', 'p2'].map((id) => `${id}\t`),
    );
    expect(column(rows, '业务类型')).toEqual([
      '在线支付',
      '交易退款',
      '在线支付',
      '转账',
      '转账',
      '转账',
    ]);
    expect(column(rows, '收入金额（+元）')).toEqual([
      '50.00',
      '0.00',
      '5.00',
      '0.00',
      '0.00',
      '30.00',
    ]);
    expect(column(rows, '支出金额（-元）')).toEqual([
      '0.00',
      '-20.00',
      '0.00',
      '-30.00',
      '-30.00',
      '0.00',
    ]);
    expect(column(rows, '账户余额（元）')).toEqual([
      '150.00',
      '130.00',
      '135.00',
      '105.00',
      '75.00',
      '105.00',
    ]);
    expect(column(rows, '备注').slice(3)).toEqual(['十一月', '十一月', '转账失败退回']);
    expect(new Set(column(rows, '账务流水号')).size).toBe(6);
    expect(detail.text).toContain('#支出合计：3笔，共-80.00元\n#收入合计：3笔，共85.00元\n');
    const asked = { account_type: 'ACCTRANS_ACCOUNT', alipay_user_id: site.credentials.sellerId };
    const balance = await call(site, 'fund.account.query', asked);
    expect(balance['available_amount']).toBe('105.00');
    expect(rowsOf(summary)).toEqual([
      ['类型', '收入笔数', '收入金额（+元）', '支出笔数', '支出金额（-元）', '总金额（元）'],
      ['在线支付', '2', '55.00', '0', '0.00', '55.00'],
      ['交易退款', '0', '0.00', '1', '-20.00', '-20.00'],
      ['转账', '1', '30.00', '2', '-60.00', '-30.00'],
      ['合计', '3', '85.00', '3', '-80.00', '5.00'],
    ]);
  });

  it('has sixteen columns where newer files are wanted', async () => {
    await open({ fundsBillColumns: 16 });
    await trade();
    await site.settle(today);
    const [, detail] = await download(today);
    const rows = rowsOf(detail);
    expect(rows[0]?.slice(11)).toEqual([
      '备注',
      '业务描述',
      '业务账单来源',
      '业务基础订单号',
      '业务订单号',
    ]);
    expect(rows.every((row) => row.length === 16)).toBe(true);
  });

  it('comes the next morning, and is one day’s', async () => {
    await open();
    await trade();
    expect((await ask(today))['sub_code']).toBe('BILL_NOT_EXIST');
    await site.clock.advanceTo(Date.parse('2026-11-25T09:00:00+08:00'));
    await pay(site, 'next', '1.00');
    const [, detail] = await download(today);
    expect(rowsOf(detail)).toHaveLength(7);
    await site.settle('2026-11-25');
    const [, next] = await download('2026-11-25');
    expect(column(rowsOf(next), '账户余额（元）')).toEqual(['106.00']);
  });

  it('of a quiet day is empty and says so', async () => {
    await open();
    await site.settle(today);
    expect((await ask(today))['bill_file_code']).toBe('EMPTY_DATA_WITH_BILL_FILE');
    const [, detail] = await download(today);
    expect(rowsOf(detail)).toHaveLength(1);
    await pay(site, 'q1', '1.00');
    expect((await ask(today))['bill_file_code']).toBeUndefined();
  });

  it('is spoilt on demand', async () => {
    await open();
    await trade();
    await site.settle(today);
    site.faults.arm({ fault: 'bill-wrong-totals' });
    const [, wrong] = await download(today);
    expect(wrong.text).toContain('#收入合计：3笔，共85.01元');
    site.faults.arm({ fault: 'bill-truncated' });
    const [, cut] = await download(today);
    expect(cut.text).not.toContain('账务明细列表结束');
  });

  it('leaves the trade bill as it was: captures are in it, transfers are not', async () => {
    await open();
    await trade();
    await site.settle(today);
    const [, detail] = await download(today, 'trade');
    const numbers = column(rowsOf(detail), '商户订单号').map((number) => number.trim());
    expect(numbers).toEqual(['f1', 'f1', 'f2']);
  });

  it('starts from the account every merchant opens with', async () => {
    site = await startAlipay({ mount: 'in-process', shareKeys: true, seed: 7 });
    const asked = { account_type: 'ACCTRANS_ACCOUNT', alipay_user_id: site.credentials.sellerId };
    const balance = await call(site, 'fund.account.query', asked);
    expect(balance['available_amount']).toBe('1000000.00');
  });
});
