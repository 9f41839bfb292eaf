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

/** Whether no money can come under the attempt any more. Not every channel's closing proves that. */
export const isProof = ({ verb, channel, outcome }: Ending): boolean =>
  outcome.status === 'succeeded' && (verb === 'reverse' || channel.capabilities.closeProvesAbsence);

/** The entry once its attempt is proven to have ended. */
export function endedBy(kept: Kept, ending: Ending, now: number): Writing {
  const expired = (epochMsOf(kept.expiresAt ?? '') ?? Number.POSITIVE_INFINITY) <= now;
  const reason: Reason = expired ? 'order-expired' : 'order-closed';
  const { attemptId } = ending.attempt;
  const ended = endBy(kept, { proof: proofs[ending.verb], reason, attemptId }, now);
  const resolveAt = ended.kept.attempts.some(isLive) ? now : 'never';
  return { ...ended, lines: [endingLine(ending), ...ended.lines], resolveAt };
}
