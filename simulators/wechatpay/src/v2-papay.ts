/** wechatpay simulator · v2 papay: contracts signed on a page or with a payment, charged, ended. */
import type { Agreement, AgreementTerms } from './agreement-book.ts';
import { deduct, placeAgreement, requireSigned } from './agreements.ts';
import type { Order, Terms } from './order.ts';
import { placeOrder } from './orders.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { timeText } from './time.ts';
import {
  addressField,
  feeField,
  optionalField,
  orderField,
  patternField,
  requiredField,
  type V2Body,
  type V2Call,
  type V2Handler,
  type V2RawHandler,
} from './v2-call.ts';
import { placedFields, unifiedTerms, voiceOf } from './v2-orders.ts';

const codePattern = /^[0-9A-Za-z_-]{1,128}$/;

function contractTerms(call: V2Call, prefix: '' | 'contract_'): AgreementTerms {
  return {
    contractCode: patternField(call, 'contract_code', codePattern),
    planId: patternField(call, 'plan_id', /^\d{1,28}$/),
    appid: call.merchant.appid,
    displayAccount: requiredField(call, 'contract_display_account', 128),
    notifyUrl: addressField(call, `${prefix}notify_url`),
    requestSerial: patternField(call, 'request_serial', /^\d{1,19}$/),
    openid: undefined,
  };
}

function place(call: V2Call, room: Room, prefix: '' | 'contract_' = ''): Agreement {
  const terms = contractTerms(call, prefix);
  return placeAgreement({ merchant: call.merchant, terms, voice: voiceOf(call) }, room);
}

const linkOf = ({ ticket }: Agreement, { world }: Room): string =>
  `${world.baseUrl()}/_sim/cashier?ticket=${ticket}`;

/** A browser opens it: the page where the payer signs. */
const entrustWeb: V2RawHandler = (call, room) => {
  const location = linkOf(place(call, room), room);
  return { status: 302, headers: { server: 'nginx', location } };
};

const h5EntrustWeb: V2Handler = (call, room) => ({ redirect_url: linkOf(place(call, room), room) });

const preEntrustWeb: V2Handler = (call, room) => ({
  pre_entrustweb_id: place(call, room).ticket,
});

/** Pays and signs at once; whoever refuses the contract may still pay. */
const contractOrder: V2Handler = (call, room) => {
  requiredField(call, 'contract_mchid', 32);
  requiredField(call, 'contract_appid', 32);
  const terms = unifiedTerms(call, room);
  const refused = call.exchange.fault('contract-refused') !== undefined;
  const contract = contractTerms(call, 'contract_');
  const agreement = refused ? undefined : place(call, room, 'contract_');
  const order = placeOrder({ merchant: call.merchant, terms, voice: voiceOf(call) }, room);
  if (agreement !== undefined) signWith(order, agreement, room);
  return {
    ...placedFields(order),
    contract_result_code: refused ? 'FAIL' : 'SUCCESS',
    contract_err_code: refused ? 'CONTRACTERROR' : undefined,
    contract_err_code_des: refused ? '签约失败' : undefined,
    plan_id: contract.planId,
    request_serial: contract.requestSerial,
    contract_code: contract.contractCode,
    contract_display_account: contract.displayAccount,
    out_trade_no: terms.outTradeNo,
  };
};

/** Paying signs. */
function signWith(order: Order, agreement: Agreement, room: Room): void {
  room.signedBy.set(order, agreement);
}

const applyDeduction: V2Handler = (call, room) => {
  requiredField(call, 'spbill_create_ip', 64);
  const contractId = requiredField(call, 'contract_id', 32);
  const terms: Terms = {
    outTradeNo: orderField(call),
    appid: call.merchant.appid,
    total: feeField(call, 'total_fee'),
    description: requiredField(call, 'body', 128),
    tradeType: 'PAP',
    attach: optionalField(call, 'attach', 128),
    contractId,
    notifyUrl: addressField(call, 'notify_url'),
  };
  const agreement = requireSigned(room.agreements.findId(call.merchant, contractId));
  const at = { exchange: call.exchange, room };
  const order = deduct({ agreement, terms, voice: voiceOf(call) }, at);
  return { out_trade_no: order.terms.outTradeNo };
};

function contractOf(call: V2Call, { agreements }: Room): Agreement {
  const contractId = optionalField(call, 'contract_id', 32);
  const found =
    contractId === undefined
      ? agreements.find(
          call.merchant,
          requiredField(call, 'contract_code', 128),
          requiredField(call, 'plan_id', 28),
        )
      : agreements.findId(call.merchant, contractId);
  if (found === undefined || found.state === 'SIGN_FAILED') throw refuse('contract-missing');
  return found;
}

const states = { SIGNED: '0', TERMINATED: '1', SIGNING: '9', SIGN_FAILED: '1' } as const;
const modes = { USER: '2', MERCHANT: '3' } as const;

function contractFields(agreement: Agreement): V2Body {
  const { terms, state, ended, signedAt, expiresAt, payer } = agreement;
  return {
    contract_id: signedAt === undefined ? undefined : agreement.contractId,
    plan_id: terms.planId,
    request_serial: terms.requestSerial,
    contract_code: terms.contractCode,
    contract_display_account: terms.displayAccount,
    contract_state: states[state],
    contract_signed_time: signedAt === undefined ? undefined : timeText(signedAt),
    contract_expired_time: expiresAt === undefined ? undefined : timeText(expiresAt),
    contract_terminated_time: ended === undefined ? undefined : timeText(ended.at),
    contract_termination_mode: ended === undefined ? undefined : modes[ended.mode],
    contract_termination_remark: ended?.remark,
    openid: signedAt === undefined ? undefined : payer.openid,
  };
}

const queryContract: V2Handler = (call, room) => contractFields(contractOf(call, room));

const deleteContract: V2Handler = (call, room) => {
  const remark = requiredField(call, 'contract_termination_remark', 512);
  const agreement = contractOf(call, room);
  if (agreement.state === 'SIGNED') room.agreements.end(agreement, 'MERCHANT', remark);
  else if (agreement.state !== 'TERMINATED') throw refuse('contract-state');
  return {
    contract_id: agreement.contractId,
    plan_id: agreement.terms.planId,
    contract_code: agreement.terms.contractCode,
  };
};

export const papayHandlers = {
  entrustWeb,
  h5EntrustWeb,
  preEntrustWeb,
  contractOrder,
  applyDeduction,
  queryContract,
  deleteContract,
};
