import { describe, expect, it } from 'vitest';
import { type Method, stateOf, verdictOf } from '../src/codes.ts';

// The lists of the dossier §9.3, name for name.
const pay = `SYSTEM_ERROR INVALID_PARAMETER ACCESS_FORBIDDEN EXIST_FORBIDDEN_WORD PARTNER_ERROR
TOTAL_FEE_EXCEED PAYMENT_AUTH_CODE_INVALID CONTEXT_INCONSISTENT TRADE_HAS_SUCCESS TRADE_HAS_CLOSE
BUYER_BALANCE_NOT_ENOUGH BUYER_BANKCARD_BALANCE_NOT_ENOUGH ERROR_BALANCE_PAYMENT_DISABLE
BUYER_SELLER_EQUAL TRADE_BUYER_NOT_MATCH BUYER_ENABLE_STATUS_FORBID PULL_MOBILE_CASHIER_FAIL
MOBILE_PAYMENT_SWITCH_OFF PAYMENT_FAIL BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR BEYOND_PAY_RESTRICTION
BEYOND_PER_RECEIPT_RESTRICTION BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR SELLER_BEEN_BLOCKED
ERROR_BUYER_CERTIFY_LEVEL_LIMIT PAYMENT_REQUEST_HAS_RISK NO_PAYMENT_INSTRUMENTS_AVAILABLE
USER_FACE_PAYMENT_SWITCH_OFF INVALID_STORE_ID SUB_MERCHANT_CREATE_FAIL SUB_MERCHANT_TYPE_INVALID
AGREEMENT_NOT_EXIST AGREEMENT_INVALID AGREEMENT_STATUS_NOT_NORMAL MERCHANT_AGREEMENT_NOT_EXIST
MERCHANT_AGREEMENT_INVALID MERCHANT_STATUS_NOT_NORMAL CARD_USER_NOT_MATCH CARD_TYPE_ERROR
CERT_EXPIRED AMOUNT_OR_CURRENCY_ERROR CURRENCY_NOT_SUPPORT MERCHANT_UNSUPPORT_ADVANCE
BUYER_UNSUPPORT_ADVANCE ORDER_UNSUPPORT_ADVANCE CYCLE_PAY_DATE_NOT_MATCH
CYCLE_PAY_SINGLE_FEE_EXCEED CYCLE_PAY_TOTAL_FEE_EXCEED CYCLE_PAY_TOTAL_TIMES_EXCEED
SECONDARY_MERCHANT_STATUS_ERROR AUTH_NO_ERROR BUYER_NOT_EXIST PRODUCT_AMOUNT_LIMIT_ERROR
SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID INVALID_RECEIVE_ACCOUNT SELLER_NOT_EXIST
AUTH_AMOUNT_NOT_ENOUGH AGREEMENT_ERROR BEYOND_PER_RECEIPT_SINGLE_RESTRICTION PAYER_UNMATCHED
PRE_AUTH_PROD_CODE_INCONSISTENT SECONDARY_MERCHANT_ID_INVALID NOW_TIME_AFTER_EXPIRE_TIME_ERROR
SECONDARY_MERCHANT_NOT_MATCH REQUEST_AMOUNT_EXCEED SUB_GOODS_SIZE_MAX_COUNT
NOT_SUPPORT_PAYMENT_INST BUYER_NOT_MAINLAND_CERT SECONDARY_MERCHANT_ID_BLANK TRADE_SETTLE_ERROR
AUTH_TOKEN_IS_NOT_EXIST SMILE_PAY_MERCHANT_NOT_MATCH NOT_CERTIFIED_USER
SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT RESTRICTED_MERCHANT_INDUSTRY
PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID BEYOND_PER_RECEIPT_DAY_RESTRICTION
TRADE_STATUS_ERROR MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT MERCHANT_PERM_RECEIPT_SINGLE_LIMIT
MERCHANT_PERM_RECEIPT_DAY_LIMIT USER_LOGONID_DUP AUTH_ORDER_NOT_PAID AUTH_ORDER_HAS_FINISHED
AUTH_ORDER_HAS_CLOSED ZM_AUTH_AMOUNT_EXCEED ZM_CREDIT_AUTH_FAIL ZM_AUTH_RULE_LIMIT
ROYALTY_ACCOUNT_NOT_EXIST RISK_MERCHANT_IP_NOT_EXIST UN_SUPPORT_TRADE_SCENE OVER_MAX_DEDUCT_COUNT
OVER_MAX_UNDER_WAY_DEDUCT_COUNT OVER_DEDUCT_PERIOD OVER_MERCHANT_DAILY_DEDUCT_AMOUNT`;
const precreate = 'APPLY_PC_MERCHANT_CODE_ERROR DEFAULT_SETTLE_RULE_NOT_EXIST';
const create = `PAYER_UNMATCHED USER_LOGONID_DUP CUSTOMER_VALIDATE_ERROR
SECONDARY_MERCHANT_CARD_ALIAS_NO_INVALID NOT_SUPPORT_PAYMENT_INST ILLEGAL_ARGUMENT
ERROR_SELLER_CERTIFY_LEVEL_LIMIT STORE_INFO_INVALID OPEN_ID_NOT_TINY_APP BIZ_PRODUCT_NOT_ALLOWED
UNBOUND_APPLICATION PRODUCT_NOT_SUPPORT_IN_TINY_APP`;
const query = 'SYSTEM_ERROR INVALID_PARAMETER TRADE_NOT_EXIST ENTERPRISE_PAY_BIZ_ERROR';
const cancel = `SYSTEM_ERROR INVALID_PARAMETER SELLER_BALANCE_NOT_ENOUGH REASON_TRADE_BEEN_FREEZEN
TRADE_HAS_FINISHED TRADE_CANCEL_TIME_OUT REASON_TRADE_REFUND_FEE_ERR CANCEL_NOT_ALLOWED`;
const close = `SYSTEM_ERROR TRADE_NOT_EXIST TRADE_STATUS_ERROR INVALID_PARAMETER
REASON_TRADE_STATUS_INVALID REASON_ILLEGAL_STATUS`;
const refund = `SYSTEM_ERROR INVALID_PARAMETER SELLER_BALANCE_NOT_ENOUGH REFUND_AMT_NOT_EQUAL_TOTAL
REASON_TRADE_BEEN_FREEZEN TRADE_NOT_EXIST TRADE_HAS_FINISHED TRADE_STATUS_ERROR
DISCORDANT_REPEAT_REQUEST REASON_TRADE_REFUND_FEE_ERR TRADE_NOT_ALLOW_REFUND REFUND_FEE_ERROR
TRADE_HAS_CLOSE BUYER_NOT_EXIST BUYER_ENABLE_STATUS_FORBID REASON_TRADE_STATUS_INVALID
NOT_ALLOW_PARTIAL_REFUND ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND BUYER_ERROR CURRENCY_NOT_SUPPORT
ALLOC_AMOUNT_VALIDATE_ERROR USER_NOT_MATCH_ERR TRADE_SETTLE_ERROR REFUND_CHARGE_ERROR
ENTERPRISE_PAY_BIZ_ERROR OVERDRAFT_ASSIGN_ACCOUNT_INVALID OVERDRAFT_AGREEMENT_NOT_MATCH
REFUND_ACCOUNT_NOT_EXIST CUSTOMER_VALIDATE_ERROR REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST
REFUNDALLOC_UNAUTH_LIMIT`;
const bill = `NO_BILL_DATA INVAILID_ARGUMENTS BILL_NOT_EXIST UNKNOWN_ERROR
BILL_DATE_BEFORE_REGISTRATION TYPE_NOT_SUPPORTED`;

const billMethod = 'alipay.data.dataservice.bill.downloadurl.query';
const documented: readonly (readonly [Method, string, string])[] = [
  ['alipay.trade.pay', 'ACQ.', pay],
  ['alipay.trade.precreate', 'ACQ.', precreate],
  ['alipay.trade.create', 'ACQ.', create],
  ['alipay.trade.query', 'ACQ.', query],
  ['alipay.trade.cancel', 'ACQ.', cancel],
  ['alipay.trade.cancel', 'AQC.', 'SYSTEM_ERROR'],
  ['alipay.trade.close', 'ACQ.', close],
  ['alipay.trade.refund', 'ACQ.', refund],
  ['alipay.trade.fastpay.refund.query', 'ACQ.', query],
  ['alipay.trade.fastpay.refund.query', '', 'TRADE_NOT_EXIST'],
  [billMethod, '', bill],
  [billMethod, 'isp.', 'bill_not_exist'],
];
const cases = documented.flatMap(([method, prefix, names]) =>
  names.split(/\s+/).map((name) => [method, `${prefix}${name}`] as const),
);
const unreadable = { end: 'unknown', doubt: 'unreadable-reply' };

describe('documented codes', () => {
  it.each(cases)('%s knows %s', (method, subCode) => {
    expect(verdictOf(method, '40004', subCode)).not.toEqual(unreadable);
  });

  it('are as many as the dossier counts for pay', () => {
    expect(new Set(pay.split(/\s+/)).size).toBe(95);
  });

  it('belong to the calls that document them, and to no other', () => {
    expect(verdictOf('alipay.trade.query', '40004', 'ACQ.PAYMENT_FAIL')).toEqual(unreadable);
    expect(verdictOf('alipay.trade.pay', '40004', 'ACQ.TRADE_NOT_EXIST')).toEqual(unreadable);
  });
});

describe('what a code decides', () => {
  const verdict = (method: Method, subCode: string) => verdictOf(method, '40004', subCode);

  it.each([
    ['alipay.trade.pay', 'ACQ.BUYER_BALANCE_NOT_ENOUGH', 'failed', 'insufficient-funds'],
    ['alipay.trade.pay', 'ACQ.PAYMENT_AUTH_CODE_INVALID', 'failed', 'instrument-invalid'],
    ['alipay.trade.pay', 'ACQ.CONTEXT_INCONSISTENT', 'refused', 'id-reused'],
    ['alipay.trade.pay', 'ACQ.INVALID_PARAMETER', 'refused', 'parameter-invalid'],
    ['alipay.trade.pay', 'ACQ.TRADE_HAS_SUCCESS', 'unknown', 'repeated-id'],
    ['alipay.trade.precreate', 'ACQ.TRADE_HAS_CLOSE', 'unknown', 'repeated-id'],
    ['alipay.trade.pay', 'ACQ.SYSTEM_ERROR', 'unknown', 'server-error'],
    ['alipay.trade.pay', 'aop.ACQ.SYSTEM_ERROR', 'unknown', 'server-error'],
    ['alipay.trade.cancel', 'AQC.SYSTEM_ERROR', 'unknown', 'server-error'],
    ['alipay.trade.query', 'ACQ.TRADE_NOT_EXIST', 'unknown', 'not-found'],
    ['alipay.trade.close', 'ACQ.TRADE_NOT_EXIST', 'unknown', 'not-found'],
    ['alipay.trade.refund', 'ACQ.TRADE_HAS_CLOSE', 'unknown', 'repeated-id'],
    ['alipay.trade.refund', 'ACQ.SELLER_BALANCE_NOT_ENOUGH', 'failed', 'merchant-funds'],
    ['alipay.trade.refund', 'ACQ.DISCORDANT_REPEAT_REQUEST', 'refused', 'id-reused'],
    ['alipay.trade.refund', 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', 'failed', 'refund-exceeds'],
  ] as const)('%s %s: %s, %s', (method, subCode, end, word) => {
    const found = verdict(method, subCode);
    expect(found.end).toBe(end);
    expect(found.end === 'unknown' ? found.doubt : found.reason).toBe(word);
  });

  it.each([
    ['20000', 'isp.unknow-error', 'unknown', 'server-error'],
    ['20000', undefined, 'unknown', 'server-error'],
    ['20001', 'aop.invalid-auth-token', 'refused', 'credential-invalid'],
    ['40001', 'isv.missing-method', 'refused', 'parameter-invalid'],
    ['40001', 'isv.missing-signature', 'refused', 'credential-invalid'],
    ['40002', 'isv.invalid-signature', 'refused', 'credential-invalid'],
    ['40002', 'isv.invalid-app-id', 'refused', 'credential-invalid'],
    ['40002', 'isv.app-cert-not-exist', 'refused', 'credential-invalid'],
    ['40002', 'isv.invalid-alipay-root-cert-sn', 'refused', 'credential-invalid'],
    ['40002', 'isv.invalid-parameter', 'refused', 'parameter-invalid'],
    ['40003', 'isv.decryption-error-unknown', 'refused', 'credential-invalid'],
    ['40005', 'isv.app-call-limited', 'refused', 'rate-limited'],
    ['40006', 'isv.insufficient-isv-permissions', 'refused', 'permission-denied'],
    ['40006', 'isp.unknow-error', 'unknown', 'server-error'],
    ['40004', 'ACQ.SOMETHING_NEW', 'unknown', 'unreadable-reply'],
    ['40004', undefined, 'unknown', 'unreadable-reply'],
    ['40004', 'constructor', 'unknown', 'unreadable-reply'],
    ['12345', undefined, 'unknown', 'unreadable-reply'],
    ['toString', undefined, 'unknown', 'unreadable-reply'],
  ] as const)('the gateway: %s %s: %s, %s', (code, subCode, end, word) => {
    const found = verdictOf('alipay.trade.pay', code, subCode);
    expect(found.end).toBe(end);
    expect(found.end === 'unknown' ? found.doubt : found.reason).toBe(word);
  });

  it('knows four states of a trade and makes up no fifth', () => {
    expect(stateOf('TRADE_FINISHED')).toBe('paid');
    expect(stateOf('WAIT_BUYER_PAY')).toBe('unpaid');
    expect(stateOf('TRADE_CLOSED')).toBe('closed');
    expect(stateOf('TRADE_PENDING')).toBeUndefined();
    expect(stateOf('constructor')).toBeUndefined();
  });
});
