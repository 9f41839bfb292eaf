/** wechatpay simulator · v2 notification: payments and refunds told in XML until it is heard. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import type { Agreement } from './agreement-book.ts';
import type { Signer } from './merchants.ts';
import { hex } from './numbers.ts';
import type { Found, Order } from './order.ts';
import type { Room } from './room.ts';
import { twisted } from './stories.ts';
import { compactTime, timeText } from './time.ts';
import { sealRefund, v2Sign } from './v2-seal.ts';
import { type Fields, readXml, writeXml } from './v2-xml.ts';
import { notificationLadderMs, patienceMs } from './v3-notification.ts';
import { corrupted } from './v3-reply.ts';
import type { V2SignType } from './voice.ts';

type Take = (fault: string) => FaultRule | undefined;

export interface V2News {
  /** `pay`, `refund`, `papay`: the operation of journal and fault rules. */
  readonly operation: string;
  readonly id: string;
  readonly url: string;
  readonly signer: Signer;
  readonly signType: V2SignType;
  readonly fields: Fields;
  readonly forgery: Fields;
  /** Instead of a signature: members that are encrypted. */
  readonly secret?: Fields;
  readonly ladderMs?: readonly number[];
}

/** A key nobody has: 32 characters that sign like any other. */
const strangerKey = '0123456789abcdef0123456789abcdef';

const headers = {
  'content-type': 'text/xml',
  'user-agent': 'Mozilla/4.0',
  accept: '*/*',
  pragma: 'no-cache',
};

/** One delivery, or spoilt by the faults that strike. */
function sealed(news: V2News, room: Room, forged: boolean): Sealed {
  const { operation, id, signer, signType, secret } = news;
  const take: Take = (fault) =>
    forged ? undefined : room.world.faults.take(fault, { operation, id });
  const stranger = forged || take('foreign-signature') !== undefined;
  const apiKey = stranger ? strangerKey : signer.apiKey;
  const nonce = hex(room.world.random.fork('nonces'), 16);
  const told = { ...news.fields, ...(forged && secret === undefined ? news.forgery : {}) };
  const fields = { ...twisted(told, take), nonce_str: nonce };
  if (secret !== undefined) {
    const plain = forged ? { ...secret, ...news.forgery } : twisted(secret, take);
    const info = sealRefund(writeXml(plain, 'root'), apiKey);
    const body = writeXml({ ...fields, req_info: take('bad-signature') ? corrupted(info) : info });
    return { headers, body };
  }
  const sign = v2Sign(fields, signType, apiKey);
  const spoilt = take('bad-signature')
    ? sign.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    : sign;
  return { headers, body: writeXml({ ...fields, sign: spoilt }) };
}

/** Only this word in XML ends the ladder. */
const isSuccess = (body: Uint8Array): boolean => readXml(body)?.['return_code'] === 'SUCCESS';

/** Tells an event once the answer to the call that caused it is made. */
export function tellV2(news: V2News, room: Room): void {
  const { notifier } = room.world;
  room.notices.add(async () => {
    notifier.send({
      url: news.url,
      operation: news.operation,
      id: news.id,
      ladderMs: news.ladderMs ?? notificationLadderMs,
      patienceMs,
      accepts: ({ status, body }) => status === 200 && isSuccess(body),
      ...sealed(news, room, false),
      rebuild: () => sealed(news, room, false),
      forge: () => sealed(news, room, true),
    });
  });
}

/** Without what is missing: an empty member would not be signed. */
export const filled = (fields: Readonly<Record<string, string | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );

interface Whose {
  readonly merchant: Order['merchant'];
  readonly terms: Pick<Order['terms'], 'appid'>;
}

/** Who is meant, by the names of v2. */
export const v2Ids = ({ merchant, terms }: Whose): Fields => {
  const { signer } = merchant;
  if (merchant.mchid === signer.mchid) return { appid: terms.appid, mch_id: merchant.mchid };
  const sub = { sub_appid: terms.appid, sub_mch_id: merchant.mchid };
  return { appid: signer.appid, mch_id: signer.mchid, ...sub };
};

/** What a paid order adds to an answer or a notification. */
export function paidFields(order: Order): Fields {
  const { terms, paidAt, payer, transactionId = '' } = order;
  if (paidAt === undefined) return {};
  return filled({
    openid: payer.openid,
    is_subscribe: 'N',
    trade_type: terms.tradeType,
    bank_type: payer.bank,
    total_fee: String(terms.total),
    fee_type: 'CNY',
    cash_fee: String(terms.total),
    cash_fee_type: 'CNY',
    transaction_id: transactionId,
    out_trade_no: terms.outTradeNo,
    attach: terms.attach,
    time_end: compactTime(paidAt),
  });
}

const signTypeOf = ({ voice }: Order): V2SignType =>
  voice.protocol === 'v2' ? voice.signType : 'MD5';

/** A payment, or a deduction that failed. */
export function tellV2Order(order: Order, url: string, room: Room): void {
  const { terms, merchant, state } = order;
  const failed = state === 'PAY_FAIL';
  const signType = signTypeOf(order);
  const deduction = terms.tradeType === 'PAP';
  const fields = filled({
    ...v2Ids(order),
    device_info: terms.deviceInfo,
    sign_type: signType === 'MD5' ? undefined : signType,
    return_code: 'SUCCESS',
    result_code: failed ? 'FAIL' : 'SUCCESS',
    ...(failed ? { err_code: 'TRADE_ERROR', err_code_des: '扣款失败' } : {}),
    ...(failed ? { out_trade_no: terms.outTradeNo, total_fee: String(terms.total) } : {}),
    ...paidFields(order),
    ...(deduction ? { contract_id: terms.contractId, trade_state: state } : {}),
  });
  const forgery = { result_code: 'SUCCESS', time_end: compactTime(room.world.clock.now()) };
  const about = { operation: 'pay', id: terms.outTradeNo, url, signer: merchant.signer, signType };
  tellV2({ ...about, fields, forgery }, room);
}

export const v2RefundStates = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  ABNORMAL: 'CHANGE',
  CLOSED: 'REFUNDCLOSE',
} as const;

/** Quirk: a refund is told unsigned; what matters of it is encrypted. */
export function tellV2Refund({ order, refund }: Found, url: string, room: Room): void {
  const { merchant, terms } = order;
  const secret = filled({
    out_refund_no: refund.outRefundNo,
    out_trade_no: terms.outTradeNo,
    refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
    refund_fee: String(refund.amount),
    refund_id: refund.refundId,
    refund_recv_accout: '支付用户零钱',
    refund_request_source: 'API',
    refund_status: v2RefundStates[refund.state],
    settlement_refund_fee: String(refund.amount),
    settlement_total_fee: String(terms.total),
    success_time: refund.state === 'SUCCESS' ? timeText(refund.finishedAt ?? 0) : undefined,
    total_fee: String(terms.total),
    transaction_id: order.transactionId,
  });
  const { signer } = merchant;
  const fields = { return_code: 'SUCCESS', ...v2Ids(order) };
  const forgery = { refund_status: 'SUCCESS' };
  const about = {
    operation: 'refund',
    id: terms.outTradeNo,
    url,
    signer,
    signType: 'MD5',
  } as const;
  tellV2({ ...about, fields, forgery, secret }, room);
}

const seconds = (...list: readonly number[]): readonly number[] => list.map((one) => one * 1_000);
const contractLadderMs = seconds(10, 10, 10, 30, 30, 30, 300, 300, 300, 300, 300);

/** A contract was signed, or has ended. */
export function tellV2Agreement(agreement: Agreement, url: string, room: Room): void {
  const { terms, merchant, ended, payer, expiresAt, signedAt } = agreement;
  const modes = { USER: '2', MERCHANT: '3' } as const;
  const fields = filled({
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
    mch_id: merchant.signer.mchid,
    contract_code: terms.contractCode,
    plan_id: terms.planId,
    openid: payer.openid,
    change_type: ended === undefined ? 'ADD' : 'DELETE',
    operate_time: timeText(ended?.at ?? signedAt ?? 0),
    contract_id: agreement.contractId,
    contract_expired_time: ended === undefined ? timeText(expiresAt ?? 0) : undefined,
    contract_termination_mode: ended === undefined ? undefined : modes[ended.mode],
    request_serial: terms.requestSerial,
  });
  const { voice } = agreement;
  const signType = voice.protocol === 'v2' ? voice.signType : 'MD5';
  const about = {
    operation: 'papay',
    id: terms.contractCode,
    url,
    signer: merchant.signer,
    signType,
  };
  tellV2({ ...about, fields, forgery: { change_type: 'ADD' }, ladderMs: contractLadderMs }, room);
}
