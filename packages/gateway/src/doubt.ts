/**
 * gateway · doubt: what a failed charge says of its agreement. That it does not stand may be the first word of its
 * end: who ended it in their wallet told the channel, and its message may be lost. It is asked about.
 */
import { instantOf, type Reason } from '@polyrail/core';
import { type Desk, lock, lookAt, write } from './desk.ts';
import type { EntryKey, Transaction } from './store.ts';

export interface FailedCharge {
  readonly id: string;
  readonly parent?: EntryKey | undefined;
  readonly reason: Reason | undefined;
}

/** The agreement that is in doubt, if one is. */
export const agreementInDoubt = ({ parent, reason }: FailedCharge): EntryKey | undefined =>
  reason === 'agreement-inactive' && parent?.noun === 'agreement' ? parent : undefined;

/** Has the agreement looked at now, if it is in doubt and not known to have ended. */
export async function doubtAgreement(
  desk: Desk,
  transaction: Transaction,
  charge: FailedCharge,
): Promise<void> {
  const key = agreementInDoubt(charge);
  const agreement = key && (await lock(desk, transaction, key));
  if (agreement?.state !== 'succeeded' || agreement.told?.standing === 'ended') return;
  const now = desk.clock.now();
  await write(desk, transaction, {
    ...lookAt({ ...agreement, updatedAt: instantOf(now) }, now),
    lines: [{ kind: 'doubt', body: { payment: charge.id, reason: charge.reason } }],
  });
}
