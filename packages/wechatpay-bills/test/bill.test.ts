import { describe, expect, it } from 'vitest';
import { type BillLayout, createBillReader, fundsBill, instantOfWallTime } from '../src/index.ts';

const header =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号';
const row = (direction: string, yuan: string, time = '2021-02-01 13:54:01') =>
  `\`${time},\`503008,\`420000,\`退款,\`退款,\`${direction},\`${yuan},\`0.22,\`API,\`a, b,\`S2021`;
const sumsHeader = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';
const file = [header, row('支出', '0.01'), row('收入', '2.00'), sumsHeader, '`2,`1,`2.00,`1,`0.01'];

function read(lines: readonly string[], layout: BillLayout = fundsBill) {
  const reader = createBillReader(layout);
  const found = lines.flatMap((line) => reader.read(line) ?? []);
  reader.finish();
  return found;
}

describe('a bill', () => {
  it('is read line by line, a comma within a cell included', () => {
    expect(read(file)).toMatchObject([
      { direction: 'out', amount: { amount: 1, currency: 'CNY' } },
      { direction: 'in', amount: { amount: 200, currency: 'CNY' } },
    ]);
  });

  it.each([
    ['without its header', file.slice(1)],
    ['without its sums', file.slice(0, 3)],
    ['with a line less', [...file.slice(0, 2), ...file.slice(3)]],
    ['with a line twice', [...file.slice(0, 2), ...file.slice(1)]],
    ['with another amount', file.with(1, row('支出', '0.02'))],
    ['with no amount', file.with(1, row('支出', '1e3'))],
    ['with no such time', file.with(1, row('支出', '0.01', '2021-02-30 00:00:00'))],
    ['with an unknown direction', file.with(1, row('侧出', '0.01'))],
    ['with a column less', file.with(1, row('支出', '0.01').replace(/,`[^`]*$/, ''))],
    ['with a column missing', file.with(0, header.replace('收支类型', '类型'))],
    ['with a line after its sums', [...file, row('支出', '0.01')]],
    ['with its header twice', [header, ...file]],
  ])('%s is not whole', (_what, lines) => {
    expect(() => read(lines)).toThrow(/The bill is not whole/);
  });
});

it('wall time is that of Beijing, and of the calendar', () => {
  expect(instantOfWallTime('2021-01-01 00:00:00')).toBe('2020-12-31T16:00:00.000Z');
  expect(instantOfWallTime('2021-02-29 00:00:00')).toBeUndefined();
  expect(instantOfWallTime('2021-01-01T00:00:00')).toBeUndefined();
});
