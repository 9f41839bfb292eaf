/** alipay · codes: every documented code of these calls, and what it decides (dossier §9, §10). */

import {
  each,
  failed,
  notFound,
  refused,
  repeatedId,
  unclear,
  undocumented,
  type Verdict,
} from '@polyrail/kit/verdict';
import { changePlanCodes, querySignUpCodes, signOffCodes } from './agreement-codes.ts';
import {
  cancelAuthorizationCodes,
  freezeCodes,
  queryAuthorizationCodes,
  unfreezeCodes,
} from './authorization-codes.ts';
import { gatewayCodes, gatewaySubCodes } from './gateway-codes.ts';
import { orderCodes } from './order-codes.ts';
import { balanceCodes, payoutCodes, queryPayoutCodes } from './payout-codes.ts';

/** The methods whose answers this package reads: all it calls, and the sync of credit orders. */
export type Method =
  | 'alipay.trade.pay'
  | 'alipay.trade.precreate'
  | 'alipay.trade.create'
  | 'alipay.trade.query'
  | 'alipay.trade.close'
  | 'alipay.trade.cancel'
  | 'alipay.trade.refund'
  | 'alipay.trade.fastpay.refund.query'
  | 'alipay.trade.orderinfo.sync'
  | 'alipay.fund.auth.order.freeze'
  | 'alipay.fund.auth.order.voucher.create'
  | 'alipay.fund.auth.order.unfreeze'
  | 'alipay.fund.auth.operation.cancel'
  | 'alipay.fund.auth.operation.detail.query'
  | 'alipay.user.agreement.query'
  | 'alipay.user.agreement.unsign'
  | 'alipay.user.agreement.executionplan.modify'
  | 'alipay.fund.trans.uni.transfer'
  | 'alipay.fund.trans.common.query'
  | 'alipay.fund.account.query'
  | 'alipay.data.dataservice.bill.downloadurl.query';

type Table = Readonly<Record<string, Verdict>>;

const enterprise = each(refused('permission-denied'), 'ENTERPRISE_PAY_BIZ_ERROR');
const parameter = each(refused('parameter-invalid'), 'INVALID_PARAMETER');
const system = each(unclear, 'SYSTEM_ERROR');

const queryCodes: Table = {
  ...system,
  ...parameter,
  ...enterprise,
  ...each(notFound, 'TRADE_NOT_EXIST'),
};

/** A trade in another state than unpaid is looked up before `close` answers: see payment.ts. */
const closeCodes: Table = {
  ...system,
  ...parameter,
  // Quirk: a QR code never scanned and a page never opened are no trades yet, but can become ones.
  ...each(notFound, 'TRADE_NOT_EXIST'),
  ...each(repeatedId, 'TRADE_STATUS_ERROR REASON_TRADE_STATUS_INVALID REASON_ILLEGAL_STATUS'),
};

const cancelCodes: Table = {
  ...system,
  ...parameter,
  ...each(failed('merchant-funds', 'same-id'), 'SELLER_BALANCE_NOT_ENOUGH'),
  ...each(failed('risk-blocked', 'same-id'), 'REASON_TRADE_BEEN_FREEZEN'),
  ...each(failed('window-passed', 'never'), 'TRADE_HAS_FINISHED TRADE_CANCEL_TIME_OUT'),
  ...each(failed('refund-exceeds', 'never'), 'REASON_TRADE_REFUND_FEE_ERR'),
  ...each(failed('other', 'never'), 'CANCEL_NOT_ALLOWED'),
};

const refundCodes: Table = {
  ...system,
  ...parameter,
  ...enterprise,
  // The settlement stumbled: the money may have moved.
  ...each(unclear, 'TRADE_SETTLE_ERROR REFUND_CHARGE_ERROR'),
  // A closed trade may be closed because this very refund was the last one.
  ...each(repeatedId, 'TRADE_HAS_CLOSE'),
  ...each(refused('id-reused'), 'DISCORDANT_REPEAT_REQUEST'),
  // Top up the account, then ask again under the same id (§9.2).
  ...each(failed('merchant-funds', 'same-id'), 'SELLER_BALANCE_NOT_ENOUGH'),
  ...each(failed('risk-blocked', 'same-id'), 'REASON_TRADE_BEEN_FREEZEN'),
  ...each(failed('window-passed', 'never'), 'TRADE_HAS_FINISHED'),
  ...each(
    failed('refund-exceeds', 'never'),
    'REFUND_AMT_NOT_EQUAL_TOTAL REASON_TRADE_REFUND_FEE_ERR REFUND_FEE_ERROR',
  ),
  // Not paid, or not yet (§10.6): it may be asked again once the payment has succeeded.
  ...each(failed('other', 'same-id'), 'TRADE_STATUS_ERROR REASON_TRADE_STATUS_INVALID'),
  ...each(
    failed('instrument-invalid', 'never'),
    'BUYER_NOT_EXIST BUYER_ENABLE_STATUS_FORBID BUYER_ERROR REFUND_ACCOUNT_NOT_EXIST',
  ),
  ...each(
    failed('other', 'never'),
    `TRADE_NOT_ALLOW_REFUND NOT_ALLOW_PARTIAL_REFUND ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND
    OVERDRAFT_ASSIGN_ACCOUNT_INVALID OVERDRAFT_AGREEMENT_NOT_MATCH`,
  ),
  ...each(
    refused('parameter-invalid'),
    `TRADE_NOT_EXIST CURRENCY_NOT_SUPPORT ALLOC_AMOUNT_VALIDATE_ERROR USER_NOT_MATCH_ERR
    CUSTOMER_VALIDATE_ERROR`,
  ),
  ...each(refused('payee-invalid'), 'REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST'),
  ...each(refused('permission-denied'), 'REFUNDALLOC_UNAUTH_LIMIT'),
};

/** Ready, empty and broken bills; `NO_BILL_DATA` and `BILL_NOT_EXIST` are read by statement.ts. */
const billCodes: Table = {
  ...each(unclear, 'UNKNOWN_ERROR'),
  ...each(notFound, 'NO_BILL_DATA BILL_NOT_EXIST bill_not_exist'),
  ...each(refused('parameter-invalid'), 'INVAILID_ARGUMENTS BILL_DATE_BEFORE_REGISTRATION'),
  ...each(refused('permission-denied'), 'TYPE_NOT_SUPPORTED'),
};

const syncCodes: Table = {
  ...system,
  ...parameter,
  ...each(refused('parameter-invalid'), 'TRADE_NOT_EXIST NOTIFY_STATUS_INVALID'),
};

const businessCodes = {
  'alipay.trade.pay': orderCodes,
  'alipay.trade.precreate': orderCodes,
  'alipay.trade.create': orderCodes,
  'alipay.trade.query': queryCodes,
  'alipay.trade.close': closeCodes,
  'alipay.trade.cancel': cancelCodes,
  'alipay.trade.refund': refundCodes,
  'alipay.trade.fastpay.refund.query': queryCodes,
  'alipay.trade.orderinfo.sync': syncCodes,
  'alipay.fund.auth.order.freeze': freezeCodes,
  'alipay.fund.auth.order.voucher.create': freezeCodes,
  'alipay.fund.auth.order.unfreeze': unfreezeCodes,
  'alipay.fund.auth.operation.cancel': cancelAuthorizationCodes,
  'alipay.fund.auth.operation.detail.query': queryAuthorizationCodes,
  'alipay.user.agreement.query': querySignUpCodes,
  'alipay.user.agreement.unsign': signOffCodes,
  'alipay.user.agreement.executionplan.modify': changePlanCodes,
  'alipay.fund.trans.uni.transfer': payoutCodes,
  'alipay.fund.trans.common.query': queryPayoutCodes,
  'alipay.fund.account.query': balanceCodes,
  'alipay.data.dataservice.bill.downloadurl.query': billCodes,
} as const satisfies Record<Method, Table>;

/** Quirk: cancel misspells its prefix `AQC.`; the refund query leaves it out. */
const prefix = /^(?:ACQ|AQC|isp|aop\.ACQ)\./;
const gatewayPrefix = /^(?:isv|isp|aop)\./;
const platformTrouble = /(?:SYSTEM_ERROR|UNKNOWN_ERROR|unknow-error)$/;

const lookUp = (table: Table, name: string): Verdict | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** What an answer with another code than 10000 or 10003 decides. */
export function verdictOf(method: Method, code: string, subCode = ''): Verdict {
  if (platformTrouble.test(subCode) || code === '20000') return unclear;
  const general = lookUp(gatewayCodes, code);
  if (code !== '40004' && general === undefined) return undocumented;
  const business =
    code === '40004' ? lookUp(businessCodes[method], subCode.replace(prefix, '')) : undefined;
  const gateway = lookUp(gatewaySubCodes, subCode.replace(gatewayPrefix, ''));
  return business ?? gateway ?? general ?? undocumented;
}

/** What a trade_status says (§10.5). Whether a closed trade was ever paid, other fields tell. */
export type TradeStatus = 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_FINISHED' | 'TRADE_CLOSED';

const tradeStatuses = {
  WAIT_BUYER_PAY: 'unpaid',
  TRADE_SUCCESS: 'paid',
  TRADE_FINISHED: 'paid',
  TRADE_CLOSED: 'closed',
} as const satisfies Record<TradeStatus, 'unpaid' | 'paid' | 'closed'>;

/** `undefined` for a status outside the documented four. */
export const stateOf = (status: string): 'unpaid' | 'paid' | 'closed' | undefined =>
  Object.hasOwn(tradeStatuses, status) ? tradeStatuses[status as TradeStatus] : undefined;
