/** wechatpay · agreement: a payer's consent to deductions - signed, asked about, ended (A11.3). */
import { type Call, type Evidence, type Finding, PolyrailError, type Ref } from '@polyrail/core';
import { followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone, requireMerchant } from './answer.ts';
import { notifyFault, type Settings } from './config.ts';
import { wrong } from './extra.ts';
import { agreementHandle, readAgreementHandle } from './handle.ts';
import {
  type Message,
  momentOf,
  requiredText,
  requireEcho,
  textOf,
  undocumentedState,
} from './messages.ts';
import type { SignUpRequest } from './shape.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Consent = Finding<'agreement'>;

/** A payer takes minutes to sign. */
const pollAfterMs = 5000;

const planOf = (settings: Settings): number => {
  if (settings.papay !== undefined) return settings.papay.planId;
  throw new PolyrailError('UNSUPPORTED', 'Agreements need config.papay', { field: 'config.papay' });
};

const ways = { page: 'h5', app: 'app' } as const;

/** Pure: a pre-signing, whose answer leads the payer to where it is signed. */
export function toSignUp(request: SignUpRequest, settings: Settings): Exchange {
  const { scene, merchantAgreementId, extra } = request;
  if (extra === undefined) throw wrong('extra', 'is required: displayAccount and schedule');
  const notifyUrl = request.notifyUrl ?? settings.notifyUrl;
  if (notifyUrl === undefined) throw wrong('notifyUrl', 'is required here or in the configuration');
  const fault = notifyFault(notifyUrl);
  if (fault !== undefined) throw wrong('notifyUrl', fault);
  if ('returnUrl' in request && request.returnUrl !== undefined) {
    throw wrong('returnUrl', 'is not taken: WeChat Pay documents none');
  }
  const { displayAccount, schedule, payerId, userCode } = extra;
  const planId = planOf(settings);
  return {
    operation: 'contracts.sign',
    method: 'POST',
    target: `/v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/${ways[scene]}`,
    fields: {
      appid: settings.appId,
      openid: payerId,
      plan_id: planId,
      out_contract_code: merchantAgreementId,
      contract_display_account: displayAccount,
      contract_notify_url: notifyUrl,
      out_user_code: userCode,
      deduct_schedule: {
        estimated_deduct_date: schedule.date,
        estimated_deduct_amount: { total: schedule.amount.amount, currency: 'CNY' },
        description: schedule.description,
      },
    },
    handle: agreementHandle(planId),
  };
}

/** Pure: where the payer signs. */
export function fromSignUp(request: SignUpRequest, answer: Answer): Consent {
  if (!isDone(answer)) return fromRejection('contracts.sign', answer);
  const { evidence } = answer;
  const body = bodyOf(answer);
  const waiting = {
    status: 'pending',
    waitingFor: 'payer',
    pollAfterMs,
    evidence,
    raw: body,
  } as const;
  if (request.scene === 'page') {
    return {
      ...waiting,
      nextAction: { kind: 'redirect', url: requiredText(body, 'redirect_url') },
    };
  }
  const parameters = {
    preEntrustwebId: requiredText(body, 'pre_entrustweb_id'),
    miniprogramUsername: requiredText(body, 'miniprogram_username'),
    miniprogramPath: requiredText(body, 'miniprogram_path'),
  };
  return { ...waiting, nextAction: { kind: 'sdk', parameters } };
}

const contractPath = (agreement: Ref<'agreement'>, settings: Settings): string => {
  const plan = readAgreementHandle(agreement) ?? planOf(settings);
  const code = encodeURIComponent(agreement.merchantId);
  return `/v3/papay/sign/contracts/plan-id/${plan}/out-contract-code/${code}`;
};

const standings: Readonly<Record<string, 'active' | 'ended' | 'open' | 'failed'>> = {
  SIGNED: 'active',
  TERMINATED: 'ended',
  TO_BE_RENEWED: 'active',
  TERMINATE_PENDING: 'active',
  SIGN_FAILED: 'failed',
};

/** Pure: what a contract says, of a query, a termination or a notification. */
export function fromContract(
  body: Message,
  { settings, evidence }: { readonly settings: Settings; readonly evidence: Evidence },
): Consent {
  requireMerchant(body, 'mchid', settings.mchId);
  requireMerchant(body, 'appid', settings.appId);
  const plan = body.plan_id;
  const told = {
    evidence,
    raw: body,
    merchantId: requiredText(body, 'out_contract_code'),
    channelId: textOf(body, 'contract_id'),
    validUntil: momentOf(body, 'contract_expired_time'),
    handle: Number.isSafeInteger(plan) ? agreementHandle(plan as number) : undefined,
  } as const;
  const state = requiredText(body, 'contract_state');
  const standing = Object.hasOwn(standings, state) ? standings[state] : undefined;
  switch (standing) {
    case 'active':
    case 'ended':
      return { status: 'succeeded', standing, ...told };
    case 'failed':
      return { status: 'failed', reason: 'other', retry: 'new-id', channelCode: state, ...told };
    default:
      throw undocumentedState('contract_state', state);
  }
}

export const toQuerySignUp = (agreement: Ref<'agreement'>, settings: Settings): Exchange => ({
  operation: 'contracts.query',
  method: 'GET',
  target: contractPath(agreement, settings),
});

export function fromQuerySignUp(answer: Answer, settings: Settings): Consent {
  if (!isDone(answer)) return fromRejection('contracts.query', answer);
  return fromContract(bodyOf(answer), { settings, evidence: answer.evidence });
}

export const toSignOff = (agreement: Ref<'agreement'>, settings: Settings): Exchange => ({
  operation: 'contracts.terminate',
  method: 'POST',
  target: `${contractPath(agreement, settings)}/terminate`,
  fields: { contract_termination_remark: 'signed off by the merchant' },
});

interface AgreementRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

const ask = async (
  { wire, settings }: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<Consent> =>
  fromQuerySignUp(await wire.call(toQuerySignUp(agreement, settings), call), settings);

/** Ends an agreement. What was ended before answers with an error that only its query explains. */
async function signOff(
  room: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<Consent> {
  const { wire, settings } = room;
  const answer = await wire.call(toSignOff(agreement, settings), call);
  if (isDone(answer)) {
    const body = bodyOf(answer);
    requireEcho(body, 'out_contract_code', agreement.merchantId);
    return stillActive(fromContract(body, { settings, evidence: answer.evidence }));
  }
  const finding = fromRejection<'agreement'>('contracts.terminate', answer);
  if (finding.status !== 'unknown' || finding.doubt !== 'repeated-id') return finding;
  return stillActive(await followUp(() => ask(room, agreement, call)));
}

/** An agreement that was asked to end, and has not yet, is under way. */
function stillActive(found: Consent): Consent {
  if (found.status !== 'succeeded' || found.standing === 'ended') return found;
  const { standing, evidence, raw, merchantId, channelId } = found;
  const told = { standing, evidence, raw, merchantId, channelId };
  return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
}

/** The verbs of this file, strung on the wire. */
export function agreementVerbs(room: AgreementRoom) {
  const { wire, settings } = room;
  return {
    async signUp(request: SignUpRequest, call: Call<'agreement'>): Promise<Consent> {
      return fromSignUp(request, await wire.call(toSignUp(request, settings), call));
    },
    querySignUp: (agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> =>
      ask(room, agreement, call),
    signOff: (agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> =>
      signOff(room, agreement, call),
  };
}
