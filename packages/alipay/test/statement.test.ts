import type { StatementLine } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import { writeZip } from '@polyrail/simulator';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../src/statement.ts';
import { cny, failure, gateway, keyConfig, nowMs, sellerId, success, thrown } from './gateway.ts';

const date = '2026-11-21';
const url = 'http://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1';
const header =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';

const paidRow = (id: string, yuan: string, subject = '下单测试') =>
  `20261121220000${id}\t,${id}\t,交易\t,${subject},2026-11-21 10:55:16,2026-11-21 10:55:23,S1\t,shop\t,alipay\t,\t,*津水(602***@qq.com)\t,${yuan},${yuan},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.01,0.00,note`;
const refundRow = (id: string, refundId: string, yuan: string) =>
  `20261121220000${id}\t,${id}\t,退款\t,下单测试,2026-11-21 10:55:16,2026-11-21 12:00:00,S1\t,shop\t,alipay\t,\t,*津水(602***@qq.com)\t,-${yuan},-${yuan},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,${refundId}\t,0.00,0.00,`;

interface BillText {
  readonly head?: readonly string[];
  readonly header?: string;
  readonly rows?: readonly string[];
  readonly end?: readonly string[];
}
const head = [
  '#支付宝业务明细查询',
  `#账号：[${sellerId}0156]`,
  '#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]',
  '#-----------------------------------------业务明细列表----------------------------------------',
];
const rows = [
  paidRow('order_1', '9.00'),
  paidRow('order_2', '1.50', 'Tea, green, and cake'),
  refundRow('order_1', 'refund_1', '3.00'),
];
const end = [
  '#-----------------------------------------业务明细列表结束------------------------------------',
  '#交易合计：2笔，商家实收共10.50元，商家优惠共0.00元',
  '#退款合计：1笔，商家实收退款共-3.00元，商家优惠退款共0.00元',
  '#导出时间：[2026年11月22日 05:46:49]',
];
const text = (bill: BillText = {}): string =>
  `${[...(bill.head ?? head), bill.header ?? header, ...(bill.rows ?? rows), ...(bill.end ?? end)].join('\n')}\n`;
const summary = '#支付宝业务汇总查询\n#账号：[20880000000000010156]\n合计,,2,1\n';
const pack = (detail: string | undefined): Uint8Array =>
  writeZip([
    { name: encodeText('业务明细(汇总).csv', 'gbk'), data: encodeText(summary, 'gbk') },
    ...(detail === undefined
      ? []
      : [{ name: encodeText('业务明细.csv', 'gbk'), data: encodeText(detail, 'gbk') }]),
  ]);

const site = (file: Uint8Array | string, status = 200, node: object = {}) =>
  gateway(({ method }) =>
    method === 'GET' ? { raw: file, status } : success({ bill_download_url: url, ...node }),
  );
async function read(file: Uint8Array | string, config = keyConfig): Promise<StatementLine[]> {
  const statement = await site(file).channel(config).statement({ kind: 'trade', date });
  const lines: StatementLine[] = [];
  for await (const line of statement) lines.push(line);
  return lines;
}

describe('a statement', () => {
  it('is asked for, fetched at once, and read to the end', async () => {
    const gate = site(pack(text()));
    const statement = await gate.channel().statement({ kind: 'trade', date });
    expect(gate.heard[0]?.method).toBe('alipay.data.dataservice.bill.downloadurl.query');
    expect(gate.heard[0]?.content).toEqual({ bill_type: 'trade', bill_date: date });
    expect(gate.downloads).toEqual([url]);
    const lines: StatementLine[] = [];
    for await (const line of statement) lines.push(line);
    expect(lines.map(({ raw: _raw, ...line }) => line)).toEqual([
      {
        kind: 'payment',
        merchantId: 'order_1',
        channelId: '20261121220000order_1',
        amount: cny(900),
        direction: 'in',
        fee: cny(1),
        occurredAt: '2026-11-21T02:55:23.000Z',
      },
      {
        kind: 'payment',
        merchantId: 'order_2',
        channelId: '20261121220000order_2',
        amount: cny(150),
        direction: 'in',
        fee: cny(1),
        occurredAt: '2026-11-21T02:55:23.000Z',
      },
      {
        kind: 'refund',
        merchantId: 'refund_1',
        merchantPaymentId: 'order_1',
        channelId: '20261121220000order_1',
        amount: cny(300),
        direction: 'out',
        occurredAt: '2026-11-21T04:00:00.000Z',
      },
    ]);
    expect(lines[1]).toMatchObject({ raw: { 商品名称: 'Tea, green, and cake', 备注: 'note' } });
  });

  it('reads CRLF, saved again with commas behind the comments', async () => {
    const saved = text()
      .replaceAll(/^#.*$/gm, (line) => `${line},,,`)
      .replaceAll('\n', '\r\n');
    expect(await read(pack(saved))).toHaveLength(3);
  });

  it('finds its columns by name, in any order', async () => {
    const move = (line: string) => {
      const cells = line.split(',');
      return [...cells.slice(0, 6), ...cells.slice(11, 24), ...cells.slice(6, 11), cells[24]].join(
        ',',
      );
    };
    const moved = text({
      header: move(header),
      rows: [rows[0]!, rows[2]!].map(move),
      end: [end[0]!, end[1]!.replace('2笔，商家实收共10.50', '1笔，商家实收共9.00'), end[2]!],
    });
    expect((await read(pack(moved))).map(({ amount }) => amount)).toEqual([cny(900), cny(300)]);
  });

  it('keeps commas of a remark in the remark', async () => {
    const [line] = await read(
      pack(text({ rows: [rows[0]!.replace(/note$/, 'a, b,c'), rows[1]!, rows[2]!] })),
    );
    expect(line).toMatchObject({ raw: { 备注: 'a, b,c' } });
  });

  it('has no lines on a day without business, told in either way', async () => {
    const empty = { bill_file_code: 'EMPTY_DATA_WITH_BILL_FILE' };
    for (const gate of [site('', 200, empty), gateway(() => failure('NO_BILL_DATA'))]) {
      const statement = await gate.channel().statement({ kind: 'trade', date });
      const lines: StatementLine[] = [];
      for await (const line of statement) lines.push(line);
      expect(lines).toEqual([]);
      expect(gate.downloads).toEqual([]);
    }
    const none = [
      end[0]!,
      '#交易合计：0笔，商家实收共0.00元，商家优惠共0.00元',
      '#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元',
    ];
    expect(await read(pack(text({ rows: [], end: none })))).toEqual([]);
  });

  it('is read one line at a time', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => paidRow(`order_${index}`, '1.00'));
    const total = '#交易合计：5000笔，商家实收共5000.00元，商家优惠共0.00元';
    const none = '#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元';
    const file = pack(text({ rows: many, end: [end[0]!, total, none] }));
    expect(await read(file)).toHaveLength(5000);
    const statement = await site(file).channel().statement({ kind: 'trade', date });
    for await (const line of statement) {
      expect(line.merchantId).toBe('order_0');
      break;
    }
  });
});

const miscounted = [end[0]!, end[1]!.replace('2笔', '3笔'), end[2]!];
const misgiven = [end[0]!, end[1]!.replace('商家优惠共0.00', '商家优惠共0.01'), end[2]!];

describe('a statement ends normally only if it was whole', () => {
  it.each([
    ['cut off', text().slice(0, text().indexOf('#交易合计'))],
    ['cut off in its rows', text().slice(0, text().indexOf('退款\t'))],
    ['without its end', text({ end: end.slice(1) })],
    ['without its total of payments', text({ end: [end[0]!, end[2]!] })],
    ['without its total of refunds', text({ end: end.slice(0, 2) })],
    ['with a row less', text({ rows: rows.slice(1) })],
    ['with a row more', text({ rows: [...rows, rows[0]!] })],
    ['with another amount', text({ rows: [paidRow('order_1', '9.01'), rows[1]!, rows[2]!] })],
    ['with a total that counts wrong', text({ end: miscounted })],
    ['with a total that adds up wrong elsewhere', text({ end: misgiven })],
    ['with its totals before its end', text({ end: [end[1]!, end[2]!, end[0]!] })],
    ['with rows behind its end', `${text()}${rows[0]}\n`],
    ['without its date', text({ head: [head[0]!, head[1]!] })],
    ['without a column', text({ header: header.replace('订单金额（元）', 'x') })],
    ['with half a row', text({ rows: [...rows, rows[0]!.slice(0, 40)] })],
    ['with no amount', text({ rows: [rows[0]!.replaceAll('9.00', 'nine'), ...rows.slice(1)] })],
    ['with no header', text({ header: rows[0]! })],
    ['with the summary alone', undefined],
  ])('%s', async (_what, detail) => {
    const error = await thrown(read(pack(detail)));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE', channel: 'alipay' });
  });

  it.each([
    ['no archive', 'not a zip'],
    ['nothing', ''],
    ['half an archive', pack(text()).subarray(0, 300)],
  ])('%s', async (_what, file) => {
    expect((await thrown(read(file))).code).toBe('REPLY_UNREADABLE');
  });

  it('of the day and account that were asked for', async () => {
    const otherDay = pack(text({ head: head.map((line) => line.replace('11月21日', '11月20日')) }));
    expect((await thrown(read(otherDay))).doubt).toBe('contradicts-request');
    const other = pack(
      text({ head: head.map((line) => line.replace(sellerId, '2088000000000002')) }),
    );
    expect((await thrown(read(other))).doubt).toBe('contradicts-request');
    const { sellerId: _seller, ...anybody } = keyConfig;
    expect(await read(other, anybody as typeof keyConfig)).toHaveLength(3);
  });

  it('not over its cap', async () => {
    const file = pack(
      text({ rows: Array.from({ length: 999 }, (_, at) => paidRow(`${at}`, '1.00')) }),
    );
    const error = await thrown(read(file, { ...keyConfig, statementMaxBytes: 1024 } as never));
    expect(error.code).toBe('REPLY_UNREADABLE');
  });
});

describe('a statement that is not there', () => {
  const ask = (node: object, day = date) =>
    thrown(
      gateway(() => node)
        .channel()
        .statement({ kind: 'trade', date: day }),
    );

  it.each(['BILL_NOT_EXIST', 'isp.bill_not_exist'])(
    '%s: not ready, and when to ask',
    async (code) => {
      // It is 10:49 in China: the bill of yesterday is overdue, that of today is due at 09:00.
      expect(await ask(failure(code))).toMatchObject({ code: 'NOT_READY', retryAfterMs: 600_000 });
      const today = await ask(failure(code), '2026-11-22');
      const tomorrowAtNine = Date.parse('2026-11-23T01:00:00.000Z');
      expect(today).toMatchObject({ code: 'NOT_READY', retryAfterMs: tomorrowAtNine - nowMs });
    },
  );

  it('is due at nine on the next day', () => {
    const due = Date.parse('2026-11-22T01:00:00.000Z');
    expect(retryAfterMs(date, due - 1)).toBe(1);
    expect(retryAfterMs(date, due)).toBe(600_000);
  });

  it.each([
    ['UNKNOWN_ERROR', 'UNAVAILABLE'],
    ['INVAILID_ARGUMENTS', 'REFUSED'],
    ['TYPE_NOT_SUPPORTED', 'REFUSED'],
    ['BILL_DATE_BEFORE_REGISTRATION', 'REFUSED'],
    ['SOMETHING_NEW', 'REPLY_UNREADABLE'],
  ])('%s', async (subCode, code) => {
    expect((await ask(failure(subCode))).code).toBe(code);
  });

  it('at an address that is none', async () => {
    const strange = success({ bill_download_url: 'file:///etc/passwd' });
    expect((await ask(strange)).code).toBe('REPLY_UNREADABLE');
    expect((await ask(success({}))).code).toBe('REPLY_UNREADABLE');
  });

  it('any more: the address has expired', async () => {
    const work = site('expired', 403).channel().statement({ kind: 'trade', date });
    expect(await thrown(work)).toMatchObject({ code: 'UNAVAILABLE', doubt: 'server-error' });
  });

  it.each([
    ['date', { kind: 'trade', date: '2026-11-23' }],
    ['date', { kind: 'trade', date: '20261121' }],
    ['kind', { kind: 'everything', date }],
  ])('and is refused before asking: %s', async (field, request) => {
    const gate = site('');
    expect((await thrown(gate.channel().statement(request as never))).field).toBe(field);
    expect(gate.heard).toHaveLength(0);
  });
});
