/** alipay simulator · authorization concern: a freeze as its payer meets it, and what is told of it. */
import { stuck } from '@polyrail/simulator';
import { appGatewayOf } from './app-gateway.ts';
import {
  type Authorization,
  type AuthorizationState,
  awaitsPayer,
  type Changed,
  restOf,
  sumOf,
} from './authorization-book.ts';
import type { Concern, Face } from './concern.ts';
import { yuan } from './fields.ts';
import { notify } from './notification.ts';
import { filled } from './push.ts';
import type { Room } from './room.ts';
import { timeText } from './time.ts';

const verdicts: Readonly<Record<AuthorizationState, string>> = {
  UNSCANNED: 'waiting for you',
  INIT: 'waiting for you',
  VOID: 'This code is no longer valid.',
  AUTHORIZED: 'The money is held.',
  FINISH: 'Settled: nothing is held any more.',
  CLOSED: 'This order is closed.',
};

function faceOf({ terms, merchant, payer, state }: Authorization): Face {
  return {
    title: `Hold ¥${yuan(terms.amount)}`,
    amount: terms.amount,
    rows: [
      ['Merchant', merchant.sellerId],
      ['For', terms.title],
      ['Order', terms.outOrderNo],
      ['Payer', payer.logonId],
    ],
    yes: `Let ¥${yuan(terms.amount)} be held`,
    verdict: verdicts[state],
    good: state === 'AUTHORIZED' || state === 'FINISH',
  };
}

function phoneOf({ terms, authNo, operations, payer, state }: Authorization) {
  const [freeze] = operations;
  if (state !== 'AUTHORIZED' || freeze?.at === undefined) return undefined;
  const node = {
    auth_no: authNo,
    out_order_no: terms.outOrderNo,
    operation_id: freeze.operationId,
    out_request_no: freeze.outRequestNo,
    amount: yuan(freeze.amount),
    status: freeze.status,
    payer_user_id: payer.userId,
    gmt_trans: timeText(freeze.at),
  };
  return { member: 'alipay_fund_auth_order_app_freeze_response', node };
}

export function authorizationConcern(authorization: Authorization, room: Room): Concern {
  const { authorizations } = room;
  const concern: Concern = {
    noun: 'authorization',
    merchant: authorization.merchant,
    id: authorization.terms.outOrderNo,
    ticket: authorization.ticket,
    amount: authorization.terms.amount,
    state: () => authorization.state,
    isOpen: () => awaitsPayer(authorization),
    isAgreed: () => authorization.state === 'AUTHORIZED',
    look: () => authorizations.scan(authorization),
    approve() {
      if (!concern.isOpen()) throw stuck(concern, 'frozen');
      authorizations.freeze(authorization);
    },
    decline() {
      if (!concern.isOpen()) throw stuck(concern, 'declined');
      authorizations.scan(authorization);
      authorizations.close(authorization);
    },
    truth: () => authorizations.truth(authorization),
    face: () => faceOf(authorization),
    phone: () => phoneOf(authorization),
  };
  return concern;
}

/** `total_freeze_amount` and its kin: all of it is the payer's own money, none of it credit. */
export function totalsOf(authorization: Authorization): Readonly<Record<string, string>> {
  const sums = {
    total_freeze: yuan(sumOf(authorization, 'FREEZE')),
    total_unfreeze: yuan(sumOf(authorization, 'UNFREEZE')),
    total_pay: yuan(sumOf(authorization, 'PAY')),
    rest: yuan(restOf(authorization)),
  };
  const named = Object.entries(sums).flatMap(([name, amount]) => [
    [`${name}_amount`, amount],
    [`${name}_credit_amount`, '0.00'],
    [`${name}_fund_amount`, amount],
  ]);
  return Object.fromEntries(named);
}

const operations = {
  frozen: 'fund_auth_freeze',
  unfreeze: 'fund_auth_unfreeze',
  automatic: 'fund_auth_unfreeze',
  cancel: 'fund_auth_operation_cancel',
} as const;

/** Tells of a freeze, an unfreeze or a cancellation; a release nobody asked for to the app gateway. */
export function notifyAuthorization(
  authorization: Authorization,
  { change, operation, url: own }: Changed,
  room: Room,
): void {
  const { merchant, terms, voice, payer, authNo, cancelled } = authorization;
  const usual = change === 'automatic' ? appGatewayOf(merchant, room) : terms.notifyUrl;
  const url = own ?? usual;
  if (url === undefined) return;
  const members = filled({
    auth_no: authNo,
    out_order_no: terms.outOrderNo,
    operation_id: operation.operationId,
    out_request_no: operation.outRequestNo,
    operation_type: operation.type,
    amount: yuan(operation.amount),
    fund_amount: yuan(operation.amount),
    credit_amount: '0.00',
    status: operation.status,
    gmt_create: timeText(operation.createdAt),
    gmt_trans: operation.at === undefined ? undefined : timeText(operation.at),
    payer_logon_id: payer.logonId,
    payer_user_id: payer.userId,
    payee_user_id: merchant.sellerId,
    ...totalsOf(authorization),
    action: change === 'cancel' ? cancelled : undefined,
  });
  const event = {
    operation: operations[change],
    id: terms.outOrderNo,
    url,
    merchant,
    voice,
    members,
    amountName: 'amount',
    numberName: 'out_order_no',
    forgery: { status: 'SUCCESS', operation_type: 'FREEZE' },
  };
  notify(event, room);
}
