/**
 * gateway · follow: verbs on an entry there is - confirming, closing, reversing, signing off, taking a
 * payout back.
 */
import { type Channel, isPolyrailError, PolyrailError, type Reason } from '@polyrail/core';
import { callChannel } from './call.ts';
import { onlyMerchant } from './config.ts';
import { change, channelOf, type Desk, find, noSuch, type Writing } from './desk.ts';
import { type Attempt, type Entry, entryOf, isLive, type Kept } from './entry.ts';
import { settle } from './settle.ts';
import type { EntryKey, EntryNoun } from './store.ts';
import { type AnyOutcome, type FollowVerb, verbOf } from './verbs.ts';
import { endBy } from './weigh.ts';

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
  /** Which attempt is meant. */
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

interface Followed {
  readonly kept: Kept;
  readonly attempt: Attempt;
  readonly channel: Channel;
}

const meant = ({ attempts }: Kept, which: FollowRule['attempt']): Attempt | undefined =>
  attempts.find(isLive) ??
  (which === 'live' ? undefined : attempts.findLast(({ fate }) => fate === 'succeeded'));

async function followed(desk: Desk, verb: FollowVerb, key: EntryKey): Promise<Followed> {
  const kept = await find(desk, key);
  if (kept === undefined) throw noSuch(key);
  const attempt = meant(kept, rules[verb].attempt);
  if (attempt === undefined) {
    const message = `${verb} means what is under way: ${key.noun} ${key.id} is ${kept.state}`;
    throw new PolyrailError('REQUEST_INVALID', message, { field: key.noun });
  }
  const channel = channelOf(desk, key.merchant, attempt.channel);
  if (channel?.[verb] === undefined) {
    const message = `Channel ${attempt.channel} does not take ${verb}`;
    throw new PolyrailError('UNSUPPORTED', message, { verb, channel: attempt.channel });
  }
  return { kept, attempt, channel };
}

/** What closing or reversing did to the entry. */
function ending(
  kept: Kept,
  told: {
    readonly verb: 'close' | 'reverse';
    readonly attempt: Attempt;
    readonly outcome: AnyOutcome;
  },
  now: number,
): Writing {
  const { verb, attempt, outcome } = told;
  const { raw, cause, ...body } = outcome;
  const line = { kind: verb === 'close' ? 'close' : 'reversal', body };
  const { attemptId } = attempt;
  if (outcome.status !== 'succeeded') {
    return { kept, lines: [line], events: [], resolveAt: now };
  }
  if (attempt.fate === 'succeeded' && outcome.effect === 'refunded' && kept.amount !== undefined) {
    const undone = { by: 'reversal' as const, amount: kept.amount };
    return { kept: { ...kept, undone }, lines: [line], events: ['undone'], resolveAt: now };
  }
  const proof = verb === 'close' ? 'closed' : 'reversed';
  const ended = endBy(kept, { proof, reason: 'order-closed' satisfies Reason, attemptId }, now);
  const resolveAt = ended.kept.attempts.some(isLive) ? now : 'never';
  return { ...ended, lines: [line, ...ended.lines], resolveAt };
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
  const rule = rules[verb];
  const { options = {} } = call;
  const noun = call.noun ?? (rule.nouns[0] as EntryNoun);
  const key = { merchant: options.merchant ?? onlyMerchant, noun, id: call.id };
  const { kept, attempt, channel } = await followed(desk, verb, key);
  const request =
    rule.member === undefined ? attempt.ref : { ...call.members, [rule.member]: attempt.ref };
  const place = { merchant: key.merchant, channel: attempt.channel, verb };
  const run = verbOf(channel, verb);
  if (run === undefined) throw new TypeError(`Channel ${attempt.channel} lost its verb ${verb}`);
  const { signal, timeoutMs } = options;
  const outcome = await callChannel(desk, place, {
    verb: run,
    request,
    options: { signal, timeoutMs },
  }).catch(async (error: unknown) => {
    const body = isPolyrailError(error) ? { verb, ...error.toJSON() } : { verb };
    await change(desk, key, async (standing) => ({
      kept: standing,
      lines: [{ kind: 'refusal', body }],
      events: [],
    }));
    throw error;
  });
  if (rule.tells === 'entry') {
    const { attemptId } = attempt;
    const finding = { source: 'reply' as const, attemptId, outcome };
    const { capabilities } = channel;
    return entryOf(await settle(desk, kept, { finding, capabilities }));
  }
  const after = await change(desk, key, async (standing) => {
    const current = standing.attempts.find((one) => one.attemptId === attempt.attemptId) ?? attempt;
    const told = { verb: verb as 'close' | 'reverse', attempt: current, outcome };
    return ending(standing, told, desk.clock.now());
  });
  return entryOf(after);
}
