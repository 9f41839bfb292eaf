/** reference site · payment: orders in three scenes, asked about, closed, cancelled, reversed. */
import { dayOf, formatMoney, instantOf } from '@polyrail/core';
import { requireActive } from './agreement.ts';
import { type Order, type Terms, type Undoing, undoneOf } from './book.ts';
import { amountOf, type Fields, idOf, momentOf, optional, textOf } from './fields.ts';
import { notify } from './notification.ts';
import { refuse } from './refusal.ts';
import type { Call, Operation, Room } from './room.ts';

export const timeZone = 'Asia/Shanghai';

/** A payment as replies and notifications tell it. */
export function describePayment(order: Order): Fields {
  const { terms, state, paidAtMs, undoings, acmeId } = order;
  const { amount, currency } = terms;
  const last = undoings.at(-1);
  return {
    paymentId: terms.paymentId,
    acmeId,
    state,
    amount: formatMoney({ amount, currency }),
    currency,
    ...(terms.attachment === undefined ? {} : { attachment: terms.attachment }),
    ...(paidAtMs === undefined ? {} : { paidAt: instantOf(paidAtMs) }),
    ...(last && {
      undone: formatMoney({ amount: undoneOf(order), currency }),
      undoneBy: last.kind,
    }),
    ...(terms.scene === 'qr' && state === 'OPEN' ? { qrCode: `acme:${acmeId}` } : {}),
  };
}

export function termsOf(fields: Fields): Terms {
  const { amount, currency } = amountOf(fields);
  const scene = textOf(fields, 'scene', /^(qr|barcode|page|agreement)$/) as Terms['scene'];
  const authCode = optional(fields, 'authCode');
  if (scene === 'barcode' && !/^\d{16,24}$/.test(authCode ?? '')) {
    throw refuse('AUTH_CODE_INVALID', 'authCode must have 16 to 24 digits');
  }
  return {
    paymentId: idOf(fields, 'paymentId'),
    amount,
    currency,
    description: textOf(fields, 'description'),
    scene,
    authCode,
    notifyUrl: optional(fields, 'notifyUrl'),
    attachment: optional(fields, 'attachment'),
    returnUrl: optional(fields, 'returnUrl'),
    expiresAtMs: momentOf(fields, 'expiresAt'),
    agreementId: scene === 'agreement' ? idOf(fields, 'agreementId') : undefined,
  };
}

const sameTerms = (left: Terms, right: Terms): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

/** The order of these terms: the known one, or a new one. */
export function orderOf({ merchant, fields }: Call, { book, world, agreements }: Room) {
  const terms = termsOf(fields);
  const known = book.find(merchant.merchantId, terms.paymentId);
  if (known !== undefined) {
    if (sameTerms(known.terms, terms)) return { order: known, isNew: false };
    throw refuse('ID_REUSED', 'This paymentId belongs to a payment of other content');
  }
  if (book.isDead(merchant.merchantId, terms.paymentId)) {
    throw refuse('ID_CLOSED', 'This paymentId was closed before it was used');
  }
  if (terms.expiresAtMs !== undefined && terms.expiresAtMs <= world.clock.now()) {
    throw refuse('EXPIRES_IN_PAST', 'The order had expired when it came');
  }
  if (terms.agreementId !== undefined) {
    requireActive({ merchantId: merchant.merchantId, agreementId: terms.agreementId }, agreements);
  }
  return { order: book.open(merchant.merchantId, terms), isNew: true };
}

export function pay(order: Order, room: Room): void {
  room.book.pay(order);
  const { paymentId: id, notifyUrl: url } = order.terms;
  const about = { payment: describePayment(order) };
  notify({ merchantId: order.merchantId, id, url, about }, room);
}

const create: Operation = (call, room) => {
  const { order, isNew } = orderOf(call, room);
  const isImmediate = isNew && ['barcode', 'agreement'].includes(order.terms.scene);
  if (isImmediate && !call.exchange.fault('user-paying')) pay(order, room);
  return describePayment(order);
};

const find = ({ merchant, fields }: Call, { book }: Room): Order | undefined =>
  book.find(merchant.merchantId, idOf(fields, 'paymentId'));

function requireOrder(call: Call, room: Room): Order {
  const order = find(call, room);
  if (order !== undefined) return order;
  if (room.book.isDead(call.merchant.merchantId, idOf(call.fields, 'paymentId'))) {
    throw refuse('ID_CLOSED', 'This paymentId was closed before it was used');
  }
  throw refuse('NOT_FOUND', 'No payment has this paymentId');
}

const query: Operation = (call, room) => {
  const order = requireOrder(call, room);
  if (call.exchange.fault('not-found-lag')) {
    throw refuse('NOT_FOUND', 'No payment has this paymentId');
  }
  return describePayment(order);
};

const close: Operation = (call, room) => {
  const order = find(call, room);
  if (order === undefined) {
    room.book.kill(call.merchant.merchantId, idOf(call.fields, 'paymentId'));
    throw refuse('NOT_FOUND', 'No payment has this paymentId, and none will have it any more');
  }
  if (order.state === 'PAID') throw refuse('ALREADY_PAID', 'The payment is paid');
  if (order.state === 'OPEN') order.state = 'CLOSED';
  return { paymentId: order.terms.paymentId, acmeId: order.acmeId, state: order.state };
};

export const describeCancellation = ({ terms }: Order, { id, acmeId }: Undoing): Fields => ({
  paymentId: terms.paymentId,
  cancelId: id,
  acmeId,
  state: 'CANCELLED',
  amount: formatMoney(terms),
  currency: terms.currency,
});

/** Undoes a payment of the same business day, whole. */
const cancel: Operation = (call, room) => {
  const order = requireOrder(call, room);
  const cancelId = idOf(call.fields, 'cancelId');
  const known = room.book.undoing(order.merchantId, cancelId, 'cancel');
  if (known !== undefined && known.order !== order) {
    throw refuse('ID_REUSED', 'This cancelId belongs to another payment');
  }
  if (known !== undefined) return describeCancellation(order, known.undoing);
  if (order.paidAtMs === undefined) throw refuse('NOT_PAID', 'The payment is not paid');
  if (order.undoings.length > 0) throw refuse('ALREADY_UNDONE', 'Money was given back before');
  if (dayOf(order.paidAtMs, timeZone) !== dayOf(room.world.clock.now(), timeZone)) {
    throw refuse('WINDOW_PASSED', 'Cancelling ends with the day of the payment');
  }
  const { amount } = order.terms;
  const undoing = room.book.undo(order, { kind: 'cancel', id: cancelId, amount });
  return describeCancellation(order, undoing);
};

/** Whatever became of a payment: the payer has everything back, and nothing more comes. */
const reverse: Operation = (call, room) => {
  const paymentId = idOf(call.fields, 'paymentId');
  const order = find(call, room);
  if (order === undefined) {
    room.book.kill(call.merchant.merchantId, paymentId);
    return { paymentId, effect: 'NOTHING' };
  }
  const { amount, currency } = order.terms;
  if (order.state !== 'PAID') {
    if (order.state === 'OPEN') order.state = 'CLOSED';
    return { paymentId, acmeId: order.acmeId, effect: 'CLOSED' };
  }
  const rest = amount - undoneOf(order);
  if (rest > 0) room.book.undo(order, { kind: 'reversal', id: paymentId, amount: rest });
  const told = { amount: formatMoney({ amount, currency }), currency };
  return { paymentId, acmeId: order.acmeId, effect: 'REFUNDED', ...told };
};

export const paymentOperations: Readonly<Record<string, Operation>> = {
  'payments.create': create,
  'payments.query': query,
  'payments.close': close,
  'payments.cancel': cancel,
  'payments.reverse': reverse,
};
