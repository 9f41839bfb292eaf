/** bench · bill: a day's trade bill of any length, as Alipay packs it - GBK in a ZIP, summary first. */
import { archiveOf, billNumbers, packFile } from '@polyrail/contest';
import { encodeText } from '@polyrail/kit/charset';

export const date = '2026-11-21';
const header =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

const yuan = (fen: number): string => `${fen < 0 ? '-' : ''}${(Math.abs(fen) / 100).toFixed(2)}`;

/** The text of the detail in pieces; every tenth line gives back what the line before it took. */
export function* detailText(lines: number): Generator<string, undefined> {
  const random = billNumbers();
  const sums = { payment: { count: 0, fen: 0 }, refund: { count: 0, fen: 0 } };
  yield `#支付宝业务明细查询\n#账号：[20880000000000010156]\n#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]\n#-----------------------------------------业务明细列表----------------------------------------\n${header}\n`;
  let last = { trade: '', order: '', fen: 0 };
  for (let index = 0; index < lines; index += 1) {
    const isRefund = index % 10 === 9;
    const second = Math.floor((index / lines) * 86_400);
    const time = new Date(Date.UTC(2026, 10, 21) + second * 1000).toISOString().slice(11, 19);
    if (!isRefund) {
      const tail = digits(random.next().value, 10) + digits(index, 8);
      const trade = `2026112122001${tail.slice(0, 15)}`;
      last = { trade, order: `order_${tail}`, fen: 1 + (random.next().value % 100_000) };
    }
    const { trade, order } = last;
    const fen = isRefund ? -last.fen : last.fen;
    const sum = sums[isRefund ? 'refund' : 'payment'];
    sum.count += 1;
    sum.fen += fen;
    const refundId = isRefund ? `refund_${order.slice(6)}` : '';
    const party = `*津水(${digits(random.next().value % 1000, 3)}***@qq.com)`;
    const store = `store_${random.next().value % 40}`;
    yield `${trade}\t,${order}\t,${isRefund ? '退款' : '交易'}\t,一杯茶 第${random.next().value % 500}号,${date} ${time},${date} ${time},${store}\t,${store}\t,alipay\t,\t,${party}\t,${yuan(fen)},${yuan(fen)},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,${refundId}\t,${isRefund ? '0.00' : '-0.01'},0.00,下单\n`;
  }
  const { payment, refund } = sums;
  yield `#-----------------------------------------业务明细列表结束------------------------------------\n#交易合计：${payment.count}笔，商家实收共${yuan(payment.fen)}元，商家优惠共0.00元\n#退款合计：${refund.count}笔，商家实收退款共${yuan(refund.fen)}元，商家优惠退款共0.00元\n#导出时间：[2026年11月22日 05:46:49]\n`;
}

const summary =
  '#支付宝业务汇总查询\n#账号：[20880000000000010156]\n#导出时间：[2026年11月22日 05:46:49]\n';

/** Texts of some hundred characters each, in pieces that are worth writing. */
export function* batches(texts: Iterable<string>): Generator<string, undefined> {
  let batch = '';
  for (const text of texts) {
    batch += text;
    if (batch.length < 256 * 1024) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

function* encoded(texts: Iterable<string>): Generator<Uint8Array, undefined> {
  for (const batch of batches(texts)) yield encodeText(batch, 'gbk');
}

/** A ZIP archive with names in GBK, as Alipay writes it. */
export async function makeBill(lines: number): Promise<Buffer> {
  const summed = await packFile(encodeText('业务明细(汇总).csv', 'gbk'), encoded([summary]));
  const detailed = await packFile(encodeText('业务明细.csv', 'gbk'), encoded(detailText(lines)));
  return archiveOf([summed, detailed]);
}
