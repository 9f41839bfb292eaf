/** fuzz · bills: statements as files - archives that were changed, and texts that were. */
import { isDeepStrictEqual } from 'node:util';
import type { StatementKind, StatementLine, Transport } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import { writeZip } from '@polyrail/simulator';
import { channelOver, sellerId, signed } from './surroundings.ts';
import type { Target } from './target.ts';

const date = '2026-11-21';
const url = 'http://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1';
const node = `{"code":"10000","msg":"Success","bill_download_url":"${url.replaceAll('/', '\\/')}"}`;
const answer = `{"alipay_data_dataservice_bill_downloadurl_query_response":${node},"sign":"${signed(node)}"}`;

/** Gives the address of a file, and then the file. */
const serving = (file: Uint8Array): Transport => ({
  async exchange({ method }, options) {
    options?.onFirstByte?.();
    const bytes = method === 'GET' ? file : Buffer.from(answer);
    return {
      status: 200,
      headers: {},
      body: (async function* () {
        yield bytes;
      })(),
    };
  },
});

async function linesOf(kind: StatementKind, file: Uint8Array): Promise<readonly StatementLine[]> {
  const statement = await channelOver(serving(file)).statement({ kind, date });
  const lines: StatementLine[] = [];
  for await (const line of statement) lines.push(line);
  return lines;
}

/** One file in an archive, as Alipay packs it. */
const zipped = (name: string, content: Uint8Array): Buffer =>
  Buffer.from(writeZip([{ name: encodeText(name, 'gbk'), data: content }]));

const tradeText = `#支付宝业务明细查询
#账号：[${sellerId}0156]
#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]
#-----------------------------------------业务明细列表----------------------------------------
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注
2026112122001\t,order_1\t,交易\t,下单测试,2026-11-21 10:55:16,2026-11-21 10:55:23,S1\t,shop\t,alipay\t,\t,*津水(602***@qq.com)\t,9.00,9.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.01,0.00,note
2026112122001\t,order_1\t,退款\t,下单测试,2026-11-21 10:55:16,2026-11-21 12:00:00,S1\t,shop\t,alipay\t,\t,*津水(602***@qq.com)\t,-3.00,-3.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,refund_1\t,0.00,0.00,
#-----------------------------------------业务明细列表结束------------------------------------
#交易合计：1笔，商家实收共9.00元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-3.00元，商家优惠退款共0.00元
#导出时间：[2026年11月22日 05:46:49]
`;

const fundsText = `#支付宝账务明细查询
#账号：[${sellerId}0156]
#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]
#-----------------------------------------账务明细列表----------------------------------------
账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注
54632446537371\t,2012122923922029\t,3226563\t,海航机票\t,2026-11-21 21:02:06,陈晶 (kuangzhe@126.com)\t,88.00,0.00,14533.03,支付宝,在线支付,
#-----------------------------------------账务明细列表结束------------------------------------
#支出合计：0笔，共0.00元
#收入合计：1笔，共88.00元
#导出时间：[2026年11月22日 05:46:49]
`;

const texts = { trade: tradeText, funds: fundsText } as const;
const names = { trade: '业务明细.csv', funds: '账务明细.csv' } as const;
const packed = (kind: StatementKind, content: Uint8Array) => zipped(names[kind], content);
const codes = ['REPLY_UNREADABLE', 'REPLY_UNVERIFIED', 'UNAVAILABLE', 'NOT_READY'];

const isExact = ({ amount }: StatementLine): boolean => Number.isSafeInteger(amount.amount);

function targetsOf(kind: StatementKind, genuine: readonly StatementLine[]): readonly Target[] {
  const content = encodeText(texts[kind], 'gbk');
  return [
    {
      name: `${kind} archive`,
      weight: 5,
      corpus: [packed(kind, content)],
      read: (input) => linesOf(kind, input),
      codes,
      // What unpacks whole, checksum and all, is the file that was packed.
      objection: (found) =>
        isDeepStrictEqual(found, genuine) ? undefined : 'other lines are whole',
    },
    {
      name: `${kind} text`,
      weight: 5,
      corpus: [Buffer.from(content)],
      read: (input) => linesOf(kind, packed(kind, input)),
      codes,
      // Whoever writes the text writes the totals too: only what no text may do is looked at.
      objection: (found) =>
        (found as readonly StatementLine[]).every(isExact) ? undefined : 'an amount is not exact',
    },
  ];
}

const whole = async (kind: StatementKind) =>
  linesOf(kind, packed(kind, encodeText(texts[kind], 'gbk')));

export const bills: readonly Target[] = [
  ...targetsOf('trade', await whole('trade')),
  ...targetsOf('funds', await whole('funds')),
];
