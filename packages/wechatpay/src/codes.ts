/**
 * wechatpay · codes: every documented code, the statuses it comes with, and what it decides for each
 * call (dossier A8). A 5xx decides nothing and is no matter of these tables.
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
import type { Message } from './messages.ts';

/** The calls this package makes, as the simulator and the journal name them. */
export type Operation =
  | 'certificates'
  | 'transactions.native'
  | 'transactions.jsapi'
  | 'transactions.app'
  | 'transactions.h5'
  | 'transactions.codepay'
  | 'transactions.query'
  | 'transactions.close'
  | 'transactions.reverse'
  | 'refunds.create'
  | 'refunds.query'
  | 'bills.trade'
  | 'bills.funds'
  | 'transfers.create'
  | 'transfers.query'
  | 'transfers.cancel'
  | 'balances.query'
  | 'contracts.sign'
  | 'contracts.query'
  | 'contracts.terminate'
  | 'contracts.schedule'
  | 'contracts.deduct'
  | 'payscore.create'
  | 'payscore.query'
  | 'payscore.complete'
  | 'payscore.cancel';

type Table = Readonly<Record<string, Verdict>>;

/** Older documents spell some codes differently (A8.2). */
const spellings: Readonly<Record<string, string>> = {
  NOTENOUGH: 'NOT_ENOUGH',
  NOAUTH: 'NO_AUTH',
  ORDERNOTEXIST: 'ORDER_NOT_EXIST',
  ORDERPAID: 'ORDER_PAID',
  ORDERCLOSED: 'ORDER_CLOSED',
  RULELIMIT: 'RULE_LIMIT',
  ACCOUNTERROR: 'ACCOUNT_ERROR',
  RATELIMIT_EXCEEDED: 'FREQUENCY_LIMITED',
  FREQUENCY_LIMIT_EXCEED: 'FREQUENCY_LIMITED',
};

/** The statuses a code is documented with. Under another one nobody knows what it says. */
const statuses: Readonly<Record<string, readonly number[]>> = {
  PARAM_ERROR: [400],
  INVALID_REQUEST: [400],
  SIGN_ERROR: [401],
  APPID_MCHID_NOT_MATCH: [400],
  MCH_NOT_EXISTS: [400, 404],
  ORDER_CLOSED: [400],
  ORDER_PAID: [400],
  NO_AUTH: [403],
  OUT_TRADE_NO_USED: [403],
  RULE_LIMIT: [403],
  TRADE_ERROR: [403],
  NOT_ENOUGH: [403],
  USER_ACCOUNT_ABNORMAL: [403],
  REQUEST_BLOCKED: [403],
  ORDER_NOT_EXIST: [404],
  RESOURCE_NOT_EXISTS: [404],
  NOT_FOUND: [404],
  FREQUENCY_LIMITED: [429],
  NO_STATEMENT_EXIST: [400],
  STATEMENT_CREATING: [400],
  TRADE_OVERDUE: [400, 403],
  REFUND_FEE_MISMATCH: [400, 403],
  ALREADY_EXISTS: [400],
  // Of pay-score orders; it stands in no list that could be read.
  INVALID_ORDER_STATE: [400],
};

/** Of every call: the message was rejected, whatever it was about. */
const general: Table = {
  ...each(refused('parameter-invalid'), 'PARAM_ERROR'),
  ...each(refused('credential-invalid'), 'SIGN_ERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS'),
  ...each(refused('permission-denied'), 'NO_AUTH'),
  ...each(refused('rate-limited'), 'FREQUENCY_LIMITED'),
};

const create: Table = {
  ...each(refused('risk-blocked'), 'RULE_LIMIT'),
  // Quirk: both say that the number is known; whether with this order or another, a query tells.
  ...each(repeatedId, 'OUT_TRADE_NO_USED ORDER_PAID'),
  ...each(failed('order-closed', 'new-id'), 'ORDER_CLOSED'),
};

const codepay: Table = {
  ...create,
  // Quirk: also of one that was paid and then reversed, which a query tells.
  ...each(repeatedId, 'ORDER_CLOSED'),
  // "Trade state or business failure": the order may stand.
  ...each(unclear, 'TRADE_ERROR'),
};

const query: Table = {
  ...each(notFound, 'ORDER_NOT_EXIST RESOURCE_NOT_EXISTS NOT_FOUND'),
  ...each(refused('risk-blocked'), 'RULE_LIMIT'),
  ...each(refused('other'), 'TRADE_ERROR INVALID_REQUEST'),
};

/** What is not closed is asked about (A5.5): which code a paid order answers with is not sourced. */
const close: Table = {
  ...each(repeatedId, 'RULE_LIMIT TRADE_ERROR ORDER_PAID ORDER_CLOSED INVALID_REQUEST'),
  ...each(notFound, 'ORDER_NOT_EXIST RESOURCE_NOT_EXISTS'),
};

const refund: Table = {
  // Top up the account, then ask again under the same id.
  ...each(failed('merchant-funds', 'same-id'), 'NOT_ENOUGH'),
  ...each(failed('instrument-invalid', 'never'), 'USER_ACCOUNT_ABNORMAL'),
  ...each(failed('risk-blocked', 'never'), 'REQUEST_BLOCKED'),
  ...each(failed('window-passed', 'never'), 'TRADE_OVERDUE'),
  ...each(refused('parameter-invalid'), 'REFUND_FEE_MISMATCH ORDER_NOT_EXIST RESOURCE_NOT_EXISTS'),
  ...each(failed('other', 'same-id'), 'TRADE_ERROR'),
  // Quirk: throttled refunds may have been accepted (A8.2).
  ...each(unclear, 'FREQUENCY_LIMITED'),
  ...each(repeatedId, 'ALREADY_EXISTS'),
};

const bill: Table = {
  ...each(notFound, 'NO_STATEMENT_EXIST STATEMENT_CREATING'),
  ...each(refused('parameter-invalid'), 'INVALID_REQUEST'),
};

/** Nothing but a query proves that a transfer will not happen (A8.3). */
const transfer: Table = {
  ...each(failed('merchant-funds', 'same-id'), 'NOT_ENOUGH'),
  ...each(unclear, 'FREQUENCY_LIMITED TRADE_ERROR RULE_LIMIT REQUEST_BLOCKED'),
  ...each(repeatedId, 'ALREADY_EXISTS'),
};

const transferQuery: Table = {
  ...each(notFound, 'NOT_FOUND RESOURCE_NOT_EXISTS'),
  ...each(refused('other'), 'INVALID_REQUEST'),
};

const reading: Table = each(refused('other'), 'INVALID_REQUEST RESOURCE_NOT_EXISTS NOT_FOUND');

const contract: Table = {
  ...each(notFound, 'RESOURCE_NOT_EXISTS NOT_FOUND'),
  ...each(refused('other'), 'INVALID_REQUEST RULE_LIMIT'),
};

const deduction: Table = {
  ...create,
  ...each(failed('agreement-inactive', 'new-id'), 'RESOURCE_NOT_EXISTS NOT_FOUND'),
  ...each(refused('limit-exceeded'), 'RULE_LIMIT'),
};

const score: Table = {
  ...each(repeatedId, 'INVALID_ORDER_STATE OUT_TRADE_NO_USED ALREADY_EXISTS'),
  ...each(refused('risk-blocked'), 'RULE_LIMIT'),
};

/**
 * What is neither completed nor cancelled is asked about. Quirk: the one answer stands for an order in
 * another state and for one whose completion differs from its first (A11.5).
 */
const scoreEnd: Table = {
  ...score,
  ...each(repeatedId, 'RULE_LIMIT TRADE_ERROR ORDER_PAID ORDER_CLOSED INVALID_REQUEST'),
};
const scoreMissing = 'ORDER_NOT_EXIST RESOURCE_NOT_EXISTS NOT_FOUND';

const business = {
  certificates: {},
  'transactions.native': create,
  'transactions.jsapi': create,
  'transactions.app': create,
  'transactions.h5': create,
  'transactions.codepay': codepay,
  'transactions.query': query,
  'transactions.close': close,
  'transactions.reverse': close,
  'refunds.create': refund,
  'refunds.query': query,
  'bills.trade': bill,
  'bills.funds': bill,
  'transfers.create': transfer,
  'transfers.query': transferQuery,
  'transfers.cancel': { ...close, ...each(notFound, 'NOT_FOUND') },
  'balances.query': reading,
  'contracts.sign': contract,
  'contracts.query': contract,
  'contracts.terminate': { ...contract, ...each(repeatedId, 'INVALID_REQUEST') },
  'contracts.schedule': contract,
  'contracts.deduct': deduction,
  'payscore.create': score,
  'payscore.query': query,
  'payscore.complete': { ...scoreEnd, ...each(refused('parameter-invalid'), scoreMissing) },
  'payscore.cancel': { ...scoreEnd, ...each(notFound, scoreMissing) },
} as const satisfies Record<Operation, Table>;

/** What an error says. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly body: Message;
  readonly internalCode?: string | undefined;
}

/** Behind the request's id: what is wrong is the message itself (A8.4). */
const messageCodes: ReadonlySet<string> = new Set([
  '270924358',
  '268435461',
  '268435464',
  '268443715',
  '268447843',
  '268445527',
  '268501013',
]);
/** The words of refusals that are about the message (A5.1, A8.1, A10.2). */
const messageWords = /未在API文档中定义|规则校验失败|不允许调用|APPID不存在|转账场景|收款感知|报备/;

/**
 * Whether INVALID_REQUEST or PARAM_ERROR is about the message, and not about what its id stands for.
 *
 * Quirk: "the order is paid" and "the number was used" come under INVALID_REQUEST, too, in words that
 * are not documented. Only what surely blames the message counts as its refusal.
 */
function blamesMessage({ code, body, internalCode }: Refusal): boolean {
  const { message, detail } = body;
  const words = typeof message === 'string' ? message : '';
  const located = typeof detail === 'object' && detail !== null && 'location' in detail;
  if (located || messageWords.test(words)) return true;
  if (internalCode !== undefined && messageCodes.has(internalCode)) return true;
  return code === 'PARAM_ERROR' && !/重复|已存在|不一致|重入|状态/.test(words);
}

/** The calls whose id may be known from before: what their refusal is about decides. */
const naming: ReadonlySet<Operation> = new Set([
  'transactions.native',
  'transactions.jsapi',
  'transactions.app',
  'transactions.h5',
  'transactions.codepay',
  'refunds.create',
  'transfers.create',
  'contracts.deduct',
  'payscore.create',
  'payscore.complete',
  'payscore.cancel',
]);

const lookUp = (table: Table, name: string): Verdict | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** What an answer with a status from 400 to 499 decides. */
export function verdictOf(operation: Operation, refusal: Refusal): Verdict {
  const { status, code: told } = refusal;
  const code = Object.hasOwn(spellings, told) ? (spellings[told] ?? told) : told;
  const documented = Object.hasOwn(statuses, code) ? statuses[code] : undefined;
  if (!documented?.includes(status)) return undocumented;
  if (naming.has(operation) && /^(?:INVALID_REQUEST|PARAM_ERROR)$/.test(code)) {
    return blamesMessage({ ...refusal, code }) ? refused('parameter-invalid') : repeatedId;
  }
  return lookUp(business[operation], code) ?? lookUp(general, code) ?? undocumented;
}

/** What a trade_state says (A5.6, A11.3). */
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

/** How far a pay-score order has got; whether its money was collected, its collection says (A11.5). */
export type ScoreState = 'created' | 'held' | 'completed' | 'done' | 'revoked' | 'expired';

const scoreStates: Readonly<Record<string, ScoreState>> = {
  CREATED: 'created',
  'DOING USER_CONFIRM': 'held',
  'DOING MCH_COMPLETE': 'completed',
  DONE: 'done',
  REVOKED: 'revoked',
  EXPIRED: 'expired',
};

/** `undefined` for a state outside the documented ones. Quirk: only DOING is told apart further. */
export function scoreStateOf(state: string, description: string | undefined) {
  const name = state === 'DOING' ? `${state} ${description ?? ''}` : state;
  return Object.hasOwn(scoreStates, name) ? scoreStates[name] : undefined;
}

const collectionStates: Readonly<Record<string, 'paying' | 'paid'>> = {
  USER_PAYING: 'paying',
  USER_PAID: 'paid',
};

export const collectionStateOf = (state: string): 'paying' | 'paid' | undefined =>
  Object.hasOwn(collectionStates, state) ? collectionStates[state] : undefined;
