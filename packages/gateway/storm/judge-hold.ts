/** gateway storm · judge of holds: that nobody's money was held twice, taken twice or kept. */
import type { Books, HoldTruth } from './books.ts';
import type { ChannelName } from './deeds.ts';
import type { Bench } from './judge-payout.ts';
import { isBehind, known } from './judge-refusals.ts';
import { isOverdue, type View } from './record.ts';
import type { Script } from './script.ts';

/** Words for a hold of which nothing comes any more, or never did. */
const overStates: ReadonlySet<string> = new Set([
  'VOID',
  'FINISH',
  'CLOSED',
  'RELEASED',
  'CAPTURED',
  'FAILED',
  'CANCELLED',
  'DONE',
  'REVOKED',
  'EXPIRED',
]);

interface Sum {
  readonly holds: number;
  readonly held: number;
  readonly captured: number;
  readonly released: number;
  /** One that may still come to be held. */
  readonly open: HoldTruth | undefined;
}

/** What all attempts of a hold came to at their channels. */
function summed(books: Books, { attempts }: View): Sum {
  const truths = attempts
    .map(({ channel, attemptId }) => books.hold(channel as ChannelName, attemptId))
    .filter((truth) => truth !== undefined);
  const sum = (name: 'holds' | 'held' | 'captured' | 'released') =>
    truths.reduce((total, truth) => total + truth[name], 0);
  return {
    holds: sum('holds'),
    held: sum('held'),
    captured: sum('captured'),
    released: sum('released'),
    open: truths.find(({ holds, state }) => holds === 0 && !overStates.has(state)),
  };
}

/** What is known about the money, the moment the merchant is told. */
export function checkHoldMove(view: View, { books, blame }: Pick<Bench, 'books' | 'blame'>): void {
  const { state, id, payment, amount = 0, proof } = view;
  const { holds, held, captured, released, open } = summed(books, view);
  const isHeld = state === 'succeeded' || state === 'late-success';
  if (isHeld && holds === 0) {
    blame(payment, `authorization ${id} is ${state}, and nobody's money was held`);
  }
  if (isHeld && held !== amount * holds) {
    blame(payment, `authorization ${id}: ${held} was held instead of ${amount}`);
  }
  if (state === 'failed' && held > captured + released) {
    blame(payment, `authorization ${id} is failed (${proof}), and ${held} is held`);
  }
  if (state === 'failed' && open !== undefined) {
    blame(payment, `authorization ${id} is failed (${proof}), and is ${open.state} at its channel`);
  }
}

const sumOf = (views: readonly View[]): number =>
  views.reduce((sum, { amount = 0 }) => sum + amount, 0);

/** At the end of time the merchant's view is the book's, or a person was called. */
export function checkHoldEnd(script: Script, { books, record, blame, now }: Bench): void {
  const { id, number } = script;
  const found = record.find('authorization', id);
  if (found === undefined) return;
  const view = { ...found, attempts: known(found, script, record) };
  const views = record.of(number);
  for (const one of views) {
    if (isOverdue(one, now)) blame(number, `${one.noun} ${one.id} is still ${one.state}`);
  }
  const { held, captured, released } = summed(books, view);
  const { holds } = summed(books, found);
  if (holds > 1) blame(number, `authorization ${id} was held ${holds} times`);
  if (views.some(({ state }) => state === 'escalated')) return;
  checkHoldMove(view, { books, blame });
  const ended = views.filter(({ state }) => state === 'succeeded' || state === 'late-success');
  const cancelled = new Set(
    ended.filter(({ noun }) => noun === 'cancellation').map(({ parent }) => parent),
  );
  const taken = sumOf(ended.filter((one) => one.noun === 'payment' && !cancelled.has(one.id)));
  if (isBehind(script, views, 'payment') ? taken > captured : taken !== captured) {
    blame(number, `authorization ${id}: captured ${taken} here, ${captured} at the channel`);
  }
  const releases = ended.filter(({ noun, parent }) => noun === 'cancellation' && parent === id);
  const isGone = held > 0 && captured === 0 && released === held;
  const isToldGone = releases.length > 0 || (view.undone ?? 0) > 0;
  if (view.state === 'succeeded' && isGone && !isToldGone) {
    blame(number, `authorization ${id} is succeeded, and was let go`);
  }
  const isOwed = view.late?.decision === 'refund' && held > captured + released;
  const isCalled = record.facts.get(`authorization ${id}`)?.has('alarm') === true;
  if (view.state === 'late-success' && isOwed && !isCalled) {
    blame(number, `authorization ${id} came late, and was not let go`);
  }
  const whole = releases.some(({ amount }) => amount === undefined);
  if (whole && held > captured + released) {
    blame(number, `authorization ${id} was released, and ${held - captured - released} is held`);
  }
  if (sumOf(releases) > released) {
    blame(number, `authorization ${id}: released ${sumOf(releases)} here, ${released} there`);
  }
}

/** Every hold of a channel is known to the merchant. */
export function checkHolds(channel: ChannelName, { books, record, blame }: Bench): void {
  for (const id of books.holds(channel)) {
    if (record.attempts.has(`authorization ${id}`)) continue;
    blame(undefined, `${channel} holds money under ${id} that the merchant forgot`);
  }
}
