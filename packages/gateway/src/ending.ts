/**
 * gateway · ending: an order closed at its channel, or a request reversed there - and what that proves of
 * the entry, whoever asked for it.
 */
import { type Channel, epochMsOf, type Reason } from '@polyrail/core';
import { lookAt, type Writing } from './desk.ts';
import { type Attempt, defined, type Kept, type Proof, reversedOf } from './entry.ts';
import { arrivesUntil, lookOn } from './plan.ts';
import { isAside, surplusGone } from './surplus.ts';
import { undoneAfter } from './told.ts';
import type { AnyOutcome } from './verbs.ts';
import { afterRefusal, endBy, type Line, lineOf } from './weigh.ts';

/** The verbs that end an attempt. */
export type EndVerb = 'close' | 'reverse';

/** What a channel answered to one of them. */
export interface Ending {
  readonly verb: EndVerb;
  readonly attempt: Attempt;
  readonly channel: Channel;
  readonly outcome: AnyOutcome;
}

const kinds = { close: 'close', reverse: 'reversal' } as const satisfies Record<EndVerb, string>;
const proofs = { close: 'closed', reverse: 'reversed' } as const satisfies Record<EndVerb, Proof>;

const endingLine = ({ verb, outcome }: Ending): Line => lineOf(kinds[verb], outcome);

/** Until when the request may still be on its way: that nothing of it was there proves nothing before. */
export function mayComeUntil({ attempt, channel }: Pick<Ending, 'attempt' | 'channel'>): number {
  const { startedAt, calledUntil } = attempt;
  const called = Math.max(epochMsOf(startedAt) ?? 0, epochMsOf(calledUntil) ?? 0);
  return arrivesUntil(called, channel.capabilities);
}

/** Whether no money can come under the attempt any more. Not every channel's closing proves that. */
export function isProof(ending: Ending, now: number): boolean {
  const { verb, channel, outcome } = ending;
  if (outcome.status !== 'succeeded') return false;
  if (verb === 'close') return channel.capabilities.closeProvesAbsence;
  return outcome.effect !== 'nothing-there' || now > mayComeUntil(ending);
}

/** The entry once its attempt is proven to have ended. */
function endedBy(kept: Kept, ending: Ending, now: number): Writing {
  const expired = (epochMsOf(kept.expiresAt ?? '') ?? Number.POSITIVE_INFINITY) <= now;
  const reason: Reason = expired ? 'order-expired' : 'order-closed';
  const { attemptId } = ending.attempt;
  const ended = endBy(kept, { proof: proofs[ending.verb], reason, attemptId }, now);
  const resolveAt = lookOn(ended.kept, now);
  return { ...ended, lines: [endingLine(ending), ...ended.lines], resolveAt };
}

/** Whether an ending gave back what had succeeded. */
function givesBack(kept: Kept, { attempt, outcome }: Ending): boolean {
  const isMeant = reversedOf(kept) !== undefined;
  // Told again, a channel may find it closed, or nothing: it was paid, and an earlier reversal took it back.
  const effects = ['refunded', 'released', ...(isMeant ? ['closed', 'nothing-there'] : [])];
  return attempt.fate === 'succeeded' && effects.includes(String(outcome.effect));
}

/** How often a reversal of what was paid is repeated, and how soon at first, in ms. */
const mostReversals = 12;
const repeatMs = 5000;

/** The channel did not say whether it gave the money back: it is told again, as that does no harm. */
export function notReversed(kept: Kept, lines: Writing['lines'], now: number): Writing {
  if (kept.undoing < mostReversals) {
    const resolveAt = now + repeatMs * 2 ** Math.min(kept.undoing, 8);
    return { ...lookAt({ ...kept, undoing: kept.undoing + 1 }, resolveAt), lines };
  }
  const { reversal, ...standing } = kept;
  const why = 'a reversal was never answered';
  const alarm = { kind: 'alarm', body: { why } };
  const over = { ...standing, undoing: 0 };
  // Another attempt may still have to be ended.
  const resolveAt = lookOn(over, now);
  return { kept: over, lines: [...lines, alarm], events: ['alarm'], resolveAt };
}

/** The entry after an answer to its reversal: nothing is awaited any more, unless it proved nothing. */
function afterAnswer(kept: Kept, { verb, attempt, outcome }: Ending, isProven: boolean): Kept {
  if (verb !== 'reverse') return kept;
  const { reversal, ...answered } = kept;
  if (isProven || outcome.status === 'failed') return answered;
  // It may yet arrive; but it was not lost, and there was nothing to take back.
  const isNothing = outcome.doubt === 'not-found' && outcome.evidence !== 'none';
  if (outcome.status !== 'succeeded' && !isNothing) return kept;
  return { ...answered, reversal: { attemptId: attempt.attemptId, isAnswered: true } };
}

/** What closing or reversing did to the entry. It is looked at again at once, unless it has ended. */
export function afterEnding(standing: Kept, ending: Ending, now: number): Writing {
  const { verb, attempt, outcome } = ending;
  const lines = [endingLine(ending)];
  const isProven = isProof(ending, now);
  const isMeant = verb === 'reverse' && reversedOf(standing)?.attemptId === attempt.attemptId;
  if (isMeant && !isProven && outcome.status !== 'failed') return notReversed(standing, lines, now);
  const kept = afterAnswer(standing, ending, isProven);
  if (!isProven) return { ...lookAt(afterRefusal(kept, outcome), now), lines };
  const { amount } = standing;
  if (amount === undefined || !givesBack(standing, ending)) return endedBy(kept, ending, now);
  if (isAside(standing, attempt.attemptId)) {
    return { ...lookAt(surplusGone(kept, attempt.attemptId), now), lines };
  }
  const undone = undoneAfter(standing, { by: 'reversal', amount });
  // A notification may have told of it first.
  const events = undone === kept.undone ? [] : ['undone'];
  return { ...lookAt(defined<Kept>({ ...kept, undone }), now), lines, events };
}
