/** wechatpay-bills · trade bill: what was bought and given back on a day (dossier A9.3). */
import type { Instant, StatementLine } from '@polyrail/core';
import {
  type BillLayout,
  broken,
  countOf,
  createMoments,
  feeOf,
  fen,
  fineYuan,
  placesOf,
  rawOf,
} from './bill.ts';
import { yuan } from './units.ts';

/** Columns by name, older names behind the present ones. */
const columns = {
  occurredAt: ['交易时间'],
  channelId: ['微信订单号'],
  merchantId: ['商户订单号'],
  state: ['交易状态'],
  currency: ['货币种类'],
  settled: ['应结订单金额', '总金额'],
  amount: ['订单金额', '应结订单金额', '总金额'],
  refundChannelId: ['微信退款单号'],
  refundId: ['商户退款单号'],
  refunded: ['退款金额'],
  refundAsked: ['申请退款金额', '退款金额'],
  refundState: ['退款状态'],
  refundedAt: ['退款成功时间'],
  coupons: ['充值券退款金额'],
  fee: ['手续费'],
} as const;
type Column = keyof typeof columns;
type Places = Readonly<Record<Column, number>>;

const required: readonly Column[] = [
  'occurredAt',
  'channelId',
  'merchantId',
  'state',
  'settled',
  'amount',
];

/** The sums of a bill: their names, and the columns they are sums of, in hundred-thousandths. */
const sumsOf: readonly (readonly [name: string, column: Column])[] = [
  ['应结订单总金额', 'settled'],
  ['退款总金额', 'refunded'],
  ['充值券退款总金额', 'coupons'],
  ['手续费总金额', 'fee'],
  ['订单总金额', 'amount'],
  ['申请退款总金额', 'refundAsked'],
];

interface Reading {
  readonly at: Places;
  readonly names: readonly string[];
  readonly momentOf: (cell: string) => Instant;
}

const cellOf = (cells: readonly string[], index: number): string => cells[index] ?? '';

/** Quirk: where there is no number, the file writes nought. */
const idOf = (cells: readonly string[], index: number): string | undefined => {
  const text = cellOf(cells, index);
  return text === '' || text === '0' ? undefined : text;
};

type Draft = { -readonly [M in keyof StatementLine]?: StatementLine[M] };

/** What a row is by its state; a refund that failed moved nothing. */
function kindOf(cells: readonly string[], { state, refundState }: Places): StatementLine['kind'] {
  switch (cellOf(cells, state)) {
    case 'SUCCESS':
      return 'payment';
    case 'REFUND':
      return cellOf(cells, refundState) === 'FAIL' ? 'other' : 'refund';
    case 'REVOKED':
      return 'cancellation';
    default:
      return 'other';
  }
}

function toLine(cells: readonly string[], { at, names, momentOf }: Reading): StatementLine {
  const currency = at.currency < 0 ? 'CNY' : cellOf(cells, at.currency);
  if (currency !== 'CNY' && currency !== '') throw broken('a line is not in CNY');
  const kind = kindOf(cells, at);
  const back = cellOf(cells, at.state) !== 'SUCCESS';
  const asked = back ? cellOf(cells, at.refundAsked) : cellOf(cells, at.amount);
  const amount = Math.abs(fen(asked === '' ? '0' : asked, columns.amount[0]));
  const time = back && at.refundedAt >= 0 ? cellOf(cells, at.refundedAt) : '';
  const line: Draft = {
    kind,
    amount: yuan(amount),
    direction: back ? 'out' : 'in',
    occurredAt: momentOf(time === '' ? cellOf(cells, at.occurredAt) : time),
    raw: rawOf(names, cells),
  };
  const order = idOf(cells, at.merchantId);
  const id = back ? idOf(cells, at.refundId) : order;
  const channelId = idOf(cells, back ? at.refundChannelId : at.channelId);
  const fee = at.fee < 0 ? undefined : feeOf(fineYuan(cellOf(cells, at.fee) || '0', '手续费'));
  if (id !== undefined) line.merchantId = id;
  if (back && order !== undefined) line.merchantPaymentId = order;
  if (channelId !== undefined) line.channelId = channelId;
  if (fee !== undefined) line.fee = fee;
  return line as StatementLine;
}

/** Quirk: lines tell fees with five digits, and older files their sum with two. */
function agrees(text: string, name: string, sum: number): boolean {
  const gap = Math.abs(fineYuan(text, name) - sum);
  if (gap === 0) return true;
  const digits = text.length - text.indexOf('.') - 1;
  return name === '手续费总金额' && text.includes('.') && digits < 5 && gap < 10 ** (5 - digits);
}

export const tradeBill: BillLayout = {
  first: '交易时间',
  summary: '总交易单数',
  begin(names) {
    const at = placesOf(columns, names, required);
    const reading = { at, names, momentOf: createMoments() };
    const counted = sumsOf.filter(([, column]) => at[column] >= 0);
    const sums = new Map<string, number>(counted.map(([name]) => [name, 0]));
    let rows = 0;
    return {
      row(cells) {
        rows += 1;
        for (const [name, column] of counted) {
          const cell = cellOf(cells, at[column]) || '0';
          sums.set(name, (sums.get(name) ?? 0) + fineYuan(cell, columns[column][0]));
        }
        return toLine(cells, reading);
      },
      requireSums(told) {
        if (countOf(told['总交易单数'] ?? '', 'the number of its lines') !== rows) {
          throw broken('it has another number of lines than it says');
        }
        for (const [name, sum] of sums) {
          const text = told[name];
          if (text === undefined || agrees(text, name, sum)) continue;
          throw broken(`its lines do not add up to its ${name}`);
        }
      },
    };
  },
};
