/** alipay simulator · bill: a period's `trade` bill as Alipay writes it, from the ledger. */
import { writeZip } from '@polyrail/simulator';
import { encodeText } from './charset.ts';
import { yuan } from './fields.ts';
import type { Merchant } from './merchants.ts';
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

export interface BillPeriod {
  /** Milliseconds since the epoch, included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** What moved for a merchant in a period, in the order it moved. */
export function billLines(orders: readonly Order[], { from, to }: BillPeriod): BillLine[] {
  const lines = orders.flatMap((order) => {
    let refunds = 0;
    return order.movements.map(({ kind, movement }): BillLine => {
      const refund = kind === 'refund' ? order.refunds[refunds++] : undefined;
      const { account } = { account: `merchant:${order.merchant.sellerId}` };
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
const rule = '-----------------------------------------';
const tab = '\t';
const nothing = '0.00';

/** Quirk: cells are never quoted, so what would break the row is replaced. */
const cell = (text: string): string => text.replaceAll(',', '，').replaceAll(/[\r\n\t"]/g, ' ');

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

/** `2019年09月16日 00:00:00` */
function longTime(epochMs: number): string {
  const [day = '', time = ''] = timeText(epochMs).split(' ');
  const [year, month, date] = day.split('-');
  return `${year}年${month}月${date}日 ${time}`;
}

interface BillFile extends BillPeriod {
  readonly merchant: Merchant;
  readonly lines: readonly BillLine[];
  readonly exportedAt: number;
  readonly wrongTotals: boolean;
}

function opening(kind: '明细' | '汇总', { merchant, from, to }: BillFile): string[] {
  return [
    `#支付宝业务${kind}查询`,
    `#账号：[${merchant.sellerId}0156]`,
    `#起始日期：[${longTime(from)}]   终止日期：[${longTime(to)}]`,
    `#${rule}业务${kind}列表${rule.slice(1)}`,
  ];
}

const sum = (lines: readonly BillLine[]): number =>
  lines.reduce((total, { amount }) => total + amount, 0);
const ofKind = (lines: readonly BillLine[], kind: BillLine['kind']): readonly BillLine[] =>
  lines.filter((line) => line.kind === kind);

function detailText(file: BillFile): string {
  const { lines, exportedAt, wrongTotals } = file;
  const trades = ofKind(lines, 'pay');
  const refunds = ofKind(lines, 'refund');
  const received = sum(trades) + (wrongTotals ? 1 : 0);
  return [
    ...opening('明细', file),
    header,
    ...lines.map(detailRow),
    `#${rule}业务明细列表结束${rule.slice(5)}`,
    `#交易合计：${trades.length}笔，商家实收共${yuan(received)}元，商家优惠共0.00元`,
    `#退款合计：${refunds.length}笔，商家实收退款共${yuan(sum(refunds))}元，商家优惠退款共0.00元`,
    `#导出时间：[${longTime(exportedAt)}]`,
    '',
  ].join('\n');
}

function summaryRow(name: string, lines: readonly BillLine[], extra: number): string {
  const total = yuan(sum(lines) + extra);
  const counts = [ofKind(lines, 'pay').length, ofKind(lines, 'refund').length];
  const fees = [nothing, nothing, nothing, nothing, nothing];
  return [name, ...counts, total, total, ...fees, total].join(',');
}

function summaryText(file: BillFile): string {
  const { lines, exportedAt, wrongTotals } = file;
  const stores = Map.groupBy(lines, ({ order }) => cell(order.terms.storeId ?? ''));
  const named = (store: string) => `${store}${tab},${store}${tab}`;
  return [
    ...opening('汇总', file),
    summaryHeader,
    ...[...stores].map(([store, ofStore]) => summaryRow(named(store), ofStore, 0)),
    summaryRow('合计,', lines, wrongTotals ? 1 : 0),
    `#${rule.slice(1)}业务汇总列表结束${rule.slice(4)}`,
    `#导出时间：[${longTime(exportedAt)}]`,
    '',
  ].join('\n');
}

interface BillOptions extends BillFile {
  /** As it stands in the file names: `20261124`, or `202611` for a month. */
  readonly stamp: string;
  /** Ends the detail within a row, as if the export had stopped there. */
  readonly truncated: boolean;
}

/** The ZIP: the summary first, as Alipay often has it; names and texts in GBK. */
export function writeBill(options: BillOptions): Uint8Array {
  const { merchant, stamp, truncated } = options;
  const detail = encodeText(detailText(options), 'gbk');
  const cut = truncated ? detail.subarray(0, Math.floor(detail.length * 0.7)) : detail;
  const name = `${merchant.sellerId}0156_${stamp}_业务明细`;
  return writeZip([
    { name: encodeText(`${name}(汇总).csv`, 'gbk'), data: encodeText(summaryText(options), 'gbk') },
    { name: encodeText(`${name}.csv`, 'gbk'), data: cut },
  ]);
}
