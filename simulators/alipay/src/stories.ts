/** alipay simulator · stories: what goes wrong on this channel, and what faults do to answers. */
import type { Exchange, FaultName, FaultRule, Story } from '@polyrail/simulator';
import { isBusinessSubCode, refuse, refuseDocumented, type SubCode } from './codes.ts';
import type { NodeMembers } from './json.ts';
import { fenOf, wrongAmount, wrongOrder } from './push.ts';
import { documentedSubCodes } from './sub-codes.ts';

/** Faults beside the chassis' own, with the details a rule may carry. */
export const alipayStories: readonly Story[] = [
  { name: 'user-paying', details: ['queries', 'outcome'] },
  { name: 'system-error' },
  { name: 'system-error-then-paid' },
  { name: 'business-error', details: ['subCode'] },
  { name: 'trade-not-exist-lag' },
  { name: 'cancel-retry' },
  { name: 'refund-unheard', details: ['queries'] },
  { name: 'deposit-back', details: ['outcome', 'afterMs'] },
  { name: 'deduction-fails-late' },
  { name: 'payout-dealing', details: ['afterMs'] },
  { name: 'payout-fails-late', details: ['afterMs', 'errorCode'] },
  { name: 'payout-returned', details: ['afterMs'] },
  { name: 'bill-not-ready' },
  { name: 'bill-truncated' },
  { name: 'bill-wrong-totals' },
  { name: 'unsigned-reply' },
  { name: 'duplicate-node' },
];

/** Generic faults without a meaning here. */
export const meaninglessFaults: readonly FaultName[] = [];

const usualSubCodes: Readonly<Record<string, string>> = {
  'alipay.trade.pay': 'ACQ.BUYER_BALANCE_NOT_ENOUGH',
  'alipay.trade.refund': 'ACQ.SELLER_BALANCE_NOT_ENOUGH',
  'alipay.trade.cancel': 'ACQ.SELLER_BALANCE_NOT_ENOUGH',
  'alipay.fund.auth.order.freeze': 'MONEY_NOT_ENOUGH',
  'alipay.fund.trans.uni.transfer': 'PAYEE_ACCOUNT_STATUS_ERROR',
};

/** Quirk: a failed barcode payment carries zero amounts. */
const zeroAmounts: NodeMembers = {
  buyer_pay_amount: '0.00',
  invoice_amount: '0.00',
  point_amount: '0.00',
  receipt_amount: '0.00',
};

const isTrade = (method: string): boolean => !/^alipay\.(fund|user)\./.test(method);
/** Quirk: funds and agreements answer it as a failed business, trades as a gateway at fault. */
const systemError = (method: string): SubCode =>
  isTrade(method) ? 'aop.ACQ.SYSTEM_ERROR' : 'SYSTEM_ERROR';

/** Any sub_code that is documented for the method, or one this simulator has words for. */
function businessError(rule: FaultRule, method: string): Error {
  const failed: SubCode = isTrade(method) ? 'ACQ.SYSTEM_ERROR' : 'SYSTEM_ERROR';
  const subCode = String(rule['subCode'] ?? usualSubCodes[method] ?? failed);
  const members = method === 'alipay.trade.pay' ? zeroAmounts : {};
  const known = documentedSubCodes(method);
  if (known.includes(subCode) || isBusinessSubCode(subCode)) {
    return refuseDocumented(subCode, members);
  }
  const note = `${method} answers no ${subCode}, only ${known.join(', ')}`;
  return refuse(failed, { note });
}

/** What may end a request before its business begins: nothing moves. */
export function failBefore(exchange: Exchange, method: string): void {
  if (exchange.fault('rate-limit')) throw refuse('isv.app-call-limited');
  if (exchange.fault('maintenance')) throw refuse('isp.unknow-error');
  if (exchange.fault('system-error')) throw refuse(systemError(method));
  const error = exchange.fault('business-error');
  if (error !== undefined) throw businessError(error, method);
}

/** What may hide a business that was done. */
export function failAfter(exchange: Exchange, method: string): void {
  if (exchange.fault('system-error-then-paid') === undefined) return;
  throw refuse(systemError(method), { note: 'It was done all the same.' });
}

const amountMembers = [
  'total_amount',
  'refund_fee',
  'refund_amount',
  'amount',
  'total_freeze_amount',
  'trans_amount',
  'available_amount',
];
const numberMembers = ['out_trade_no', 'out_order_no', 'out_biz_no', 'external_agreement_no'];

/** An answer about another amount or another order, signed as if it were true. */
export function twisted(exchange: Exchange, node: NodeMembers): NodeMembers {
  const amount = exchange.fault('wrong-amount');
  const order = exchange.fault('wrong-order');
  if (amount === undefined && order === undefined) return node;
  const members: Record<string, NodeMembers[string]> = { ...node };
  for (const name of amountMembers) {
    const text = members[name];
    if (amount && typeof text === 'string') members[name] = wrongAmount(amount, fenOf(text));
  }
  for (const name of numberMembers) {
    const number = members[name];
    if (order && typeof number === 'string') members[name] = wrongOrder(order, number);
  }
  return members;
}
