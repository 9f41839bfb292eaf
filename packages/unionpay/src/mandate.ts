/**
 * unionpay · mandate: agreements by which 代收 is charged - set up with a card's factors, asked about,
 * removed (dossier §8: 72/11, 75, 74/04 of bizType 000501; that requests name the mandate by a `bindId`
 * of the merchant's making, and charges by that alone, is from public demos of UnionPay).
 */
import {
  type Call,
  type Clock,
  instantOf,
  PolyrailError,
  type Ref,
  revealText,
} from '@polyrail/core';
import { maskCard } from '@polyrail/kit/card';
import { contradicts, requiredText, textOf } from '@polyrail/kit/fields';
import { beforehand, followUp } from '@polyrail/kit/question';
import { failed, notFound, type Verdict } from '@polyrail/kit/verdict';
import { type Agreeing, chargedBy, endedFinding } from './agreement.ts';
import { acceptedFinding, fromRejection, isAccepted, isDone, pollAfterMs } from './answer.ts';
import type { Settings } from './config.ts';
import type { Message } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { wrong } from './extra.ts';
import { cardNumber, customerInfo, type Hider, maskedAccount, personOf } from './sensitive.ts';
import type { MandateRequest } from './shape.ts';
import { services, type Transaction } from './transactions.ts';
import type { Wire } from './wire.ts';

export interface MandateRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** The binding check failed: no mandate of that name stands, or none that may be set up. */
const unbound = '40';

/** What a charge is answered with that no mandate stands behind. */
export const noMandate = (code: string): Verdict | undefined =>
  code === unbound ? failed('agreement-inactive', 'new-id') : undefined;

/** Pure but for what hides: a mandate, with what the issuer wants to know of the card's holder. */
export function toSetUp(
  { merchantAgreementId, card }: MandateRequest,
  drafting: { readonly settings: Settings; readonly hider: Hider; readonly startedAt: string },
): Exchange {
  const { settings, hider, startedAt } = drafting;
  const { encoding, environment, collectionSubTypes } = settings;
  const person = customerInfo(personOf(card), { hider, encoding, member: 'card' });
  if (person === undefined) {
    throw wrong('card', 'must have more than a number: the factors stand for the consent');
  }
  return {
    transaction: { ...services.setUpMandate, txnSubType: collectionSubTypes.setUp },
    order: { id: merchantAgreementId, startedAt },
    fields: {
      accNo: hider.hide(cardNumber('card.number', card.number, environment)),
      encryptCertId: hider.certId,
      customerInfo: person,
      bindId: merchantAgreementId,
    },
  };
}

/** One that UnionPay gave, or echoed. */
const bindIdOf = (message: Message): string | undefined => {
  const text = textOf(message, 'bindId');
  return text !== undefined && /^[\x21-\x7e]{1,128}$/.test(text) ? text : undefined;
};

/**
 * Pure: what a mandate that was set up is told with. The answer is final: nothing is notified.
 *
 * Quirk: the merchant names the mandate; where the answer names another, it goes by that one.
 */
export const fromSetUp = (
  message: Message,
  { merchantAgreementId, card }: MandateRequest,
): Agreeing => ({
  status: 'succeeded',
  standing: 'active',
  channelId: bindIdOf(message) ?? merchantAgreementId,
  instrument: maskCard(revealText(card.number)),
  merchantId: textOf(message, 'orderId'),
  evidence: 'signed',
  raw: message,
});

/**
 * Pure: what the answer to a question about a mandate says. A yes that names no mandate is none.
 *
 * Quirk: "no such binding" is said of what was never set up, of what is still on its way, and of what
 * was ended. Whoever knows that it stood knows which it is.
 */
export function fromQueryMandate(
  message: Message,
  asked: { readonly bindId: string; readonly stood: boolean },
  reveal: (base64: string) => string | undefined,
): Agreeing {
  const told = { evidence: 'signed', raw: message } as const;
  if (isDone(message)) {
    const bindId = bindIdOf(message);
    if (bindId === undefined) {
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    }
    if (bindId.toUpperCase() !== asked.bindId.toUpperCase()) {
      throw contradicts("The answer's bindId is not the one asked about");
    }
    const instrument = maskedAccount(message, reveal);
    return { status: 'succeeded', standing: 'active', channelId: bindId, instrument, ...told };
  }
  if (isAccepted(message)) return acceptedFinding(message);
  if (isUnbound(message) && asked.stood) return endedFinding(message);
  return fromRejection(services.queryMandate, message, (code) =>
    code === unbound ? notFound : undefined,
  );
}

const isUnbound = (message: Message): boolean => requiredText(message, 'respCode') === unbound;

/** What a mandate goes by: known once it stood, and else the merchant's own name for it. */
function namesOf({ merchantId, channelId }: Ref<'agreement'>) {
  if (channelId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(channelId)) {
    throw wrong('agreement.channelId', 'must be the bindId that UnionPay knows it by');
  }
  return { bindId: channelId ?? merchantId, stood: channelId !== undefined };
}

/** Quirk: a number is good for its own second only: an old time is refused (§7). */
const about = (
  transaction: Transaction,
  { ref, bindId }: { readonly ref: Ref<'agreement'>; readonly bindId: string },
  { clock }: MandateRoom,
): Exchange => ({
  transaction,
  order: { id: ref.merchantId, startedAt: instantOf(clock.now()) },
  fields: { bindId },
});

async function ask(room: MandateRoom, ref: Ref<'agreement'>, call: Call): Promise<Agreeing> {
  const { wire, settings } = room;
  const names = namesOf(ref);
  const txnSubType = settings.collectionSubTypes.query;
  const transaction = { ...services.queryMandate, txnSubType };
  const message = await wire.call(about(transaction, { ref, ...names }, room), call);
  return fromQueryMandate(message, names, wire.reveal);
}

/**
 * What a mandate goes by: from its reference, or asked for. `undefined` when nothing stands that could
 * be charged.
 */
export async function lookUpMandate(
  room: MandateRoom,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<string | undefined> {
  const { bindId, stood } = namesOf(agreement);
  if (stood) return bindId;
  return chargedBy(await ask(room, agreement, call));
}

/**
 * Quirk: 40 is said of a card that its bank binds once, and of a name that is taken - by this very
 * agreement, if it was asked for before. Only where nothing stands by that name it has failed.
 */
async function turnedDown(
  room: MandateRoom,
  { transaction, message }: { transaction: Transaction; message: Message },
  call: Call<'agreement'>,
): Promise<Agreeing> {
  if (!isUnbound(message)) return fromRejection(transaction, message);
  const found = await followUp(() => ask(room, call.ref, beforehand(call) as Call));
  const isFree = found.status === 'unknown' && found.doubt === 'not-found';
  if (isFree) return fromRejection(transaction, message);
  return { status: 'unknown', doubt: 'repeated-id', evidence: 'signed', raw: message };
}

async function signUp(
  room: MandateRoom,
  request: MandateRequest,
  call: Call<'agreement'>,
): Promise<Agreeing> {
  const { wire, settings } = room;
  const hider = await wire.hider(call);
  const exchange = toSetUp(request, { settings, hider, startedAt: call.ref.startedAt });
  const message = await wire.call(exchange, call);
  if (isDone(message)) return fromSetUp(message, request);
  if (isAccepted(message)) return acceptedFinding(message);
  return turnedDown(room, { transaction: exchange.transaction, message }, call);
}

async function signOff(
  room: MandateRoom,
  ref: Ref<'agreement'>,
  call: Call<'agreement'>,
): Promise<Agreeing> {
  const { wire, settings } = room;
  const bindId = await lookUpMandate(room, ref, beforehand(call) as Call);
  if (bindId === undefined) {
    const message = 'UnionPay tells of no mandate under this reference that could be ended';
    const reason = 'agreement-inactive';
    throw new PolyrailError('REFUSED', message, { reason, evidence: 'signed', field: 'agreement' });
  }
  const txnSubType = settings.collectionSubTypes.remove;
  const transaction = { ...services.removeMandate, txnSubType };
  const message = await wire.call(about(transaction, { ref, bindId }, room), call);
  // What ended already is as ended as what ends now.
  if (isDone(message) || isUnbound(message)) return endedFinding(message);
  return fromRejection(transaction, message);
}

/** For merchants who were granted 代收. */
export const mandateVerbs = (room: MandateRoom) => ({
  signUp: (request: MandateRequest, call: Call<'agreement'>) => signUp(room, request, call),
  querySignUp: (agreement: Ref<'agreement'>, call: Call<'agreement'>) =>
    ask(room, agreement, call as Call),
  signOff: (agreement: Ref<'agreement'>, call: Call<'agreement'>) => signOff(room, agreement, call),
});
