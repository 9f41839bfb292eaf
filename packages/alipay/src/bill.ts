/** alipay · bill: reads the lines of a day's trade bill and holds them against its own totals. */
import { type Money, money, PolyrailError, type StatementLine } from '@polyrail/core';
import { instantOfWallTime } from './time.ts';

/** What the file must be about. */
export interface BillSubject {
  /** `2026-11-22` */
  readonly date: string;
  /** The account line begins with it, when it is known. */
  readonly sellerId?: string | undefined;
}

/** Columns by name (dossier §14.3); the names' parentheses are full width. */
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
type Column = keyof typeof columns;

const kinds: Readonly<Record<string, 'payment' | 'refund'>> = { 交易: 'payment', 退款: 'refund' };

const totals = {
  payment: /^#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元，商家优惠共(-?[\d.]+)元/,
  refund: /^#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元，商家优惠退款共(-?[\d.]+)元/,
} as const;

const title = '#支付宝业务明细查询';
const startPattern = /^#起始日期：\[(\d{4})年(\d{2})月(\d{2})日/;
const accountPattern = /^#账号：\[(\d+)\]/;
const listEnd = '业务明细列表结束';

/** Whether a file of the archive is the detail; the summary beside it has another title. */
export const isDetail = (firstLine: string): boolean => firstLine.startsWith(title);

const broken = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The bill is not whole: ${what}`, {
    doubt: 'unreadable-reply',
  });

const foreign = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', `The bill is another one than was asked for: ${what}`, {
    doubt: 'contradicts-request',
  });

function fen(text: string, what: string): number {
  try {
    return money(text, 'CNY').amount;
  } catch {
    throw broken(`${what} is no amount`);
  }
}

const yuan = (amount: number): Money => ({ amount, currency: 'CNY' });

interface Sum {
  count: number;
  received: number;
  discount: number;
}

interface Header {
  readonly names: readonly string[];
  readonly at: Readonly<Record<Column, number>>;
}

function readHeader(cells: readonly string[]): Header {
  const at = {} as Record<Column, number>;
  for (const [column, name] of Object.entries(columns)) {
    const index = cells.indexOf(name);
    if (index < 0) throw broken(`column ${name} is missing`);
    at[column as Column] = index;
  }
  return { names: cells, at };
}

const timePattern = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/**
 * Quirk: nothing is quoted, so that a comma in a description or remark makes a cell more. The two
 * times after the description show where it ends; what is left over belongs to the last cell.
 */
function arrange(cells: readonly string[], { names, at }: Header): readonly string[] {
  const isTime = (index: number) => timePattern.test(cells[index]?.trim() ?? '');
  const last = names.length - 1;
  let end = at.createdAt;
  if (cells.length <= last) throw broken('a line has too few columns');
  while (!(isTime(end) && isTime(end + 1))) {
    if (end >= cells.length) throw broken('a line has no times');
    end += 1;
  }
  if (end === at.createdAt && cells.length === names.length) return cells.map(trim);
  const subject = cells.slice(at.subject, end).join(',');
  const row = [...cells.slice(0, at.subject), subject, ...cells.slice(end)];
  const rest = row.slice(last).join(',').replace(/,+$/, '');
  return [...row.slice(0, last), rest].map(trim);
}

/** Quirk: many cells end with a TAB. */
const trim = (cell: string): string => cell.trim();

export interface BillReader {
  /** `undefined` for what is no business: comments, totals, headings. */
  read(line: string): StatementLine | undefined;
  /** @throws PolyrailError `REPLY_UNREADABLE` unless everything was there and adds up */
  finish(): void;
}

type Stage = 'head' | 'rows' | 'ended';

/** Compares what the file says about itself in its comment lines. */
function readComment(line: string, subject: BillSubject): 'start' | 'end' | undefined {
  const [, year, month, day] = startPattern.exec(line) ?? [];
  if (year !== undefined) {
    if (`${year}-${month}-${day}` !== subject.date) throw foreign('its date differs');
    return 'start';
  }
  const [, account] = accountPattern.exec(line) ?? [];
  if (account !== undefined && subject.sellerId && !account.startsWith(subject.sellerId)) {
    throw foreign('its account differs');
  }
  return line.includes(listEnd) ? 'end' : undefined;
}

function toLine(row: readonly string[], header: Header): StatementLine {
  const { names, at } = header;
  const cell = (column: Column): string => row[at[column]] ?? '';
  const kind = kinds[cell('kind')] ?? 'other';
  const amount = fen(cell('amount'), columns.amount);
  const occurredAt = instantOfWallTime(cell('occurredAt'));
  if (occurredAt === undefined) throw broken('a line has no time');
  const outgoing = kind === 'other' ? amount < 0 : kind === 'refund';
  const trade = cell('merchantId');
  const id = kind === 'refund' ? cell('refundId') : trade;
  const fee = Math.abs(fen(cell('fee') || '0', columns.fee));
  return {
    kind,
    ...(id === '' ? {} : { merchantId: id }),
    ...(kind === 'refund' && trade !== '' ? { merchantPaymentId: trade } : {}),
    ...(cell('channelId') === '' ? {} : { channelId: cell('channelId') }),
    amount: yuan(Math.abs(amount)),
    direction: outgoing ? 'out' : 'in',
    // Quirk: the channel writes what it takes as a negative number; on a refund it is given back.
    ...(fee === 0 ? {} : { fee: yuan(fee) }),
    occurredAt,
    raw: Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])),
  };
}

function matchTotal(line: string, sums: Record<'payment' | 'refund', Sum>) {
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

/** Reads one detail file line by line. Holds one line at a time, whatever the size of the file. */
export function createBillReader(subject: BillSubject): BillReader {
  const sums = {
    payment: { count: 0, received: 0, discount: 0 },
    refund: { count: 0, received: 0, discount: 0 },
  };
  const seen = new Set<string>();
  let stage: Stage = 'head';
  let header: Header | undefined;

  const comment = (line: string): void => {
    const told = readComment(line, subject);
    if (told === 'end') {
      if (stage !== 'rows') throw broken('its list ends before it began');
      stage = 'ended';
    }
    const total = stage === 'ended' ? matchTotal(line, sums) : undefined;
    for (const mark of [told, total]) if (mark !== undefined) seen.add(mark);
  };
  const row = (line: string): StatementLine | undefined => {
    if (stage === 'ended') throw broken('a line follows the end of its list');
    const cells = line.split(',');
    if (header === undefined) {
      header = readHeader(cells.map(trim));
      stage = 'rows';
      return undefined;
    }
    const arranged = arrange(cells, header);
    const made = toLine(arranged, header);
    if (made.kind === 'payment' || made.kind === 'refund') {
      const sum: Sum = sums[made.kind];
      sum.count += 1;
      sum.received += fen(arranged[header.at.received] ?? '', columns.received);
      sum.discount += fen(arranged[header.at.discount] || '0', columns.discount);
    }
    return made;
  };
  return {
    read(line) {
      if (line.trim() === '') return undefined;
      if (!line.startsWith('#')) return row(line);
      comment(line);
      return undefined;
    },
    finish() {
      const wanted = { start: 'its date', end: 'the end of its list' };
      for (const [mark, what] of Object.entries({
        ...wanted,
        payment: 'the total of its payments',
        refund: 'the total of its refunds',
      })) {
        if (!seen.has(mark)) throw broken(`${what} is missing`);
      }
    },
  };
}
