/** gateway storm · judge of agreements: that nobody is said to have agreed who has not. */
import type { Books } from './books.ts';
import { tellsEnd } from './consents.ts';
import type { ChannelName } from './deeds.ts';
import type { Bench } from './judge-payout.ts';
import { isOverdue, type View } from './record.ts';
import type { Script } from './script.ts';

const truthsOf = (books: Books, { attempts }: View) =>
  attempts
    .map(({ channel, attemptId }) => books.consent(channel as ChannelName, attemptId))
    .filter((truth) => truth !== undefined);

/** What is known of the payer's consent, the moment the merchant is told. */
export function checkConsentMove(
  view: View,
  { books, blame }: Pick<Bench, 'books' | 'blame'>,
): void {
  const { state, id, payment, proof, standing } = view;
  const truths = truthsOf(books, view);
  const isActive = truths.some(({ active }) => active);
  if (state === 'succeeded' && truths.every(({ signed }) => signed === 0)) {
    blame(payment, `agreement ${id} is succeeded, and nobody has signed it`);
  }
  if (state === 'failed' && isActive) {
    blame(payment, `agreement ${id} is failed (${proof}), and may be charged`);
  }
  if (standing === 'ended' && isActive) {
    blame(payment, `agreement ${id} is ended, and may be charged`);
  }
}

/**
 * Whether it ended by the merchant's own word under this very agreement: its payer did nothing, and no other
 * agreement is charged by the same token - that of a card, which dies for all of them.
 */
function isOwnEnd({ id, channel, deeds }: Script, books: Books): boolean {
  const token = books.consent(channel, id)?.channelId;
  const others = books
    .consents(channel)
    .some(({ merchantId, channelId }) => merchantId !== id && channelId === token);
  return !others && !deeds.some(({ kind }) => kind === 'decline');
}

/** Whether a charge failed for the agreement: whoever was told that asks. */
const failedCharge = ({ deeds }: Script, record: Bench['record']): boolean =>
  deeds.some(
    (deed) =>
      deed.kind === 'charge' && record.find('payment', deed.id)?.reason === 'agreement-inactive',
  );

/** Whether it may not be charged any more, and stands here all the same, though somebody has told. */
export function isStale(script: Script, { books, record }: Pick<Bench, 'books' | 'record'>) {
  const view = record.find('agreement', script.id);
  if (view?.standing !== 'active' || view.state === 'escalated') return false;
  if (truthsOf(books, view).some(({ active }) => active)) return false;
  const isTold = tellsEnd(script.channel, script.faults) || isOwnEnd(script, books);
  return isTold || failedCharge(script, record);
}

/** At the end of time the merchant's view is the book's, or a person was called. */
export function checkConsentEnd(script: Script, { books, record, blame, now }: Bench): void {
  const { id, number } = script;
  const view = record.find('agreement', id);
  if (view === undefined) return;
  if (isOverdue(view, now)) blame(number, `agreement ${id} is still ${view.state}`);
  if (view.state === 'escalated') return;
  checkConsentMove(view, { books, blame });
  if (isStale(script, { books, record })) {
    blame(number, `agreement ${id} may not be charged any more, and nobody was told`);
  }
}
