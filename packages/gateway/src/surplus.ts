/**
 * gateway · surplus: what was paid, or held, by more than one attempt. The entry stands by the one that won;
 * each further one waits for a decision, is given back, and says nothing of the entry.
 */
import type { Attempt, Kept, Late } from './entry.ts';

export type Paid = Pick<Kept, 'attempts' | 'surplus' | 'channel'>;

const isSurplus = ({ surplus = [] }: Pick<Kept, 'surplus'>, attemptId: string): boolean =>
  surplus.some((late) => late.attemptId === attemptId);

/** The attempt by which an entry succeeded: of what was done twice, that of the channel that decided. */
export function winnerOf(entry: Paid): Attempt | undefined {
  const { attempts, channel } = entry;
  const done = attempts.filter(
    ({ attemptId, fate }) => fate === 'succeeded' && !isSurplus(entry, attemptId),
  );
  return done.find((one) => one.channel === channel) ?? done[0];
}

/** Whether an attempt is another than the one by which its entry succeeded. */
export function isAside(entry: Paid, attemptId: string): boolean {
  const winner = winnerOf(entry);
  return winner !== undefined && winner.attemptId !== attemptId;
}

/** All money of an entry that nobody expected. */
export const unexpectedOf = ({ late, surplus = [] }: Kept): readonly Late[] =>
  late === undefined ? surplus : [late, ...surplus];

/** Which attempt of an entry is meant by a refund, a release or whatever else belongs to it. */
export function attemptMeant(parent: Kept, childId: string): Attempt | undefined {
  const late = unexpectedOf(parent).find(({ refundId }) => refundId === childId);
  if (late === undefined) return winnerOf(parent);
  return parent.attempts.find(({ attemptId }) => attemptId === late.attemptId);
}

/** The entry once all of a surplus attempt has gone back, before anybody had decided that. */
export function surplusGone(kept: Kept, attemptId: string): Kept {
  const { amount, surplus } = kept;
  if (amount === undefined || surplus === undefined) return kept;
  const nothing = { decision: 'refund', refundAmount: { ...amount, amount: 0 } } as const;
  const after = surplus.map((late) =>
    late.attemptId === attemptId && late.decision === 'undecided' ? { ...late, ...nothing } : late,
  );
  return { ...kept, surplus: after };
}
