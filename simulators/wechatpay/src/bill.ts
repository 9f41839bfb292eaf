/** wechatpay simulator · bill: a day's trade bill as WeChat Pay writes it, from the ledger. */
import { yuan } from './numbers.ts';
import type { Order, Refund } from './order.ts';
import { timeText } from './time.ts';

export const tradeBillTypes = ['ALL', 'SUCCESS', 'REFUND'] as const;
export type TradeBillType = (typeof tradeBillTypes)[number];

interface BillLine {
  readonly order: Order;
  /** Absent: the payment. */
  readonly refund?: Refund;
  readonly at: number;
}

interface Period {
  /** Milliseconds since the epoch, included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** What happened in a period, in the order it happened. */
export function billLines(
  orders: readonly Order[],
  { from, to }: Period,
  type: TradeBillType,
): readonly BillLine[] {
  const lines = orders.flatMap((order): BillLine[] => {
    if (order.paidAt === undefined) return [];
    const payment = { order, at: order.paidAt };
    const refunds = order.refunds.map((refund) => ({ order, refund, at: refund.createdAt }));
    return type === 'REFUND' ? refunds : type === 'SUCCESS' ? [payment] : [payment, ...refunds];
  });
  return lines.filter(({ at }) => at >= from && at < to).sort((left, right) => left.at - right.at);
}

const start = '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识';
const middle = '交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额';
const times = '退款申请时间,退款成功时间';
const refundPart = '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态';
const goods = '商品名称,商户数据包,手续费,费率,订单金额';

export const headers: Readonly<Record<TradeBillType, string>> = {
  ALL: [start, middle, refundPart, goods, '申请退款金额,费率备注'].join(','),
  SUCCESS: [start, middle, goods, '费率备注'].join(','),
  REFUND: [start, middle, times, refundPart, goods, '申请退款金额,费率备注'].join(','),
};
export const summaryHeader =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

/** Quirk: cells are never quoted, so what would break the row is replaced. */
const cell = (text: string): string => text.replaceAll(',', '，').replaceAll(/[\r\n\t`]/g, ' ');
/** Quirk: a back-tick before every cell. */
export const row = (cells: readonly string[]): string => cells.map((text) => `\`${text}`).join(',');

const refundStates = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  ABNORMAL: 'CHANGE',
  CLOSED: 'FAIL',
} as const;
const none = '0.00';

function startCells({ order, at }: BillLine): string[] {
  const { merchant, terms, payer } = order;
  const own = merchant.mchid === merchant.signer.mchid;
  return [
    timeText(at),
    terms.appid,
    merchant.signer.mchid,
    own ? '0' : merchant.mchid,
    cell(terms.deviceInfo ?? ''),
    order.transactionId ?? '',
    cell(terms.outTradeNo),
    payer.openid,
  ];
}

function middleCells({ order, refund }: BillLine): string[] {
  const { terms, payer } = order;
  const paid = refund === undefined;
  const state = paid ? 'SUCCESS' : refund.reversal ? 'REVOKED' : 'REFUND';
  const amount = paid ? yuan(terms.total) : none;
  return [terms.tradeType, state, payer.bank, 'CNY', amount, none];
}

const refundCells = ({ refund }: BillLine): string[] =>
  refund === undefined
    ? ['0', '0', none, none, '', '']
    : [
        refund.refundId,
        cell(refund.outRefundNo),
        yuan(refund.amount),
        none,
        'ORIGINAL',
        refundStates[refund.state],
      ];

const timeCells = ({ refund }: BillLine): string[] => [
  refund === undefined ? '' : timeText(refund.createdAt),
  refund?.state === 'SUCCESS' ? timeText(refund.finishedAt ?? 0) : '',
];

function goodsCells({ order, refund }: BillLine): string[] {
  const { terms } = order;
  const amount = refund === undefined ? yuan(terms.total) : none;
  return [cell(terms.description), cell(terms.attach ?? ''), '0.00000', '0.00%', amount];
}

const askedCell = ({ refund }: BillLine): string =>
  refund === undefined ? none : yuan(refund.amount);

const shapes: Readonly<Record<TradeBillType, (line: BillLine) => string[]>> = {
  ALL: (line) => [...refundCells(line), ...goodsCells(line), askedCell(line)],
  SUCCESS: goodsCells,
  REFUND: (line) => [
    ...timeCells(line),
    ...refundCells(line),
    ...goodsCells(line),
    askedCell(line),
  ],
};

interface TradeBill {
  readonly lines: readonly BillLine[];
  readonly type: TradeBillType;
  /** A fen off. */
  readonly wrongTotals: boolean;
}

/** Lines end with CR LF, the last one too. */
export function writeTradeBill({ lines, type, wrongTotals }: TradeBill): string {
  const paid = lines
    .filter(({ refund }) => refund === undefined)
    .reduce((sum, { order }) => sum + order.terms.total, wrongTotals ? 1 : 0);
  const back = lines.reduce((sum, { refund }) => sum + (refund?.amount ?? 0), 0);
  const rows = lines.map((line) =>
    row([...startCells(line), ...middleCells(line), ...shapes[type](line), '']),
  );
  const totals = [yuan(paid), yuan(back), none, '0.00000', yuan(paid), yuan(back)];
  const summary = row([String(lines.length), ...totals]);
  return [headers[type], ...rows, summaryHeader, summary, ''].join('\r\n');
}
