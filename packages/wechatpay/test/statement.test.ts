import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PolyrailError, type StatementLine } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../src/statement.ts';
import { cny, failure, gateway, keyConfig, nowMs, ok, thrown } from './gateway.ts';

const date = '2026-11-20';
const url = 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=dwVD7aBa%2F&tartype=gzip';
const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const summaryHeader =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const cells = (...values: readonly string[]): string =>
  values.map((value) => `\`${value}`).join(',');
const head = ['wxd678efh567hg6787', '1900007291', '0', ''];

const paidRow = (id: string, yuan: string, fee: string) =>
  cells(
    '2026-11-20 17:07:11',
    ...head,
    `42000${id}`,
    id,
    'oUpF8',
    'NATIVE',
    'SUCCESS',
    'OTHERS',
    'CNY',
    yuan,
    '0.00',
    '0',
    '0',
    '0.00',
    '0.00',
    '',
    '',
    'for testing',
    'a=1, b=2',
    fee,
    '0.60%',
    yuan,
    '0.00',
    '',
  );
interface Back {
  readonly id: string;
  readonly refundId: string;
  readonly yuan: string;
  readonly state?: string;
  readonly end?: string;
}
const backRow = ({ id, refundId, yuan, state = 'REFUND', end = 'SUCCESS' }: Back) =>
  cells(
    '2026-11-20 18:00:00',
    ...head,
    `42000${id}`,
    id,
    'oUpF8',
    'NATIVE',
    state,
    'OTHERS',
    'CNY',
    '0.00',
    '0.00',
    `50300${refundId}`,
    refundId,
    yuan,
    '0.00',
    'ORIGINAL',
    end,
    'for testing',
    '',
    '-0.01000',
    '0.60%',
    '0.00',
    yuan,
    '',
  );

const rows = [
  paidRow('order_1', '9.00', '0.05000'),
  paidRow('order_2', '1.50', '0.00900'),
  backRow({ id: 'order_1', refundId: 'refund_1', yuan: '3.00' }),
];
const sums = ['3', '10.50', '3.00', '0.00', '0.04900', '10.50', '3.00'];
const billOf = (lines: readonly string[], end = '\r\n'): string => `\ufeff${lines.join(end)}${end}`;
const whole = (list: readonly string[] = rows, told: readonly string[] = sums, end?: string) =>
  billOf([header, ...list, summaryHeader, cells(...told)], end);
const sha1 = (text: string | Uint8Array) => createHash('sha1').update(text).digest('hex');

interface Parts {
  readonly file?: Uint8Array;
  readonly digest?: string;
  readonly address?: string;
  readonly status?: number;
}
function site(text: string, { file = gzipSync(text), ...parts }: Parts = {}) {
  const { digest = sha1(text), address = url, status = 200 } = parts;
  const place = { download_url: address, hash_type: 'SHA1', hash_value: digest };
  return gateway(({ target }) =>
    target.startsWith('/v3/bill/')
      ? ok(place)
      : { status, body: file, signed: false, headers: { 'content-type': 'application/x-gzip' } },
  );
}
type Kind = 'trade' | 'funds';
async function read(gate: ReturnType<typeof site>, kind: Kind = 'trade') {
  const statement = await gate.channel().statement({ kind, date });
  const lines: StatementLine[] = [];
  for await (const line of statement) lines.push(line);
  return lines;
}
const code = async (gate: ReturnType<typeof site>, kind?: Kind) =>
  (await thrown(read(gate, kind))).code;

describe('a statement', () => {
  it('is asked for, fetched with a signature, proved, and read to the end', async () => {
    const gate = site(whole());
    const lines = await read(gate);
    expect(gate.targets()).toEqual([
      `GET /v3/bill/tradebill?bill_date=${date}&bill_type=ALL&tar_type=GZIP`,
      'GET /v3/billdownload/file?token=dwVD7aBa%2F&tartype=gzip',
    ]);
    expect(lines.map(({ raw: _raw, ...line }) => line)).toEqual([
      {
        kind: 'payment',
        merchantId: 'order_1',
        channelId: '42000order_1',
        amount: cny(900),
        direction: 'in',
        fee: cny(5),
        occurredAt: '2026-11-20T09:07:11.000Z',
      },
      {
        kind: 'payment',
        merchantId: 'order_2',
        channelId: '42000order_2',
        amount: cny(150),
        direction: 'in',
        occurredAt: '2026-11-20T09:07:11.000Z',
      },
      {
        kind: 'refund',
        merchantId: 'refund_1',
        merchantPaymentId: 'order_1',
        channelId: '50300refund_1',
        amount: cny(300),
        direction: 'out',
        fee: cny(1),
        occurredAt: '2026-11-20T10:00:00.000Z',
      },
    ]);
    expect(lines[0]?.raw).toMatchObject({ 商户数据包: 'a=1, b=2', 费率: '0.60%' });
  });

  it('may be plain, end its lines otherwise, and write its sums as older files do', async () => {
    const plain = whole(rows, ['3.0', ...sums.slice(1)], '\n');
    expect(await read(site(plain, { file: Buffer.from(plain) }))).toHaveLength(3);
    expect(await read(site(whole(), { digest: sha1(whole()).toUpperCase() }))).toHaveLength(3);
    const rounded = whole(rows, [...sums.slice(0, 4), '0.05', ...sums.slice(5)]);
    expect(await read(site(rounded))).toHaveLength(3);
  });

  it('tells reversals, and refunds that failed, for what they are', async () => {
    const list = [
      backRow({ id: 'order_1', refundId: '0', yuan: '9.00', state: 'REVOKED' }),
      backRow({ id: 'order_2', refundId: 'refund_2', yuan: '1.00', end: 'FAIL' }),
    ];
    const told = ['2', '0.00', '10.00', '0.00', '-0.02000', '0.00', '10.00'];
    const lines = await read(site(whole(list, told)));
    expect(
      lines.map(({ kind, merchantId, merchantPaymentId }) => [kind, merchantId, merchantPaymentId]),
    ).toEqual([
      ['cancellation', undefined, 'order_1'],
      ['other', 'refund_2', 'order_2'],
    ]);
  });

  it.each([
    ['cut', gzipSync(whole()).subarray(0, -12), undefined],
    ['of another digest', gzipSync(whole()), sha1('x')],
    ['whose digest is that of the packed file', gzipSync(whole()), sha1(gzipSync(whole()))],
    ['that is another bill', gzipSync(whole([], ['0', ...Array(6).fill('0.00')])), undefined],
    ['that is no bill', Buffer.from('<html>'), sha1('<html>')],
  ])('ends with an error where the file is %s', async (_what, file, digest) => {
    const parts = digest === undefined ? { file } : { file, digest };
    expect(await code(site(whole(), parts))).toBe('REPLY_UNREADABLE');
  });

  it.each([
    ['without its sums', billOf([header, ...rows])],
    ['with another count', whole(rows, ['2', ...sums.slice(1)])],
    ['with another sum', whole(rows, ['3', '10.51', ...sums.slice(2)])],
    ['with another sum of fees', whole(rows, [...sums.slice(0, 4), '0.05900', ...sums.slice(5)])],
    ['with a line behind its sums', `${whole()}${rows[0]}\r\n`],
    ['with a line too short', whole([...rows, cells('2026-11-20 18:00:00', 'x')])],
    ['without its header', billOf([...rows, summaryHeader, cells(...sums)])],
    ['with two headers', billOf([header, header, ...rows, summaryHeader, cells(...sums)])],
    ['without a column', whole().replace('商户订单号', '商户单号')],
    ['with an amount in words', whole().replace('`9.00,`0.00,`0,', '`neun,`0.00,`0,')],
    ['with a line without time', whole().replace('2026-11-20 17:07:11', '2026-11-31 17:07:11')],
    ['in another currency', whole().replace('`CNY', '`USD')],
  ])('ends with an error where the bill is %s', async (_what, text) => {
    expect(await code(site(text))).toBe('REPLY_UNREADABLE');
  });

  it('gives lines before it is over, and never ends normally without its proof', async () => {
    const gate = site(whole(), { digest: sha1('x') });
    const statement = await gate.channel().statement({ kind: 'trade', date });
    const seen: unknown[] = [];
    const work = (async () => {
      for await (const line of statement) seen.push(line.merchantId);
    })();
    expect((await thrown(work)).message).toMatch(/digest/);
    expect(seen).toHaveLength(3);
  });

  it('sends its signature to WeChat Pay only', async () => {
    for (const address of [
      'http://other.example/file?token=1',
      'file:///etc/passwd',
      'nowhere',
      '',
    ]) {
      const gate = site(whole(), { address });
      expect((await thrown(read(gate))).code).toBe('REPLY_UNREADABLE');
      expect(gate.targets()).toHaveLength(1);
    }
    const local = { ...keyConfig, baseUrl: 'http://127.0.0.1:9' };
    const gate = site(whole(), { address: 'http://127.0.0.1:9/v3/billdownload/file?token=1' });
    await gate.channel(local).statement({ kind: 'trade', date });
    expect(gate.targets()[1]).toBe('GET /v3/billdownload/file?token=1');
  });

  it('is not to be had where the address has passed', async () => {
    expect(await code(site(whole(), { status: 400 }))).toBe('UNAVAILABLE');
  });

  it('has a cap', async () => {
    const long = site(whole(Array.from({ length: 6000 }, () => rows[0] ?? '')));
    const channel = long.channel({ ...keyConfig, statementMaxBytes: 16_384 });
    const statement = await channel.statement({ kind: 'trade', date });
    const work = (async () => {
      for await (const line of statement) expect(line.amount).toEqual(cny(900));
    })();
    expect((await thrown(work)).message).toMatch(/more than 655360 bytes/);
  });
});

describe('a day', () => {
  const asked = (told: object, day = date) =>
    gateway(() => told as never)
      .channel()
      .statement({ kind: 'trade', date: day });

  it('without business has no lines', async () => {
    const statement = await asked(failure(400, 'NO_STATEMENT_EXIST'));
    for await (const _line of statement) throw new Error('no line was to come');
    expect(statement.date).toBe(date);
  });

  it('whose bill is being made is not ready', async () => {
    const error = await thrown(asked(failure(400, 'STATEMENT_CREATING')));
    expect(error).toMatchObject({ code: 'NOT_READY', retryAfterMs: 600_000 });
  });

  it('may be said to have none before the bill is made', async () => {
    // Yesterday, at 10:49 in Beijing, is due; at 09:59 it is not.
    const early = { now: () => nowMs - 50 * 60_000, schedule: () => () => {} };
    const stamp = String(Math.floor(early.now() / 1000));
    const gate = gateway(() => ({ ...failure(400, 'NO_STATEMENT_EXIST'), timestamp: stamp }));
    const channel = gate.channel(keyConfig, { transport: gate.transport, clock: early });
    const error = await thrown(channel.statement({ kind: 'trade', date: '2026-11-21' }));
    expect(error).toMatchObject({ code: 'NOT_READY', retryAfterMs: 36_000 });
    const statement = await asked(failure(400, 'NO_STATEMENT_EXIST'), '2026-11-21');
    for await (const _line of statement) throw new Error('no line was to come');
  });

  it('that is not over is not asked about', async () => {
    const gate = gateway(() => new PolyrailError('INTERNAL', 'nothing is to be sent'));
    const error = await thrown(gate.channel().statement({ kind: 'trade', date: '2026-11-22' }));
    expect(error.code).toBe('NOT_READY');
    expect(error.retryAfterMs).toBe(retryAfterMs('2026-11-22', nowMs));
    expect(gate.targets()).toHaveLength(0);
  });

  it('is told of by a signature only', async () => {
    const place = { download_url: url, hash_type: 'SHA1', hash_value: sha1('') };
    const error = await thrown(asked(ok(place, { signed: false })));
    expect(error.code).toBe('REPLY_UNVERIFIED');
  });

  it('is refused, or not answered, like any question', async () => {
    expect((await thrown(asked(failure(403, 'NO_AUTH')))).code).toBe('REFUSED');
    expect((await thrown(asked(failure(500, 'SYSTEM_ERROR')))).code).toBe('UNAVAILABLE');
    const place = { download_url: url, hash_type: 'MD5', hash_value: sha1('') };
    expect((await thrown(asked(ok(place)))).code).toBe('REPLY_UNREADABLE');
  });
});

describe('a statement of funds', () => {
  const fundsHeader =
    '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号';
  const row = (kind: string, way: string, yuan: string, id: string) =>
    cells(
      '2026-11-20 13:54:01',
      `b${id}`,
      `f${id}`,
      kind,
      kind,
      way,
      yuan,
      '0.22',
      'system',
      '',
      id,
    );
  const fundsSummary = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';
  const list = [
    row('交易', '收入', '9.00', 'order_1'),
    row('退款', '支出', '3.00', 'refund_1'),
    row('提现', '支出', '2.00', ''),
    row('手续费', '支出', '0.05', 'order_1'),
    row('商家转账', '支出', '1.00', 'payout1'),
    row('充值', '收入', '100.00', ''),
  ];
  const funds = (told = ['6', '2', '109.00', '4', '6.05']) =>
    billOf([fundsHeader, ...list, fundsSummary, cells(...told)]);

  it('is read line by line', async () => {
    const gate = site(funds());
    const lines = await read(gate, 'funds');
    expect(gate.targets()[0]).toBe(
      `GET /v3/bill/fundflowbill?bill_date=${date}&account_type=BASIC&tar_type=GZIP`,
    );
    const told = lines.map(({ kind, direction, amount, merchantId }) => [
      kind,
      direction,
      amount.amount,
      merchantId,
    ]);
    expect(told).toEqual([
      ['payment', 'in', 900, 'order_1'],
      ['refund', 'out', 300, 'refund_1'],
      ['settlement', 'out', 200, undefined],
      ['fee', 'out', 5, 'order_1'],
      ['payout', 'out', 100, 'payout1'],
      ['other', 'in', 10_000, undefined],
    ]);
  });

  it.each([
    ['another count', funds(['5', '2', '109.00', '4', '6.05'])],
    ['another sum', funds(['6', '2', '109.01', '4', '6.05'])],
    ['a direction that is none', funds().replace('`收入', '`收')],
    ['the other kind of bill', whole()],
  ])('ends with an error at %s', async (_what, text) => {
    expect(await code(site(text), 'funds')).toBe('REPLY_UNREADABLE');
  });
});
