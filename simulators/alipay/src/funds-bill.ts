/** alipay simulator · funds bill: a period's `signcustomer` bill, the merchant's account by line. */
import {
  type BillHead,
  billRule,
  cell,
  closingLines,
  openingLines,
  packBill,
  tab,
} from './bill-layer.ts';
import { yuan } from './fields.ts';
import type { Entry } from './funds.ts';
import { timeText } from './time.ts';

const columns = [
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号',
  '收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注',
].join(',');
/** Newer files have four more. */
const moreColumns = '业务描述,业务账单来源,业务基础订单号,业务订单号';
const summaryColumns = '类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）';

interface FundsBill extends BillHead {
  readonly entries: readonly Entry[];
  readonly columns: 12 | 16;
  readonly wrongTotals: boolean;
  readonly truncated: boolean;
}

const incomeOf = (amount: number): number => Math.max(0, amount);
const expenseOf = (amount: number): number => Math.min(0, amount);

function detailRow(entry: Entry, width: 12 | 16): string {
  const { serial, number, merchantNumber, title, at, counterpart, amount, balance } = entry;
  const more = [entry.kind, '支付宝', number + tab, merchantNumber + tab];
  return [
    serial + tab,
    number + tab,
    merchantNumber + tab,
    cell(title) + tab,
    timeText(at),
    cell(counterpart) + tab,
    yuan(incomeOf(amount)),
    yuan(expenseOf(amount)),
    yuan(balance),
    '支付宝',
    entry.kind,
    cell(entry.remark ?? ''),
    ...(width === 16 ? more : []),
  ].join(',');
}

function totalsOf(entries: readonly Entry[], extra = 0) {
  const incomes = entries.filter(({ amount }) => amount > 0);
  const expenses = entries.filter(({ amount }) => amount < 0);
  const sum = (some: readonly Entry[]) => some.reduce((total, { amount }) => total + amount, 0);
  return {
    incomes: incomes.length,
    income: sum(incomes) + extra,
    expenses: expenses.length,
    expense: sum(expenses),
  };
}

function detailText(bill: FundsBill): string {
  const { entries, wrongTotals, columns: width } = bill;
  const { incomes, income, expenses, expense } = totalsOf(entries, wrongTotals ? 1 : 0);
  return [
    ...openingLines('账务', '明细', bill),
    width === 16 ? `${columns},${moreColumns}` : columns,
    ...entries.map((entry) => detailRow(entry, width)),
    `#${billRule}账务明细列表结束${billRule.slice(5)}`,
    `#支出合计：${expenses}笔，共${yuan(expense)}元`,
    `#收入合计：${incomes}笔，共${yuan(income)}元`,
    ...closingLines(bill),
  ].join('\n');
}

function summaryRow(name: string, entries: readonly Entry[], extra = 0): string {
  const { incomes, income, expenses, expense } = totalsOf(entries, extra);
  return [name, incomes, yuan(income), expenses, yuan(expense), yuan(income + expense)].join(',');
}

function summaryText(bill: FundsBill): string {
  const { entries, wrongTotals } = bill;
  const kinds = Map.groupBy(entries, ({ kind }) => kind);
  return [
    ...openingLines('账务', '汇总', bill),
    summaryColumns,
    ...[...kinds].map(([kind, ofKind]) => summaryRow(kind, ofKind)),
    summaryRow('合计', entries, wrongTotals ? 1 : 0),
    `#${billRule.slice(1)}账务汇总列表结束${billRule.slice(4)}`,
    ...closingLines(bill),
  ].join('\n');
}

export const writeFundsBill = (bill: FundsBill): Uint8Array =>
  packBill(bill, '账务', {
    detail: detailText(bill),
    summary: summaryText(bill),
    truncated: bill.truncated,
  });
