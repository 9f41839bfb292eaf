/** gateway storm · judge of payouts: that nobody was paid twice, and that the merchant is told the truth. */
import type { Books, PayoutTruth } from './books.ts';
import type { ChannelName } from './deeds.ts';
import { known } from './judge-refusals.ts';
import { isOverdue, type StoreRecord, type View } from './record.ts';
import type { Script } from './script.ts';

/** What the channels' books are held against, and who is told of a difference. */
export interface Bench {
  readonly books: Books;
  readonly record: StoreRecord;
  readonly blame: (payment: number | undefined, what: string) => void;
  /** The end of time, in ms since the epoch. */
  readonly now: number;
}

/** Words for a payout of which nothing more comes, but that it is sent back. */
const endedStates = new Set(['SUCCESS', 'FAIL', 'REFUND', 'CANCELLED', 'SUCCEEDED', 'FAILED']);

/** What all attempts of a payout came to at their channels. */
function summed(books: Books, { attempts }: View) {
  const truths = attempts
    .map(({ channel, attemptId }) => books.payout(channel as ChannelName, attemptId))
    .filter((truth) => truth !== undefined);
  const sum = (name: 'transfers' | 'paid' | 'returned') =>
    truths.reduce((total: number, truth: PayoutTruth) => total + truth[name], 0);
  return {
    transfers: sum('transfers'),
    paid: sum('paid'),
    returned: sum('returned'),
    open: truths.find(({ state }) => !endedStates.has(state)),
  };
}

/** What is known about the money, the moment the merchant is told. */
export function checkPayoutMove(
  view: View,
  { books, blame }: Pick<Bench, 'books' | 'blame'>,
): void {
  const { state, id, payment, amount = 0, proof } = view;
  const { transfers, paid, returned, open } = summed(books, view);
  if (state === 'succeeded' && transfers === 0) {
    blame(payment, `payout ${id} is succeeded, and nobody was paid`);
  }
  if (state === 'succeeded' && paid !== amount * transfers) {
    blame(payment, `payout ${id}: ${paid} was paid instead of ${amount}`);
  }
  if (state === 'failed' && paid !== returned) {
    blame(payment, `payout ${id} is failed (${proof}), and ${paid} was paid`);
  }
  if (state === 'failed' && open !== undefined) {
    blame(payment, `payout ${id} is failed (${proof}), and is ${open.state} at its channel`);
  }
}

/** At the end of time the merchant's view is the book's, or a person was called. */
export function checkPayoutEnd(script: Script, { books, record, blame, now }: Bench): void {
  const { id, number } = script;
  const view = record.find('payout', id);
  if (view === undefined) return;
  if (isOverdue(view, now)) blame(number, `payout ${id} is still ${view.state}`);
  const { transfers } = summed(books, view);
  if (transfers > 1) blame(number, `payout ${id} was paid ${transfers} times`);
  checkPayoutMove({ ...view, attempts: known(view, script, record) }, { books, blame });
}

/** Every payout of a channel is known to the merchant. */
export function checkPayouts(channel: ChannelName, { books, record, blame }: Bench): void {
  for (const id of books.payouts(channel)) {
    if (record.attempts.has(`payout ${id}`)) continue;
    blame(undefined, `${channel} has a payout ${id} that the merchant forgot`);
  }
}
