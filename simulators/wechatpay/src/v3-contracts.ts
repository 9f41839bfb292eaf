/** wechatpay simulator · v3 contracts: entrusted deduction - signing, ending, announcing, charging. */
import type { Agreement } from './agreement-book.ts';
import { deduct, placeAgreement, requireSigned } from './agreements.ts';
import {
  optionalObject,
  optionalText,
  orderNumber,
  patternText,
  requireCny,
  requiredAddress,
  requiredObject,
  requiredText,
  requiredWhole,
  type Source,
  wrong,
} from './fields.ts';
import type { Terms } from './order.ts';
import { refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { dayMs, dayText, isoTime } from './time.ts';
import { bodyOf, requireSelf, type V3Call, type V3Handler } from './v3-call.ts';

const terminationModes = { USER: 'USER_TERMINATE', MERCHANT: 'MCH_API_TERMINATE' } as const;

/** The contract as queries answer it and callbacks carry it. */
export function contractOf(agreement: Agreement): object {
  const { terms, merchant, ended, signedAt, expiresAt, payer } = agreement;
  return {
    appid: terms.appid,
    contract_display_account: terms.displayAccount,
    contract_expired_time: isoTime(expiresAt ?? agreement.createdAt),
    contract_id: agreement.contractId,
    contract_signed_time: isoTime(signedAt ?? agreement.createdAt),
    contract_state: agreement.state,
    ...(ended === undefined
      ? {}
      : {
          contract_terminate_info: {
            contract_terminated_time: isoTime(ended.at),
            contract_termination_mode: terminationModes[ended.mode],
            contract_termination_remark: ended.remark,
          },
        }),
    ...(terms.schedule === undefined ? {} : { deduct_schedule: terms.schedule }),
    mchid: merchant.mchid,
    openid: payer.openid,
    out_contract_code: terms.contractCode,
    ...(terms.userCode === undefined ? {} : { out_user_code: terms.userCode }),
    plan_id: Number(terms.planId),
  };
}

function requireApp(call: V3Call, source: Source): string {
  const appid = requiredText(source, 'appid', 32);
  if (appid !== call.merchant.appid) throw refuse('appid-mismatch');
  return appid;
}

const codePattern = /^[0-9A-Za-z]{1,32}$/;

function place(call: V3Call, room: Room): Agreement {
  const source = bodyOf(call);
  const schedule = optionalObject(source, 'deduct_schedule');
  if (schedule !== undefined) {
    requiredText(schedule, 'estimated_deduct_date', 10);
    requiredWhole(requiredObject(schedule, 'estimated_deduct_amount'), 'total', 1);
  }
  const terms = {
    contractCode: patternText(source, 'out_contract_code', codePattern),
    planId: String(requiredWhole(source, 'plan_id', 1)),
    appid: requireApp(call, source),
    displayAccount: requiredText(source, 'contract_display_account', 128),
    notifyUrl: requiredAddress(source, 'contract_notify_url'),
    openid: optionalText(source, 'openid', 128),
    userCode: optionalText(source, 'out_user_code', 64),
    schedule: schedule?.content,
  };
  return placeAgreement({ merchant: call.merchant, terms, voice: call.voice }, room);
}

const link = ({ ticket }: Agreement, { world }: Room): string =>
  `${world.baseUrl()}/_sim/cashier?ticket=${ticket}`;
const miniPath = 'pages/entrust/index';

/** By product, what its client needs. */
const signAnswers: Readonly<Record<string, (agreement: Agreement, room: Room) => object>> = {
  h5: (agreement, room) => ({ redirect_url: link(agreement, room) }),
  jsapi: (agreement, room) => ({ redirect_url: link(agreement, room) }),
  'mini-program': ({ ticket }) => ({
    pre_entrustweb_id: ticket,
    redirect_appid: 'wxbd687630cd02ce1d',
    redirect_path: miniPath,
  }),
  app: ({ ticket }) => ({
    miniprogram_path: miniPath,
    miniprogram_username: 'gh_c4e1a91d8f2d',
    pre_entrustweb_id: ticket,
  }),
};

export const preSign: V3Handler = (call, room) => {
  const { product = '' } = call.parameters;
  const answer = Object.hasOwn(signAnswers, product) ? signAnswers[product] : undefined;
  if (answer === undefined) throw refuseV3(404, 'RESOURCE_NOT_EXISTS', { message: '接口不存在' });
  return answer(place(call, room), room);
};

export const preSignDevice: V3Handler = (call, room) => {
  const scene = requiredText(bodyOf(call), 'sign_scene', 32);
  const agreement = place(call, room);
  if (scene === 'SIGN_SCENE_QRCODE') {
    return { pre_entrustweb_id: agreement.ticket, redirect_url: link(agreement, room) };
  }
  const { ticket } = agreement;
  return {
    mini_program_path: miniPath,
    mini_program_username: 'gh_c4e1a91d8f2d',
    pre_entrustweb_id: ticket,
  };
};

/** Quirk: a contract exists once its payer has decided. */
function contractIn({ merchant, parameters }: V3Call, { agreements }: Room): Agreement {
  const { plan_id: planId = '', out_contract_code: code = '' } = parameters;
  const found = agreements.find(merchant, code, planId);
  if (found === undefined || found.state === 'SIGNING') throw refuse('contract-missing');
  return found;
}

export const queryContract: V3Handler = (call, room) => contractOf(contractIn(call, room));

export const terminateContract: V3Handler = (call, room) => {
  const remark = requiredText(bodyOf(call), 'contract_termination_remark', 256);
  const agreement = contractIn(call, room);
  if (agreement.state === 'SIGNED') room.agreements.end(agreement, 'MERCHANT', remark);
  return contractOf(agreement);
};

const signedIn = ({ merchant, parameters }: V3Call, { agreements }: Room): Agreement =>
  requireSigned(agreements.findId(merchant, parameters['contract_id'] ?? ''));

/** Announces a deduction to the payer. */
export const announce: V3Handler = (call, room) => {
  const source = bodyOf(call);
  requireSelf(call, requiredText(source, 'mchid', 32), 'body');
  requireApp(call, source);
  const amount = optionalObject(source, 'estimated_amount');
  if (amount !== undefined) requiredWhole(amount, 'amount', 1);
  signedIn(call, room);
  return undefined;
};

const deductibleDays = 7;

function scheduleOf({ scheduled }: Agreement): object {
  if (scheduled === undefined) return { schedule_state: 'NO_SCHEDULED' };
  return {
    deduct_end_date: dayText(scheduled.to),
    deduct_start_date: dayText(scheduled.from),
    schedule_state: 'SCHEDULED',
    scheduled_amount: { currency: 'CNY', total: scheduled.amount },
  };
}

export const schedule: V3Handler = (call, room) => {
  const source = bodyOf(call);
  requireApp(call, source);
  const amount = requiredObject(source, 'schedule_amount');
  requireCny(amount);
  const agreement = signedIn(call, room);
  const from = room.world.clock.now();
  const to = from + deductibleDays * dayMs;
  agreement.scheduled = { amount: requiredWhole(amount, 'total', 1), from, to };
  return scheduleOf(agreement);
};

export const querySchedule: V3Handler = (call, room) => scheduleOf(signedIn(call, room));

export const applyDeduction: V3Handler = (call, room) => {
  const source = bodyOf(call);
  const amount = requiredObject(source, 'amount');
  requireCny(amount);
  const total = requiredWhole(amount, 'total', 1);
  const terms: Terms = {
    outTradeNo: orderNumber(source),
    appid: requireApp(call, source),
    total,
    description: requiredText(source, 'description', 127),
    tradeType: 'PAP',
    attach: optionalText(source, 'attach', 128),
    contractId: requiredText(source, 'contract_id', 32),
    notifyUrl: requiredAddress(source, 'transaction_notify_url'),
  };
  const agreement = requireSigned(room.agreements.findId(call.merchant, terms.contractId ?? ''));
  const { scheduled } = agreement;
  if (scheduled !== undefined && scheduled.amount !== total) {
    throw wrong(amount, 'total', '扣款金额与预约金额不一致');
  }
  const at = { exchange: call.exchange, room };
  const order = deduct({ agreement, terms, voice: call.voice }, at);
  return {
    amount: { currency: 'CNY', total: order.terms.total },
    out_trade_no: order.terms.outTradeNo,
  };
};
