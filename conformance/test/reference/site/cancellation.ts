/** reference site · cancellation: what became of a payment cancelled, or money released, by its id. */
import { describeRelease, releaseOf } from './authorization.ts';
import { idOf } from './fields.ts';
import { describeCancellation } from './payment.ts';
import { refuse } from './refusal.ts';
import type { Operation } from './room.ts';

const query: Operation = ({ merchant, fields, exchange }, room) => {
  const cancelId = idOf(fields, 'cancelId');
  const lagging = exchange.fault('not-found-lag') !== undefined;
  const cancelled = room.book.undoing(merchant.merchantId, cancelId, 'cancel');
  const released = releaseOf(merchant.merchantId, cancelId, room);
  if (cancelled && !lagging) return describeCancellation(cancelled.order, cancelled.undoing);
  if (released && !lagging) return describeRelease(released.hold, released.release);
  throw refuse('NOT_FOUND', 'Nothing was cancelled or released under this cancelId');
};

export const cancellationOperations: Readonly<Record<string, Operation>> = {
  'cancellations.query': query,
};
