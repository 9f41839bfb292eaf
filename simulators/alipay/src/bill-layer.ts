/** alipay simulator · bill layer: what bills of every kind share - comment rows, cells, the ZIP. */
import { encodeText, writeZip } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import { timeText } from './time.ts';

export interface BillPeriod {
  /** Milliseconds since the epoch, included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

export interface BillHead extends BillPeriod {
  readonly merchant: Merchant;
  readonly exportedAt: number;
  /** As it stands in the file names: `20261124`, or `202611` for a month. */
  readonly stamp: string;
}

/** `业务`: of trades. `账务`: of the account. */
type BillKind = '业务' | '账务';

export const billRule = '-----------------------------------------';
export const tab = '\t';

/** Quirk: cells are never quoted, so what would break the row is replaced. */
export const cell = (text: string): string =>
  text.replaceAll(',', '，').replaceAll(/[\r\n\t"]/g, ' ');

/** `2019年09月16日 00:00:00` */
function longTime(epochMs: number): string {
  const [day = '', time = ''] = timeText(epochMs).split(' ');
  const [year, month, date] = day.split('-');
  return `${year}年${month}月${date}日 ${time}`;
}

export const openingLines = (
  kind: BillKind,
  part: '明细' | '汇总',
  { merchant, from, to }: BillHead,
): string[] => [
  `#支付宝${kind}${part}查询`,
  `#账号：[${merchant.sellerId}0156]`,
  `#起始日期：[${longTime(from)}]   终止日期：[${longTime(to)}]`,
  `#${billRule}${kind}${part}列表${billRule.slice(1)}`,
];

export const closingLines = ({ exportedAt }: BillHead): string[] => [
  `#导出时间：[${longTime(exportedAt)}]`,
  '',
];

interface BillTexts {
  readonly detail: string;
  readonly summary: string;
  /** Ends the detail within a row, as if the export had stopped there. */
  readonly truncated: boolean;
}

/** The ZIP: the summary first, as Alipay often has it; names and texts in GBK. */
export function packBill(
  { merchant, stamp }: BillHead,
  kind: BillKind,
  texts: BillTexts,
): Uint8Array {
  const detail = encodeText(texts.detail, 'gbk');
  const cut = texts.truncated ? detail.subarray(0, Math.floor(detail.length * 0.7)) : detail;
  const name = `${merchant.sellerId}0156_${stamp}_${kind}明细`;
  return writeZip([
    { name: encodeText(`${name}(汇总).csv`, 'gbk'), data: encodeText(texts.summary, 'gbk') },
    { name: encodeText(`${name}.csv`, 'gbk'), data: cut },
  ]);
}
