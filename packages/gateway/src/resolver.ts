/**
 * gateway · resolver: brings what is pending or unknown to a true end - confirmed, proven absent, or
 * escalated to a person. It asks along the channel's own schedule and never takes silence for a no.
 */
import { type Channel, epochMsOf, type Reason, type Verb } from '@polyrail/core';
import { callChannel } from './call.ts';
import {
  change,
  configuredChannel,
  type Desk,
  entryKeyOf,
  find,
  lookAt,
  reach,
  type Writing,
} from './desk.ts';
import {
  afterEnding,
  type Ending,
  type EndVerb,
  isProof,
  mayComeUntil,
  notReversed,
} from './ending.ts';
import {
  type Attempt,
  isFinal,
  isLive,
  type Kept,
  mayBeTaken,
  mustAskRefusals,
  reversedOf,
} from './entry.ts';
import { inContractWords } from './order.ts';
import { lookOn, nextWatch, planStep, type Situation, type Step, withJitter } from './plan.ts';
import { settle, weighRules } from './settle.ts';
import type { EntryKey } from './store.ts';
import { attemptMeant, winnerOf } from './surplus.ts';
import { type AnyOutcome, type BeginVerb, beginRules, queryVerbs, verbOf } from './verbs.ts';
import { type Change, endBy, moveTo, weigh } from './weigh.ts';

interface Scene {
  readonly channel: Channel;
  readonly attempt: Attempt;
}

/** What the channel says of an attempt; `undefined` when it could not be asked. */
async function ask(desk: Desk, kept: Kept, { channel, attempt }: Scene) {
  const verb = queryVerbs[kept.noun];
  const place = { merchant: kept.merchant, channel: attempt.channel, verb };
  desk.telemetry.asked(place, desk.clock.now() - (epochMsOf(attempt.startedAt) ?? 0));
  const query = verbOf(channel, verb);
  try {
    if (query !== undefined) {
      return await callChannel(desk, place, { verb: query, request: attempt.ref, options: {} });
    }
    return await repeat(desk, kept, { channel, attempt });
  } catch (error) {
    desk.telemetry.failed('polyrail.gateway.unanswered', error);
    return undefined;
  }
}

/** A channel without a query for this noun: the same request under the same id is the same movement. */
async function repeat(desk: Desk, kept: Kept, { channel, attempt }: Scene) {
  const verb = verbOf(channel, kept.verb as Verb);
  if (verb === undefined || kept.secrets || kept.parent === undefined) return undefined;
  const parent = await find(desk, kept.parent);
  const paid = parent && attemptMeant(parent, kept.id);
  if (paid === undefined) return undefined;
  const rule = beginRules[kept.verb as BeginVerb];
  const named = { rule, attempt, parentRef: paid.ref };
  const request = inContractWords(kept.request, named);
  const place = { merchant: kept.merchant, channel: attempt.channel, verb: kept.verb };
  return callChannel(desk, place, { verb, request, options: { repeat: true } });
}

function situationOf(
  desk: Desk,
  kept: Kept,
  scene: Scene & { readonly answer: AnyOutcome | undefined },
): Situation {
  const { channel, attempt, answer } = scene;
  return {
    kept,
    attempt: kept.attempts.find(({ attemptId }) => attemptId === attempt.attemptId) ?? attempt,
    capabilities: channel.capabilities,
    can: { close: channel.close !== undefined, reverse: channel.reverse !== undefined },
    ...(answer === undefined ? {} : { answer }),
    now: desk.clock.now(),
    patience: desk.settings.patience,
  };
}

const inTime = (desk: Desk, at: number): number => {
  const now = desk.clock.now();
  return now + withJitter(Math.max(0, at - now), desk.random);
};

/** The entry after a step that needs no further call. */
function stepped(desk: Desk, kept: Kept, place: { step: Step; attempt: Attempt }): Writing {
  const { step, attempt } = place;
  const now = desk.clock.now();
  switch (step.kind) {
    case 'absent': {
      const { attemptId } = attempt;
      const ended = endBy(kept, { proof: 'not-found', reason: absentReason(kept), attemptId }, now);
      return { ...ended, resolveAt: lookOn(ended.kept, now) };
    }
    case 'escalate': {
      const escalated = moveTo(kept, 'escalated', { now });
      return { ...escalated, resolveAt: inTime(desk, step.at) };
    }
    case 'ask':
      return lookAt(kept, inTime(desk, step.at));
    case 'rest':
      return lookAt(kept, 'never');
    // The undoing is on its way; should this process die, it is looked at again.
    case 'reverse': {
      const reversal = { attemptId: attempt.attemptId, isAnswered: false };
      return lookAt({ ...kept, reversal }, now + undoingMs);
    }
    default:
      return lookAt(kept, now + undoingMs);
  }
}

const absentReason = ({ expiresAt }: Kept): Reason =>
  expiresAt === undefined ? 'other' : 'order-expired';

/** How long an undoing may take before somebody else looks, in ms. */
const undoingMs = 60_000;

/** What the channel has decided, applied. */
function settleAnswer(
  desk: Desk,
  kept: Kept,
  { channel, attempt, answer: outcome }: Scene & { readonly answer: AnyOutcome },
): Promise<Kept> {
  const finding = { source: 'query' as const, attemptId: attempt.attemptId, outcome };
  return settle(desk, kept, { finding, capabilities: channel.capabilities });
}

/** Weighs the answer and plans, under the lock: what was read before may be old by now. */
async function weighAnswer(
  desk: Desk,
  key: Kept,
  scene: Scene & { readonly answer: AnyOutcome | undefined },
): Promise<Step> {
  const { answer } = scene;
  const { attemptId } = scene.attempt;
  const rest: Step = { kind: 'rest' };
  if (answer?.status === 'succeeded' || answer?.status === 'failed') {
    await settleAnswer(desk, key, { ...scene, answer });
    return rest;
  }
  let step: Step = rest;
  await change(desk, key, async (standing) => {
    const current = standing.attempts.find((one) => one.attemptId === attemptId);
    if (current === undefined || !isLive(current)) return undefined;
    const weighed: Change =
      answer === undefined
        ? { kept: standing, lines: [], events: [] }
        : weigh(standing, { source: 'query', attemptId, outcome: answer }, weighRules(desk));
    const asked = { ...weighed.kept, asked: weighed.kept.asked + 1 };
    step = planStep(situationOf(desk, asked, scene));
    const after = stepped(desk, asked, { step, attempt: current });
    return {
      ...after,
      lines: [...weighed.lines, ...after.lines],
      events: [...weighed.events, ...after.events],
    };
  });
  return step;
}

/** Undoings follow each other ever more slowly: a channel may be away for hours. */
const undoGapMs = (undoing: number): number => 5000 * 2 ** Math.min(undoing, 8);

/** When an undoing that proved nothing is followed up. */
function undoAgainAt(ending: Ending, undoing: number, now: number): number {
  const { status } = ending.outcome;
  // Already paid, or over: the next question tells.
  if (status === 'failed') return now + 1000;
  // There was nothing yet: the request may still arrive.
  if (status === 'succeeded') return Math.max(now, mayComeUntil(ending)) + 1000;
  return now + undoGapMs(undoing);
}

/** What an undoing did to the entry. */
function afterUndoing(desk: Desk, kept: Kept, ending: Ending): Writing {
  const now = desk.clock.now();
  const after = afterEnding(kept, ending, now);
  if (isProof(ending, now) || !isLive(ending.attempt)) return after;
  const resolveAt = inTime(desk, undoAgainAt(ending, kept.undoing, now));
  return {
    ...after,
    ...lookAt({ ...after.kept, undoing: kept.undoing + 1 }, resolveAt),
    lines: after.lines,
  };
}

/** Ends an attempt at the channel: closes the order, or reverses a request of unknown fate. */
async function undo(
  desk: Desk,
  kept: Kept,
  { channel, attempt, verb }: Scene & { readonly verb: EndVerb },
): Promise<void> {
  const run = verbOf(channel, verb);
  if (run === undefined) return;
  const place = { merchant: kept.merchant, channel: attempt.channel, verb };
  let outcome: AnyOutcome | undefined;
  try {
    outcome = await callChannel(desk, place, { verb: run, request: attempt.ref, options: {} });
  } catch (error) {
    desk.telemetry.failed('polyrail.gateway.undoing', error);
  }
  await reach(desk, 'in-resolver');
  await change(desk, kept, async (standing): Promise<Writing | undefined> => {
    const current = standing.attempts.find((one) => one.attemptId === attempt.attemptId);
    // It may have turned out paid while it was reversed.
    const isReversed = current !== undefined && reversedOf(standing) === current;
    if (current === undefined || !(isLive(current) || isReversed)) return undefined;
    if (outcome !== undefined) {
      return afterUndoing(desk, standing, { verb, attempt: current, channel, outcome });
    }
    const now = desk.clock.now();
    if (isReversed) return notReversed(standing, [], now);
    const { undoing } = standing;
    return lookAt({ ...standing, undoing: undoing + 1 }, inTime(desk, now + undoGapMs(undoing)));
  });
}

/** Tells the channel again to reverse what is known to be paid, as long as it has not answered. */
async function reverseAgain(desk: Desk, kept: Kept, attempt: Attempt): Promise<void> {
  const channel = configuredChannel(desk, kept.merchant, attempt.channel);
  if (channel !== undefined) return undo(desk, kept, { channel, attempt, verb: 'reverse' });
  // Nobody is there to be told: as if nobody had answered.
  await change(desk, kept, async (standing) =>
    reversedOf(standing) === undefined ? undefined : notReversed(standing, [], desk.clock.now()),
  );
}

/** An entry of which nobody has taken anything, and whether everybody who had refused it has said so. */
interface Untaken {
  readonly kept: Kept;
  readonly isAnswered: boolean;
}

/** An entry of which nothing was taken ends here; a challenge nobody answered counts as blocked. */
async function abandon(desk: Desk, { kept: key, isAnswered }: Untaken): Promise<void> {
  await change(desk, key, async (kept): Promise<Writing | undefined> => {
    if (kept.attempts.some(isLive) || isFinal(kept.state)) return undefined;
    const now = desk.clock.now();
    const held = epochMsOf(kept.claim?.until ?? '') ?? 0;
    if (held > now) return lookAt(kept, held);
    const { claim, ...free } = kept;
    const challenged = kept.state === 'challenged';
    const refused = kept.attempts.some(({ fate }) => fate === 'refused');
    const proof = challenged ? 'risk' : refused ? 'channel' : 'never-sent';
    const reason: Reason = challenged ? 'risk-blocked' : 'other';
    const ended = endBy(free, { proof, reason }, now);
    const isAsked = isAnswered && mustAskRefusals(ended.kept);
    const over: Kept = isAsked ? { ...ended.kept, refusalsAsked: true } : ended.kept;
    return { ...ended, kept: over, resolveAt: lookOn(over, now) };
  });
}

const hourMs = 60 * 60_000;

/** What a channel does not answer about something that is over is asked hourly, for a day. */
const askAgain = ({ updatedAt }: Kept, now: number): number | 'never' =>
  now < (epochMsOf(updatedAt) ?? 0) + 24 * hourMs ? now + hourMs : 'never';

/** When what is over is asked about again: an agreement also where its end was not heard of. */
function refreshAgain(kept: Kept, now: number): number | 'never' {
  const watched = nextWatch(kept, now);
  return kept.noun === 'agreement' && watched === 'never' ? askAgain(kept, now) : watched;
}

/**
 * What succeeded may still change: a payout is sent back by the payee's bank, an agreement is ended, of an
 * authorization something is captured. The channel is asked what is so now.
 */
async function refresh(desk: Desk, kept: Kept): Promise<void> {
  const attempt = winnerOf(kept);
  if (attempt === undefined) return;
  const channel = configuredChannel(desk, kept.merchant, attempt.channel);
  const answer = channel && (await ask(desk, kept, { channel, attempt }));
  if (channel !== undefined && answer !== undefined && answer.status !== 'unknown') {
    await settleAnswer(desk, kept, { channel, attempt, answer });
    return;
  }
  await change(desk, kept, async (standing) =>
    lookAt(standing, refreshAgain(standing, desk.clock.now())),
  );
}

const orphaned = (desk: Desk, kept: Kept): Promise<Kept> =>
  change(desk, kept, async (standing) => {
    const now = desk.clock.now();
    const moved = moveTo(standing, 'escalated', { now });
    const why = 'its channel is no longer configured';
    return {
      ...moved,
      lines: [...moved.lines, { kind: 'alarm', body: { why } }],
      resolveAt: now + 24 * hourMs,
    };
  });

/** What was refused is asked about: its channel may have taken it all the same. */
async function askRefused(desk: Desk, key: Kept): Promise<Untaken> {
  let [kept, isAnswered] = [key, true];
  for (const attempt of key.attempts.filter(mayBeTaken)) {
    const channel = configuredChannel(desk, kept.merchant, attempt.channel);
    if (channel?.[queryVerbs[kept.noun]] === undefined) continue;
    const answer = await ask(desk, kept, { channel, attempt });
    if (answer === undefined || answer.status === 'unknown') {
      isAnswered &&= answer?.doubt === 'not-found';
      continue;
    }
    kept = await settleAnswer(desk, kept, { channel, attempt, answer });
  }
  return { kept, isAnswered };
}

/** What is over is asked about where it had been refused: taken there all the same, it came late, or twice. */
async function lookElsewhere(desk: Desk, key: Kept): Promise<void> {
  const { isAnswered } = await askRefused(desk, key);
  await change(desk, key, async (standing): Promise<Writing | undefined> => {
    // What it found there has a schedule of its own.
    if (standing.attempts.some(isLive)) return undefined;
    const now = desk.clock.now();
    const again = isAnswered ? 'never' : askAgain(standing, now);
    if (again !== 'never') return lookAt(standing, again);
    const kept: Kept = { ...standing, refusalsAsked: true };
    return lookAt(kept, refreshAgain(kept, now));
  });
}

/** Asks about the attempt that is under way, and does the next thing about it. */
async function pursue(desk: Desk, kept: Kept, attempt: Attempt): Promise<void> {
  const now = desk.clock.now();
  const calledUntil = epochMsOf(attempt.calledUntil) ?? 0;
  if (calledUntil > now) {
    await change(desk, kept, async (standing) => lookAt(standing, calledUntil));
    return;
  }
  const channel = configuredChannel(desk, kept.merchant, attempt.channel);
  if (channel === undefined) {
    await orphaned(desk, kept);
    return;
  }
  const answer = await ask(desk, kept, { channel, attempt });
  await reach(desk, 'in-resolver');
  const { kind } = await weighAnswer(desk, kept, { channel, attempt, answer });
  if (kind === 'close' || kind === 'reverse')
    await undo(desk, kept, { channel, attempt, verb: kind });
}

/**
 * Looks at one entry: asks about what is not settled, and does the next thing about it. Of which nobody has taken
 * anything yet is left as it is, and handed back.
 */
export async function look(desk: Desk, key: EntryKey): Promise<Untaken | undefined> {
  const kept = await find(desk, key);
  if (kept === undefined) return undefined;
  const reversed = reversedOf(kept);
  const attempt = kept.attempts.find(isLive);
  const isUntaken = reversed === undefined && attempt === undefined && !isFinal(kept.state);
  if (isUntaken) return askRefused(desk, kept);
  if (reversed !== undefined) await reverseAgain(desk, kept, reversed);
  else if (attempt !== undefined) await pursue(desk, kept, attempt);
  else await (mustAskRefusals(kept) ? lookElsewhere(desk, kept) : refresh(desk, kept));
  return undefined;
}

/** Looks at an entry whose time has come: what nobody has taken by now ends. */
export async function resolve(desk: Desk, jobKey: string): Promise<void> {
  const untaken = await look(desk, entryKeyOf(jobKey));
  if (untaken !== undefined) await abandon(desk, untaken);
}
