/** alipay · trade bill: what was bought and given back on a day, as the `trade` bill lists it (§14.3). */
import type { Instant, StatementLine } from '@polyrail/core';
import {
  type BillLayout,
  broken,
  columnsOf,
  createMoments,
  fen,
  isTime,
  rawRows,
  trimmed,
  yuan,
} from './bill.ts';

/** Columns by name; the names' parentheses are full width. */
const columns = {
  channelId: '支付宝交易号',
  merchantId: '商户订单号',
  kind: '业务类型',
  subject: '商品名称',
  createdAt: '创建时间',
  occurredAt: '完成时间',
  amount: '订单金额（元）',
  received: '商家实收（元）',
  discount: '商家优惠（元）',
  refundId: '退款批次号/请求号',
  fee: '服务费（元）',
} as const;
type Places = Readonly<Record<keyof typeof columns, number>>;

const kinds: Readonly<Record<string, 'payment' | 'refund'>> = Object.assign(Object.create(null), {
  交易: 'payment',
  退款: 'refund',
});

const totals = {
  payment: /^#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元，商家优惠共(-?[\d.]+)元/,
  refund: /^#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元，商家优惠退款共(-?[\d.]+)元/,
} as const;

interface Sum {
  count: number;
  received: number;
  discount: number;
}

/**
 * Quirk: nothing is quoted, so that a comma in a description or remark makes a cell more. The two
 * times after the description show where it ends; what is left over belongs to the last cell.
 */
function arrange(cells: string[], width: number, at: Places): readonly string[] {
  const last = width - 1;
  let end = at.createdAt;
  if (cells.length <= last) throw broken('a line has too few columns');
  while (!(isTime(cells[end]) && isTime(cells[end + 1]))) {
    if (end >= cells.length) throw broken('a line has no times');
    end += 1;
  }
  if (end === at.createdAt && cells.length === width) return trimmed(cells);
  const subject = cells.slice(at.subject, end).join(',');
  const row = [...cells.slice(0, at.subject), subject, ...cells.slice(end)];
  const rest = row.slice(last).join(',').replace(/,+$/, '');
  return trimmed([...row.slice(0, last), rest]);
}

interface Reading {
  readonly at: Places;
  readonly momentOf: (cell: string) => Instant;
  readonly rawOf: (row: readonly string[]) => object;
}

type Draft = { -readonly [M in keyof StatementLine]: StatementLine[M] };

function toLine(row: readonly string[], { at, momentOf, rawOf }: Reading): StatementLine {
  const kind = kinds[row[at.kind] ?? ''] ?? 'other';
  const amount = fen(row[at.amount] ?? '', columns.amount);
  const outgoing = kind === 'other' ? amount < 0 : kind === 'refund';
  const trade = row[at.merchantId] ?? '';
  const id = kind === 'refund' ? (row[at.refundId] ?? '') : trade;
  const channelId = row[at.channelId] ?? '';
  // Quirk: the channel writes what it takes as a negative number; on a refund it is given back.
  const fee = Math.abs(fen(row[at.fee] || '0', columns.fee));
  const line: Draft = {
    kind,
    amount: yuan(Math.abs(amount)),
    direction: outgoing ? 'out' : 'in',
    occurredAt: momentOf(row[at.occurredAt] ?? ''),
    raw: rawOf(row),
  };
  if (id !== '') line.merchantId = id;
  if (kind === 'refund' && trade !== '') line.merchantPaymentId = trade;
  if (channelId !== '') line.channelId = channelId;
  if (fee !== 0) line.fee = yuan(fee);
  return line;
}

function matchTotal(line: string, sums: Record<'payment' | 'refund', Sum>): string | undefined {
  for (const kind of ['payment', 'refund'] as const) {
    const [, count, received = '', discount = ''] = totals[kind].exec(line) ?? [];
    if (count === undefined) continue;
    const sum = sums[kind];
    const agrees =
      Number(count) === sum.count &&
      fen(received, 'a total') === sum.received &&
      fen(discount, 'a total') === sum.discount;
    if (!agrees) throw broken(`its lines do not add up to its total of ${kind}s`);
    return kind;
  }
  return undefined;
}

export const tradeBill: BillLayout = {
  title: '#支付宝业务明细查询',
  listEnd: '业务明细列表结束',
  totals: { payment: 'the total of its payments', refund: 'the total of its refunds' },
  begin(names) {
    const at = columnsOf(columns, names);
    const reading = { at, momentOf: createMoments(), rawOf: rawRows(names) };
    const sums = {
      payment: { count: 0, received: 0, discount: 0 },
      refund: { count: 0, received: 0, discount: 0 },
    };
    return {
      row(cells) {
        const row = arrange(cells, names.length, at);
        const made = toLine(row, reading);
        if (made.kind === 'payment' || made.kind === 'refund') {
          const sum: Sum = sums[made.kind];
          sum.count += 1;
          sum.received += fen(row[at.received] ?? '', columns.received);
          sum.discount += fen(row[at.discount] || '0', columns.discount);
        }
        return made;
      },
      total: (comment) => matchTotal(comment, sums),
    };
  },
};
