/** wechatpay-bills · funds bill: what moved on the merchant's account on a day (dossier A9.4). */
import type { Instant, StatementLine } from '@polyrail/core';
import { type BillLayout, broken, countOf, createMoments, fen, placesOf, rawOf } from './bill.ts';
import { yuan } from './units.ts';

const columns = {
  occurredAt: ['记账时间'],
  channelId: ['微信支付业务单号'],
  name: ['业务名称'],
  type: ['业务类型'],
  direction: ['收支类型'],
  amount: ['收支金额(元)', '收支金额（元）'],
  merchantId: ['业务凭证号'],
} as const;
type Places = Readonly<Record<keyof typeof columns, number>>;

const required = Object.keys(columns) as readonly (keyof typeof columns)[];

const directions: Readonly<Record<string, 'in' | 'out'>> = { 收入: 'in', 支出: 'out' };

/** What a row is, by the words in its name; the first that fits. */
const kinds: readonly (readonly [pattern: RegExp, kind: StatementLine['kind']])[] = [
  [/退款/, 'refund'],
  [/手续费|服务费/, 'fee'],
  [/提现/, 'settlement'],
  [/转账|付款/, 'payout'],
  [/交易|扣款/, 'payment'],
];

const kindOf = (name: string): StatementLine['kind'] =>
  kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';

interface Reading {
  readonly at: Places;
  readonly names: readonly string[];
  readonly momentOf: (cell: string) => Instant;
}

function toLine(cells: readonly string[], { at, names, momentOf }: Reading): StatementLine {
  const direction = directions[cells[at.direction] ?? ''];
  if (direction === undefined) throw broken('a line does not say which way its amount went');
  const merchantId = cells[at.merchantId] ?? '';
  const channelId = cells[at.channelId] ?? '';
  const kind = kindOf(`${cells[at.type] ?? ''} ${cells[at.name] ?? ''}`);
  return {
    kind,
    amount: yuan(Math.abs(fen(cells[at.amount] ?? '', columns.amount[0]))),
    direction,
    occurredAt: momentOf(cells[at.occurredAt] ?? ''),
    ...(merchantId === '' ? {} : { merchantId }),
    ...(channelId === '' ? {} : { channelId }),
    raw: rawOf(names, cells),
  };
}

const totals = {
  in: { count: '收入笔数', amount: '收入金额' },
  out: { count: '支出笔数', amount: '支出金额' },
} as const;

export const fundsBill: BillLayout = {
  first: '记账时间',
  summary: '资金流水总笔数',
  begin(names) {
    const reading = { at: placesOf(columns, names, required), names, momentOf: createMoments() };
    const sums = { in: { count: 0, amount: 0 }, out: { count: 0, amount: 0 } };
    return {
      row(cells) {
        const line = toLine(cells, reading);
        const sum = sums[line.direction];
        sum.count += 1;
        sum.amount += line.amount.amount;
        return line;
      },
      requireSums(told) {
        const count = (name: string): number => countOf(told[name] ?? '', name);
        const same =
          count('资金流水总笔数') === sums.in.count + sums.out.count &&
          (['in', 'out'] as const).every(
            (side) =>
              count(totals[side].count) === sums[side].count &&
              fen(told[totals[side].amount] ?? '', totals[side].amount) === sums[side].amount,
          );
        if (!same) throw broken('its lines do not add up to its sums');
      },
    };
  },
};
