/** alipay simulator · agreement: signing page, query, unsign, and the change of a planned charge. */
import {
  type Agreement,
  type AgreementTerms,
  dueAt,
  nextDue,
  type PeriodRule,
} from './agreement-book.ts';
import { endText } from './agreement-concern.ts';
import { head, refuse } from './codes.ts';
import type { Content } from './envelope.ts';
import {
  invalidField,
  oneOf,
  optionalAmount,
  optionalCount,
  optionalObject,
  optionalText,
  requiredAmount,
  requiredDay,
  requiredObject,
  requiredText,
  requiredWord,
  yuan,
} from './fields.ts';
import type { NodeMembers } from './json.ts';
import type { Call, Handler, Room } from './room.ts';
import { addressOf, voiceOf } from './terms.ts';
import { dayMs, dayStart, dayText, timeText } from './time.ts';

/** Personal product → the product of the payments that charge it. */
const productCodes: Readonly<Record<string, string>> = {
  CYCLE_PAY_AUTH_P: 'CYCLE_PAY_AUTH',
  GENERAL_WITHHOLDING_P: 'GENERAL_WITHHOLDING',
};

function periodOf(content: Content): PeriodRule {
  const rule = requiredObject(content, 'period_rule_params');
  const type = requiredWord(rule, 'period_type', ['DAY', 'MONTH']) as PeriodRule['type'];
  const period = optionalCount(rule, 'period', 9_999);
  if (period === undefined) throw invalidField('period', 'given');
  if (type === 'DAY' && period < 7) throw invalidField('period', 'at least 7 days');
  const executeTime = requiredDay(rule, 'execute_time');
  if (type === 'MONTH' && Number(executeTime.slice(8)) > 28) {
    throw invalidField('execute_time', 'a day no later than the 28th');
  }
  return {
    type,
    period,
    executeTime,
    single: requiredAmount(rule, 'single_amount'),
    total: optionalAmount(rule, 'total_amount'),
    payments: optionalCount(rule, 'total_payments', 999_999),
  };
}

function externalNumber(content: Content): string | undefined {
  const number = optionalText(content, 'external_agreement_no', 32);
  if (number !== undefined && !/^[A-Za-z0-9]+$/.test(number)) {
    throw invalidField('external_agreement_no', 'letters and digits');
  }
  return number;
}

/** What a merchant asks a payer to agree to, every field judged. */
function agreementTerms(call: Call): AgreementTerms {
  const { content } = call;
  const words = Object.keys(productCodes);
  const personalProductCode = requiredWord(content, 'personal_product_code', words);
  const productCode = productCodes[personalProductCode] ?? '';
  oneOf(content, 'product_code', [productCode]);
  const access = requiredObject(content, 'access_params');
  requiredWord(access, 'channel', ['ALIPAYAPP', 'QRCODE', 'QRCODEORSMS']);
  const externalAgreementNo = externalNumber(content);
  const signScene = optionalText(content, 'sign_scene', 64);
  if (externalAgreementNo !== undefined && signScene === undefined) {
    throw invalidField('sign_scene', 'given with external_agreement_no');
  }
  const validity = optionalText(content, 'sign_validity_period', 8);
  if (validity !== undefined && !/^[1-9]\d{0,2}[dmy]$/.test(validity)) {
    throw invalidField('sign_validity_period', 'such as 2m or 1y');
  }
  const periodic = productCode === 'CYCLE_PAY_AUTH';
  return {
    externalAgreementNo,
    externalLogonId: optionalText(content, 'external_logon_id', 100),
    personalProductCode,
    productCode,
    signScene,
    thirdPartyType: optionalText(content, 'third_party_type', 32) ?? 'PARTNER',
    period: periodic ? periodOf(content) : undefined,
    validity,
    notifyUrl: addressOf(call, 'notify_url'),
    returnUrl: addressOf(call, 'return_url'),
  };
}

/** Whether two requests under one number ask for the same consent. */
const sameTerms = (one: AgreementTerms, other: AgreementTerms): boolean =>
  one.personalProductCode === other.personalProductCode &&
  one.signScene === other.signScene &&
  one.validity === other.validity &&
  JSON.stringify(one.period) === JSON.stringify(other.period);

/** The agreement behind a signing page; the same number opens the same one again. */
export function openAgreement(call: Call, room: Room): Agreement {
  const { agreements } = room;
  const terms = agreementTerms(call);
  const { externalAgreementNo: number } = terms;
  const known = number === undefined ? undefined : agreements.find(call.merchant, number);
  if (known === undefined) return agreements.open(call.merchant, terms, voiceOf(call));
  if (!sameTerms(known.terms, terms)) {
    throw invalidField('external_agreement_no', 'a number no other agreement has');
  }
  return known;
}

/** The newest agreement a call names, signed or not. */
function named(call: Call, room: Room): Agreement | undefined {
  const { content, merchant } = call;
  const agreementNo = optionalText(content, 'agreement_no', 64);
  // Quirk: the channel's number overrides every other way to name an agreement.
  if (agreementNo !== undefined) return room.agreements.findNumber(merchant, agreementNo);
  const external = externalNumber(content);
  const user =
    optionalText(content, 'alipay_user_id', 32) ?? optionalText(content, 'alipay_logon_id', 100);
  if (external === undefined && user === undefined) {
    throw invalidField('agreement_no', 'given, or external_agreement_no or the payer');
  }
  const product = requiredText(content, 'personal_product_code', 64);
  const scene =
    external === undefined
      ? optionalText(content, 'sign_scene', 64)
      : requiredText(content, 'sign_scene', 64);
  return room.agreements.all(merchant).findLast(({ terms, payer, signedAt }) => {
    if (terms.personalProductCode !== product) return false;
    if (scene !== undefined && terms.signScene !== scene) return false;
    if (external !== undefined) return terms.externalAgreementNo === external;
    return signedAt !== undefined && [payer.userId, payer.logonId].includes(user ?? '');
  });
}

function planMembers(agreement: Agreement, now: number): NodeMembers {
  const { terms, dueOn, charges } = agreement;
  const { period } = terms;
  if (period === undefined || dueOn === undefined) return {};
  const due = dueAt(period, dueOn, now);
  const following = nextDue(period, due);
  const plan = (day: string, index: number): NodeMembers => ({
    period_id: String(charges.length + index + 1),
    execute_time: day,
    latest_execute_time: dayText(dayStart(nextDue(period, day)) - 6 * dayMs),
    single_amount: yuan(period.single),
  });
  return {
    next_deduct_time: due,
    execution_plans: [due, following].map(plan),
    single_quota: yuan(period.single),
  };
}

const query: Handler = (call, room) => {
  const agreement = named(call, room);
  if (agreement?.agreementNo === undefined) throw refuse('USER_AGREEMENT_NOT_EXIST');
  if (agreement.state === 'UNSIGN') throw refuse('AGREEMENT_HAS_UNSIGNED');
  if (!room.agreements.isActive(agreement)) throw refuse('USER_AGREEMENT_NOT_EXIST');
  const { terms, payer, signedAt = 0, charges } = agreement;
  return {
    ...head(10000),
    agreement_no: agreement.agreementNo,
    external_agreement_no: terms.externalAgreementNo,
    external_logon_id: terms.externalLogonId,
    status: 'NORMAL',
    principal_id: payer.userId,
    // Quirk: the channel spells it so.
    pricipal_type: 'CARD',
    alipay_logon_id: payer.logonId,
    personal_product_code: terms.personalProductCode,
    sign_scene: terms.signScene,
    third_party_type: terms.thirdPartyType,
    sign_time: timeText(signedAt),
    valid_time: timeText(signedAt),
    invalid_time: endText(agreement),
    last_deduct_time: charges.at(-1)?.on,
    ...planMembers(agreement, room.world.clock.now()),
  };
};

const unsign: Handler = (call, room) => {
  const agreement = named(call, room);
  const url = addressOf(call, 'notify_url');
  if (agreement?.agreementNo === undefined) throw refuse('AGREEMENT_NOT_EXIST');
  if (!room.agreements.isActive(agreement)) throw refuse('USER_AGREEMENT_STATUS_NOT_NORMAL');
  room.agreements.unsign(agreement, url);
  return head(10000);
};

/** How far a planned charge may be put off. */
const farthestMs = 366 * dayMs;

const modifyPlan: Handler = (call, room) => {
  const agreementNo = requiredText(call.content, 'agreement_no', 64);
  const day = requiredDay(call.content, 'deduct_time');
  optionalText(call.content, 'memo', 256);
  const agreement = room.agreements.findNumber(call.merchant, agreementNo);
  if (agreement === undefined || !room.agreements.isActive(agreement)) {
    throw refuse('ILLEGAL_AGREEMENT');
  }
  const { terms, dueOn } = agreement;
  const { period } = terms;
  if (period === undefined || dueOn === undefined) throw refuse('ILLEGAL_AGREEMENT');
  const now = room.world.clock.now();
  const planned = dueAt(period, dueOn, now);
  // Asking twice for the same day is asking once.
  const later = day >= planned && day >= dayText(now);
  if (!later || dayStart(day) > now + farthestMs) throw refuse('ILLEGAL_EXECUTION_TIME');
  agreement.dueOn = day;
  return { ...head(10000), agreement_no: agreementNo, deduct_time: day };
};

/** `agreement_params`: the agreement a payment is charged to. */
export function agreementOf(call: Call, room: Room): Agreement {
  const params = optionalObject(call.content, 'agreement_params') ?? {};
  const agreementNo = requiredText(params, 'agreement_no', 64);
  const agreement = room.agreements.findNumber(call.merchant, agreementNo);
  if (agreement === undefined) throw refuse('ACQ.AGREEMENT_NOT_EXIST');
  return agreement;
}

export const agreementHandlers: Readonly<Record<string, Handler>> = {
  'alipay.user.agreement.query': query,
  'alipay.user.agreement.unsign': unsign,
  'alipay.user.agreement.executionplan.modify': modifyPlan,
};
