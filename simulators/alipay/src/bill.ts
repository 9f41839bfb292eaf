/** alipay simulator · bill: a period's `trade` bill as Alipay writes it, from the ledger. */
import {
  type BillHead,
  type BillPeriod,
  billRule,
  cell,
  closingLines,
  openingLines,
  packBill,
  tab,
} from './bill-layer.ts';
import { yuan } from './fields.ts';
import { merchantAccount } from './funds.ts';
import type { Order } from './order.ts';
import { timeText } from './time.ts';

interface BillLine {
  readonly order: Order;
  readonly kind: 'pay' | 'refund';
  /** Fen; negative for a refund. */
  readonly amount: number;
  readonly at: number;
  readonly sequence: number;
  /** Of a refund made by the merchant's refund call. */
  readonly outRequestNo: string;
}

/** What moved for a merchant in a period, in the order it moved. */
export function billLines(orders: readonly Order[], { from, to }: BillPeriod): BillLine[] {
  const lines = orders.flatMap((order) => {
    let refunds = 0;
    return order.movements.map(({ kind, movement }): BillLine => {
      const refund = kind === 'refund' ? order.refunds[refunds++] : undefined;
      const account = merchantAccount(order.merchant);
      const amount = movement.lines.find((line) => line.account === account)?.amount ?? 0;
      const outRequestNo = refund === undefined || refund.cancelled ? '' : refund.outRequestNo;
      const { sequence } = movement;
      return { order, kind, amount, at: Date.parse(movement.at), sequence, outRequestNo };
    });
  });
  return lines
    .filter(({ at }) => at >= from && at < to)
    .sort((left, right) => left.sequence - right.sequence);
}

const header = [
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户',
  '订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）',
  '券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注',
].join(',');
const summaryHeader = [
  '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）',
  '商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）',
].join(',');
const nothing = '0.00';

function detailRow({ order, kind, amount, at, outRequestNo }: BillLine): string {
  const { terms } = order;
  const store = cell(terms.storeId ?? '') + tab;
  return [
    `${order.tradeNo}${tab}`,
    `${terms.outTradeNo}${tab}`,
    `${kind === 'pay' ? '交易' : '退款'}${tab}`,
    cell(terms.subject),
    timeText(order.tradeCreatedAt ?? order.createdAt),
    timeText(at),
    store,
    store,
    cell(terms.operatorId ?? '') + tab,
    cell(terms.terminalId ?? '') + tab,
    order.payer.account + tab,
    yuan(amount),
    yuan(amount),
    ...[nothing, nothing, nothing, nothing, nothing],
    '',
    nothing + tab,
    nothing,
    cell(outRequestNo) + tab,
    nothing,
    nothing,
    cell(terms.body ?? terms.subject),
  ].join(',');
}

interface TradeBill extends BillHead {
  readonly lines: readonly BillLine[];
  readonly wrongTotals: boolean;
  readonly truncated: boolean;
}

const sum = (lines: readonly BillLine[]): number =>
  lines.reduce((total, { amount }) => total + amount, 0);
const ofKind = (lines: readonly BillLine[], kind: BillLine['kind']): readonly BillLine[] =>
  lines.filter((line) => line.kind === kind);

function detailText(bill: TradeBill): string {
  const { lines, wrongTotals } = bill;
  const trades = ofKind(lines, 'pay');
  const refunds = ofKind(lines, 'refund');
  const received = sum(trades) + (wrongTotals ? 1 : 0);
  return [
    ...openingLines('业务', '明细', bill),
    header,
    ...lines.map(detailRow),
    `#${billRule}业务明细列表结束${billRule.slice(5)}`,
    `#交易合计：${trades.length}笔，商家实收共${yuan(received)}元，商家优惠共0.00元`,
    `#退款合计：${refunds.length}笔，商家实收退款共${yuan(sum(refunds))}元，商家优惠退款共0.00元`,
    ...closingLines(bill),
  ].join('\n');
}

function summaryRow(name: string, lines: readonly BillLine[], extra: number): string {
  const total = yuan(sum(lines) + extra);
  const counts = [ofKind(lines, 'pay').length, ofKind(lines, 'refund').length];
  const fees = [nothing, nothing, nothing, nothing, nothing];
  return [name, ...counts, total, total, ...fees, total].join(',');
}

function summaryText(bill: TradeBill): string {
  const { lines, wrongTotals } = bill;
  const stores = Map.groupBy(lines, ({ order }) => cell(order.terms.storeId ?? ''));
  const named = (store: string) => `${store}${tab},${store}${tab}`;
  return [
    ...openingLines('业务', '汇总', bill),
    summaryHeader,
    ...[...stores].map(([store, ofStore]) => summaryRow(named(store), ofStore, 0)),
    summaryRow('合计,', lines, wrongTotals ? 1 : 0),
    `#${billRule.slice(1)}业务汇总列表结束${billRule.slice(4)}`,
    ...closingLines(bill),
  ].join('\n');
}

export const writeTradeBill = (bill: TradeBill): Uint8Array =>
  packBill(bill, '业务', {
    detail: detailText(bill),
    summary: summaryText(bill),
    truncated: bill.truncated,
  });
