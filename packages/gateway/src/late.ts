/**
 * gateway · late: money that came after its payment had failed here, or that a payer paid twice. It waits
 * for the merchant's decision, and is decided by default at the deadline.
 */
import { epochMsOf, PolyrailError } from '@polyrail/core';
import { begin } from './begin.ts';
import { change, type Desk, entryKeyOf, find, schedule, type Writing } from './desk.ts';
import { type Entry, entryOf, type Kept, type Late } from './entry.ts';
import { derivedId } from './ids.ts';
import type { EntryKey } from './store.ts';
import { moveTo } from './weigh.ts';

export type Decision = 'accept' | 'refund';

const decided = (kept: Kept, late: Late, decision: Decision): Late => ({
  ...late,
  decision,
  ...(decision === 'refund'
    ? { refundId: derivedId([kept.merchant, kept.id, late.attemptId, 'refund']) }
    : {}),
});

const isOpen = ({ decision }: Late): boolean => decision === 'undecided';

/** The entry after a decision over everything about it that is open. */
function decide(kept: Kept, decisionOf: (late: Late) => Decision, now: number): Writing {
  const resolved = (late: Late): Late =>
    isOpen(late) ? decided(kept, late, decisionOf(late)) : late;
  const late = kept.late && resolved(kept.late);
  const surplus = kept.surplus?.map(resolved);
  const lines = [{ kind: 'decision', body: { late, surplus } }];
  const next = { ...(late ? { late } : {}), ...(surplus ? { surplus } : {}) };
  if (kept.state === 'late-success' && late?.decision === 'accept') {
    const moved = moveTo(kept, 'succeeded', { now, ...next });
    return { ...moved, lines: [...lines, ...moved.lines] };
  }
  return { kept: { ...kept, ...next }, lines, events: [] };
}

const openOf = ({ late, surplus = [] }: Kept): readonly Late[] =>
  [...(late === undefined ? [] : [late]), ...surplus].filter(isOpen);

const refundsOf = ({ late, surplus = [] }: Kept): readonly Late[] =>
  [...(late === undefined ? [] : [late]), ...surplus].filter(
    ({ decision }) => decision === 'refund',
  );

/** The merchant's decision over late or surplus money. A refund begins at once, by a job. */
export async function decideLate(desk: Desk, key: EntryKey, decision: Decision): Promise<Entry> {
  const now = desk.clock.now();
  const kept = await change(desk, key, async (standing, transaction) => {
    if (openOf(standing).length === 0) {
      const message = `Nothing about payment ${key.id} waits for a decision`;
      throw new PolyrailError('REQUEST_INVALID', message, { field: 'payment' });
    }
    await schedule(transaction, key, { kind: 'decide', runAt: now });
    return decide(standing, () => decision, now);
  });
  return entryOf(kept);
}

/** Gives money back under an id of its own: doing it again is the same refund. */
async function refund(desk: Desk, kept: Kept, late: Late): Promise<void> {
  const { merchant, id, amount } = kept;
  const request = { payment: id, merchantRefundId: late.refundId, amount };
  await begin(desk, 'refund', {
    request,
    options: { merchant },
    parentAttemptId: late.attemptId,
  });
}

/** Decides by default what nobody decided in time, and begins the refunds that were decided. */
export async function decideDue(desk: Desk, jobKey: string): Promise<void> {
  const key = entryKeyOf(jobKey);
  const now = desk.clock.now();
  if ((await find(desk, key)) === undefined) return;
  const kept = await change(desk, key, async (standing, transaction) => {
    const open = openOf(standing);
    const due = open.filter(({ deadline }) => (epochMsOf(deadline) ?? 0) <= now);
    const later = open.filter((late) => !due.includes(late));
    for (const { deadline } of later.slice(0, 1)) {
      await schedule(transaction, key, { kind: 'decide', runAt: epochMsOf(deadline) ?? now });
    }
    return due.length === 0 ? undefined : decide(standing, (late) => late.default, now);
  });
  for (const late of refundsOf(kept)) await refund(desk, kept, late);
}
