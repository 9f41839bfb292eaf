/**
 * gateway · plan: what to do next about an attempt that is not settled. Pure: the channel's own schedule,
 * windows and policy, read from its capabilities, and a table of patience.
 */
import { type Capabilities, epochMsOf, type Random } from '@polyrail/core';
import { type Attempt, isFinal, isLive, type Kept, mustAskRefusals, reversedOf } from './entry.ts';
import type { EntryNoun } from './store.ts';
import { type AnyOutcome, lastingScenes } from './verbs.ts';

/** How long an unsettled entry is asked about before it is escalated, in ms after the call. */
export type Patience = Readonly<Record<EntryNoun, number>>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const defaultPatience: Patience = {
  payment: dayMs,
  authorization: dayMs,
  agreement: 7 * dayMs,
  refund: 7 * dayMs,
  cancellation: 7 * dayMs,
  payout: 7 * dayMs,
};

/** Gaps after the channel's own schedule: doubled each time, up to this. */
const longestGapMs: Patience = {
  payment: 10 * minuteMs,
  authorization: 10 * minuteMs,
  agreement: hourMs,
  refund: 6 * hourMs,
  cancellation: hourMs,
  payout: 6 * hourMs,
};

/** How often an undoing is tried before a person is asked. */
const mostUndoings = 12;
/** What is escalated is still asked about once a day, that many times. */
export const escalatedGapMs = dayMs;
const mostEscalatedAsks = 30;

export type Step =
  | { readonly kind: 'ask'; readonly at: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'escalate'; readonly at: number }
  | { readonly kind: 'rest' };

/** What a step is planned from. */
export interface Situation {
  readonly kept: Kept;
  readonly attempt: Attempt;
  readonly capabilities: Capabilities;
  /** Verbs of the channel that may end the attempt. */
  readonly can: { readonly close: boolean; readonly reverse: boolean };
  /** What the channel answered just now; absent when it could not be asked. */
  readonly answer?: AnyOutcome;
  readonly now: number;
  readonly patience: Patience;
}

const lastOf = (numbers: readonly number[]): number => numbers.at(-1) ?? minuteMs;

/** When to ask for the `asked`-th time, in ms after the call: the channel's schedule, then wider. */
export function askAfterMs(
  queryAfterMs: readonly number[],
  asked: number,
  noun: EntryNoun,
): number {
  const planned = queryAfterMs[asked];
  if (planned !== undefined) return planned;
  const last = lastOf(queryAfterMs);
  const longest = longestGapMs[noun];
  let [after, gap] = [last, Math.max(1000, last - (queryAfterMs.at(-2) ?? 0))];
  for (let count = queryAfterMs.length; count <= asked; count += 1) {
    gap = Math.min(gap * 2, longest);
    after += gap;
    if (gap === longest) return after + (asked - count) * longest;
  }
  return after;
}

/** Up to a tenth later: many that began together do not ask together. */
export function withJitter(delayMs: number, random: Random): number {
  const [byte = 0] = random.bytes(1);
  return Math.round(delayMs * (1 + byte / 2550));
}

const undoable: ReadonlySet<string> = new Set(['pay', 'authorize']);
/** Whether its payer was given something to pay with in their own time. */
const isLasting = ({ request }: Kept): boolean => lastingScenes.has(String(request.scene));

const msOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : epochMsOf(text);

const startOf = ({ startedAt }: Attempt): number => msOf(startedAt) ?? 0;

/**
 * Whether the channel itself has said that the payer is at it: then it contradicts itself when it does not
 * know it, and its payer may still pay. A code that nobody scanned yet may well be unknown.
 */
const wasThere = ({ kept, attempt }: Situation): boolean =>
  attempt.fate === 'pending' && undoable.has(kept.verb) && !isLasting(kept);

/** So much the clocks of two processes may differ, in ms: one judges what the other has dated. */
const clockMarginMs = 5000;

/** Until when what somebody asked for, by a moment at the latest, may still arrive, or be missed by a query. */
export const arrivesUntil = (askedByMs: number, { visibilityMs }: Capabilities): number =>
  askedByMs + visibilityMs + clockMarginMs;

/**
 * "Not found" proves absence only when a query can no longer miss it - and, where the payer was given
 * something to pay with, when that has expired.
 */
function provesAbsence(situation: Situation): boolean {
  const { kept, attempt, capabilities, answer, now } = situation;
  if (wasThere(situation)) return false;
  if (answer?.status !== 'unknown' || answer.doubt !== 'not-found') return false;
  if (answer.evidence === 'none' || kept.saidPaid === true) return false;
  const from = Math.max(
    startOf(attempt),
    msOf(attempt.calledUntil) ?? 0,
    msOf(kept.expiresAt) ?? 0,
  );
  return now > arrivesUntil(from, capabilities);
}

/**
 * Whether a payment by code, or a charge, is told to be reversed before "not found" is believed of it: its payer may
 * have paid at once, its channel may deny it, and no message need ever come.
 */
function isReversedFirst({ kept, attempt, can, capabilities }: Situation): boolean {
  const { reversal } = kept;
  const isAnswered = reversal?.isAnswered === true && reversal.attemptId === attempt.attemptId;
  const reverses = can.reverse && capabilities.resolve.then === 'reverse';
  return reverses && undoable.has(kept.verb) && !isLasting(kept) && !isAnswered;
}

/** Whether the payer may still act, and until when. */
function openUntil({ kept, attempt }: Situation): number | undefined {
  const holds = kept.waitingFor === 'payer' || kept.nextAction !== undefined;
  return attempt.fate === 'pending' && holds ? msOf(kept.expiresAt) : undefined;
}

/** How an attempt that asking does not settle is ended, if the channel can. */
function undoingOf({ kept, attempt, can, capabilities }: Situation): Step | undefined {
  if (!undoable.has(kept.verb) || kept.undoing >= mostUndoings) return undefined;
  const closes = can.close && kept.noun === 'payment' && isLasting(kept);
  // Closing says so when it comes too late; reversing would give the money back.
  if (closes && attempt.fate === 'pending') return { kind: 'close' };
  if (can.reverse && capabilities.resolve.then === 'reverse') return { kind: 'reverse' };
  return closes ? { kind: 'close' } : undefined;
}

/** When to ask again: never before the schedule says so, and once an order has expired. */
function nextAsk(situation: Situation): number {
  const { kept, attempt, capabilities, now } = situation;
  const { queryAfterMs } = capabilities.resolve;
  if (kept.state === 'escalated') return now + escalatedGapMs;
  const planned = startOf(attempt) + askAfterMs(queryAfterMs, kept.asked, kept.noun);
  const wait = situation.answer?.pollAfterMs as number | undefined;
  const at = Math.max(planned, now + (wait ?? 1000));
  const expiry = openUntil(situation);
  return expiry !== undefined && expiry > now ? Math.min(at, expiry + 1000) : at;
}

/** What to do about one live attempt, now that the channel was asked (or could not be). */
export function planStep(situation: Situation): Step {
  const { kept, attempt, capabilities, now, patience } = situation;
  const isAbsent = provesAbsence(situation);
  if (isAbsent && !isReversedFirst(situation)) return { kind: 'absent' };
  if (isAbsent && kept.undoing < mostUndoings) return { kind: 'reverse' };
  const hasWinner = kept.attempts.some(({ fate }) => fate === 'succeeded');
  const expiry = openUntil(situation);
  const isOpen = expiry !== undefined && now < expiry;
  const scheduled = kept.asked >= capabilities.resolve.queryAfterMs.length;
  const isExpired = expiry !== undefined && now >= expiry;
  if (kept.state !== 'escalated' && (isExpired || hasWinner || (scheduled && !isOpen))) {
    const step = undoingOf(situation);
    if (step !== undefined) return step;
  }
  const at = nextAsk(situation);
  if (kept.state === 'escalated') {
    const over = startOf(attempt) + patience[kept.noun] + mostEscalatedAsks * escalatedGapMs;
    return now > over ? { kind: 'rest' } : { kind: 'ask', at };
  }
  const latest = Math.max(startOf(attempt), expiry ?? 0) + patience[kept.noun];
  // Another attempt was paid already, or all had failed before: this one disturbs nobody any more.
  if ((hasWinner || isFinal(kept.state)) && now >= latest) return { kind: 'rest' };
  return now >= latest && !isOpen ? { kind: 'escalate', at } : { kind: 'ask', at };
}

/** How long a reversal of what turned out paid is left to be answered, in ms. */
const answerMs = minuteMs;

/** When the resolver looks at an entry next, after something else was heard of it. */
export function nextLook(
  kept: Kept,
  place: { readonly capabilities: Capabilities | undefined; readonly now: number },
): number | 'never' {
  const attempt = kept.attempts.find(isLive);
  // Whoever sent the reversal may still be waiting for its answer.
  if (reversedOf(kept) !== undefined) return place.now + answerMs;
  if (attempt === undefined) return lookAtRest(kept, place.now);
  const { capabilities, now } = place;
  const queryAfterMs = capabilities?.resolve.queryAfterMs ?? [];
  const called = msOf(attempt.calledUntil) ?? 0;
  const planned = startOf(attempt) + askAfterMs(queryAfterMs, kept.asked, kept.noun);
  return Math.max(called, planned, now);
}

/** A payout may be sent back days after it arrived: how long, and how often, the channel is still asked. */
const watchedMs = 4 * dayMs;

/** When an agreement is asked about whose end may still be on its way: to the last moment, and once after it. */
function nextOfSignOff({ told, signsOffUntil }: Kept, now: number): number | 'never' {
  const until = msOf(signsOffUntil);
  if (until === undefined || now > until || told?.standing === 'ended') return 'never';
  return Math.min(now + minuteMs, until + 1000);
}

/** When what succeeded is asked about again, as it may still change. */
export function nextWatch(kept: Kept, now: number): number | 'never' {
  const { noun, state, createdAt, told } = kept;
  if (state !== 'succeeded') return 'never';
  if (noun === 'agreement') return nextOfSignOff(kept, now);
  if (noun !== 'payout') return 'never';
  const arrivedAt = Math.max(msOf(createdAt) ?? 0, msOf(told?.arrivedAt) ?? 0);
  return now < arrivedAt + watchedMs ? now + dayMs : 'never';
}

/** So long after it was over those that refused an order are asked about it, in ms: no query misses it by then. */
const refusalsAfterMs = 10 * minuteMs;

/** When an entry is looked at next of which nothing is under way. */
function lookAtRest(kept: Kept, now: number): number | 'never' {
  const watched = nextWatch(kept, now);
  if (!mustAskRefusals(kept)) return watched;
  const askedAt = now + refusalsAfterMs;
  return watched === 'never' ? askedAt : Math.min(watched, askedAt);
}

/** When an entry is looked at next of which one thing is over: at once, while another is under way. */
export const lookOn = (kept: Kept, now: number): number | 'never' =>
  kept.attempts.some(isLive) ? now : lookAtRest(kept, now);
