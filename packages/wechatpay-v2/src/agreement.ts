/** wechatpay-v2 · agreement: a payer's consent to deductions - signed, asked about, ended (B10). */
import type { Call, Clock, Evidence, Finding, Ref } from '@polyrail/core';
import { formEncode } from '@polyrail/kit/canonical';
import { contradicts, requiredText, textOf } from '@polyrail/kit/fields';
import { followUp } from '@polyrail/kit/question';
import { fromRejection, isDone } from './answer.ts';
import { calls } from './calls.ts';
import type { Settings } from './config.ts';
import { wrong } from './extra.ts';
import { agreementHandle, readAgreementHandle } from './handle.ts';
import { type Message, momentOf, requireEcho, undocumentedState } from './messages.ts';
import { notifyUrlOf, planOf, serialOf } from './order.ts';
import { type Fields, sealFields } from './seal.ts';
import type { SignUpRequest } from './shape.ts';
import { seconds } from './time.ts';
import { type Answer, type Crossing, type Exchange, party, type Wire } from './wire.ts';

type Consent = Finding<'agreement'>;

/** A payer takes minutes to sign. */
const pollAfterMs = 5000;
const version = '1.0';

export interface AgreementRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}

interface Moment {
  /** When the signing began: a repetition of it carries the same number. */
  readonly startedAt: string;
  readonly nowMs: number;
}

/** Pure: what a signing says, wherever it is sent. */
export function signUpFields(request: SignUpRequest, settings: Settings, at: Moment): Fields {
  const { merchantAgreementId, extra, notifyUrl, returnUrl } = request;
  if (extra === undefined) throw wrong('extra', 'is required, with displayAccount');
  if (returnUrl !== undefined) {
    throw wrong('returnUrl', 'is not taken: extra.returnWeb leads back to where the payer was');
  }
  return {
    ...party(settings),
    plan_id: planOf(settings),
    contract_code: merchantAgreementId,
    request_serial: extra.requestSerial ?? serialOf(at.startedAt),
    contract_display_account: extra.displayAccount,
    notify_url: notifyUrlOf(notifyUrl, settings),
    version,
    timestamp: seconds(at.nowMs),
    return_web: request.scene === 'page' && extra.returnWeb === true ? '1' : undefined,
  };
}

/**
 * Pure: the page on which the payer signs, opened inside the wallet.
 *
 * Quirk: its fields are signed as they are and then escaped; MD5 is the only algorithm it knows.
 */
export function signUpPage(request: SignUpRequest, settings: Settings, at: Moment): string {
  const sealed = sealFields(signUpFields(request, settings, at), settings, 'MD5');
  return `${settings.baseUrl}/papay/entrustweb?${formEncode(Object.entries(sealed))}`;
}

async function signUp(
  { wire, settings, clock }: AgreementRoom,
  request: SignUpRequest,
  call: Call<'agreement'>,
): Promise<Consent> {
  const at = { startedAt: call.ref.startedAt, nowMs: clock.now() };
  const handle = agreementHandle(planOf(settings));
  const waiting = { status: 'pending', waitingFor: 'payer', pollAfterMs } as const;
  if (request.scene === 'page') {
    const url = signUpPage(request, settings, at);
    await call.prepared(handle);
    return { ...waiting, nextAction: { kind: 'redirect', url }, evidence: 'none', handle };
  }
  const fields = signUpFields(request, settings, at);
  const answer = await wire.call({ operation: 'papay.preentrustweb', fields, handle }, call);
  if (!isDone(answer)) return fromRejection('papay.preentrustweb', answer);
  const { evidence, fields: raw } = answer;
  const parameters = { pre_entrustweb_id: requiredText(raw, 'pre_entrustweb_id') };
  return { ...waiting, nextAction: { kind: 'sdk', parameters }, evidence, raw };
}

/** How a contract is named: by its plan and the merchant's code. */
const named = (agreement: Ref<'agreement'>, settings: Settings): Fields => ({
  ...party(settings),
  plan_id: readAgreementHandle(agreement) ?? planOf(settings),
  contract_code: agreement.merchantId,
  version,
});

/** Pure: what a contract's state says. 9, the payer is signing, is not in every document. */
export function fromContract(fields: Message, evidence: Evidence): Consent {
  const plan = textOf(fields, 'plan_id');
  const told = {
    evidence,
    raw: fields,
    merchantId: requiredText(fields, 'contract_code'),
    channelId: textOf(fields, 'contract_id'),
    validUntil: momentOf(fields, 'contract_expired_time'),
    handle: plan === undefined ? undefined : agreementHandle(plan),
  } as const;
  const state = requiredText(fields, 'contract_state');
  switch (state) {
    case '0':
      return { status: 'succeeded', standing: 'active', ...told };
    case '1':
      return { status: 'succeeded', standing: 'ended', ...told };
    case '9':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    default:
      throw undocumentedState('contract_state', state);
  }
}

export const toQuerySignUp = (agreement: Ref<'agreement'>, settings: Settings): Exchange => ({
  operation: 'papay.querycontract',
  fields: named(agreement, settings),
});

export function fromQuerySignUp(answer: Answer): Consent {
  if (!isDone(answer)) return fromRejection('papay.querycontract', answer);
  return fromContract(answer.fields, answer.evidence);
}

const ask = async (
  { wire, settings }: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Crossing,
): Promise<Consent> => fromQuerySignUp(await wire.call(toQuerySignUp(agreement, settings), call));

/** Ends an agreement. What was ended before answers with an error that only its query explains. */
async function signOff(
  room: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<Consent> {
  const { wire, settings } = room;
  const fields = {
    ...named(agreement, settings),
    contract_termination_remark: 'signed off by the merchant',
  };
  const answer = await wire.call({ operation: 'papay.deletecontract', fields }, call);
  if (isDone(answer)) {
    const { evidence, fields: raw } = answer;
    requireEcho(raw, 'contract_code', agreement.merchantId);
    const channelId = textOf(raw, 'contract_id');
    return { status: 'succeeded', standing: 'ended', evidence, raw, channelId };
  }
  const finding = fromRejection<'agreement'>('papay.deletecontract', answer);
  if (finding.status !== 'unknown' || finding.doubt !== 'not-found') return finding;
  const found = await followUp(() => ask(room, agreement, call));
  if (found.merchantId !== undefined && found.merchantId !== agreement.merchantId) {
    throw contradicts('The answer is about another agreement than the one asked about');
  }
  const ended = found.status === 'succeeded' && found.standing === 'ended';
  return ended || found.status === 'unknown' ? found : finding;
}

/** The verbs of this file, strung on the wire. */
export const agreementVerbs = (room: AgreementRoom) => ({
  signUp: (request: SignUpRequest, call: Call<'agreement'>): Promise<Consent> =>
    signUp(room, request, call),
  querySignUp: (agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> =>
    ask(room, agreement, call),
  signOff: (agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> =>
    signOff(room, agreement, call),
});

/**
 * Pure: a contract as a notification tells it: it was signed, or it was ended.
 *
 * Quirk: the change is told, not the state; and like all of papay it knows MD5 alone.
 */
export function fromContractChange(fields: Message): Consent {
  const change = requiredText(fields, 'change_type');
  if (change !== 'ADD' && change !== 'DELETE') throw undocumentedState('change_type', change);
  return {
    status: 'succeeded',
    standing: change === 'ADD' ? 'active' : 'ended',
    validUntil: momentOf(fields, 'contract_expired_time'),
    evidence: 'signed',
    raw: fields,
    merchantId: requiredText(fields, 'contract_code'),
    channelId: textOf(fields, 'contract_id'),
    handle: agreementHandle(requiredText(fields, 'plan_id')),
  };
}

/** The algorithm of whatever is about contracts. */
export const contractSignType = calls['papay.querycontract'].signType ?? 'MD5';
