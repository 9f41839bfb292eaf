/** unionpay simulator · refund: money back - undone on its day, refunded later, or reversed. */
import type { Call } from './call.ts';
import { refuse } from './codes.ts';
import { enter, isSettled, known, originalOf, requireFresh } from './entry.ts';
import type { Fields } from './form.ts';
import { merchantAccount } from './funds.ts';
import { acceptEntry } from './payment.ts';
import { dayMs } from './time.ts';
import { hasSucceeded, type Kind, returnedOf, sequelsOf, type Transaction } from './transaction.ts';

const payments: readonly Kind[] = ['consume', 'collect'];
const refundable: readonly Kind[] = [...payments, 'capture'];
const refundWindowMs = 330 * dayMs;
const codeWindowMs = 30 * dayMs;

const amountOf = ({ fields }: Call): number => Number(fields['txnAmt']);

function requireKind(original: Transaction, kinds: readonly Kind[]): void {
  if (!kinds.includes(original.terms.kind)) throw refuse('35', '2040004');
}

/** Refuses what the merchant's account does not cover. */
export function requireCover({ merchant, room }: Call, amount: number): void {
  if (room.funds.balance(merchantAccount(merchant)) < amount) throw refuse('90');
}

/** Refuses to undo what was undone, captured or given back before. */
export function requireUntouched(original: Transaction, ...kinds: Kind[]): void {
  if (sequelsOf(original, ...kinds).length > 0) throw refuse('45', '2050002');
}

/** The original of an undo: whole, of this clearing day. */
export function undone(call: Call, kinds: readonly Kind[]): Transaction {
  const original = originalOf(call);
  requireKind(original, kinds);
  if (amountOf(call) !== original.terms.amount) throw refuse('36', '2031003');
  requireFresh(call);
  return original;
}

/** 31: the whole of an unsettled payment. */
export function cancel(call: Call): Fields {
  const original = undone(call, payments);
  requireUntouched(original, 'cancel', 'refund');
  if (!hasSucceeded(original) || isSettled(original, call)) throw refuse('35', '2040004');
  const { amount } = original.terms;
  requireCover(call, amount - call.room.book.feeOf(original));
  return acceptEntry(call, enter(call, 'cancel', { original }));
}

function requireWindow({ terms, finishedAt = 0 }: Transaction, { room }: Call): void {
  const age = room.world.clock.now() - finishedAt;
  const byCode = terms.txnSubType === '06' || terms.txnSubType === '07';
  if (byCode && age > codeWindowMs) throw refuse('35', '2011000');
  if (age > refundWindowMs) throw refuse('35', '4040007');
}

/** 04: a part or all of it, on any day within the window. */
export function refund(call: Call): Fields {
  const original = originalOf(call);
  requireKind(original, refundable);
  const amount = amountOf(call);
  if (amount > original.terms.amount) throw refuse('36', '2050004');
  requireFresh(call);
  requireUntouched(original, 'cancel', 'capture-cancel');
  if (!hasSucceeded(original)) throw refuse('35', '2040004');
  requireWindow(original, call);
  if (returnedOf(original) + amount > original.terms.amount) throw refuse('36', '2050004');
  requireCover(call, amount);
  return acceptEntry(call, enter(call, 'refund', { original }));
}

/** 99: whatever became of that number and time, it shall not have happened. */
export function reverse(call: Call): Fields {
  const entry = known(call);
  if (entry === undefined) throw refuse('35', '2011001');
  if (entry.reversed === true) return {};
  const kinds: readonly Kind[] = [...refundable, 'preauth'];
  requireKind(entry, kinds);
  if (isSettled(entry, call)) throw refuse('35', '2040004');
  requireUntouched(entry, 'cancel', 'refund', 'capture', 'preauth-cancel', 'capture-cancel');
  if (hasSucceeded(entry) && entry.terms.kind !== 'preauth') {
    requireCover(call, entry.terms.amount - call.room.book.feeOf(entry));
  }
  call.room.book.reverse(entry);
  return {};
}
