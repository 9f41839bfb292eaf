/** reference site · agreement: a payer's consent to be charged - asked for, given, taken back. */
import { instantOf } from '@polyrail/core';
import { type Fields, idOf, optional, textOf } from './fields.ts';
import { notify } from './notification.ts';
import type { Agreement, AgreementTerms } from './records.ts';
import { refuse } from './refusal.ts';
import type { Call, Operation, Room } from './room.ts';
import { openCard } from './seal.ts';
import type { Shelf } from './shelf.ts';

/** An agreement as replies and notifications tell it. */
export const describeAgreement = ({ terms, acmeId, state, signedAtMs }: Agreement): Fields => ({
  agreementId: terms.agreementId,
  acmeId,
  state,
  ...(signedAtMs === undefined
    ? {}
    : { signedAt: instantOf(signedAtMs), instrument: 'acme *4711' }),
  ...(terms.scene === 'qr' && state === 'OPEN' ? { qrCode: `acme:${acmeId}` } : {}),
  ...(terms.scene === 'otp' && state === 'OPEN' ? { sentTo: '138****0000' } : {}),
});

function change(agreement: Agreement, state: Agreement['state'], room: Room): void {
  agreement.state = state;
  const { merchantId, terms } = agreement;
  const { agreementId: id, notifyUrl: url } = terms;
  notify({ merchantId, id, url, about: { agreement: describeAgreement(agreement) } }, room);
}

/** The payer consents. */
export function sign(agreement: Agreement, room: Room): void {
  agreement.signedAtMs = room.world.clock.now();
  change(agreement, 'ACTIVE', room);
}

/** Somebody takes the consent back, or does not give it. */
export function end(agreement: Agreement, room: Room): void {
  const next = { OPEN: 'CANCELLED', ACTIVE: 'ENDED' } as const;
  const { state } = agreement;
  if (state === 'OPEN' || state === 'ACTIVE') change(agreement, next[state], room);
}

export function refuseConsent(agreement: Agreement, room: Room): void {
  change(agreement, 'REFUSED', room);
}

/** What a charge needs. */
export function requireActive(
  { merchantId, agreementId }: { merchantId: string; agreementId: string },
  agreements: Shelf<Agreement>,
): void {
  if (agreements.find(merchantId, agreementId)?.state === 'ACTIVE') return;
  throw refuse('AGREEMENT_INACTIVE', 'The payer has not consented to be charged, or not any more');
}

/** A card that the merchant hid. */
function cardIn({ merchant, fields }: Call): { number: string; isOwners: boolean } {
  const hidden = textOf(fields, 'card', /^[A-Za-z0-9+/]{40,2000}={0,2}$/);
  const { number, securityCode } = openCard(hidden, merchant.merchantSecret) ?? {};
  if (number === undefined || !/^\d{12,19}$/.test(number)) {
    throw refuse('PARAMETER_INVALID', 'card is none');
  }
  return { number, isOwners: securityCode === number.slice(-3) };
}

/** Where the card alone stands for the consent, its factors must be right. */
function numberIn(call: Call, scene: AgreementTerms['scene']): string | undefined {
  if (scene !== 'otp' && scene !== 'card') return undefined;
  const { number, isOwners } = cardIn(call);
  if (scene === 'otp' || isOwners) return number;
  throw refuse('CARD_REFUSED', 'The security code is not that of the card');
}

/** The agreement of these terms: the known one, or a new one. */
export function agreementOf(call: Call, { agreements, book, world }: Room): Agreement {
  const { merchant, fields } = call;
  const { merchantId } = merchant;
  const scene = textOf(fields, 'scene', /^(qr|page|otp|card)$/) as AgreementTerms['scene'];
  const terms: AgreementTerms = {
    agreementId: idOf(fields, 'agreementId'),
    scene,
    notifyUrl: optional(fields, 'notifyUrl'),
    returnUrl: optional(fields, 'returnUrl'),
    cardNumber: numberIn(call, scene),
  };
  const known = agreements.find(merchantId, terms.agreementId);
  if (known !== undefined) {
    if (JSON.stringify(known.terms) === JSON.stringify(terms)) return known;
    throw refuse('ID_REUSED', 'This agreementId belongs to an agreement of other content');
  }
  const acmeId = book.acmeId('G');
  return agreements.put(merchantId, terms.agreementId, {
    merchantId,
    terms,
    acmeId,
    state: 'OPEN',
    ...(scene === 'otp' ? { code: world.random.fork('code').digits(6) } : {}),
  });
}

const create: Operation = (call, room) => {
  const agreement = agreementOf(call, room);
  if (agreement.terms.scene === 'card' && agreement.state === 'OPEN') sign(agreement, room);
  return describeAgreement(agreement);
};

function requireAgreement({ merchant, fields }: Call, { agreements }: Room): Agreement {
  const agreement = agreements.find(merchant.merchantId, idOf(fields, 'agreementId'));
  if (agreement !== undefined) return agreement;
  throw refuse('NOT_FOUND', 'No agreement has this agreementId');
}

/** The payer's code stands for the consent; repeated it changes nothing. */
const confirm: Operation = (call, room) => {
  const agreement = requireAgreement(call, room);
  const { code, terms, state } = agreement;
  const isRight = code !== undefined && textOf(call.fields, 'code', /^\d{4,8}$/) === code;
  if (!isRight || cardIn(call).number !== terms.cardNumber) {
    throw refuse('OTP_WRONG', 'The code is not the one that was sent, or the card is another');
  }
  if (state === 'OPEN') sign(agreement, room);
  return describeAgreement(agreement);
};

const query: Operation = (call, room) => {
  const agreement = requireAgreement(call, room);
  if (call.exchange.fault('not-found-lag')) throw refuse('NOT_FOUND', 'No such agreement');
  return describeAgreement(agreement);
};

/** Ends it for good. What has ended stays ended: asking again changes nothing. */
const signOff: Operation = (call, room) => {
  const agreement = requireAgreement(call, room);
  end(agreement, room);
  return describeAgreement(agreement);
};

export const agreementOperations: Readonly<Record<string, Operation>> = {
  'agreements.create': create,
  'agreements.confirm': confirm,
  'agreements.query': query,
  'agreements.end': signOff,
};

/** Counted in the orders that were paid by it. */
export function agreementTruth({ merchantId, terms, state, signedAtMs }: Agreement, room: Room) {
  const charges = room.book
    .all()
    .filter((order) => order.merchantId === merchantId && order.state === 'PAID')
    .filter((order) => order.terms.agreementId === terms.agreementId);
  const signed = signedAtMs === undefined ? 0 : 1;
  return { state, active: state === 'ACTIVE', signed, charges: charges.length };
}
