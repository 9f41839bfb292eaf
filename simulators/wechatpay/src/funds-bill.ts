/** wechatpay simulator · funds bill: a day of a merchant's account, line by line. */
import { row } from './bill.ts';
import type { Entry } from './funds.ts';
import type { Merchant } from './merchants.ts';
import { yuan } from './numbers.ts';
import { timeText } from './time.ts';

export const header =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号';
export const summaryHeader = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';

interface FundsBill {
  readonly entries: readonly Entry[];
  readonly merchant: Merchant;
  /** A fen off. */
  readonly wrongTotals: boolean;
}

const sum = (entries: readonly Entry[]): number =>
  entries.reduce((total, { amount }) => total + Math.abs(amount), 0);

function lineOf(entry: Entry, { signer }: Merchant): string {
  const { at, number, serial, kind, amount, balance, merchantNumber, remark } = entry;
  const total = yuan(Math.abs(amount));
  const remarks = { 交易: '结算总金额', 退款: '退款总金额', 转账: '转账总金额' } as const;
  const words = remarks[kind as keyof typeof remarks] ?? kind;
  return row([
    timeText(at),
    number,
    serial,
    kind,
    kind,
    amount > 0 ? '收入' : '支出',
    total,
    yuan(balance),
    kind === '交易' ? 'system' : `${signer.mchid}API`,
    remark ?? `${words}${total}元;含手续费0.00元`,
    merchantNumber,
  ]);
}

export function writeFundsBill({ entries, merchant, wrongTotals }: FundsBill): string {
  const income = entries.filter(({ amount }) => amount > 0);
  const spent = entries.filter(({ amount }) => amount < 0);
  const counts = [entries.length, income.length].map(String);
  const received = yuan(sum(income) + (wrongTotals ? 1 : 0));
  const summary = row([...counts, received, String(spent.length), yuan(sum(spent))]);
  const lines = entries.map((entry) => lineOf(entry, merchant));
  return [header, ...lines, summaryHeader, summary, ''].join('\r\n');
}
