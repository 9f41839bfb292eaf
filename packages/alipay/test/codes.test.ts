import { describe, expect, it } from 'vitest';
import { changePlanCodes, querySignUpCodes, signOffCodes } from '../src/agreement-codes.ts';
import {
  cancelAuthorizationCodes,
  freezeCodes,
  queryAuthorizationCodes,
  unfreezeCodes,
} from '../src/authorization-codes.ts';
import { type Method, stateOf, verdictOf } from '../src/codes.ts';
import { gatewaySubCodes } from '../src/gateway-codes.ts';
import { balanceCodes, payoutCodes, queryPayoutCodes } from '../src/payout-codes.ts';

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

const sync = 'SYSTEM_ERROR INVALID_PARAMETER TRADE_NOT_EXIST NOTIFY_STATUS_INVALID';
const freeze = `ILLEGAL_ARGUMENT EXIST_FORBIDDEN_WORD ACCESS_FORBIDDEN UNIQUE_VIOLATION
PAYER_USER_STATUS_LIMIT PAYER_NOT_EXIST PAYMENT_AUTH_CODE_INVALID MONEY_NOT_ENOUGH
ORDER_ALREADY_CLOSED FREEZE_ALREADY_SUCCESS ERROR_BALANCE_PAYMENT_DISABLE PULL_MOBILE_CASHIER_FAIL
USER_FACE_PAYMENT_SWITCH_OFF SYSTEM_ERROR ORDER_ALREADY_FINISH PAYEE_NOT_EXIST
PAYEE_USER_STATUS_LIMIT PAYER_PAYEE_EQUAL NO_PAYMENT_INSTRUMENTS_AVAILABLE CLIENT_VERSION_NOT_MATCH
UNSUPPORT_ORDER_AMOUNT FORBIDDEN_MERCHANT_INDUSTRY RESTRICTED_MERCHANT_INDUSTRY
CURRENCY_VERIFICATION_FAIL FOREX_ID_VERIFICATION_FAIL PRODUCT_AMOUNT_LIMIT_ERROR
SECONDARY_MERCHANT_STATUS_ERROR USER_IDENTITY_INFO_VALIDATE_FAIL USER_ACCOUNT_VALIDATE_FAIL
SUB_MERCHANT_ORGANIZATION_ID_ERROR SUB_MERCHANT_LEVEL_ERROR SUB_MERCHANT_NO_PERMISSION
MERCHANT_STATUS_ERROR UNSUPPORTED_BIZ_TYPE SMILE_PRE_AUTH_ZM_CONSULT_FAIL USER_BANKCARD_CANCELED
USER_BANKCARD_EXPRESS_ERROR USER_BANKCARD_FROZEN USER_BANKCARD_PAY_ERROR USER_BANKCARD_REPORT_LOSS
USER_BANKCARD_STATUS_ERROR ILLEGAL_PAYEE_USER_ID`;
// A part of the former's list (§9.3): those about codes, cards and terminals are not in it.
const voucher = `ILLEGAL_ARGUMENT EXIST_FORBIDDEN_WORD ACCESS_FORBIDDEN UNIQUE_VIOLATION
PAYER_USER_STATUS_LIMIT PAYER_NOT_EXIST ORDER_ALREADY_CLOSED FREEZE_ALREADY_SUCCESS SYSTEM_ERROR
ORDER_ALREADY_FINISH PAYEE_NOT_EXIST PAYEE_USER_STATUS_LIMIT PAYER_PAYEE_EQUAL
UNSUPPORT_ORDER_AMOUNT FORBIDDEN_MERCHANT_INDUSTRY RESTRICTED_MERCHANT_INDUSTRY
CURRENCY_VERIFICATION_FAIL FOREX_ID_VERIFICATION_FAIL PRODUCT_AMOUNT_LIMIT_ERROR
SECONDARY_MERCHANT_STATUS_ERROR SUB_MERCHANT_NO_PERMISSION MERCHANT_STATUS_ERROR
UNSUPPORTED_BIZ_TYPE ILLEGAL_PAYEE_USER_ID`;
const unfreeze = `ILLEGAL_ARGUMENT UNIQUE_VIOLATION SYSTEM_ERROR PAYER_USER_STATUS_LIMIT
AUTH_ORDER_NOT_EXIST REQUEST_AMOUNT_EXCEED ILLEGAL_STATUS ORDER_ALREADY_FINISH ORDER_ALREADY_CLOSED
PAYER_NOT_EXIST BIZ_ERROR ACCESS_FORBIDDEN`;
const operationCancel = `ILLEGAL_ARGUMENT ACCESS_FORBIDDEN PAYER_USER_STATUS_LIMIT
ORDER_ALREADY_FINISH CANCEL_OPERATION_TIME_OUT REQUEST_AMOUNT_EXCEED SYSTEM_ERROR PAYER_NOT_EXIST
AUTH_ORDER_NOT_EXIST`;
const detail = `ILLEGAL_ARGUMENT AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST ACCESS_FORBIDDEN
SYSTEM_ERROR ENTERPRISE_PAY_BIZ_ERROR HAS_NO_PRIVILEGE`;
const agreementQuery = `USER_NOT_EXIST_ERROR PRODUCT_CODE_NOT_SUPPORTED_ERROR
USER_AGREEMENT_NOT_EXIST INVALID_PARAMETER SYSTEM_ERROR AUTHOREE_IS_NOT_MATCH USER_NOT_EXSIT_ERROR
LOGONID_IS_REPEATED AGREEMENT_HAS_UNSIGNED PARENT_MERCHANT_QUERY_FAIL MERCHANT_STATUS_IS_NOT_NORMAL`;
const unsign = `USER_NOT_EXIST_ERROR AGREEMENT_NOT_EXIST PRODUCT_CODE_NOT_SUPPORTED_ERROR
USER_AGREEMENT_STATUS_NOT_NORMAL INVALID_PARAMETER SYSTEM_ERROR AUTHOREE_IS_NOT_MATCH
MERCHANT_AGREEMENT_IS_NOT_EXIST USER_NOT_EXSIT_ERROR AGREEMENT_NOT_EXSIT USER_AGREEMENT_QUERY_FAIL
USER_AGREEMENT_UNSIGN_FAIL USER_AGREEMENT_STATUS_IS_NOT_NORMAL ILLEGAL_PARAMS
MERCHANT_STATUS_IS_NOT_NORMAL ASYNC_UNSIGN_CAN_NOT_REJECT`;
const plan = 'SYSTEM_ERROR ILLEGAL_EXECUTION_TIME ILLEGAL_AGREEMENT INVALID_PARAMETER';
const transfer = `INVALID_PARAMETER SYSTEM_ERROR REQUEST_PROCESSING TRANS_ORDER_DEALING
PROMO_TRANS_ORDER_DEALING BIZ_UNIQUE_EXCEPTION PAYMENT_INFO_INCONSISTENCY PAYER_BALANCE_NOT_ENOUGH
BALANCE_IS_NOT_ENOUGH PAYMENT_MONEY_NOT_ENOUGH PAYEE_NOT_EXIST PAYEE_USERINFO_ERROR
PAYEE_ACCOUNT_STATUS_ERROR PAYEE_USER_TYPE_ERROR PAYER_PAYEE_CANNOT_SAME PAYER_STATUS_ERROR
PAYER_CERTIFY_CHECK_FAIL PRODUCT_NOT_SIGN NO_ACCOUNT_RECEIVE_PERMISSION PERMIT_CHECK_PERM_LIMITED
PERMIT_NON_BANK_LIMIT_PAYEE EXCEED_LIMIT_SM_AMOUNT EXCEED_LIMIT_SM_MIN_AMOUNT
EXCEED_LIMIT_DM_AMOUNT EXCEED_LIMIT_DM_MAX_AMOUNT EXCEED_LIMIT_MM_AMOUNT
EXCEED_LIMIT_PERSONAL_SM_AMOUNT EXCEED_LIMIT_ENT_SM_AMOUNT EXCEED_LIMIT_UNRN_DM_AMOUNT
MEMO_REQUIRED_IN_TRANSFER_ERROR REMARK_HAS_SENSITIVE_WORD SECURITY_CHECK_FAILED
RESOURCE_LIMIT_EXCEED MONEY_PAY_CLOSED NO_AVAILABLE_PAYMENT_TOOLS INVALID_CARDNO CARD_BIN_ERROR
PAYEE_CARD_INFO_ERROR INST_PAY_UNABLE SIGN_INVALID TRANSFER_SCENE_NAME_BLANK
TRANSFER_SCENE_NAME_ILLEGAL TRANSFER_SCENE_REPORT_INFO_ILLEGAL TRANSFER_SCENE_INFO_ADMIT_FAIL
USER_RISK_FREEZE JUDICIAL_FREEZE`;
const transferQuery = 'ORDER_NOT_EXIST INVALID_PARAMETER SYSTEM_ERROR NO_ORDER_PERMISSION';
const account = `INVALID_PARAMETER SYSTEM_ERROR NO_PERMISSION_ACCOUNT NO_PERMISSION
TRUSTEESHIP_ACCOUNT_NOT_EXIST USER_AGREEMENT_VERIFY_FAIL AUTH_USERID_IS_NOT_MATCH
AUTHOREE_IS_NOT_MATCH USER_AGREEMENT_STATUS_ABNORMAL USER_AGREEMENT_IS_OUT_OF_DATE
MERCHANT_AGREEMENT_VERIFY_FAIL AUTH_INFO_NOT_EXISTS ALIPAY_ACCOUNT_NOT_EXIST AUTH_CODE_ERROR`;
// The list of the dossier §9.4, name for name.
const gateway = `invalid-parameter upload-fail invalid-file-extension invalid-file-size
file-check-fail app-call-limited method-call-limited insufficient-isv-permissions illegal-client-ip
insufficient-user-permissions self-invoke-forbidden app-auth-invoke-limit app-api-punished
missing-method missing-platform invalid-platform invalid-method forbidden-api invalid-format
missing-signature missing-app-access-token missing-signature-type missing-default-signature-type
missing-signature-key invalid-signature-type invalid-signature-type-said-interface
invalid-signature unsupported-expired-app-key-sign app-key-security-risk app-cert-expired
app-cert-not-exist alipay-cert-not-exist missing-app-cert-sn missing-alipay-cert-sn
missing-alipay-root-cert-sn invalid-alipay-root-cert-sn invalid-request-data invalid-response-data
missing-encrypt-type missing-encrypt-key invalid-encrypt-type invalid-encrypt missing-session
missing-app-id invalid-app-id missing-timestamp invalid-timestamp illegal-timestamp missing-version
invalid-version unsupported-version invalid-encoding invalid-charset invalid-digest-type
invalid-digest invalid-app-state invalid-subscribe-relations invalid-auth-token auth-token-time-out
invalid-app-auth-token invalid-app-auth-token-no-api app-auth-token-time-out not-support-app-auth
access-data-time-out unsupport-operation openid-error unknow-error invalid-app-method
missing-app-uid illegal-json illegal-card-no invalid-partnerid no-product-reg-by-partner
decryption-error decryption-error-missing-encrypt-type decryption-error-not-valid-encrypt-type
decryption-error-not-valid-encrypt-key decryption-error-unknown missing-signature-config
sevice-not-been-subscribed-to unknown-sub-code suspected-attack invalid-auth-relations
invalid-product method-forbidden-batch-invoke exist-blank-sub-request-id
exist-repeated-sub-request-id invalid-app-auth-relations app-unbind-partner app-invalid-oid
exceed-api-balance inner-app-no-access invalid-inner-invoke-scene invalid-app-api-field-config`;

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
  ['alipay.trade.orderinfo.sync', 'ACQ.', sync],
  ['alipay.fund.auth.order.freeze', '', freeze],
  ['alipay.fund.auth.order.voucher.create', '', voucher],
  ['alipay.fund.auth.order.unfreeze', '', unfreeze],
  ['alipay.fund.auth.operation.cancel', '', operationCancel],
  ['alipay.fund.auth.operation.detail.query', '', detail],
  ['alipay.user.agreement.query', '', agreementQuery],
  ['alipay.user.agreement.unsign', '', unsign],
  ['alipay.user.agreement.executionplan.modify', '', plan],
  ['alipay.fund.trans.uni.transfer', '', transfer],
  ['alipay.fund.trans.common.query', '', transferQuery],
  ['alipay.fund.account.query', '', account],
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

  it('are as many as the dossier counts', () => {
    expect(new Set(pay.split(/\s+/)).size).toBe(95);
    expect(new Set(freeze.split(/\s+/)).size).toBe(42);
  });

  const gatewayNames = gateway.split(/\s+/);
  it.each(gatewayNames)('%s is known of the gateway, in both protocols', (name) => {
    const bare = verdictOf('alipay.trade.query', '40004', name);
    expect(bare).not.toEqual(unreadable);
    expect(bare.end).not.toBe('failed');
    for (const prefix of ['isv.', 'isp.', 'aop.']) {
      expect(verdictOf('alipay.trade.query', '40002', `${prefix}${name}`)).toEqual(bare);
    }
  });

  it('of the gateway are in the tables without one that the lists do not have', () => {
    // Named beside the list, in §8.3 and §9.1.
    const elsewhere = ['app-openid-not-match', 'code-invalid'];
    expect(Object.keys(gatewaySubCodes).sort()).toEqual([...gatewayNames, ...elsewhere].sort());
  });

  it.each([
    [freezeCodes, freeze],
    [unfreezeCodes, unfreeze],
    [cancelAuthorizationCodes, operationCancel],
    [queryAuthorizationCodes, detail],
    [querySignUpCodes, agreementQuery],
    [signOffCodes, unsign],
    [changePlanCodes, plan],
    [payoutCodes, transfer],
    [queryPayoutCodes, transferQuery],
    [balanceCodes, account],
  ])('are in the tables without one that the lists do not have: %#', (table, names) => {
    expect(Object.keys(table).sort()).toEqual(names.split(/\s+/).sort());
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
    ['alipay.trade.pay', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH', 'failed', 'window-passed'],
    ['alipay.trade.pay', 'ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED', 'failed', 'limit-exceeded'],
    ['alipay.trade.pay', 'ACQ.AGREEMENT_NOT_EXIST', 'failed', 'agreement-inactive'],
    ['alipay.trade.pay', 'ACQ.AUTH_AMOUNT_NOT_ENOUGH', 'failed', 'limit-exceeded'],
    ['alipay.trade.pay', 'ACQ.PRE_AUTH_PROD_CODE_INCONSISTENT', 'refused', 'parameter-invalid'],
    ['alipay.fund.auth.order.freeze', 'FREEZE_ALREADY_SUCCESS', 'unknown', 'repeated-id'],
    ['alipay.fund.auth.order.freeze', 'UNIQUE_VIOLATION', 'refused', 'id-reused'],
    ['alipay.fund.auth.order.freeze', 'MONEY_NOT_ENOUGH', 'failed', 'insufficient-funds'],
    ['alipay.fund.auth.order.unfreeze', 'BIZ_ERROR', 'unknown', 'server-error'],
    ['alipay.fund.auth.order.unfreeze', 'ILLEGAL_STATUS', 'unknown', 'repeated-id'],
    ['alipay.fund.auth.operation.cancel', 'AUTH_ORDER_NOT_EXIST', 'unknown', 'not-found'],
    ['alipay.fund.auth.operation.cancel', 'CANCEL_OPERATION_TIME_OUT', 'failed', 'window-passed'],
    ['alipay.user.agreement.query', 'USER_AGREEMENT_NOT_EXIST', 'unknown', 'not-found'],
    ['alipay.user.agreement.unsign', 'USER_AGREEMENT_UNSIGN_FAIL', 'unknown', 'server-error'],
    ['alipay.fund.trans.uni.transfer', 'REQUEST_PROCESSING', 'unknown', 'repeated-id'],
    ['alipay.fund.trans.uni.transfer', 'PROMO_TRANS_ORDER_DEALING', 'unknown', 'repeated-id'],
    ['alipay.fund.trans.uni.transfer', 'BIZ_UNIQUE_EXCEPTION', 'refused', 'id-reused'],
    ['alipay.fund.trans.uni.transfer', 'PAYER_BALANCE_NOT_ENOUGH', 'failed', 'merchant-funds'],
    ['alipay.fund.trans.uni.transfer', 'PAYEE_NOT_EXIST', 'failed', 'payee-invalid'],
    ['alipay.fund.trans.common.query', 'ORDER_NOT_EXIST', 'unknown', 'not-found'],
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
    ['40004', 'invalid-signature', 'refused', 'credential-invalid'],
    ['40004', 'method-call-limited', 'refused', 'rate-limited'],
    ['40004', 'unknow-error', 'unknown', 'server-error'],
    ['20000', 'aop.invalid-auth-token', 'unknown', 'server-error'],
    ['12345', 'isv.invalid-signature', 'unknown', 'unreadable-reply'],
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
