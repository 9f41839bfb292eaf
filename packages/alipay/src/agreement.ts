/** alipay · agreement: a payer's standing consent - signed on a page, asked about, ended, charged. */
import {
  type Agreement,
  type Call,
  type ChannelBase,
  type Clock,
  type Day,
  type Finding,
  guardFunction,
  type Instant,
  instantOf,
  isDay,
  type Options,
  PolyrailError,
  type Ref,
  refSchema,
} from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import * as z from 'zod/mini';
import { standingOf } from './agreement-codes.ts';
import { signUpFields } from './agreement-extra.ts';
import { fromRejection, isAccepted, requireTold } from './answer.ts';
import { requireLength, text } from './extra.ts';
import { handedOver } from './hand-over.ts';
import { agreementHandle, readAgreementHandle } from './handle.ts';
import { type Message, momentOf, requiredText, requireEcho, textOf } from './messages.ts';
import type { Order } from './road.ts';
import type { SignUpRequest } from './shape.ts';
import type { Exchange, Wire } from './wire.ts';

type Consent = Finding<'agreement'>;

/** A payer takes minutes to sign. */
const pollAfterMs = 5000;
/** Quirk: an agreement without an end is said to end in this year. */
const forGood = '2115-';

/** Pure: a page for the payer to sign on, and what the agreement is asked about by. */
export function toSignUp(request: SignUpRequest, nowMs: number) {
  const { scene, merchantAgreementId, returnUrl, notifyUrl, extra } = request;
  requireLength('notifyUrl', notifyUrl, 256);
  requireLength('returnUrl', returnUrl, 256);
  const { fields, effectSeconds, ...products } = signUpFields(extra, scene);
  const order: Order = {
    method: 'alipay.user.agreement.page.sign',
    fields: { external_agreement_no: merchantAgreementId, ...fields },
    returnUrl,
    notifyUrl,
  };
  const expiresAt = effectSeconds ? instantOf(nowMs + effectSeconds * 1000) : undefined;
  return { order, expiresAt, handle: agreementHandle(products) };
}

/** What an agreement is named by: Alipay's number, or everything that stands in for it. */
function subjectOf(agreement: Ref<'agreement'>): Record<string, unknown> {
  if (agreement.channelId !== undefined) return { agreement_no: agreement.channelId };
  const handle = readAgreementHandle(agreement);
  if (handle === undefined) {
    const message =
      'handle must be the one that signUp gave, or channelId the number of the agreement';
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'handle' });
  }
  return {
    external_agreement_no: agreement.merchantId,
    personal_product_code: handle.personalProductCode,
    sign_scene: handle.signScene,
  };
}

export const toQuerySignUp = (agreement: Ref<'agreement'>): Exchange => ({
  method: 'alipay.user.agreement.query',
  fields: subjectOf(agreement),
});

/** What both the query and a notification tell about an agreement. */
function termsOf(node: Message) {
  const personalProductCode = textOf(node, 'personal_product_code');
  const signScene = textOf(node, 'sign_scene');
  const known = personalProductCode !== undefined && signScene !== undefined;
  const until = textOf(node, 'invalid_time');
  const validUntil: Instant | undefined = until?.startsWith(forGood)
    ? undefined
    : momentOf(node, 'invalid_time');
  return {
    channelId: requiredText(node, 'agreement_no'),
    validUntil,
    // The payer's account, masked by Alipay: what will be charged.
    instrument: textOf(node, 'alipay_logon_id'),
    handle: known ? agreementHandle({ personalProductCode, signScene }) : undefined,
    evidence: 'signed',
    raw: node,
  } as const;
}

/** Pure: what a status says, of a query or of a notification. */
export function fromStatus(node: Message, merchantId: string | undefined): Consent {
  const told = { ...termsOf(node), merchantId };
  const status = requiredText(node, 'status');
  const standing = standingOf(status);
  switch (standing) {
    case 'open':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    case 'active':
    case 'suspended':
    case 'ended':
      return { status: 'succeeded', standing, ...told };
    default:
      throw new PolyrailError('REPLY_UNREADABLE', 'The agreement has an undocumented status', {
        doubt: 'unreadable-reply',
        channelCode: status,
      });
  }
}

/**
 * Pure: what the query of an agreement says.
 *
 * Quirk: that an agreement was signed and has ended is told by an error.
 */
export function fromQuerySignUp(node: Message, agreement: Ref<'agreement'>): Consent {
  if (!isAccepted(node)) {
    const finding = fromRejection<'agreement'>('alipay.user.agreement.query', node);
    if (finding.status !== 'failed' || finding.reason !== 'agreement-inactive') return finding;
    return { status: 'succeeded', standing: 'ended', evidence: 'signed', raw: node };
  }
  if (agreement.channelId === undefined) {
    return fromStatus(node, requiredText(node, 'external_agreement_no'));
  }
  requireEcho(node, 'agreement_no', agreement.channelId);
  // An agreement that was signed without an id of the merchant's has none to echo.
  return fromStatus(node, textOf(node, 'external_agreement_no'));
}

export const toSignOff = (agreement: Ref<'agreement'>): Exchange => ({
  method: 'alipay.user.agreement.unsign',
  fields: subjectOf(agreement),
});

/** Pure: nothing when the agreement's query must tell, which it must even of a success. */
export function fromSignOff(node: Message): Consent | undefined {
  if (isAccepted(node)) return undefined;
  const finding = fromRejection<'agreement'>('alipay.user.agreement.unsign', node);
  return finding.status === 'unknown' && finding.doubt === 'repeated-id' ? undefined : finding;
}

/**
 * Pure: an agreement after its end was asked for.
 *
 * Quirk: the answer to signing off names no agreement, and some are ended later: only the query tells.
 * It no longer knows some agreements that have ended; one that had a number was signed.
 */
export function fromStateAfterSignOff(found: Consent, agreement: Ref<'agreement'>): Consent {
  if (found.status === 'succeeded' && found.standing !== 'ended') {
    const { standing, evidence, raw, merchantId, channelId } = found;
    const told = { standing, evidence, raw, merchantId, channelId };
    return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
  }
  const gone = found.status === 'unknown' && found.doubt === 'not-found';
  if (!gone || agreement.channelId === undefined) return found;
  return { status: 'succeeded', standing: 'ended', evidence: found.evidence, raw: found.raw };
}

/** What a deduction must name of the agreement it is made by. */
export interface Consented {
  readonly agreementNo: string;
  readonly productCode: string;
}

const what = 'the agreement';
const productOf = (personalProductCode: string): string => personalProductCode.replace(/_P$/, '');

const ask = async (wire: Wire, agreement: Ref<'agreement'>, call: Call): Promise<Consent> =>
  fromQuerySignUp(await wire.call(toQuerySignUp(agreement), call), agreement);

/** Number and product of an agreement; looked up before the call where the reference lacks one. */
export async function consentedBy(
  wire: Wire,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<Consented> {
  const handle = readAgreementHandle(agreement);
  if (agreement.channelId !== undefined && handle !== undefined) {
    const productCode = productOf(handle.personalProductCode);
    return { agreementNo: agreement.channelId, productCode };
  }
  const question = await ask(wire, agreement, beforehand(call));
  const found = requireTold(question, what, 'agreement-inactive');
  if (found.status === 'succeeded' && found.standing === 'ended') {
    const told = { reason: 'agreement-inactive', evidence: found.evidence } as const;
    throw new PolyrailError('REFUSED', 'The agreement has ended', told);
  }
  const { channelId = agreement.channelId, handle: told, merchantId } = found;
  if (merchantId !== undefined && merchantId !== agreement.merchantId) {
    const message = 'The answer is about another agreement than the one asked about';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  const read = readAgreementHandle({ handle: told ?? agreement.handle });
  if (channelId === undefined || read === undefined) {
    const message = 'Alipay does not tell number and product of the agreement';
    throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
  }
  return { agreementNo: channelId, productCode: productOf(read.personalProductCode) };
}

/** The verbs of this file, strung on the wire. */
export function agreementVerbs(wire: Wire, clock: Clock) {
  return {
    /** Sends nothing: the payer carries the signed order. */
    async signUp(request: SignUpRequest, call: Call<'agreement'>): Promise<Consent> {
      const { order, expiresAt, handle } = toSignUp(request, clock.now());
      const handed = await wire.handOver(order);
      await call.prepared(handle);
      const ways = { page: request.extra?.handOver ?? 'form', qr: 'qr', app: 'sdk' } as const;
      const nextAction = handedOver(ways[request.scene], handed);
      return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
    },
    querySignUp: (agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> =>
      ask(wire, agreement, call),
    async signOff(agreement: Ref<'agreement'>, call: Call<'agreement'>): Promise<Consent> {
      const told = fromSignOff(await wire.call(toSignOff(agreement), call));
      if (told !== undefined) return told;
      return fromStateAfterSignOff(await followUp(() => ask(wire, agreement, call)), agreement);
    },
  };
}

/** The string of scene `app` as an address that opens the wallet; its form is not documented. */
export const walletAddress = (parameters: string): string =>
  'alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES' +
  `&sign_params=${encodeURIComponent(parameters)}`;

export interface ChangePlanRequest {
  readonly agreement: Ref<'agreement'>;
  /** The day of the next deduction: a later one than planned. */
  readonly deductOn: Day;
  readonly memo?: string;
}

const changePlanSchema = z.strictObject({
  agreement: refSchema('agreement'),
  deductOn: z
    .string()
    .check(z.refine(isDay, { error: 'must be an existing day written YYYY-MM-DD' })),
  memo: z.optional(text(256)),
});

/** Pure: what the answer to a change of plan says. */
export function fromChangePlan(node: Message, agreementNo: string, deductOn: Day): Consent {
  if (!isAccepted(node)) {
    return fromRejection('alipay.user.agreement.executionplan.modify', node);
  }
  requireEcho(node, 'agreement_no', agreementNo);
  // Quirk: a day, or the first second of one.
  if (!requiredText(node, 'deduct_time').startsWith(deductOn)) {
    const message = 'The answer plans another day than was asked for';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  const told = { channelId: agreementNo, evidence: 'signed', raw: node } as const;
  return { status: 'succeeded', standing: 'active', ...told };
}

const wires = new WeakMap<object, Wire>();

/** Remembers the wire of a channel, for what is exported beside its verbs. */
export const rememberWire = (channel: ChannelBase, wire: Wire): void => {
  wires.set(channel, wire);
};

/**
 * Puts off the next deduction of a periodic agreement. Keeps the laws of a changing verb: if it
 * throws, nothing changed; what it returns is the agreement with its `status`.
 *
 * @throws PolyrailError `REQUEST_INVALID`, `NOT_SENT`, `ABORTED`, `CONFIG_INVALID`, or `REFUSED`
 * with the reason `parameter-invalid` for a day that Alipay does not allow
 */
export async function changeExecutionPlan(
  channel: ChannelBase,
  request: ChangePlanRequest,
  options: Options = {},
): Promise<Agreement> {
  const wire = wires.get(channel);
  if (wire === undefined) {
    const message = 'channel must be one that createAlipay made';
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'channel' });
  }
  const change = guardFunction(channel, {
    name: 'changeExecutionPlan',
    family: 'changing',
    noun: 'agreement',
    schema: changePlanSchema as never,
    subject: ({ agreement }: ChangePlanRequest) => agreement,
    async run({ agreement, deductOn, memo }, call) {
      const no = agreement.channelId ?? (await consentedBy(wire, agreement, call)).agreementNo;
      const fields = { agreement_no: no, deduct_time: deductOn, memo };
      const method = 'alipay.user.agreement.executionplan.modify';
      return fromChangePlan(await wire.call({ method, fields }, call), no, deductOn);
    },
  });
  return change(request, options);
}
