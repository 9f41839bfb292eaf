import { describe, expect, it } from 'vitest';
import { calls, type Operation } from '../src/calls.ts';
import { messageVerdictOf, tradeStateOf, verdictOf } from '../src/codes.ts';

const split = (text: string): readonly string[] => text.trim().split(/\s+/);
const ordering = split(`NOAUTH NOTENOUGH ORDERPAID ORDERCLOSED SYSTEMERROR APPID_NOT_EXIST
  MCHID_NOT_EXIST APPID_MCHID_NOT_MATCH LACK_PARAMS OUT_TRADE_NO_USED SIGNERROR XML_FORMAT_ERROR
  REQUIRE_POST_METHOD POST_DATA_EMPTY NOT_UTF8 PARAM_ERROR INVALID_REQUEST`);

/** Every code that is documented for a call. */
const documented: Partial<Record<Operation, readonly string[]>> = {
  unifiedorder: ordering,
  'papay.contractorder': ordering,
  micropay: split(`SYSTEMERROR BANKERROR TRADE_ERROR PARAM_ERROR ORDERPAID NOAUTH AUTHCODEEXPIRE
    NOTENOUGH NOTSUPORTCARD ORDERCLOSED ORDERREVERSED AUTH_CODE_ERROR AUTH_CODE_INVALID
    XML_FORMAT_ERROR REQUIRE_POST_METHOD SIGNERROR LACK_PARAMS NOT_UTF8 BUYER_MISMATCH
    APPID_NOT_EXIST MCHID_NOT_EXIST OUT_TRADE_NO_USED APPID_MCHID_NOT_MATCH`),
  orderquery: split('ORDERNOTEXIST SYSTEMERROR'),
  closeorder: split(`ORDERPAID SYSTEMERROR ORDERNOTEXIST ORDERCLOSED SIGNERROR REQUIRE_POST_METHOD
    XML_FORMAT_ERROR TRADE_STATE_ERROR`),
  reverse: split(`SYSTEMERROR INVALID_TRANSACTIONID PARAM_ERROR REQUIRE_POST_METHOD SIGNERROR
    REVERSE_EXPIRE INVALID_REQUEST TRADE_ERROR`),
  refund: split(`SYSTEMERROR BIZERR_NEED_RETRY TRADE_OVERDUE ERROR USER_ACCOUNT_ABNORMAL
    INVALID_REQ_TOO_MUCH NOTENOUGH INVALID_TRANSACTIONID PARAM_ERROR APPID_NOT_EXIST
    MCHID_NOT_EXIST ORDERNOTEXIST REQUIRE_POST_METHOD SIGNERROR XML_FORMAT_ERROR
    FREQUENCY_LIMITED`),
  refundquery: split('REFUNDNOTEXIST SYSTEMERROR INVALID_TRANSACTIONID'),
  downloadfundflow: split('SYSTEMERROR PARAM_ERROR NO_BILL_EXIST BILL_CREATING'),
  transfers: split(`SYSTEMERROR NOTENOUGH NAME_MISMATCH AMOUNT_LIMIT FREQ_LIMIT SEND_FAILED
    OPENID_ERROR MONEY_LIMIT V2_ACCOUNT_SIMPLE_BAN SENDNUM_LIMIT PARAM_ERROR NO_AUTH SIGN_ERROR
    CA_ERROR FATAL_ERROR`),
  'papay.querycontract': split('CONTRACT_NOT_EXIST SYSTEMERROR'),
  'papay.apply': split(`CONTRACT_NOT_EXIST NOTENOUGH ORDERPAID SYSTEMERROR ORDER_ACCEPTED RULELIMIT
    CONTRACTERROR BANKERROR TRADE_ERROR USER_NOT_EXIST ACCOUNTERROR`),
};
const operations = Object.keys(calls) as Operation[];
const pairs = Object.entries(documented).flatMap(([operation, codes]) =>
  codes.map((code) => [operation as Operation, code] as const),
);
const undocumented = { end: 'unknown', doubt: 'unreadable-reply' };

describe('codes', () => {
  it.each(pairs)('%s: %s decides something', (operation, code) => {
    expect(verdictOf(operation, code)).not.toEqual(undocumented);
  });

  it.each(operations)('%s is not decided by trouble, or by what nobody documents', (operation) => {
    expect(verdictOf(operation, 'SYSTEMERROR')).toEqual({ end: 'unknown', doubt: 'server-error' });
    for (const code of ['', 'WHO_KNOWS', '-26', 'constructor', 'toString', '__proto__']) {
      expect(verdictOf(operation, code)).toEqual(undocumented);
    }
  });

  const naming = ['unifiedorder', 'papay.contractorder', 'micropay', 'papay.apply'] as const;

  it.each(naming)('%s: an answer about the number is no answer about the payment', (operation) => {
    const known = { end: 'unknown', doubt: 'repeated-id' };
    for (const code of ['ORDERPAID', 'OUT_TRADE_NO_USED', 'INVALID_REQUEST']) {
      expect(verdictOf(operation, code)).toEqual(known);
    }
    expect(verdictOf(operation, 'PARAM_ERROR', '201 商户订单号重复')).toEqual(known);
    expect(verdictOf(operation, 'PARAM_ERROR', '参数错误').end).toBe('refused');
  });

  it('of refunds leave open what a repetition under the same number may do', () => {
    for (const code of ['SYSTEMERROR', 'BIZERR_NEED_RETRY', 'ERROR', 'PARAM_ERROR']) {
      expect(verdictOf('refund', code).end).toBe('unknown');
    }
  });

  it('of payouts never refuse what may have been sent', () => {
    for (const code of ['SYSTEMERROR', 'SEND_FAILED', 'FATAL_ERROR', 'FREQ_LIMIT']) {
      expect(verdictOf('transfers', code).end).toBe('unknown');
    }
  });
});

describe('words without a code', () => {
  it.each([
    ['签名错误', 'refused'],
    ['XML格式错误', 'refused'],
    ['不识别的参数auth_code', 'refused'],
    ['缺少参数', 'refused'],
    ['appid和mch_id不匹配', 'refused'],
    ['appid参数长度有误', 'refused'],
    ['No Bill Exist', 'unknown'],
    ['SYSTEMERROR', 'unknown'],
    ['', 'unknown'],
    ['订单已支付', 'unknown'],
  ])('%s: %s', (words, end) => {
    expect(messageVerdictOf(words).end).toBe(end);
  });
});

describe('states', () => {
  it('are the documented ones', () => {
    const states = split(
      'SUCCESS REFUND NOTPAY CLOSED REVOKED USERPAYING PAYERROR ACCEPT PAY_FAIL',
    );
    expect(states.map(tradeStateOf)).not.toContain(undefined);
    expect(['', 'success', 'PAID', 'constructor'].map(tradeStateOf)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});
