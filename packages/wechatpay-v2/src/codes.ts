/**
 * wechatpay-v2 · codes: every documented code and what it decides for each call (dossier B4 to
 * B10). Codes of business are signed; what `return_msg` says is not.
 */

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
import type { Operation } from './calls.ts';

type Table = Readonly<Record<string, Verdict>>;

/**
 * Of every call: the message was rejected, whatever it was about; or the platform is in trouble.
 */
const general: Table = {
  ...each(
    refused('parameter-invalid'),
    `PARAM_ERROR LACK_PARAMS XML_FORMAT_ERROR REQUIRE_POST_METHOD POST_DATA_EMPTY NOT_UTF8`,
  ),
  ...each(
    refused('credential-invalid'),
    `SIGNERROR SIGN_ERROR APPID_NOT_EXIST MCHID_NOT_EXIST APPID_MCHID_NOT_MATCH CA_ERROR`,
  ),
  ...each(refused('permission-denied'), 'NOAUTH NO_AUTH'),
  ...each(refused('rate-limited'), 'FREQUENCY_LIMITED FREQ_LIMIT INVALID_REQ_TOO_MUCH'),
  ...each(unclear, 'SYSTEMERROR BANKERROR BIZERR_NEED_RETRY'),
};

const create: Table = {
  // Quirk: all of these say that the number is known; whether with this order, a query tells.
  ...each(repeatedId, 'ORDERPAID OUT_TRADE_NO_USED INVALID_REQUEST'),
  ...each(failed('order-closed', 'new-id'), 'ORDERCLOSED'),
  ...each(failed('insufficient-funds', 'new-id'), 'NOTENOUGH'),
};

/** Money is asked for at once: what is refused here is decided, and a new code wants a new id. */
const micropay: Table = {
  ...create,
  ...each(
    failed('instrument-invalid', 'new-id'),
    'NOTSUPORTCARD AUTHCODEEXPIRE AUTH_CODE_ERROR AUTH_CODE_INVALID',
  ),
  // Quirk: said of an order that was paid first, too: it went back, and a query tells.
  ...each(repeatedId, 'ORDERREVERSED ORDERCLOSED'),
  ...each(failed('payer-unverified', 'new-id'), 'BUYER_MISMATCH'),
  ...each(failed('other', 'new-id'), 'TRADE_ERROR'),
};

const query: Table = {
  ...each(notFound, 'ORDERNOTEXIST'),
  ...each(refused('parameter-invalid'), 'INVALID_TRANSACTIONID INVALID_REQUEST'),
};

/** What is not closed is asked about: only its state says whether money can come. */
const close: Table = {
  ...each(repeatedId, 'ORDERPAID ORDERCLOSED TRADE_STATE_ERROR TRADE_ERROR INVALID_REQUEST'),
  ...each(notFound, 'ORDERNOTEXIST'),
};

const reverse: Table = {
  ...each(repeatedId, 'INVALID_REQUEST TRADE_ERROR TRADE_STATE_ERROR ORDERNOTEXIST'),
  ...each(failed('window-passed', 'never'), 'REVERSE_EXPIRE'),
  ...each(refused('parameter-invalid'), 'INVALID_TRANSACTIONID'),
};

const refund: Table = {
  // Top up the account, then ask again under the same id.
  ...each(failed('merchant-funds', 'same-id'), 'NOTENOUGH'),
  ...each(failed('instrument-invalid', 'never'), 'USER_ACCOUNT_ABNORMAL'),
  ...each(failed('window-passed', 'never'), 'TRADE_OVERDUE'),
  ...each(refused('parameter-invalid'), 'INVALID_TRANSACTIONID ORDERNOTEXIST'),
  // Quirk: "business", in words: the refund may stand under this id, under other terms, or not.
  ...each(repeatedId, 'ERROR PARAM_ERROR INVALID_REQUEST TRADE_STATE_ERROR'),
};

const refundQuery: Table = {
  ...each(notFound, 'REFUNDNOTEXIST ORDERNOTEXIST'),
  ...each(refused('parameter-invalid'), 'INVALID_TRANSACTIONID INVALID_REQUEST'),
};

/** Where a bill is not, `return_msg` of one call says what `err_code` of the other does. */
const bill: Table = each(notFound, 'NO_BILL_EXIST BILL_CREATING');

/** The list is partly unsourced: what is not surely a refusal of the message leaves it open. */
const transfers: Table = {
  ...each(failed('merchant-funds', 'same-id'), 'NOTENOUGH'),
  ...each(failed('payee-invalid', 'new-id'), 'NAME_MISMATCH OPENID_ERROR V2_ACCOUNT_SIMPLE_BAN'),
  ...each(refused('limit-exceeded'), 'AMOUNT_LIMIT MONEY_LIMIT SENDNUM_LIMIT'),
  ...each(unclear, 'SEND_FAILED FATAL_ERROR FREQ_LIMIT'),
};

const transferQuery: Table = each(notFound, 'NOT_FOUND');

const contract: Table = {
  ...each(notFound, 'CONTRACT_NOT_EXIST'),
  ...each(refused('parameter-invalid'), 'INVALID_REQUEST'),
};

const deduction: Table = {
  ...create,
  ...each(failed('agreement-inactive', 'new-id'), 'CONTRACT_NOT_EXIST CONTRACTERROR'),
  ...each(failed('instrument-invalid', 'new-id'), 'USER_NOT_EXIST ACCOUNTERROR'),
  ...each(refused('limit-exceeded'), 'RULELIMIT'),
  ...each(repeatedId, 'ORDER_ACCEPTED'),
  ...each(unclear, 'TRADE_ERROR'),
};

const business: Readonly<Record<Operation, Table>> = {
  unifiedorder: create,
  'papay.contractorder': create,
  micropay,
  orderquery: query,
  closeorder: close,
  reverse,
  refund,
  refundquery: refundQuery,
  downloadbill: bill,
  downloadfundflow: bill,
  transfers,
  gettransferinfo: transferQuery,
  'papay.preentrustweb': contract,
  'papay.querycontract': contract,
  'papay.deletecontract': contract,
  'papay.apply': deduction,
};

/** The calls whose id may be known from before. */
const naming: ReadonlySet<Operation> = new Set([
  'unifiedorder',
  'papay.contractorder',
  'micropay',
  'transfers',
  'papay.apply',
]);

const lookUp = (table: Table, name: string): Verdict | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** What an `err_code` decides; `words` are those of `err_code_des`. */
export function verdictOf(operation: Operation, code: string, words = ''): Verdict {
  // Quirk: "the number stands for another order" also comes as a wrong parameter (B4.1).
  if (naming.has(operation) && code === 'PARAM_ERROR' && /重复|已存在|不一致/.test(words)) {
    return repeatedId;
  }
  // Quirk: a payer who gives up is told as an error of the trade, in words (B4.2).
  if (operation === 'micropay' && code === 'TRADE_ERROR' && /密码|取消/.test(words)) {
    return failed('payer-declined', 'new-id');
  }
  return lookUp(business[operation], code) ?? lookUp(general, code) ?? undocumented;
}

/** What `return_msg` says where there is no code: the documented words (B1, B4.1, B6.1). */
const messages: readonly (readonly [pattern: RegExp, verdict: Verdict])[] = [
  [/签名错误|签名失败|^SIGN ?ERROR$/i, refused('credential-invalid')],
  [/appid和mch_id不匹配/i, refused('credential-invalid')],
  [/产品权限未开通/, refused('permission-denied')],
  [
    /XML格式错误|不识别的参数|缺少参数|LACK_PARAMS|appid参数长度有误/i,
    refused('parameter-invalid'),
  ],
  [/^(?:data format error|missing parameter|invalid bill_type)$/i, refused('parameter-invalid')],
  [/^(?:No Bill Exist|Bill Creating)$/i, notFound],
  [/^(?:SYSTEMERROR|(?:Un)?CompressGZip Error)$/i, unclear],
];

/** What an answer without business decides. Words that are not documented decide nothing. */
export const messageVerdictOf = (words: string): Verdict =>
  messages.find(([pattern]) => pattern.test(words))?.[1] ?? undocumented;

/** What a trade_state says (A5.6, B4.4, B10). */
export type TradeState =
  | 'paid'
  | 'refunded'
  | 'unpaid'
  | 'paying'
  | 'accepted'
  | 'closed'
  | 'revoked'
  | 'failed';

const tradeStates: Readonly<Record<string, TradeState>> = {
  SUCCESS: 'paid',
  REFUND: 'refunded',
  NOTPAY: 'unpaid',
  USERPAYING: 'paying',
  ACCEPT: 'accepted',
  CLOSED: 'closed',
  REVOKED: 'revoked',
  PAYERROR: 'failed',
  PAY_FAIL: 'failed',
};

/** `undefined` for a state outside the documented ones. */
export const tradeStateOf = (state: string): TradeState | undefined =>
  Object.hasOwn(tradeStates, state) ? tradeStates[state] : undefined;
