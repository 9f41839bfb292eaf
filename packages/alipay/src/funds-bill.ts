/** alipay · funds bill: what moved on the account on a day, as the `signcustomer` bill lists it (§14.5). */
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

/**
 * Columns by name; the names' parentheses are full width. Newer files have four columns behind the
 * remark; the running balance is not relied upon, since nothing says in which order lines stand.
 */
const columns = {
  channelId: '业务流水号',
  merchantId: '商户订单号',
  subject: '商品名称',
  occurredAt: '发生时间',
  income: '收入金额（+元）',
  expense: '支出金额（-元）',
  kind: '业务类型',
  remark: '备注',
} as const;
type Places = Readonly<Record<keyof typeof columns, number>>;

type Kind = StatementLine['kind'];
type Direction = StatementLine['direction'];

/**
 * What a business type is in the direction the merchant has it in: what a merchant pays as somebody
 * else's customer is no payment of its own.
 */
const kinds: Readonly<Record<string, { readonly [D in Direction]?: Kind }>> = {
  在线支付: { in: 'payment' },
  交易退款: { out: 'refund' },
  收费: { out: 'fee', in: 'fee' },
  转账: { out: 'payout' },
  提现: { out: 'settlement' },
};

/** Kinds whose merchant id is that of the payment they belong to. */
const belonging: ReadonlySet<Kind> = new Set(['refund', 'fee']);

const totals = {
  expense: /^#支出合计：(\d+)笔，共(-?[\d.]+)元/,
  income: /^#收入合计：(\d+)笔，共(-?[\d.]+)元/,
} as const;
type Side = keyof typeof totals;

interface Sum {
  count: number;
  amount: number;
}

const amountPattern = /^[-+]?\d+(?:\.\d{1,2})?$/;
const isAmount = (cell: string | undefined): boolean => amountPattern.test(cell?.trim() ?? '');

/** The first index from `from` on where `test` holds. */
function find(cells: readonly string[], from: number, test: (index: number) => boolean): number {
  for (let index = from; index < cells.length; index += 1) if (test(index)) return index;
  throw broken('a line has no time or no amounts');
}

/** The cells from `start` to `end` put together again: they were one that holds commas. */
const joined = (cells: readonly string[], start: number, end: number): string =>
  cells.slice(start, end).join(',');

/**
 * Quirk: nothing is quoted, so that a comma in a text makes a cell more. The time shows where the
 * description ends, the two amounts where the name of the other side does; what is left over belongs
 * to the remark. A name that looks like two amounts contradicts the totals of the file.
 */
function arrange(cells: string[], names: readonly string[], at: Places) {
  const width = names.length;
  if (cells.length < width) throw broken('a line has too few columns');
  if (cells.length === width && isTime(cells[at.occurredAt])) return trimmed(cells);
  const usual =
    at.occurredAt === at.subject + 1 && at.expense === at.income + 1 && at.remark > at.expense;
  if (!usual) throw broken('a line has too many columns');
  const time = find(cells, at.occurredAt, (index) => isTime(cells[index]));
  const between = at.income - at.occurredAt;
  const income = find(
    cells,
    time + between,
    (index) => isAmount(cells[index]) && isAmount(cells[index + 1]),
  );
  const front = [...cells.slice(0, at.subject), joined(cells, at.subject, time)];
  const party = [
    ...cells.slice(time, time + between - 1),
    joined(cells, time + between - 1, income),
  ];
  const back = cells.slice(income);
  // Copies that were saved again have empty cells at the end of every line.
  while (front.length + party.length + back.length > width && back.at(-1)?.trim() === '')
    back.pop();
  const extra = front.length + party.length + back.length - width;
  const remark = at.remark - at.income;
  const end = remark + extra + 1;
  const tail = [...back.slice(0, remark), joined(back, remark, end), ...back.slice(end)];
  return trimmed([...front, ...party, ...tail]);
}

/**
 * Quirk: outgoing amounts are written with their sign in some files and without in others; the
 * column says which way the money went.
 */
function movementOf(row: readonly string[], at: Places) {
  const income = fen(row[at.income]?.replace(/^\+/, '') || '0', columns.income);
  const expense = Math.abs(fen(row[at.expense] || '0', columns.expense));
  if (income < 0 || (income !== 0 && expense !== 0)) {
    throw broken('a line does not say whether its amount came in or went out');
  }
  const direction: Direction = expense === 0 ? 'in' : 'out';
  return { direction, amount: income + expense } as const;
}

interface Reading {
  readonly at: Places;
  readonly momentOf: (cell: string) => Instant;
  readonly rawOf: (row: readonly string[]) => object;
}

type Draft = { -readonly [M in keyof StatementLine]: StatementLine[M] };

function toLine(row: readonly string[], { at, momentOf, rawOf }: Reading): StatementLine {
  const { direction, amount } = movementOf(row, at);
  const type = row[at.kind] ?? '';
  const kind = (Object.hasOwn(kinds, type) ? kinds[type]?.[direction] : undefined) ?? 'other';
  const merchantId = row[at.merchantId] ?? '';
  const channelId = row[at.channelId] ?? '';
  const line: Draft = {
    kind,
    amount: yuan(amount),
    direction,
    occurredAt: momentOf(row[at.occurredAt] ?? ''),
    raw: rawOf(row),
  };
  if (merchantId !== '') {
    line[belonging.has(kind) ? 'merchantPaymentId' : 'merchantId'] = merchantId;
  }
  if (channelId !== '') line.channelId = channelId;
  return line;
}

function matchTotal(line: string, sums: Readonly<Record<Side, Sum>>): Side | undefined {
  for (const side of ['expense', 'income'] as const) {
    const [, count, amount = ''] = totals[side].exec(line) ?? [];
    if (count === undefined) continue;
    const sum = sums[side];
    if (Number(count) === sum.count && Math.abs(fen(amount, 'a total')) === sum.amount) return side;
    throw broken(`its lines do not add up to its total of ${side}`);
  }
  return undefined;
}

export const fundsBill: BillLayout = {
  title: '#支付宝账务明细查询',
  listEnd: '账务明细列表结束',
  totals: { expense: 'the total of its expense', income: 'the total of its income' },
  begin(names) {
    const at = columnsOf(columns, names);
    const reading = { at, momentOf: createMoments(), rawOf: rawRows(names) };
    const sums = { expense: { count: 0, amount: 0 }, income: { count: 0, amount: 0 } };
    return {
      row(cells) {
        const made = toLine(arrange(cells, names, at), reading);
        const sum = made.direction === 'out' ? sums.expense : sums.income;
        sum.count += made.amount.amount === 0 ? 0 : 1;
        sum.amount += made.amount.amount;
        return made;
      },
      total: (comment) => matchTotal(comment, sums),
    };
  },
};
