/**
 * gateway · weigh: what a finding - a reply, an answer, a notification - changes about an entry. Pure:
 * the same entry and finding always give the same change. States only ever rise.
 */
import { type Instant, instantOf, type Money, sameMoney } from '@polyrail/core';
import {
  type Attempt,
  defined,
  type Fate,
  isFinal,
  isLive,
  type Kept,
  type Late,
  type Loose,
  mayFollow,
  type Proof,
  type State,
} from './entry.ts';
import { isAside, type Paid, surplusGone } from './surplus.ts';
import { factsAfter, undoneAfter } from './told.ts';
import type { AnyOutcome } from './verbs.ts';

/** How something came to be known. */
export type Source = 'reply' | 'query' | 'notification';

export interface Finding {
  readonly source: Source;
  readonly attemptId: string;
  readonly outcome: AnyOutcome;
}

/** A line for the history, and an event for the merchant's handlers. */
export interface Line {
  readonly kind: string;
  readonly body?: unknown;
}

export interface Change {
  readonly kept: Kept;
  readonly lines: readonly Line[];
  /** Names after the noun: `succeeded`, `returned`, `surplus`. */
  readonly events: readonly string[];
  /** When whoever decides by default looks at it next, if this change found late or surplus money. */
  readonly decideAt?: number;
}

/** How late and surplus money is decided when nobody does. */
export interface LatePolicy {
  readonly default: 'accept' | 'refund';
  readonly deadlineMs: number;
}

export interface WeighRules {
  readonly now: number;
  readonly late: LatePolicy;
  /** How long somebody may take to act, in ms, where the channel does not say. */
  readonly expireAfterMs: number;
}

const fateRanks: Readonly<Record<Fate, number>> = {
  'not-sent': 0,
  refused: 0,
  prepared: 0,
  unknown: 1,
  pending: 2,
  failed: 3,
  succeeded: 4,
};

/** Another amount than was asked for is believed by nobody, and neither is more back than came. */
function contradicts({ amount }: Kept, outcome: AnyOutcome): boolean {
  if (amount === undefined) return false;
  const told = outcome.amount as Money | undefined;
  const undone = outcome.undone as Kept['undone'];
  if (told !== undefined && !sameMoney(amount, told)) return true;
  return undone !== undefined && undone.amount.amount > amount.amount;
}

/** What payers part with: it may come when nobody expects it any more, and is then given back. */
const moneyNouns: ReadonlySet<string> = new Set(['payment', 'authorization']);

/** Whether a channel says that all of it was given back or let go. */
function isAllBack({ amount }: Kept, outcome: AnyOutcome): boolean {
  const undone = outcome.undone as Kept['undone'];
  const back = undone?.amount ?? (outcome.released as Money | undefined);
  return back !== undefined && back.amount === amount?.amount;
}

/**
 * What word of a success means for what had failed. `gone`: all of it was given back or let go. `asked`: it
 * was reversed, and the word may be older than that: the channel is asked. Else it is late money.
 */
function successAfterFailure(
  kept: Kept,
  { source, attemptId, outcome }: Finding,
): 'gone' | 'asked' | 'late' {
  if (isAllBack(kept, outcome)) return 'gone';
  // What was refused, or never sent, is not what was reversed.
  const isReversed =
    kept.proof === 'reversed' &&
    kept.attempts.some(
      (one) => one.attemptId === attemptId && one.fate !== 'refused' && one.fate !== 'not-sent',
    );
  return isReversed && source === 'notification' ? 'asked' : 'late';
}

const withFate = (kept: Kept, attemptId: string, fate: Fate): readonly Attempt[] =>
  kept.attempts.map((one) => (one.attemptId === attemptId ? { ...one, fate } : one));

/** The entry stays failed; of what is asked about, the attempt is open again until a query answers. */
function stillFailed(kept: Kept, finding: Finding, line: Line): Change {
  const { outcome, attemptId } = finding;
  const fate: Fate = successAfterFailure(kept, finding) === 'asked' ? 'unknown' : 'failed';
  const attempts = withFate(kept, attemptId, fate);
  const undone = undoneAfter(kept, outcome.undone as Kept['undone']);
  const body = { from: 'failed', to: outcome.status };
  return {
    kept: defined<Kept>({ ...kept, attempts, undone, asked: 0 }),
    lines: [line, { kind: 'refused-transition', body }],
    events: [],
  };
}

/**
 * Whether a message tells a success that may be older than a reversal: its answer did not say what it
 * found, and may have been of a payment that nobody saw yet.
 */
const mayBeReversed = ({ state, reversal }: Kept, finding: Finding): boolean =>
  !isFinal(state) &&
  finding.source === 'notification' &&
  finding.outcome.status === 'succeeded' &&
  reversal?.attemptId === finding.attemptId &&
  reversal.isAnswered;

/** Late money that was reversed, by whatever answer, is reversed again: then it is known to be gone. */
const reversalAfter = ({ reversal }: Kept, { late }: Turn): Kept['reversal'] =>
  late !== undefined && late.attemptId === reversal?.attemptId
    ? { ...reversal, isAnswered: false }
    : reversal;

/** What is kept of an undoing that the channel declined. */
export const afterRefusal = (kept: Kept, { status, reason }: AnyOutcome): Kept =>
  status === 'failed' && reason === 'already-paid' ? { ...kept, saidPaid: true } : kept;

/** What the attempts together say of the entry. */
function stateOf(attempts: readonly Attempt[]): State {
  const fates = new Set(attempts.map(({ fate }) => fate));
  if (fates.has('succeeded')) return 'succeeded';
  if (fates.has('pending')) return 'pending';
  if (fates.has('unknown')) return 'unknown';
  if (fates.has('prepared')) return 'created';
  return fates.has('failed') ? 'failed' : 'created';
}

function attemptAfter(attempt: Attempt, { source, outcome }: Finding, at: Instant): Attempt {
  const { status, ref } = outcome;
  const channelId = ref.channelId ?? attempt.ref.channelId;
  const handle = ref.handle ?? attempt.ref.handle;
  const rises = fateRanks[status] > fateRanks[attempt.fate];
  const { doubt, reason, ...former } = attempt;
  return defined<Attempt>({
    ...former,
    ref: defined<Attempt['ref']>({ ...attempt.ref, channelId, handle }),
    fate: rises ? status : attempt.fate,
    // The call is over: the resolver may ask.
    ...(source === 'reply' ? { calledUntil: at } : {}),
    doubt: status === 'unknown' ? (outcome.doubt as Attempt['doubt']) : undefined,
    evidence: outcome.evidence as Attempt['evidence'],
    channelCode: (outcome.channelCode as string | undefined) ?? attempt.channelCode,
    channelMessage: (outcome.channelMessage as string | undefined) ?? attempt.channelMessage,
  });
}

/** A final word about an attempt, followed by a lesser one: kept in the history, and no more. */
const isLesser = ({ fate }: Attempt, { status }: AnyOutcome): boolean =>
  (fate === 'succeeded' || fate === 'failed') && fateRanks[status] < fateRanks[fate];

/** A decision to be made about money of one attempt that nobody expected. */
function lateOf(attemptId: string, { now, late }: WeighRules): Late {
  return {
    decision: 'undecided',
    default: late.default,
    deadline: instantOf(now + late.deadlineMs),
    attemptId,
  };
}

const failing = (outcome: AnyOutcome): Loose<Partial<Kept>> => ({
  reason: outcome.reason as Kept['reason'],
  proof: 'channel' satisfies Proof,
});

/** Somebody must act: where the channel names no end to that, the gateway does. */
function waiting(outcome: AnyOutcome, former: Kept, rules: WeighRules): Loose<Partial<Kept>> {
  const nextAction = (outcome.nextAction as Kept['nextAction']) ?? former.nextAction;
  const told = (outcome.expiresAt as Instant | undefined) ?? former.expiresAt;
  const own = nextAction && instantOf(rules.now + rules.expireAfterMs);
  return {
    waitingFor: outcome.waitingFor as Kept['waitingFor'],
    nextAction,
    expiresAt: told ?? own,
  };
}

/** What a pending entry waited for is over once it is final. */
const settled = { waitingFor: undefined, nextAction: undefined, doubt: undefined } as const;

interface Turn {
  readonly state: State;
  readonly late?: Late;
  readonly surplus?: readonly Late[];
  /** It happened under two ids, and nothing of it can be given back. */
  readonly isTwice?: boolean;
}

/** The state that follows, and what is late or surplus about it. */
function turnOf(kept: Kept, attempts: readonly Attempt[], rules: WeighRules): Turn {
  const paid = attempts.filter(({ fate }) => fate === 'succeeded');
  const former = kept.attempts.filter(({ fate }) => fate === 'succeeded');
  const added = paid.find(({ attemptId }) => former.every((one) => one.attemptId !== attemptId));
  const aim = stateOf(attempts);
  const isTwice = added !== undefined && former.length > 0;
  if (isTwice) {
    const surplus = [...(kept.surplus ?? []), lateOf(added.attemptId, rules)];
    return { state: kept.state, ...(moneyNouns.has(kept.noun) ? { surplus } : { isTwice }) };
  }
  if (aim === 'succeeded' && moneyNouns.has(kept.noun) && kept.state === 'failed') {
    return { state: 'late-success', late: lateOf(added?.attemptId ?? '', rules) };
  }
  // What is late stays late: only the merchant's decision makes it a payment like any other.
  const isLate = kept.state === 'late-success';
  return { state: !isLate && mayFollow(kept.state, aim) ? aim : kept.state };
}

/** What changed beside the state, each a thing merchants act on. */
function extrasOf(kept: Kept, next: Kept): string[] {
  const differs = (name: 'undone' | 'returned' | 'surplus') =>
    next[name] !== undefined && JSON.stringify(next[name]) !== JSON.stringify(kept[name]);
  const standing = kept.told?.standing !== next.told?.standing;
  return [
    ...(['undone', 'returned', 'surplus'] as const).filter(differs),
    ...(kept.state === next.state && standing ? ['changed'] : []),
  ];
}

/** What a channel said, as a line of the history; its own answer, redacted, among it. */
export function lineOf(kind: string, outcome: AnyOutcome, more: object = {}): Line {
  const { cause, ...body } = outcome;
  return { kind, body: { ...more, ...body } };
}

const transition = (from: State, to: State): readonly Line[] =>
  from === to ? [] : [{ kind: 'transition', body: { from, to } }];

/** Fates of what came to nothing, or was not heard of yet: a message of it is news. */
const unheard: ReadonlySet<Fate> = new Set(['prepared', 'refused', 'not-sent', 'failed']);

/**
 * Another amount is believed by nobody. But where a message tells it of what is not known to be there,
 * something happened: the attempt is in doubt until the channel has answered.
 */
function contradiction(kept: Kept, { fate }: Attempt, finding: Finding): Change {
  const { source, attemptId, outcome } = finding;
  const line = lineOf(source, outcome, { attemptId });
  const alarm = { kind: 'alarm', body: { why: 'another amount than was asked for' } };
  const isNews = source === 'notification' && unheard.has(fate);
  if (!isNews) return { kept, lines: [line, alarm], events: ['alarm'] };
  const attempts = withFate(kept, attemptId, 'unknown');
  const doubt = 'contradicts-request';
  const aim = stateOf(attempts);
  const state = mayFollow(kept.state, aim) ? aim : kept.state;
  const moved = state !== kept.state;
  return {
    kept: { ...kept, attempts, state, asked: 0, ...(moved ? { doubt } : {}) },
    lines: [line, ...transition(kept.state, state), alarm],
    events: [...(moved ? [state] : []), 'alarm'],
  };
}

/** Why a person has to know of it, if so: what can neither be given back nor be closed. */
function alarmOf(
  kept: Kept,
  { fate }: Attempt,
  { outcome, turn }: { readonly outcome: AnyOutcome; readonly turn: Turn },
): string | undefined {
  if (turn.isTwice) return 'it was done twice, under two ids';
  const isBegun = fate === 'refused' && outcome.status === 'pending';
  const isTold = isFinal(kept.state) && !moneyNouns.has(kept.noun);
  return isBegun && isTold ? 'what its channel had refused is under way there' : undefined;
}

/** What follows from one finding about one attempt. An attempt that is not the entry's is a defect. */
export function weigh(kept: Kept, finding: Finding, rules: WeighRules): Change {
  const { attemptId, outcome } = finding;
  const index = kept.attempts.findIndex((one) => one.attemptId === attemptId);
  const attempt = kept.attempts[index];
  if (attempt === undefined) throw new Error(`The entry ${kept.id} has no attempt ${attemptId}`);
  if (contradicts(kept, outcome)) return contradiction(kept, attempt, finding);
  const line = lineOf(finding.source, outcome, { attemptId });
  const isPaidAfterAll =
    moneyNouns.has(kept.noun) && kept.state === 'failed' && outcome.status === 'succeeded';
  if (isPaidAfterAll && successAfterFailure(kept, finding) !== 'late') {
    return stillFailed(kept, finding, line);
  }
  if (mayBeReversed(kept, finding)) {
    return { kept: { ...kept, asked: 0, saidPaid: true }, lines: [line], events: [] };
  }
  const after = attemptAfter(attempt, finding, instantOf(rules.now));
  const attempts = kept.attempts.with(index, after);
  const turn = turnOf(kept, attempts, rules);
  const moved = turn.state !== kept.state;
  const decides = moved || !isFinal(kept.state);
  const channel = decides ? attempt.channel : kept.channel;
  const surplus = turn.surplus ?? kept.surplus;
  const aside = isAside(defined<Paid>({ attempts, surplus, channel }), attemptId);
  const next = defined<Kept>({
    ...kept,
    attempts,
    state: turn.state,
    // What is to be undone of it from now on is another matter than what was tried before.
    undoing: moved && isFinal(turn.state) ? 0 : kept.undoing,
    channel,
    ...(outcome.status === 'pending' && !isFinal(turn.state) ? waiting(outcome, kept, rules) : {}),
    doubt: turn.state === 'unknown' ? (outcome.doubt as Kept['doubt']) : undefined,
    ...(turn.state === 'failed' && moved ? failing(outcome) : {}),
    ...(isFinal(turn.state) ? settled : {}),
    ...(aside ? {} : factsAfter(kept, outcome, after)),
    late: turn.late ?? kept.late,
    surplus,
    reversal: reversalAfter(kept, turn),
    updatedAt: instantOf(rules.now),
  });
  const isLate = turn.late !== undefined || turn.surplus !== undefined;
  const why = alarmOf(kept, attempt, { outcome, turn });
  return {
    kept: aside && isAllBack(kept, outcome) ? surplusGone(next, attemptId) : next,
    lines: [
      line,
      ...transition(kept.state, turn.state),
      ...(isLesser(attempt, outcome)
        ? [{ kind: 'refused-transition', body: { from: attempt.fate, to: outcome.status } }]
        : []),
      ...(why === undefined ? [] : [{ kind: 'alarm', body: { why } }]),
    ],
    events: [
      ...(moved ? [turn.state] : []),
      ...extrasOf(kept, next),
      ...(why === undefined ? [] : ['alarm']),
    ],
    // At once, to plan: other money of it may have a deadline, or be on its way back.
    ...(isLate ? { decideAt: rules.now } : {}),
  };
}

/** Ends the attempts that may still be in flight: by proof, nothing will come of them. */
export function endBy(
  kept: Kept,
  end: { readonly proof: Proof; readonly reason?: Kept['reason']; readonly attemptId?: string },
  now: number,
): Change {
  const attempts = kept.attempts.map((one): Attempt => {
    const meant = end.attemptId === undefined || end.attemptId === one.attemptId;
    return meant && isLive(one) ? { ...one, fate: 'failed' } : one;
  });
  const over = !attempts.some(isLive) && mayFollow(kept.state, 'failed');
  const next = defined<Kept>({
    ...kept,
    attempts,
    ...(over ? { state: 'failed' as const, ...settled, proof: end.proof, reason: end.reason } : {}),
    updatedAt: instantOf(now),
  });
  const moved = next.state !== kept.state;
  return {
    kept: next,
    lines: [{ kind: 'proof', body: end }, ...transition(kept.state, next.state)],
    events: moved ? [next.state] : [],
  };
}

/** Moves an entry by the gateway's own decision. */
export function moveTo(kept: Kept, state: State, change: Partial<Kept> & { now: number }): Change {
  const { now, ...members } = change;
  const moved = mayFollow(kept.state, state);
  return {
    kept: defined<Kept>({
      ...kept,
      ...members,
      ...(moved ? { state, ...(isFinal(state) ? settled : {}) } : {}),
      updatedAt: instantOf(now),
    }),
    lines: moved ? transition(kept.state, state) : [],
    events: moved ? [state] : [],
  };
}
