import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { StatementLine } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { cny, failure, full, gateway, rejection, silence, thrown } from './gateway.ts';

const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const summary =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const cells = (...values: readonly string[]) => values.map((value) => `\`${value}`).join(',');
const bought = cells(
  ...['2026-11-21 17:07:11', 'wx', '1900007291', '0', '', '4200001', 'order_1', 'o1', 'NATIVE'],
  ...['SUCCESS', 'OTHERS', 'CNY', '9.00', '0.00', '0', '0', '0.00', '0.00', '', '', 'tea,hot'],
  ...['', '0.05000', '0.60%', '9.00', '0.00', ''],
);
const returned = cells(
  ...['2026-11-21 18:00:00', 'wx', '1900007291', '0', '', '4200001', 'order_1', 'o1', 'NATIVE'],
  ...['REFUND', 'OTHERS', 'CNY', '0.00', '0.00', '5030001', 'refund_1', '3.00', '0.00', 'ORIGINAL'],
  ...['SUCCESS', 'tea', '', '-0.02000', '0.60%', '0.00', '3.00', ''],
);
const sums = cells('2', '9.00', '3.00', '0.00', '0.03000', '9.00', '3.00');
const bill = ['\ufeff', header, bought, returned, summary, sums, '']
  .join('\r\n')
  .replace('\r\n', '');
const funds = [
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
  cells(
    '2026-11-21 13:54:01',
    '503',
    '42',
    '退款',
    '退款',
    '支出',
    '0.01',
    '0.22',
    'API',
    'x',
    'r1',
  ),
  '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
  cells('1', '0', '0.00', '1', '0.01'),
].join('\n');

const date = '2026-11-21';
const file = (body: string | Uint8Array, headers: Record<string, string> = {}) => ({
  body,
  headers,
});
async function read(answer: unknown, kind: 'trade' | 'funds' = 'trade') {
  const site = gateway(() => answer as never);
  const lines: StatementLine[] = [];
  for await (const line of await site.channel().statement({ kind, date })) lines.push(line);
  return { lines, site };
}
const sha1 = (data: string | Uint8Array) => createHash('sha1').update(data).digest('hex');

describe('statement', () => {
  it.each([
    ['plain', bill],
    ['packed', gzipSync(bill)],
  ])('of trade, %s, is read line by line', async (_, body) => {
    const { lines, site } = await read(file(body));
    expect(lines).toMatchObject([
      {
        kind: 'payment',
        merchantId: 'order_1',
        channelId: '4200001',
        amount: cny(900),
        direction: 'in',
        fee: cny(5),
        occurredAt: '2026-11-21T09:07:11.000Z',
        raw: { 商品名称: 'tea,hot' },
      },
      {
        kind: 'refund',
        merchantId: 'refund_1',
        merchantPaymentId: 'order_1',
        amount: cny(300),
        direction: 'out',
      },
    ]);
    expect(site.heard[0]).toMatchObject({
      path: '/pay/downloadbill',
      fields: { bill_date: '20261121', bill_type: 'ALL', tar_type: 'GZIP' },
    });
  });

  it('of funds is asked for by HMAC-SHA256, and its digest is checked', async () => {
    const packed = gzipSync(funds);
    for (const digest of [sha1(funds), sha1(packed).toUpperCase()]) {
      const { lines, site } = await read(file(packed, { digest: `SHA=${digest}` }), 'funds');
      expect(lines).toMatchObject([{ kind: 'refund', amount: cny(1), direction: 'out' }]);
      expect(site.heard[0]).toMatchObject({
        path: '/pay/downloadfundflow',
        fields: { account_type: 'Basic', sign_type: 'HMAC-SHA256' },
      });
    }
    const other = read(file(packed, { digest: `SHA=${sha1('other')}` }), 'funds');
    expect((await thrown(other)).code).toBe('REPLY_UNREADABLE');
  });

  it('of funds is not there without a certificate', async () => {
    const { clientCertificate: _none, ...config } = full;
    const site = gateway(silence);
    const asked = site.channel(config as never).statement({ kind: 'funds', date });
    expect((await thrown(asked)).code).toBe('UNSUPPORTED');
    expect(site.heard).toHaveLength(0);
  });

  it.each([
    ['its sums cut off', [header, bought, returned, ''].join('\n')],
    ['a line missing', [header, bought, summary, sums].join('\n')],
    ['an amount changed', bill.replace('`9.00,`0.00,`0,`0', '`9.01,`0.00,`0,`0')],
    ['a cell missing', bill.replace('`NATIVE,', '')],
    ['a line behind its sums', `${bill}${bought}\n`],
    ['no header', [bought, summary, sums].join('\n')],
    ['nothing', ''],
    ['HTML', '<html><body>hello</body></html>'],
    ['a packed file cut in half', gzipSync(bill).subarray(0, 200)],
  ])('with %s is not whole', async (_, body) => {
    expect((await thrown(read(file(body)))).code).toBe('REPLY_UNREADABLE');
  });

  it('of a day without business has no line, once it is due', async () => {
    const none = rejection('No Bill Exist');
    const answer = { ...none, fields: { ...none.fields, error_code: '20002' } };
    expect((await read(answer)).lines).toEqual([]);
    expect((await read(failure('NO_BILL_EXIST'), 'funds')).lines).toEqual([]);
    const early = { now: () => Date.parse('2026-11-22T01:00:00.000Z'), schedule: () => () => {} };
    const channel = gateway(() => answer).channel(full, { clock: early });
    expect(await thrown(channel.statement({ kind: 'trade', date }))).toMatchObject({
      code: 'NOT_READY',
      retryAfterMs: 3_600_000,
    });
  });

  it.each([
    ['Bill Creating', 'trade', rejection('Bill Creating')],
    ['BILL_CREATING', 'funds', failure('BILL_CREATING')],
  ] as const)('%s is not ready', async (_, kind, answer) => {
    expect(await thrown(read(answer, kind))).toMatchObject({
      code: 'NOT_READY',
      retryAfterMs: 600_000,
    });
  });

  it('of a day that is not over is not asked for', async () => {
    const site = gateway(silence);
    const asked = site.channel().statement({ kind: 'trade', date: '2026-11-22' });
    expect((await thrown(asked)).code).toMatch(/^(?:NOT_READY|REQUEST_INVALID)$/);
    expect(site.heard).toHaveLength(0);
  });

  it.each([
    ['SIGN ERROR', 'REFUSED'],
    ['missing parameter', 'REFUSED'],
    ['invalid bill_type', 'REFUSED'],
    ['SYSTEMERROR', 'UNAVAILABLE'],
    ['CompressGZip Error', 'UNAVAILABLE'],
    ['who knows', 'REPLY_UNREADABLE'],
  ])('%s: %s', async (words, code) => {
    expect((await thrown(read(rejection(words)))).code).toBe(code);
  });
});
