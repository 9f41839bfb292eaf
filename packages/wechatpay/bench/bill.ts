/** bench · bill: a day's trade bill of any length, as WeChat Pay writes it - UTF-8, back-ticks, sums last. */
import { billNumbers } from '@polyrail/contest';
import { appId, mchId } from './work.ts';

const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const sumsHeader =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
export const date = '2026-11-20';

const yuan = (fen: number): string => (fen / 100).toFixed(2);
const cells = (values: readonly string[]): string => `\`${values.join(',`')}`;

/** The text in pieces; every tenth line gives back what the line before it took. */
export function* billText(lines: number): Generator<string, undefined> {
  const random = billNumbers();
  yield `\ufeff${header}\r\n`;
  let paid = 0;
  let back = 0;
  let last = { trade: '', order: '', fen: 0 };
  for (let index = 0; index < lines; index += 1) {
    const isRefund = index % 10 === 9;
    const second = Math.floor((index / lines) * 86_400);
    const time = new Date(Date.UTC(2026, 10, 20) + second * 1000).toISOString().slice(11, 19);
    if (!isRefund) {
      const tail = String(random.next().value).padStart(10, '0') + String(index).padStart(8, '0');
      const trade = `4200${tail}20261120`;
      last = { trade, order: `order_${tail}`, fen: 1 + (random.next().value % 100_000) };
    }
    const { trade, order, fen } = last;
    if (isRefund) back += fen;
    else paid += fen;
    const id = String(random.next().value).padStart(10, '0');
    const head = [`${date} ${time}`, appId, mchId, '0', '', trade, order, `oUpF8u${id}`, 'NATIVE'];
    const goods = [`一杯茶 第${random.next().value % 500}号`, ''];
    const own = isRefund
      ? ['REFUND', 'OTHERS', 'CNY', '0.00', '0.00', `50${trade}`, `refund_${order.slice(6)}`]
      : ['SUCCESS', 'OTHERS', 'CNY', yuan(fen), '0.00', '0', '0'];
    const returned = isRefund
      ? [yuan(fen), '0.00', 'ORIGINAL', 'SUCCESS']
      : ['0.00', '0.00', '', ''];
    const sums = isRefund ? ['0.00', yuan(fen)] : [yuan(fen), '0.00'];
    yield `${cells([...head, ...own, ...returned, ...goods, '0.00000', '0.60%', ...sums, ''])}\r\n`;
  }
  const sums = [String(lines), yuan(paid), yuan(back), '0.00', '0.00000', yuan(paid), yuan(back)];
  yield `${sumsHeader}\r\n${cells(sums)}\r\n`;
}
