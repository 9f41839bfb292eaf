/**
 * gateway · follow: verbs on an entry there is - confirming, closing, reversing, signing off, taking a
 * payout back.
 */
import { type Channel, epochMsOf, instantOf, isPolyrailError, PolyrailError } from '@polyrail/core';
import { callChannel, calledUntilOf, timeoutOf } from './call.ts';
import { onlyMerchant } from './config.ts';
import { change, channelTaking, type Desk, find, lookAt, noSuch } from './desk.ts';
import { afterEnding, type EndVerb } from './ending.ts';
import { type Attempt, defined, type Entry, entryOf, isLive, type Kept } from './entry.ts';
import { requireId } from './order.ts';
import { arrivesUntil, nextLook } from './plan.ts';
import { settle } from './settle.ts';
import type { EntryKey, EntryNoun } from './store.ts';
import { winnerOf } from './surplus.ts';
import { type AnyOutcome, type FollowVerb, verbOf } from './verbs.ts';

export interface FollowOptions {
  readonly merchant?: string;
  readonly signal?: AbortSignal;
  /** Deadline of the call, in ms. */
  readonly timeoutMs?: number;
}

interface FollowRule {
  readonly nouns: readonly EntryNoun[];
  /** The member that names the entry; absent when the channel takes its reference alone. */
  readonly member?: string;
  /** Which attempt is meant: one under way, or any - that by which the entry succeeded before all others. */
  readonly attempt: 'live' | 'any';
  /** What the outcome speaks of: the entry itself, or its ending. */
  readonly tells: 'entry' | 'end';
}

const rules: Readonly<Record<FollowVerb, FollowRule>> = {
  confirmPay: { nouns: ['payment'], member: 'payment', attempt: 'live', tells: 'entry' },
  confirmSignUp: { nouns: ['agreement'], member: 'agreement', attempt: 'live', tells: 'entry' },
  close: { nouns: ['payment'], attempt: 'live', tells: 'end' },
  reverse: { nouns: ['payment', 'authorization'], attempt: 'any', tells: 'end' },
  signOff: { nouns: ['agreement'], attempt: 'any', tells: 'entry' },
  cancelPayout: { nouns: ['payout'], attempt: 'live', tells: 'entry' },
};

/** What a channel did not answer is asked about after this long, in ms. */
const askSoonMs = 5000;

interface Followed {
  readonly kept: Kept;
  readonly attempt: Attempt;
  readonly channel: Channel;
}

const meant = (kept: Kept, which: FollowRule['attempt']): Attempt | undefined =>
  (which === 'any' ? winnerOf(kept) : undefined) ?? kept.attempts.find(isLive);

async function followed(desk: Desk, verb: FollowVerb, key: EntryKey): Promise<Followed> {
  const kept = await find(desk, key);
  if (kept === undefined) throw noSuch(key);
  const attempt = meant(kept, rules[verb].attempt);
  if (attempt === undefined) {
    const message = `${verb} means what is under way: ${key.noun} ${key.id} is ${kept.state}`;
    throw new PolyrailError('REQUEST_INVALID', message, { field: key.noun });
  }
  const place = { merchant: key.merchant, channel: attempt.channel };
  return { kept, attempt, channel: channelTaking(desk, place, verb) };
}

/** The entry once nobody calls about the attempt any more, or only whoever did before. */
const calledAsBefore = (kept: Kept, { attemptId, calledUntil }: Attempt): Kept => ({
  ...kept,
  attempts: kept.attempts.map((one) =>
    one.attemptId === attemptId ? { ...one, calledUntil } : one,
  ),
});

/** What a call may do long after it was made, should nobody answer it: remembered before it is sent. */
function lateEffects(verb: FollowVerb, { attempt, channel }: Followed, calledUntil: string) {
  if (verb === 'reverse') {
    return { reversal: { attemptId: attempt.attemptId, isAnswered: false } };
  }
  if (verb !== 'signOff') return {};
  const called = epochMsOf(calledUntil) ?? 0;
  return { signsOffUntil: instantOf(arrivesUntil(called, channel.capabilities)) };
}

/** Those of the calls before one that was never made. */
function effectsBefore(verb: FollowVerb, { reversal, signsOffUntil }: Kept) {
  if (verb === 'reverse') return { reversal };
  return verb === 'signOff' ? { signsOffUntil } : {};
}

/** Writes down that a call is about to be made: nobody else asks or undoes meanwhile. */
async function announce(
  desk: Desk,
  followed: Followed,
  call: { readonly verb: FollowVerb; readonly timeoutMs: number | undefined },
): Promise<void> {
  const { kept, attempt, channel } = followed;
  const timeoutMs = timeoutOf(desk, channel.capabilities, call.timeoutMs);
  const calledUntil = calledUntilOf(desk, timeoutMs);
  await change(desk, kept, async (standing) => {
    const index = standing.attempts.findIndex((one) => one.attemptId === attempt.attemptId);
    const current = standing.attempts[index];
    if (current === undefined) return undefined;
    const called = { ...current, calledUntil };
    return {
      kept: {
        ...standing,
        attempts: standing.attempts.with(index, called),
        ...lateEffects(call.verb, followed, calledUntil),
      },
      lines: [{ kind: 'call', body: { verb: call.verb } }],
      events: [],
      resolveAt: epochMsOf(calledUntil) ?? 0,
    };
  });
}

/** The call changed nothing: the entry is looked at as before. */
async function refused(desk: Desk, followed: Followed, told: { verb: FollowVerb; error: unknown }) {
  const { verb, error } = told;
  const body = isPolyrailError(error) ? { verb, ...error.toJSON() } : { verb };
  const now = desk.clock.now();
  await change(desk, followed.kept, async (standing) => {
    const over = calledAsBefore(standing, followed.attempt);
    // One before this may still be unanswered.
    const kept = defined<Kept>({ ...over, ...effectsBefore(verb, followed.kept) });
    const resolveAt = nextLook(kept, { capabilities: followed.channel.capabilities, now });
    return { kept, lines: [{ kind: 'refusal', body }], events: [], resolveAt };
  });
}

async function record(
  desk: Desk,
  { kept, attempt, channel }: Followed,
  told: { readonly verb: FollowVerb; readonly outcome: AnyOutcome },
): Promise<Kept> {
  const { verb, outcome } = told;
  const { capabilities } = channel;
  const { attemptId } = attempt;
  const now = desk.clock.now();
  if (rules[verb].tells === 'end') {
    return change(desk, kept, async (standing) => {
      const over = calledAsBefore(standing, attempt);
      const current = over.attempts.find((one) => one.attemptId === attemptId) ?? attempt;
      return afterEnding(over, { verb: verb as EndVerb, attempt: current, channel, outcome }, now);
    });
  }
  const finding = { source: 'reply' as const, attemptId, outcome };
  const after = await settle(desk, kept, { finding, capabilities });
  if (verb !== 'signOff' || outcome.status === 'succeeded') return after;
  return change(desk, kept, async (standing) => lookAt(standing, now + askSoonMs));
}

/** Calls a verb about an entry. When it throws, this call changed nothing. */
export async function follow(
  desk: Desk,
  verb: FollowVerb,
  call: {
    readonly id: string;
    readonly noun?: EntryNoun;
    /** Members beside the reference: a code, a card. */
    readonly members?: object;
    readonly options?: FollowOptions | undefined;
  },
): Promise<Entry> {
  if (desk.closing.aborted) throw new PolyrailError('NOT_SENT', 'The gateway was closed');
  const rule = rules[verb];
  const { options = {} } = call;
  const noun = call.noun ?? (rule.nouns[0] as EntryNoun);
  const id = requireId(rule.member ?? 'id', call.id);
  const key = { merchant: options.merchant ?? onlyMerchant, noun, id };
  const meantHere = await followed(desk, verb, key);
  const { attempt, channel } = meantHere;
  const request =
    rule.member === undefined ? attempt.ref : { ...call.members, [rule.member]: attempt.ref };
  const place = { merchant: key.merchant, channel: attempt.channel, verb };
  const run = verbOf(channel, verb);
  if (run === undefined) throw new TypeError(`Channel ${attempt.channel} lost its verb ${verb}`);
  const { signal, timeoutMs } = options;
  await announce(desk, meantHere, { verb, timeoutMs });
  let outcome: AnyOutcome;
  try {
    const called = { verb: run, request, options: { signal, timeoutMs } };
    outcome = await callChannel(desk, place, called);
  } catch (error) {
    await refused(desk, meantHere, { verb, error });
    throw error;
  }
  return entryOf(await record(desk, meantHere, { verb, outcome }));
}
