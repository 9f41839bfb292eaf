/**
 * unionpay · agreement: a card bound to the merchant by a token - opened with a code by SMS or on
 * UnionPay's page, asked about, ended (dossier §9.6).
 */
import {
  type Call,
  type Clock,
  type ConfirmSignUpRequest,
  type Finding,
  instantOf,
  PolyrailError,
  type Ref,
  revealText,
  type Secret,
} from '@polyrail/core';
import { maskCard } from '@polyrail/kit/card';
import { textOf } from '@polyrail/kit/fields';
import { beforehand, followUp } from '@polyrail/kit/question';
import { fromRejection, isDone, pollAfterMs } from './answer.ts';
import type { Settings } from './config.ts';
import { type Fields, type Message, writeNested } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { wrong } from './extra.ts';
import { subCodeOf } from './messages.ts';
import { addressOf, instantOfPayTimeout, payTimeoutOf, tokenPayData } from './order.ts';
import {
  cardNumber,
  customerInfo,
  type Hider,
  maskedAccount,
  maskPhone,
  personOf,
  tokenDataOf,
} from './sensitive.ts';
import type { SignUpRequest } from './shape.ts';
import { instantOfWireTime } from './time.ts';
import { services } from './transactions.ts';
import type { Wire } from './wire.ts';

export type Agreeing = Finding<'agreement'>;

export interface AgreementRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** 01: a token of a card. */
const tokenType = '01';

const requestor = ({ tokenRequestor }: Settings): string =>
  writeNested({ trId: tokenRequestor, tokenType });

interface Drafting {
  readonly settings: Settings;
  readonly hider: Hider;
  readonly startedAt: string;
}

const hiddenNumber = (field: string, number: Secret, { settings, hider }: Drafting): Fields => ({
  accNo: hider.hide(cardNumber(field, number, settings.environment)),
  encryptCertId: hider.certId,
});

type Of<S extends SignUpRequest['scene']> = Extract<SignUpRequest, { readonly scene: S }>;

/** Pure but for what hides: the code by SMS that opens a card here. */
export function toSendCode(request: Of<'otp'>, drafting: Drafting): Exchange {
  const { merchantAgreementId, card, extra } = request;
  if (extra?.cardNumber !== undefined) {
    throw wrong('extra.cardNumber', 'means nothing in scene otp');
  }
  if (card.phone === undefined) throw wrong('card.phone', 'is required: the code is sent to it');
  const { settings, hider, startedAt } = drafting;
  const { encoding } = settings;
  return {
    transaction: services.sendCode,
    order: { id: merchantAgreementId, startedAt },
    fields: {
      ...hiddenNumber('card.number', card.number, drafting),
      customerInfo: customerInfo({ phone: card.phone }, { hider, encoding, member: 'card' }),
      tokenPayData: requestor(settings),
    },
  };
}

/** Pure but for what hides: the opening itself, with the code and what the issuer wants to know. */
export function toOpen(
  { agreement, card, otp }: ConfirmSignUpRequest,
  drafting: Omit<Drafting, 'startedAt'>,
): Exchange {
  const { settings, hider } = drafting;
  const { encoding } = settings;
  if (card === undefined) throw wrong('card', 'is required: it goes with the code again');
  const person = { ...personOf(card), otp };
  // Quirk: the same number and time as the code's: it is good for no other opening.
  const { merchantId, startedAt } = agreement;
  return {
    transaction: services.open,
    order: { id: merchantId, startedAt },
    fields: {
      ...hiddenNumber('card.number', card.number, { ...drafting, startedAt }),
      customerInfo: customerInfo(person, { hider, encoding, member: 'card' }),
      tokenPayData: requestor(settings),
    },
  };
}

/** Pure but for what hides: the opening on UnionPay's page. */
export function toOpenPage(
  request: Of<'page'>,
  drafting: Omit<Drafting, 'hider'> & { hider?: Hider },
): Exchange {
  const { merchantAgreementId, returnUrl, notifyUrl, extra = {} } = request;
  const { settings, hider, startedAt } = drafting;
  const shown =
    extra.cardNumber === undefined || hider === undefined
      ? {}
      : hiddenNumber('extra.cardNumber', extra.cardNumber, { settings, hider, startedAt });
  return {
    transaction: services.openPage,
    order: { id: merchantAgreementId, startedAt },
    fields: {
      ...shown,
      frontUrl: addressOf('returnUrl', returnUrl, settings),
      backUrl: addressOf('notifyUrl', notifyUrl, settings),
      payTimeout: payTimeoutOf(undefined, startedAt),
      tokenPayData: requestor(settings),
    },
  };
}

/** Of a token that stands no more: ended, replaced, run out (§11.1, §11.2). */
const goneCodes = new Set(['80', '89']);
const goneSubCodes = new Set(['3900002', '3910013', '3910014', '3910018']);

export function isGone(message: Message): boolean {
  const code = textOf(message, 'respCode') ?? '';
  const subCode = subCodeOf(textOf(message, 'respMsg')) ?? '';
  return goneCodes.has(code) || (code === '06' && goneSubCodes.has(subCode));
}

export const endedFinding = (message: Message): Agreeing => ({
  status: 'succeeded',
  standing: 'ended',
  evidence: 'signed',
  raw: message,
});

const asToken = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{12,19}$/.test(text) ? text : undefined;

/**
 * Pure: what a successful answer, or a notification, tells of an opening.
 *
 * Quirk: that a code was sent, or that UnionPay took the factors, says nothing about what the issuer
 * says to the opening: an agreement stands only when the opening succeeded and there is a token.
 */
export function fromOpening(
  message: Message,
  reveal: (base64: string) => string | undefined,
  shown?: string,
): Agreeing {
  const told = {
    evidence: 'signed',
    raw: message,
    merchantId: textOf(message, 'orderId'),
  } as const;
  const data = tokenDataOf(message);
  const token = asToken(data?.['token']);
  const isOpen = textOf(message, 'activateStatus') !== '0';
  if (token === undefined || !isOpen) {
    return { status: 'pending', waitingFor: isOpen ? 'channel' : 'payer', pollAfterMs, ...told };
  }
  return {
    status: 'succeeded',
    standing: 'active',
    validUntil: instantOfWireTime(data?.['tokenEnd']),
    instrument: shown ?? maskedAccount(message, reveal),
    channelId: token,
    ...told,
  };
}

/** Codes of a query that say: not open, or not yet. */
const notOpen: ReadonlySet<string> = new Set(['72', '76', '77']);

/**
 * Pure: what the answer to a question about an agreement says.
 *
 * Quirk: "not open" is said of what was never opened and of what was ended. Whoever holds a token
 * knows which it is.
 */
export function fromQuerySignUp(
  message: Message,
  reveal: (base64: string) => string | undefined,
  { channelId }: Pick<Ref<'agreement'>, 'channelId'> = {},
): Agreeing {
  const isClosed = textOf(message, 'activateStatus') === '0' && channelId !== undefined;
  if (isDone(message)) return isClosed ? endedFinding(message) : fromOpening(message, reveal);
  if (isGone(message)) return endedFinding(message);
  const code = textOf(message, 'respCode') ?? '';
  if (notOpen.has(code)) {
    const told = { evidence: 'signed', raw: message } as const;
    return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
  }
  return fromRejection(services.queryOpening, message);
}

const toQuery = (agreement: Ref<'agreement'>): Exchange => ({
  transaction: services.queryOpening,
  order: { id: agreement.merchantId, startedAt: agreement.startedAt },
  fields: {},
});

/** Asks what became of an agreement. */
async function ask(wire: Wire, agreement: Ref<'agreement'>, call: Call): Promise<Agreeing> {
  return fromQuerySignUp(await wire.call(toQuery(agreement), call), wire.reveal, agreement);
}

/**
 * Pure: by what an agreement that was asked about is charged; `undefined` when it does not stand.
 *
 * @throws PolyrailError the cause, where the question was not answered
 */
export function chargedBy(found: Agreeing): string | undefined {
  if (found.status === 'succeeded' && found.standing === 'active') return found.channelId;
  if (found.status === 'unknown' && found.doubt !== 'not-found' && found.cause !== undefined) {
    throw found.cause;
  }
  return undefined;
}

/**
 * The token of an agreement: from its reference, or asked for. `undefined` when nothing stands that
 * could be charged.
 */
export async function lookUpToken(
  { wire }: Pick<AgreementRoom, 'wire'>,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<string | undefined> {
  if (agreement.channelId !== undefined) {
    const token = asToken(agreement.channelId);
    if (token !== undefined) return token;
    throw wrong('agreement.channelId', 'must be the token that UnionPay gave');
  }
  const message = await wire.call(toQuery(agreement), call);
  return chargedBy(fromQuerySignUp(message, wire.reveal));
}

async function signUp(room: AgreementRoom, request: SignUpRequest, call: Call<'agreement'>) {
  const { wire, settings } = room;
  const { startedAt } = call.ref;
  if (request.scene === 'otp') {
    const hider = await wire.hider(call);
    const exchange = toSendCode(request, { settings, hider, startedAt });
    const message = await wire.call(exchange, call);
    if (!isDone(message)) return fromRejection<'agreement'>(exchange.transaction, message);
    const phone = request.card.phone === undefined ? '' : revealText(request.card.phone);
    const nextAction = { kind: 'otp', sentTo: maskPhone(phone) } as const;
    return { status: 'pending', waitingFor: 'payer', nextAction, evidence: 'signed', raw: message };
  }
  const hasCard = request.extra?.cardNumber !== undefined;
  const drafting = { settings, startedAt, ...(hasCard ? { hider: await wire.hider(call) } : {}) };
  const { url, fields, charset } = await wire.handOver(toOpenPage(request, drafting));
  await call.prepared();
  return {
    status: 'pending',
    waitingFor: 'payer',
    nextAction: { kind: 'form', url, fields, charset },
    expiresAt: instantOfPayTimeout(undefined, startedAt),
    evidence: 'none',
  };
}

async function confirmSignUp(
  { wire, settings }: AgreementRoom,
  request: ConfirmSignUpRequest,
  call: Call<'agreement'>,
): Promise<Agreeing> {
  const hider = await wire.hider(call);
  const exchange = toOpen(request, { settings, hider });
  const message = await wire.call(exchange, call);
  if (!isDone(message)) return fromRejection(exchange.transaction, message);
  const number = request.card === undefined ? '' : revealText(request.card.number);
  return fromOpening(message, wire.reveal, maskCard(number));
}

async function signOff(
  room: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Call<'agreement'>,
): Promise<Agreeing> {
  const { wire, settings, clock } = room;
  const token = await lookUpToken(room, agreement, beforehand(call));
  if (token === undefined) return stateBefore(room, agreement, call);
  // Quirk: a number is good for its own second only: an old time is refused (§7).
  const order = { id: agreement.merchantId, startedAt: instantOf(clock.now()) };
  const fields = { tokenPayData: tokenPayData(token, settings) };
  const exchange = { transaction: services.close, order, fields };
  const message = await wire.call(exchange, call);
  // What ended already is as ended as what ends now.
  if (isDone(message) || isGone(message)) return endedFinding(message);
  return fromRejection(exchange.transaction, message);
}

/** Without a token there is nothing to end: what there is instead is told. */
async function stateBefore(
  { wire }: AgreementRoom,
  agreement: Ref<'agreement'>,
  call: Call<'agreement'>,
): Promise<Agreeing> {
  const found = await followUp(() => ask(wire, agreement, beforehand(call) as Call));
  if (found.status === 'succeeded') return found;
  const message = 'UnionPay tells of no token under this reference that could be ended';
  throw new PolyrailError('REFUSED', message, {
    reason: 'agreement-inactive',
    evidence: 'signed',
    field: 'agreement',
  });
}

/** Need a token requestor. */
export const agreementVerbs = (room: AgreementRoom) => ({
  signUp: (request: SignUpRequest, call: Call<'agreement'>): Promise<Agreeing> =>
    signUp(room, request, call) as Promise<Agreeing>,
  confirmSignUp: (request: ConfirmSignUpRequest, call: Call<'agreement'>) =>
    confirmSignUp(room, request, call),
  querySignUp: (agreement: Ref<'agreement'>, call: Call<'agreement'>) =>
    ask(room.wire, agreement, call),
  signOff: (agreement: Ref<'agreement'>, call: Call<'agreement'>) => signOff(room, agreement, call),
});
