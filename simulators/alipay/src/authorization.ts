/** alipay simulator · authorization: freeze, voucher, unfreeze, cancel, query, and the settlement. */
import {
  type Authorization,
  type AuthorizationTerms,
  awaitsPayer,
  holdAccount,
  type Operation,
  type OperationType,
  restOf,
} from './authorization-book.ts';
import { totalsOf } from './authorization-concern.ts';
import { head, refuse, refuseDocumented } from './codes.ts';
import type { Content } from './envelope.ts';
import { invalidField, oneOf, optionalText, requiredAmount, requiredText, yuan } from './fields.ts';
import type { NodeMembers } from './json.ts';
import { authCodePattern, paidNode } from './payment.ts';
import type { Call, Handler, Room } from './room.ts';
import { addressOf, durationOf, repeatable, sameTerms, termsOf, voiceOf } from './terms.ts';
import { dayMs, minuteMs, timeText } from './time.ts';

const highestAmount = 10_000_000_000;
const usualTimeoutMs = 15 * minuteMs;

/** What a merchant asks to be held, every field judged; the first product is the usual one. */
function freezeTerms(call: Call, room: Room, products: readonly string[]): AuthorizationTerms {
  const { content, merchant } = call;
  const now = room.world.clock.now();
  const amount = requiredAmount(content, 'amount');
  if (amount > highestAmount) throw refuseDocumented('UNSUPPORT_ORDER_AMOUNT');
  const payee = optionalText(content, 'payee_user_id', 32);
  if (payee !== undefined && payee !== merchant.sellerId) throw refuse('PAYEE_NOT_EXIST');
  optionalText(content, 'payee_logon_id', 100);
  const timeoutMs =
    durationOf(content, 'timeout_express', now) ?? durationOf(content, 'pay_timeout', now);
  return {
    outOrderNo: requiredText(content, 'out_order_no', 64),
    outRequestNo: requiredText(content, 'out_request_no', 64),
    amount,
    title: requiredText(content, 'order_title', 100),
    productCode: oneOf(content, 'product_code', products) ?? products[0] ?? '',
    timeoutMs: timeoutMs ?? usualTimeoutMs,
    extraParam: optionalText(content, 'extra_param', 300),
    notifyUrl: addressOf(call, 'notify_url'),
  };
}

const ended = (state: Authorization['state']): boolean => state === 'CLOSED' || state === 'VOID';

/** The order this number already names, if a repetition may go on with it. */
function known(call: Call, room: Room, terms: AuthorizationTerms): Authorization | undefined {
  const { authorizations } = room;
  const authorization = authorizations.find(call.merchant, terms.outOrderNo);
  if (authorization === undefined) {
    const other = authorizations.findRequest(call.merchant, terms.outRequestNo);
    if (other !== undefined) throw refuse('UNIQUE_VIOLATION');
    return undefined;
  }
  const { state, terms: first } = authorization;
  if (ended(state)) throw refuse('ORDER_ALREADY_CLOSED');
  if (state === 'FINISH') throw refuse('ORDER_ALREADY_FINISH');
  if (terms.outRequestNo !== first.outRequestNo && state === 'AUTHORIZED') {
    throw refuse('FREEZE_ALREADY_SUCCESS');
  }
  const members = ['outRequestNo', 'amount', 'title', 'productCode'] as const;
  if (members.some((name) => terms[name] !== first[name])) throw refuse('UNIQUE_VIOLATION');
  return authorization;
}

interface Wanted {
  readonly products: readonly string[];
  /** Whether its order exists at once. */
  readonly scanned: boolean;
}

function openFreeze(call: Call, room: Room, { products, scanned }: Wanted): Authorization {
  const terms = freezeTerms(call, room, products);
  const opening = { scanned, voice: voiceOf(call) };
  return known(call, room, terms) ?? room.authorizations.open(call.merchant, terms, opening);
}

const numbersOf = ({ authNo, terms }: Authorization, operation: Operation): NodeMembers => ({
  auth_no: authNo,
  out_order_no: terms.outOrderNo,
  operation_id: operation.operationId,
  out_request_no: operation.outRequestNo,
});

function operationNode(authorization: Authorization, operation: Operation): NodeMembers {
  const { payer } = authorization;
  const { status, amount, at, type } = operation;
  return {
    ...head(status === 'INIT' ? 10003 : 10000),
    ...numbersOf(authorization, operation),
    amount: yuan(amount),
    fund_amount: yuan(amount),
    credit_amount: '0.00',
    status,
    gmt_trans: at === undefined ? undefined : timeText(at),
    ...(type === 'FREEZE' ? { payer_user_id: payer.userId, payer_logon_id: payer.logonId } : {}),
  };
}

/** The freeze of an order that exists. */
const freezeOf = ({ operations }: Authorization): Operation => operations[0] as Operation;

/** `alipay.fund.auth.order.freeze`: at once, unless the payer is asked to confirm. */
const freeze: Handler = (call, room) => {
  const code = requiredText(call.content, 'auth_code', 64);
  const kind = oneOf(call.content, 'auth_code_type', ['bar_code', 'security_code']);
  if (kind === undefined) throw invalidField('auth_code_type', 'given');
  if (kind === 'bar_code' && !authCodePattern.test(code)) throw refuse('PAYMENT_AUTH_CODE_INVALID');
  const authorization = openFreeze(call, room, { products: ['PRE_AUTH'], scanned: true });
  if (authorization.state === 'INIT' && authorization.pending === undefined) {
    const asked = call.exchange.fault('user-paying');
    if (asked === undefined) room.authorizations.freeze(authorization);
    else {
      const queries = Number(asked['queries'] ?? Number.POSITIVE_INFINITY);
      const outcome = asked['outcome'] === 'closed' ? 'closed' : 'paid';
      authorization.pending = { queries, outcome };
    }
  }
  return operationNode(authorization, freezeOf(authorization));
};

const onlineProducts = ['PRE_AUTH_ONLINE', 'PREAUTH_PAY'];

const createVoucher: Handler = (call, room) => {
  // Older merchants still say PRE_AUTH here.
  const products = [...onlineProducts, 'PRE_AUTH'];
  const authorization = openFreeze(call, room, { products, scanned: false });
  const { terms, ticket } = authorization;
  const text = `https://qr.alipay.com/${ticket}`;
  return {
    ...head(10000),
    out_order_no: terms.outOrderNo,
    out_request_no: terms.outRequestNo,
    code_type: 'qrCode',
    code_value: text,
    code_url: `http://mobilecodec.alipay.com/show.htm?code=${ticket}`,
  };
};

/** The order behind an app's order text. */
export const openAppFreeze = (call: Call, room: Room): Authorization =>
  openFreeze(call, room, { products: onlineProducts, scanned: true });

interface Pair {
  readonly authorization: Authorization;
  readonly operation: Operation;
}

/** Quirk: where both are given, Alipay's numbers win over the merchant's. */
function namedOrder(call: Call, room: Room): Authorization | undefined {
  const { content, merchant } = call;
  const authNo = optionalText(content, 'auth_no', 64);
  const outOrderNo = optionalText(content, 'out_order_no', 64);
  if (authNo === undefined && outOrderNo === undefined) {
    throw invalidField('auth_no', 'given, or out_order_no');
  }
  return authNo === undefined
    ? room.authorizations.find(merchant, outOrderNo ?? '')
    : room.authorizations.findNumber(merchant, authNo);
}

function namedOperation(content: Content, { operations }: Authorization): Operation | undefined {
  const operationId = optionalText(content, 'operation_id', 64);
  const outRequestNo = optionalText(content, 'out_request_no', 64);
  if (operationId === undefined && outRequestNo === undefined) {
    throw invalidField('operation_id', 'given, or out_request_no');
  }
  const types = ['FREEZE', 'UNFREEZE', 'PAY'];
  const type = oneOf(content, 'operation_type', types) as OperationType | undefined;
  return operations.find((one) => {
    if (type !== undefined && one.type !== type) return false;
    return operationId === undefined
      ? one.outRequestNo === outRequestNo
      : one.operationId === operationId;
  });
}

const unfreeze: Handler = (call, room) => {
  const { content, merchant } = call;
  const authNo = requiredText(content, 'auth_no', 64);
  const outRequestNo = requiredText(content, 'out_request_no', 64);
  const amount = requiredAmount(content, 'amount');
  const remark = requiredText(content, 'remark', 100);
  const url = addressOf(call, 'notify_url');
  const authorization = room.authorizations.findNumber(merchant, authNo);
  if (authorization === undefined) throw refuse('AUTH_ORDER_NOT_EXIST');
  const owner = room.authorizations.findRequest(merchant, outRequestNo);
  if (owner !== undefined) {
    const operation = authorization.operations.find(
      (one) => one.type === 'UNFREEZE' && one.outRequestNo === outRequestNo,
    );
    if (operation?.amount !== amount) throw refuse('UNIQUE_VIOLATION');
    return operationNode(authorization, operation);
  }
  const { state } = authorization;
  if (state === 'INIT') throw refuse('ILLEGAL_STATUS');
  if (ended(state)) throw refuse('ORDER_ALREADY_CLOSED');
  if (state === 'FINISH') throw refuse('ORDER_ALREADY_FINISH');
  if (amount > restOf(authorization)) throw refuse('REQUEST_AMOUNT_EXCEED');
  const release = { outRequestNo, amount, remark, change: 'unfreeze', url } as const;
  return operationNode(authorization, room.authorizations.release(authorization, release));
};

/** What cancelling a freeze does; done once, told as often as it is asked. */
function undo(authorization: Authorization, call: Call, room: Room): 'close' | 'unfreeze' {
  const { authorizations, world } = room;
  const { state, cancelled, terms, createdAt } = authorization;
  if (cancelled !== undefined) return cancelled;
  if (ended(state)) return 'close';
  const url = addressOf(call, 'notify_url');
  if (awaitsPayer(authorization)) {
    authorizations.close(authorization);
    authorization.cancelled = 'close';
    const [operation] = authorization.operations;
    if (operation) room.authorizationChanged(authorization, { change: 'cancel', operation, url });
    return 'close';
  }
  if (state === 'FINISH') throw refuse('ORDER_ALREADY_FINISH');
  if (world.clock.now() - createdAt > dayMs) throw refuse('CANCEL_OPERATION_TIME_OUT');
  if (restOf(authorization) < terms.amount) throw refuse('REQUEST_AMOUNT_EXCEED');
  const outRequestNo = `${freezeOf(authorization).operationId}C`;
  const release = { outRequestNo, amount: terms.amount, change: 'cancel', url } as const;
  authorizations.release(authorization, release);
  return 'unfreeze';
}

/** `alipay.fund.auth.operation.cancel`: of a freeze, whatever became of it. */
const cancel: Handler = (call, room) => {
  requiredText(call.content, 'remark', 100);
  const authorization = namedOrder(call, room);
  if (authorization === undefined) throw refuse('AUTH_ORDER_NOT_EXIST');
  const { terms } = authorization;
  const operation = namedOperation(call.content, authorization);
  const unscanned = authorization.operations.length === 0;
  const meant = unscanned
    ? optionalText(call.content, 'out_request_no', 64) === terms.outRequestNo
    : operation?.type === 'FREEZE';
  if (!meant) throw refuse('AUTH_ORDER_NOT_EXIST');
  if (call.exchange.fault('cancel-retry')) throw refuse('SYSTEM_ERROR');
  const action = undo(authorization, call, room);
  const numbers =
    operation === undefined
      ? { out_order_no: terms.outOrderNo, out_request_no: terms.outRequestNo }
      : numbersOf(authorization, operation);
  return { ...head(10000), ...numbers, action };
};

/** A payer asked to confirm decides after so many queries. */
function countQuery(authorization: Authorization, room: Room): void {
  const { pending, state } = authorization;
  if (pending === undefined || state !== 'INIT') return;
  pending.queries -= 1;
  if (pending.queries > 0) return;
  if (pending.outcome === 'paid') room.authorizations.freeze(authorization);
  else room.authorizations.close(authorization);
}

/** The operation a query names. Quirk: before its QR is scanned there is no order. */
function requirePair(call: Call, room: Room): Pair {
  const authorization = namedOrder(call, room);
  if (authorization === undefined || authorization.operations.length === 0) {
    throw refuse('AUTH_ORDER_NOT_EXIST');
  }
  const operation = namedOperation(call.content, authorization);
  if (operation === undefined) throw refuse('AUTH_OPERATION_NOT_EXIST');
  return { authorization, operation };
}

const query: Handler = (call, room) => {
  const { authorization, operation } = requirePair(call, room);
  if (call.exchange.fault('trade-not-exist-lag')) throw refuse('AUTH_ORDER_NOT_EXIST');
  countQuery(authorization, room);
  const { terms, payer, state } = authorization;
  const { at, createdAt } = operation;
  return {
    ...operationNode(authorization, operation),
    ...head(10000),
    operation_type: operation.type,
    order_title: terms.title,
    order_status: state,
    remark: operation.remark ?? terms.title,
    extra_param: terms.extraParam,
    payer_user_id: payer.userId,
    payer_logon_id: payer.logonId,
    gmt_create: timeText(createdAt),
    gmt_trans: at === undefined ? undefined : timeText(at),
    ...totalsOf(authorization),
  };
};

/** Refuses what the authorization does not allow to be taken. */
function checkCapture(authorization: Authorization, amount: number, productCode: string): void {
  const { state, terms } = authorization;
  if (awaitsPayer(authorization)) throw refuse('ACQ.AUTH_ORDER_NOT_PAID');
  if (state === 'FINISH') throw refuse('ACQ.AUTH_ORDER_HAS_FINISHED');
  if (ended(state)) throw refuse('ACQ.AUTH_ORDER_HAS_CLOSED');
  if (productCode !== terms.productCode) throw refuse('ACQ.PRE_AUTH_PROD_CODE_INCONSISTENT');
  if (amount > restOf(authorization)) throw refuse('ACQ.AUTH_AMOUNT_NOT_ENOUGH');
}

/** `alipay.trade.pay` with `auth_no`: a trade paid out of what is held. */
export const capture: Handler = (call, room) => {
  const { content, merchant } = call;
  const { authorizations, book } = room;
  const terms = termsOf(call, room, 'capture');
  const mode = oneOf(content, 'auth_confirm_mode', ['COMPLETE', 'NOT_COMPLETE']);
  const authNo = requiredText(content, 'auth_no', 64);
  const authorization = authorizations.findNumber(merchant, authNo);
  if (authorization === undefined) throw refuse('ACQ.AUTH_NO_ERROR');
  const { payer } = authorization;
  const buyer = optionalText(content, 'buyer_id', 28);
  if (buyer !== undefined && buyer !== payer.userId) throw refuse('ACQ.TRADE_BUYER_NOT_MATCH');
  const source = holdAccount(authorization);
  const told = book.find(merchant, terms.outTradeNo);
  // The same request again is the same payment: its result is told, nothing moves.
  if (told?.source === source && sameTerms(told.terms, terms) && told.state === 'TRADE_SUCCESS') {
    return paidNode(told);
  }
  repeatable(call, room, terms);
  checkCapture(authorization, terms.total, requiredText(content, 'product_code', 64));
  const order = book.open(merchant, terms, { scanned: true, payer, source });
  book.pay(order);
  authorizations.captured(authorization, terms.outTradeNo, terms.total);
  const amount = restOf(authorization);
  if (mode === 'COMPLETE' && amount > 0) {
    const outRequestNo = `${order.tradeNo}R`;
    authorizations.release(authorization, { outRequestNo, amount, change: 'automatic' });
  }
  return paidNode(order);
};

export const authorizationHandlers: Readonly<Record<string, Handler>> = {
  'alipay.fund.auth.order.freeze': freeze,
  'alipay.fund.auth.order.voucher.create': createVoucher,
  'alipay.fund.auth.order.unfreeze': unfreeze,
  'alipay.fund.auth.operation.cancel': cancel,
  'alipay.fund.auth.operation.detail.query': query,
};
