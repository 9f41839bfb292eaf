import type { StatementLine } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import { writeZip } from '@polyrail/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cny, failure, gateway, keyConfig, sellerId, success, thrown } from './gateway.ts';

const date = '2026-11-21';
const url = 'http://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1';
const old =
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注';
const newer = `${old},业务描述,业务账单来源,业务基础订单号,业务订单号`;

interface Row {
  readonly id?: string;
  readonly subject?: string;
  readonly party?: string;
  readonly income?: string;
  readonly expense?: string;
  readonly balance?: string;
  readonly type?: string;
  readonly remark?: string;
}
const rowOf = (row: Row = {}): string =>
  [
    '54632446537371\t',
    '2026112122001400000000000001\t',
    `${row.id ?? 'order_1'}\t`,
    `${row.subject ?? '海航机票'}\t`,
    '2026-11-21 21:02:06',
    `${row.party ?? '陈晶 (kuangzhe@126.com)'}\t`,
    row.income ?? '0.00',
    row.expense ?? '0.00',
    row.balance ?? '14533.03',
    '支付宝',
    row.type ?? '在线支付',
    row.remark ?? '',
  ].join(',');

interface Bill {
  readonly header?: string;
  readonly rows?: readonly string[];
  readonly expense?: string;
  readonly income?: string;
  readonly end?: readonly string[];
}
const rows = [
  rowOf({ income: '2274.00' }),
  rowOf({ expense: '3.00', type: '交易退款' }),
  rowOf({ expense: '13.64', type: '收费' }),
  rowOf({ id: 'payout_1', expense: '100.00', type: '转账' }),
  rowOf({ id: '', expense: '1000.00', type: '提现' }),
  rowOf({ id: 'bought_1', expense: '5.00' }),
  rowOf({ id: 'gift_1', income: '7.00', type: '转账' }),
];
const textOf = ({ header, rows: given, expense, income, end }: Bill = {}): string =>
  [
    '#支付宝账务明细查询',
    `#账号：[${sellerId}0156]`,
    '#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]',
    '#-----------------------------------------账务明细列表----------------------------------------',
    header ?? old,
    ...(given ?? rows),
    ...(end ?? [
      '#-----------------------------------------账务明细列表结束------------------------------------',
      `#支出合计：${expense ?? '5笔，共1121.64'}元`,
      `#收入合计：${income ?? '2笔，共2281.00'}元`,
      '#导出时间：[2026年11月22日 12:51:06]',
    ]),
    '',
  ].join('\n');
const summary = '#支付宝账务汇总查询\n#账号：[20880000000000010156]\n合计,2,2281.00\n';
const pack = (detail: string): Uint8Array =>
  writeZip([
    { name: encodeText('账务明细(汇总).csv', 'gbk'), data: encodeText(summary, 'gbk') },
    { name: encodeText('账务明细.csv', 'gbk'), data: encodeText(detail, 'gbk', { fatal: false }) },
  ]);

const site = (file: Uint8Array) =>
  gateway(({ method }) => (method === 'GET' ? { raw: file } : success({ bill_download_url: url })));
async function read(detail: string): Promise<StatementLine[]> {
  const statement = await site(pack(detail)).channel(keyConfig).statement({ kind: 'funds', date });
  const lines: StatementLine[] = [];
  for await (const line of statement) lines.push(line);
  return lines;
}

const total = (amount: string, count = 1) => `${count}笔，共${amount}`;
/** A bill of the one row that is given. */
const single = (row: string, income: string, header?: string): Bill => ({
  rows: [row],
  income: total(income),
  expense: total('0.00', 0),
  ...(header === undefined ? {} : { header }),
});

describe('a statement of the account', () => {
  it('is asked for by its own name', async () => {
    const gate = site(pack(textOf()));
    await gate.channel().statement({ kind: 'funds', date });
    expect(gate.heard[0]?.content).toEqual({ bill_type: 'signcustomer', bill_date: date });
    expect(gate.downloads).toEqual([url]);
  });

  it('tells what moved, which way, and whose it was', async () => {
    const channelId = '2026112122001400000000000001';
    const common = { channelId, occurredAt: '2026-11-21T13:02:06.000Z' };
    expect((await read(textOf())).map(({ raw: _raw, ...line }) => line)).toEqual([
      { ...common, kind: 'payment', merchantId: 'order_1', amount: cny(227_400), direction: 'in' },
      {
        ...common,
        kind: 'refund',
        merchantPaymentId: 'order_1',
        amount: cny(300),
        direction: 'out',
      },
      {
        ...common,
        kind: 'fee',
        merchantPaymentId: 'order_1',
        amount: cny(1364),
        direction: 'out',
      },
      { ...common, kind: 'payout', merchantId: 'payout_1', amount: cny(10_000), direction: 'out' },
      { ...common, kind: 'settlement', amount: cny(100_000), direction: 'out' },
      { ...common, kind: 'other', merchantId: 'bought_1', amount: cny(500), direction: 'out' },
      { ...common, kind: 'other', merchantId: 'gift_1', amount: cny(700), direction: 'in' },
    ]);
  });

  it('has newer files with four columns more', async () => {
    const [line] = await read(
      textOf(single(`${rowOf({ income: '1.00', remark: 'note' })},收款,账单,b1,o1`, '1.00', newer)),
    );
    expect(line).toMatchObject({ raw: { 备注: 'note', 业务描述: '收款', 业务订单号: 'o1' } });
  });

  it('has files without a running balance, and with outgoing amounts below zero', async () => {
    const without = (line: string) => line.split(',').toSpliced(8, 1).join(',');
    const signed = rows.map((row) => row.replace(/0\.00,(\d+\.\d\d),14533/, '0.00,-$1,14533'));
    const bill = { header: without(old), rows: signed.map(without), expense: '5笔，共-1121.64' };
    expect(signed).not.toEqual(rows);
    expect((await read(textOf(bill))).map(({ direction }) => direction)).toEqual(
      (await read(textOf())).map(({ direction }) => direction),
    );
  });

  it('keeps commas where they were written', async () => {
    const words = fc.stringMatching(/^[a-z茶,]{1,12}$/);
    await fc.assert(
      fc.asyncProperty(words, words, words, fc.boolean(), async (subject, party, remark, isNew) => {
        const row = rowOf({ income: '1.00', subject, party, remark: `${remark}.` });
        const bill = single(isNew ? `${row},d,s,b,o` : row, '1.00', isNew ? newer : old);
        const [line] = await read(textOf(bill));
        const told = { 商品名称: subject, 对方账号: party, 备注: `${remark}.` };
        expect(line).toMatchObject({ amount: cny(100), raw: told });
      }),
      { numRuns: 50 },
    );
  });

  it('has no lines on a day on which nothing moved', async () => {
    const none = { rows: [], expense: total('0.00', 0), income: total('0.00', 0) };
    expect(await read(textOf(none))).toEqual([]);
    const gate = gateway(() => failure('NO_BILL_DATA'));
    for await (const _line of await gate.channel().statement({ kind: 'funds', date })) {
      throw new Error('a line');
    }
  });
});

describe('a statement of the account ends normally only if it was whole', () => {
  const whole = textOf();
  it.each([
    ['cut off', whole.slice(0, whole.indexOf('#支出合计'))],
    ['without its last total', whole.slice(0, whole.indexOf('#收入合计'))],
    ['without its end', whole.replace(/#-+账务明细列表结束-+\n/, '')],
    ['with a line less', textOf({ rows: rows.slice(1) })],
    ['with a line more', textOf({ rows: [...rows, rows[0]!] })],
    ['with another amount', whole.replace('2274.00', '2274.01')],
    ['with an amount on the other side', whole.replace('2274.00,0.00', '0.00,2274.00')],
    ['with amounts on both sides', whole.replace('2274.00,0.00', '2274.00,1.00')],
    ['with an income below zero', whole.replace('2274.00,0.00', '-2274.00,0.00')],
    ['with an amount that is none', whole.replace('2274.00,0.00', 'x,0.00')],
    ['with another count', textOf({ income: '3笔，共2281.00' })],
    ['with another sum', textOf({ expense: '5笔，共1121.65' })],
    ['without a column', textOf({ header: old.replace('支出金额（-元）', 'x') })],
    ['with half a line', textOf({ rows: [...rows, rows[0]!.slice(0, 60)] })],
    ['that is the trade bill', whole.replaceAll('账务', '业务')],
  ])('%s', async (_what, detail) => {
    expect(await thrown(read(detail))).toMatchObject({ code: 'REPLY_UNREADABLE' });
  });

  it('of the day and the account that were asked for', async () => {
    for (const other of [
      whole.replace('11月21日', '11月20日'),
      whole.replace(sellerId, '2088000000000002'),
    ]) {
      expect((await thrown(read(other))).doubt).toBe('contradicts-request');
    }
  });
});
