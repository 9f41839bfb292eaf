/**
 * gateway · doubt: what a failed charge says of its agreement. That it does not stand may be the first word of its
 * end: who ended it in their wallet told the channel, and its message may be lost. It is asked about.
 */
import { instantOf, type Reason } from '@polyrail/core';
import { lookAt, type Writing } from './desk.ts';
import type { Kept } from './entry.ts';
import type { EntryKey } from './store.ts';

export interface FailedCharge {
  readonly id: string;
  readonly parent?: EntryKey | undefined;
  readonly reason: Reason | undefined;
}

/** The agreement that is in doubt, if one is. */
export const agreementInDoubt = ({ parent, reason }: FailedCharge): EntryKey | undefined =>
  reason === 'agreement-inactive' && parent?.noun === 'agreement' ? parent : undefined;

/** The agreement, looked at now, unless it is known to have ended. */
export function doubted(
  agreement: Kept,
  { id, reason }: FailedCharge,
  now: number,
): Writing | undefined {
  if (agreement.state !== 'succeeded' || agreement.told?.standing === 'ended') return undefined;
  return {
    ...lookAt({ ...agreement, updatedAt: instantOf(now) }, now),
    lines: [{ kind: 'doubt', body: { payment: id, reason } }],
  };
}
