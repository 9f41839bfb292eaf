/** reference site · refund: money back in parts, each part once. */
import { formatMoney, instantOf } from '@polyrail/core';
import { type Order, type Undoing, undoneOf } from './book.ts';
import { amountOf, type Fields, idOf } from './fields.ts';
import { notify } from './notification.ts';
import { refuse } from './refusal.ts';
import type { Operation } from './room.ts';

export const refundWindowMs = 180 * 24 * 3_600_000;

/** A refund as replies and notifications tell it. */
export const describeRefund = (
  { terms }: Order,
  { id, acmeId, amount, atMs }: Undoing,
): Fields => ({
  paymentId: terms.paymentId,
  refundId: id,
  acmeId,
  state: 'REFUNDED',
  amount: formatMoney({ amount, currency: terms.currency }),
  currency: terms.currency,
  refundedAt: instantOf(atMs),
});

const create: Operation = ({ merchant, fields }, room) => {
  const { book, world } = room;
  const refundId = idOf(fields, 'refundId');
  const { amount, currency } = amountOf(fields);
  const order = book.find(merchant.merchantId, idOf(fields, 'paymentId'));
  if (order === undefined) throw refuse('NOT_FOUND', 'No payment has this paymentId');
  const known = book.undoing(merchant.merchantId, refundId, 'refund');
  if (known !== undefined) {
    const same = known.order === order && known.undoing.amount === amount;
    if (same && currency === order.terms.currency) return describeRefund(order, known.undoing);
    throw refuse('ID_REUSED', 'This refundId belongs to a refund of other content');
  }
  if (order.paidAtMs === undefined) throw refuse('NOT_PAID', 'The payment is not paid');
  if (currency !== order.terms.currency) {
    throw refuse('PARAMETER_INVALID', 'currency must be that of the payment');
  }
  if (world.clock.now() > order.paidAtMs + refundWindowMs) {
    throw refuse('WINDOW_PASSED', 'Refunds end 180 days after the payment');
  }
  if (undoneOf(order) + amount > order.terms.amount) {
    throw refuse('REFUND_EXCEEDS', 'The payment has less left than this');
  }
  const undoing = book.undo(order, { kind: 'refund', id: refundId, amount });
  const told = describeRefund(order, undoing);
  const { paymentId: id, notifyUrl: url } = order.terms;
  notify({ merchantId: order.merchantId, id, url, about: { refund: told } }, room);
  return told;
};

const query: Operation = ({ merchant, fields, exchange }, { book }) => {
  const known = book.undoing(merchant.merchantId, idOf(fields, 'refundId'), 'refund');
  if (known === undefined || exchange.fault('not-found-lag')) {
    throw refuse('NOT_FOUND', 'No refund has this refundId');
  }
  return describeRefund(known.order, known.undoing);
};

export const refundOperations: Readonly<Record<string, Operation>> = {
  'refunds.create': create,
  'refunds.query': query,
};
