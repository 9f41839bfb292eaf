/**
 * gateway · late: money that came - or was held - after its payment had failed here, or that came twice. It
 * waits for the merchant's decision, and is decided by default at the deadline.
 */
import { type Code, epochMsOf, isPolyrailError, PolyrailError } from '@polyrail/core';
import { begin } from './begin.ts';
import { change, type Desk, entryKeyOf, find, schedule, type Writing } from './desk.ts';
import { type Entry, entryOf, type Kept, type Late, type State } from './entry.ts';
import { derivedId } from './ids.ts';
import { escalatedGapMs } from './plan.ts';
import type { EntryKey } from './store.ts';
import { unexpectedOf } from './surplus.ts';
import { type BeginVerb, beginRules } from './verbs.ts';
import { moveTo } from './weigh.ts';

export type Decision = 'accept' | 'refund';

/** How often a refund of such money is tried, and how long each is given, in ms. */
const mostRefunds = 5;
const lookAgainMs = 60 * 60_000;
/** What counts as a refund that failed, and whether for good: a channel, or a merchant, may be configured again. */
const isHopelessBy: Readonly<Partial<Record<Code, boolean>>> = {
  UNSUPPORTED: true,
  REQUEST_INVALID: true,
  CONFIG_INVALID: false,
};

/** What was paid is refunded, what is held is let go. */
const verbFor = ({ noun }: Kept): BeginVerb =>
  noun === 'authorization' ? 'cancelAuthorization' : 'refund';

/** The next refund of it, under an id of its own: of what has not gone back by other ways. */
function refunded(kept: Kept, late: Late): Late {
  const { refundsFailed = 0, attemptId } = late;
  const again = refundsFailed === 0 ? [] : [refundsFailed];
  const refundId = derivedId([kept.merchant, kept.id, attemptId, 'refund', ...again]);
  const { amount, undone } = kept;
  // What is held is let go whole.
  if (amount === undefined || kept.noun !== 'payment') return { ...late, refundId };
  const gone = attemptId === kept.late?.attemptId ? (undone?.amount.amount ?? 0) : 0;
  return { ...late, refundId, refundAmount: { ...amount, amount: amount.amount - gone } };
}

const decided = (kept: Kept, late: Late, decision: Decision): Late =>
  decision === 'refund' ? refunded(kept, { ...late, decision }) : { ...late, decision };

const isOpen = ({ decision }: Late): boolean => decision === 'undecided';

const openOf = (kept: Kept): readonly Late[] => unexpectedOf(kept).filter(isOpen);

const refundsOf = (kept: Kept): readonly Late[] =>
  unexpectedOf(kept).filter(({ decision }) => decision === 'refund');

/** The same, each after a change. */
const eachOf = ({ late, surplus }: Kept, change: (late: Late) => Late): Partial<Kept> => ({
  ...(late === undefined ? {} : { late: change(late) }),
  ...(surplus === undefined ? {} : { surplus: surplus.map(change) }),
});

/** The entry after a decision over what about it is open, or some of it. */
function decide(
  kept: Kept,
  decisionOf: (late: Late) => Decision | undefined,
  now: number,
): Writing {
  const resolved = (late: Late): Late => {
    const decision = isOpen(late) ? decisionOf(late) : undefined;
    return decision === undefined ? late : decided(kept, late, decision);
  };
  const next = eachOf(kept, resolved);
  const lines = [{ kind: 'decision', body: next }];
  if (kept.state === 'late-success' && next.late?.decision === 'accept') {
    const moved = moveTo(kept, 'succeeded', { now, ...next });
    return { ...moved, lines: [...lines, ...moved.lines] };
  }
  return { kept: { ...kept, ...next }, lines, events: [] };
}

/** The merchant's decision over late or surplus money. A refund begins at once, by a job. */
export async function decideLate(desk: Desk, key: EntryKey, decision: Decision): Promise<Entry> {
  const now = desk.clock.now();
  const kept = await change(desk, key, async (standing, transaction) => {
    if (openOf(standing).length === 0) {
      const message = `Nothing about ${key.noun} ${key.id} waits for a decision`;
      throw new PolyrailError('REQUEST_INVALID', message, { field: key.noun });
    }
    await schedule(transaction, key, { kind: 'decide', runAt: now });
    // To accept what came late is not to accept what came twice.
    const { late } = standing;
    const isLateOnly = decision === 'accept' && late !== undefined && isOpen(late);
    return decide(standing, (one) => (isLateOnly && one !== late ? undefined : decision), now);
  });
  return entryOf(kept);
}

/** Gives money back under an id of its own: doing it again is the same refund. */
async function refund(desk: Desk, kept: Kept, late: Late): Promise<void> {
  const { merchant, noun, id } = kept;
  const verb = verbFor(kept);
  const part = late.refundAmount === undefined ? {} : { amount: late.refundAmount };
  await begin(desk, verb, {
    request: { ...part, [noun]: id, [beginRules[verb].id]: late.refundId },
    options: { merchant },
  });
}

/** What became of the refund of some money: nothing yet, as long as it has not begun. */
async function fateOf(desk: Desk, kept: Kept, late: Late): Promise<State | 'none'> {
  if (late.refundAmount?.amount === 0) return 'succeeded';
  const { noun } = beginRules[verbFor(kept)];
  const { merchant } = kept;
  const refundEntry = await find(desk, { merchant, noun, id: late.refundId ?? '' });
  return refundEntry?.state ?? 'none';
}

/** A refund failed, or cannot even be asked for: the next one, or nobody but a person can help. */
async function afterFailure(
  desk: Desk,
  key: Kept,
  { failed, isHopeless }: { readonly failed: Late; readonly isHopeless: boolean },
): Promise<Kept> {
  return change(desk, key, async (kept): Promise<Writing | undefined> => {
    const fails = ({ refundId, refundsFailed = 0 }: Late): boolean =>
      refundId === failed.refundId && refundsFailed < mostRefunds;
    if (!refundsOf(kept).some(fails)) return undefined;
    const refundsFailed = isHopeless ? mostRefunds : (failed.refundsFailed ?? 0) + 1;
    const isLast = refundsFailed >= mostRefunds;
    const next = (late: Late): Late => {
      if (!fails(late)) return late;
      return isLast ? { ...late, refundsFailed } : refunded(kept, { ...late, refundsFailed });
    };
    const tried = eachOf(kept, next);
    const why = 'money nobody expected could not be given back';
    return {
      kept: { ...kept, ...tried },
      lines: [isLast ? { kind: 'alarm', body: { why } } : { kind: 'decision', body: tried }],
      events: isLast ? ['alarm'] : [],
    };
  });
}

/** Begins what was decided, and looks after it until it has gone back. */
async function giveBack(desk: Desk, standing: Kept): Promise<void> {
  let kept = standing;
  for (const { attemptId } of refundsOf(standing)) {
    const current = () => refundsOf(kept).find((late) => late.attemptId === attemptId);
    let late = current();
    if (late === undefined || (late.refundsFailed ?? 0) >= mostRefunds) continue;
    if ((await fateOf(desk, kept, late)) === 'failed') {
      kept = await afterFailure(desk, kept, { failed: late, isHopeless: false });
      late = current() ?? late;
    }
    const fate = await fateOf(desk, kept, late);
    if (fate === 'succeeded' || fate === 'failed') continue;
    const deadlines = openOf(kept).map(({ deadline }) => epochMsOf(deadline) ?? 0);
    // A refund that a person looks at may still fail, and is asked about as rarely.
    const gapMs = fate === 'escalated' ? escalatedGapMs : lookAgainMs;
    const runAt = Math.min(desk.clock.now() + gapMs, ...deadlines);
    await desk.store.transaction((transaction) =>
      schedule(transaction, kept, { kind: 'decide', runAt }),
    );
    if (fate !== 'none' && fate !== 'created') continue;
    try {
      await refund(desk, kept, late);
    } catch (error) {
      const isHopeless = isPolyrailError(error) ? isHopelessBy[error.code] : undefined;
      // Any other error may be another one tomorrow.
      if (isHopeless === undefined) throw error;
      kept = await afterFailure(desk, kept, { failed: late, isHopeless });
    }
  }
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
    if (due.length === 0) return undefined;
    return decide(standing, (late) => (due.includes(late) ? late.default : undefined), now);
  });
  await giveBack(desk, kept);
}
