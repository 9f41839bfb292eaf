/**
 * gateway · ending: an order closed at its channel, or a request reversed there - and what that proves of
 * the entry, whoever asked for it.
 */
import { type Channel, epochMsOf, type Reason } from '@polyrail/core';
import type { Writing } from './desk.ts';
import { type Attempt, isLive, type Kept, type Proof } from './entry.ts';
import type { AnyOutcome } from './verbs.ts';
import { endBy, type Line, lineOf } from './weigh.ts';

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

export const endingLine = ({ verb, outcome }: Ending): Line => lineOf(kinds[verb], outcome);

/** Until when the request may still be on its way: that nothing of it was there proves nothing before. */
export function arrivesUntil({ attempt, channel }: Pick<Ending, 'attempt' | 'channel'>): number {
  const { startedAt, calledUntil } = attempt;
  const called = Math.max(epochMsOf(startedAt) ?? 0, epochMsOf(calledUntil) ?? 0);
  return called + channel.capabilities.visibilityMs;
}

/** Whether no money can come under the attempt any more. Not every channel's closing proves that. */
export function isProof(ending: Ending, now: number): boolean {
  const { verb, channel, outcome } = ending;
  if (outcome.status !== 'succeeded') return false;
  if (verb === 'close') return channel.capabilities.closeProvesAbsence;
  return outcome.effect !== 'nothing-there' || now > arrivesUntil(ending);
}

/** The entry once its attempt is proven to have ended. */
export function endedBy(kept: Kept, ending: Ending, now: number): Writing {
  const expired = (epochMsOf(kept.expiresAt ?? '') ?? Number.POSITIVE_INFINITY) <= now;
  const reason: Reason = expired ? 'order-expired' : 'order-closed';
  const { attemptId } = ending.attempt;
  const ended = endBy(kept, { proof: proofs[ending.verb], reason, attemptId }, now);
  const resolveAt = ended.kept.attempts.some(isLive) ? now : 'never';
  return { ...ended, lines: [endingLine(ending), ...ended.lines], resolveAt };
}
