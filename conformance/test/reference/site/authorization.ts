/** reference site · authorization: money held, taken in parts, given free again. */
import { formatMoney, instantOf } from '@polyrail/core';
import { heldAccount, payerAccount } from './book.ts';
import { amountOf, type Fields, idOf, momentOf, optional, textOf } from './fields.ts';
import { notify } from './notification.ts';
import { describePayment, pay } from './payment.ts';
import type { Hold, HoldTerms, Release } from './records.ts';
import { refuse } from './refusal.ts';
import type { Call, Operation, Room } from './room.ts';

const holdMs = 30 * 24 * 3_600_000;

const releasedOf = ({ releases }: Hold): number =>
  releases.reduce((sum, { amount }) => sum + amount, 0);

const remainingOf = (hold: Hold): number =>
  hold.state === 'HELD' ? hold.terms.amount - hold.captured - releasedOf(hold) : 0;

/** An authorization as replies and notifications tell it. */
export function describeHold(hold: Hold): Fields {
  const { terms, acmeId, state, captured, heldAtMs } = hold;
  const { currency, holdId } = terms;
  const text = (amount: number) => formatMoney({ amount, currency });
  return {
    holdId,
    acmeId,
    state,
    amount: text(terms.amount),
    currency,
    ...(heldAtMs === undefined
      ? {}
      : {
          remaining: text(remainingOf(hold)),
          captured: text(captured),
          released: text(releasedOf(hold)),
          holdUntil: instantOf(heldAtMs + holdMs),
        }),
    ...(terms.scene === 'qr' && state === 'OPEN' ? { qrCode: `acme:${acmeId}` } : {}),
  };
}

const memoOf = ({ merchantId, terms }: Hold, what: string): string =>
  `${what} ${merchantId} ${terms.holdId}`;

/** The payer lets the money be held: it leaves the payer and reaches nobody yet. */
export function grant(hold: Hold, room: Room): void {
  if (hold.state !== 'OPEN') throw new RangeError(`a hold that is ${hold.state} is not granted`);
  const { merchantId, terms } = hold;
  const { amount, currency, holdId: id, notifyUrl: url } = terms;
  const from = payerAccount(currency);
  const to = heldAccount(merchantId, id);
  room.book.transfer({ from, to, amount, currency, memo: memoOf(hold, 'hold') });
  hold.state = 'HELD';
  hold.heldAtMs = room.world.clock.now();
  notify({ merchantId, id, url, about: { hold: describeHold(hold) } }, room);
}

function giveFree(hold: Hold, release: { id: string; amount: number }, room: Room): Release {
  const { merchantId, terms } = hold;
  const { currency, holdId } = terms;
  const from = heldAccount(merchantId, holdId);
  const { amount } = release;
  const to = payerAccount(currency);
  room.book.transfer({ from, to, amount, currency, memo: memoOf(hold, 'release') });
  const made = { ...release, acmeId: room.book.acmeId('L') };
  hold.releases.push(made);
  return made;
}

function termsOf(fields: Fields): HoldTerms {
  const { amount, currency } = amountOf(fields);
  const scene = textOf(fields, 'scene', /^(qr|barcode)$/) as HoldTerms['scene'];
  const authCode = optional(fields, 'authCode');
  if (scene === 'barcode' && !/^\d{16,24}$/.test(authCode ?? '')) {
    throw refuse('AUTH_CODE_INVALID', 'authCode must have 16 to 24 digits');
  }
  return {
    holdId: idOf(fields, 'holdId'),
    scene,
    amount,
    currency,
    description: textOf(fields, 'description'),
    authCode,
    notifyUrl: optional(fields, 'notifyUrl'),
    expiresAtMs: momentOf(fields, 'expiresAt'),
  };
}

function open(merchantId: string, terms: HoldTerms, { book, holds, world }: Room): Hold {
  const acmeId = book.acmeId('H');
  const made: Hold = { merchantId, terms, acmeId, releases: [], captured: 0, state: 'OPEN' };
  if (terms.expiresAtMs !== undefined) {
    world.clock.schedule(terms.expiresAtMs - world.clock.now(), () => {
      if (made.state === 'OPEN') made.state = 'EXPIRED';
    });
  }
  return holds.put(merchantId, terms.holdId, made);
}

const create: Operation = (call, room) => {
  const { merchantId } = call.merchant;
  const terms = termsOf(call.fields);
  const known = room.holds.find(merchantId, terms.holdId);
  if (known !== undefined) {
    if (JSON.stringify(known.terms) === JSON.stringify(terms)) return describeHold(known);
    throw refuse('ID_REUSED', 'This holdId belongs to a hold of other content');
  }
  if (room.holds.isDead(merchantId, terms.holdId)) {
    throw refuse('ID_CLOSED', 'This holdId was reversed before it was used');
  }
  if (terms.expiresAtMs !== undefined && terms.expiresAtMs <= room.world.clock.now()) {
    throw refuse('EXPIRES_IN_PAST', 'The hold had expired when it came');
  }
  const hold = open(merchantId, terms, room);
  if (terms.scene === 'barcode' && !call.exchange.fault('user-paying')) grant(hold, room);
  return describeHold(hold);
};

function requireHold({ merchant, fields }: Call, { holds }: Room): Hold {
  const holdId = idOf(fields, 'holdId');
  const hold = holds.find(merchant.merchantId, holdId);
  if (hold !== undefined) return hold;
  if (holds.isDead(merchant.merchantId, holdId)) {
    throw refuse('ID_CLOSED', 'This holdId was reversed before it was used');
  }
  throw refuse('NOT_FOUND', 'No hold has this holdId');
}

const query: Operation = (call, room) => {
  const hold = requireHold(call, room);
  if (call.exchange.fault('not-found-lag')) throw refuse('NOT_FOUND', 'No such hold');
  return describeHold(hold);
};

/** The amount asked for, of what is left; all of it where none is asked for. */
function partOf(hold: Hold, fields: Fields): number {
  if (hold.state !== 'HELD') throw refuse('HOLD_INACTIVE', `The hold is ${hold.state}`);
  const remaining = remainingOf(hold);
  if (fields['amount'] === undefined && remaining > 0) return remaining;
  const { amount, currency } =
    fields['amount'] === undefined
      ? { amount: 1, currency: hold.terms.currency }
      : amountOf(fields);
  if (currency !== hold.terms.currency) {
    throw refuse('PARAMETER_INVALID', 'currency must be that of the hold');
  }
  if (amount > remaining) throw refuse('HOLD_EXCEEDED', 'Less than this is held');
  return amount;
}

/** A payment out of what is held; a final one gives the rest free. */
const capture: Operation = (call, room) => {
  const { merchant, fields } = call;
  const { book } = room;
  const hold = requireHold(call, room);
  const paymentId = idOf(fields, 'paymentId');
  const known = book.find(merchant.merchantId, paymentId);
  if (known !== undefined) {
    const { amount, currency } = amountOf(fields);
    const { terms } = known;
    const same = terms.holdId === hold.terms.holdId && terms.amount === amount;
    if (same && terms.currency === currency) return describePayment(known);
    throw refuse('ID_REUSED', 'This paymentId belongs to a payment of other content');
  }
  if (book.isDead(merchant.merchantId, paymentId)) {
    throw refuse('ID_CLOSED', 'This paymentId was closed before it was used');
  }
  const amount = partOf(hold, fields);
  const { holdId, currency, notifyUrl } = hold.terms;
  const none = { authCode: undefined, attachment: undefined, returnUrl: undefined };
  const description = textOf(fields, 'description');
  const order = book.open(merchant.merchantId, {
    ...{ paymentId, amount, currency, description, scene: 'capture', holdId, notifyUrl },
    ...{ ...none, expiresAtMs: undefined },
  });
  hold.captured += amount;
  pay(order, room);
  const rest = remainingOf(hold);
  if (fields['final'] === true && rest > 0)
    giveFree(hold, { id: `final:${paymentId}`, amount: rest }, room);
  return describePayment(order);
};

export const describeRelease = ({ terms }: Hold, { id, acmeId, amount }: Release): Fields => ({
  holdId: terms.holdId,
  cancelId: id,
  acmeId,
  state: 'RELEASED',
  amount: formatMoney({ amount, currency: terms.currency }),
  currency: terms.currency,
});

/** The release that a merchant asked for under this id. */
export const releaseOf = (merchantId: string, cancelId: string, { holds }: Room) =>
  holds
    .all()
    .filter((hold) => hold.merchantId === merchantId)
    .flatMap((hold) => hold.releases.map((release) => ({ hold, release })))
    .find(({ release }) => release.id === cancelId);

const release: Operation = (call, room) => {
  const { merchant, fields } = call;
  const cancelId = idOf(fields, 'cancelId');
  const hold = requireHold(call, room);
  const known = releaseOf(merchant.merchantId, cancelId, room);
  if (known !== undefined) {
    const asked = fields['amount'] === undefined ? known.release.amount : amountOf(fields).amount;
    if (known.hold === hold && known.release.amount === asked) {
      return describeRelease(hold, known.release);
    }
    throw refuse('ID_REUSED', 'This cancelId belongs to a release of other content');
  }
  const amount = partOf(hold, fields);
  return describeRelease(hold, giveFree(hold, { id: cancelId, amount }, room));
};

/** Whatever became of a hold: nothing is held any more, and nothing more comes. */
const reverse: Operation = (call, room) => {
  const { merchant, fields } = call;
  const holdId = idOf(fields, 'holdId');
  const hold = room.holds.find(merchant.merchantId, holdId);
  if (hold === undefined) {
    room.holds.kill(merchant.merchantId, holdId);
    return { holdId, effect: 'NOTHING' };
  }
  if (hold.state !== 'HELD') {
    if (hold.state === 'OPEN') hold.state = 'CLOSED';
    return { holdId, acmeId: hold.acmeId, effect: 'CLOSED' };
  }
  if (hold.captured > 0) throw refuse('HOLD_CAPTURED', 'Money of this hold was captured');
  const rest = remainingOf(hold);
  if (rest > 0) giveFree(hold, { id: `reversal:${holdId}`, amount: rest }, room);
  const { amount, currency } = hold.terms;
  const told = { amount: formatMoney({ amount, currency }), currency };
  return { holdId, acmeId: hold.acmeId, effect: 'RELEASED', ...told };
};

export const authorizationOperations: Readonly<Record<string, Operation>> = {
  'holds.create': create,
  'holds.query': query,
  'holds.capture': capture,
  'holds.release': release,
  'holds.reverse': reverse,
};

/** Counted in the ledger itself where it can be. */
export function holdTruth(hold: Hold, { book }: Room) {
  book.check();
  const holds = book.countOf(memoOf(hold, 'hold'));
  const { state, captured, terms } = hold;
  return { state, holds, held: holds * terms.amount, captured, released: releasedOf(hold) };
}
