/** unionpay simulator · authorization: holds, and what becomes of them. */
import { holdMs } from './book.ts';
import type { Call } from './call.ts';
import { refuse } from './codes.ts';
import { enter, isSettled, originalOf, requireFresh } from './entry.ts';
import type { Fields } from './form.ts';
import { acceptEntry } from './payment.ts';
import { requireCover, requireUntouched, undone } from './refund.ts';
import { hasSucceeded, sequelsOf, type Transaction } from './transaction.ts';

/** Of what is held, the part that may be taken. */
const mostCaptured = 1.15;

/** A capture that stands: it was not undone. */
const isStanding = (capture: Transaction): boolean =>
  sequelsOf(capture, 'capture-cancel').length === 0;

/** Refuses a hold that is no more: taken, given free, or too old. */
function requireHeld(hold: Transaction, { room }: Call): void {
  requireUntouched(hold, 'preauth-cancel');
  if (sequelsOf(hold, 'capture').some(isStanding)) throw refuse('45', '2050002');
  const age = room.world.clock.now() - (hold.finishedAt ?? 0);
  const over = age > holdMs || hold.holdReleased === true;
  if (!hasSucceeded(hold) || over) throw refuse('35', '2040004');
}

/** 32: the whole hold is given free. */
export function cancelHold(call: Call): Fields {
  const hold = undone(call, ['preauth']);
  requireHeld(hold, call);
  return acceptEntry(call, enter(call, 'preauth-cancel', { original: hold }));
}

/** 03: takes at most 115 per cent of what is held; what is left goes back at once. */
export function capture(call: Call): Fields {
  const hold = originalOf(call);
  if (hold.terms.kind !== 'preauth') throw refuse('35', '2040004');
  const amount = Number(call.fields['txnAmt']);
  if (amount > Math.floor(hold.terms.amount * mostCaptured)) throw refuse('36', '2031003');
  requireFresh(call);
  requireHeld(hold, call);
  return acceptEntry(call, enter(call, 'capture', { original: hold }));
}

/** 33: the whole capture of this clearing day; the hold stands again. */
export function cancelCapture(call: Call): Fields {
  const taken = undone(call, ['capture']);
  requireUntouched(taken, 'capture-cancel', 'refund');
  if (!hasSucceeded(taken) || isSettled(taken, call)) throw refuse('35', '2040004');
  requireCover(call, taken.terms.amount - call.room.book.feeOf(taken));
  return acceptEntry(call, enter(call, 'capture-cancel', { original: taken }));
}
