/**
 * gateway · entry: what the gateway keeps about one payment, refund, cancellation, authorization,
 * agreement or payout of a merchant, and the order of its states.
 */
import type {
  AgreementFacts,
  AuthorizationFacts,
  CancellationFacts,
  Doubt,
  Evidence,
  Instant,
  Money,
  NextAction,
  PaymentFacts,
  PayoutFacts,
  Reason,
  Ref,
  RefundFacts,
} from '@polyrail/core';
import type { EntryKey, EntryNoun } from './store.ts';

/**
 * - `created`: claimed; nothing is known of the channel's side yet.
 * - `challenged`: the risk hook wants a confirmation first; nothing was sent.
 * - `unknown`: the channel may have received it, and what came back cannot be believed.
 * - `pending`: the channel works on it, or somebody must act.
 * - `escalated`: asking did not settle it; a person must look. It is still asked about now and then.
 * - `failed`: it did not happen, by the channel's word or by `proof`.
 * - `late-success`: money arrived, or is held, after the entry had failed here; `late` holds the decision.
 * - `succeeded`: it happened.
 */
export const states = [
  'created',
  'challenged',
  'unknown',
  'pending',
  'escalated',
  'failed',
  'late-success',
  'succeeded',
] as const;
export type State = (typeof states)[number];

/** A state is only ever followed by one of a higher rank. */
const ranks: Readonly<Record<State, number>> = {
  created: 0,
  challenged: 0,
  unknown: 1,
  pending: 2,
  escalated: 3,
  failed: 4,
  'late-success': 5,
  succeeded: 6,
};

/** Whether a state may follow another. `challenged` goes back to `created` when it is confirmed. */
export const mayFollow = (from: State, to: State): boolean =>
  from === 'challenged' ? to === 'created' || to === 'failed' : ranks[to] > ranks[from];

const finals: ReadonlySet<State> = new Set(['failed', 'late-success', 'succeeded']);
export const isFinal = (state: State): boolean => finals.has(state);

/** Whether nothing more is expected of an entry: it is final, and no decision about it is open. */
export const isOver = ({ state, late }: Pick<Entry, 'state' | 'late'>): boolean =>
  isFinal(state) && late?.decision !== 'undecided';

/**
 * Why "it did not happen" is believed. `channel`: its own word. `not-found`: not known there after the
 * window in which a query may miss it. `closed`, `reversed`, `cancelled`: ended there. `never-sent`:
 * no byte of it left. `risk`: blocked before.
 */
export type Proof =
  | 'channel'
  | 'not-found'
  | 'closed'
  | 'reversed'
  | 'cancelled'
  | 'never-sent'
  | 'risk';

/** The members of every noun's outcome that the gateway keeps. */
export interface Told
  extends Partial<Omit<PaymentFacts, 'amount' | 'undone'>>,
    Partial<Pick<AgreementFacts, 'standing' | 'validUntil' | 'instrument'>>,
    Partial<Omit<AuthorizationFacts, 'amount'>>,
    Partial<Pick<CancellationFacts, 'effect'>>,
    Partial<Pick<PayoutFacts, 'arrivedAt' | 'fee'>> {}

/**
 * - `prepared`: stored; its first byte may have left.
 * - `not-sent`, `refused`: surely nothing is in flight under its id.
 * - the others: as the channel told.
 */
export type Fate =
  | 'prepared'
  | 'not-sent'
  | 'refused'
  | 'unknown'
  | 'pending'
  | 'failed'
  | 'succeeded';

/** One call at one channel. */
export interface Attempt {
  readonly channel: string;
  /** The id the channel knows it by: the merchant's own for the first attempt. */
  readonly attemptId: string;
  readonly fate: Fate;
  readonly startedAt: Instant;
  readonly ref: Ref<EntryNoun>;
  /** Until then nobody else asks about it: the call is under way. */
  readonly calledUntil: Instant;
  readonly doubt?: Doubt;
  readonly evidence?: Evidence;
  /** Why it was refused. */
  readonly reason?: Reason;
  readonly channelCode?: string;
  readonly channelMessage?: string;
}

/** Whether something may be in flight, or a payer may still act, under an attempt's id. */
export const isLive = ({ fate }: Attempt): boolean =>
  fate === 'prepared' || fate === 'unknown' || fate === 'pending';

/** Whether it was refused, and not because its id stands for something else there: that would be taken for it. */
export const mayBeTaken = ({ fate, reason }: Attempt): boolean =>
  fate === 'refused' && reason !== 'id-reused';

/** Whether it is over, and those that had refused it are yet to be asked about it. */
export const mustAskRefusals = ({ state, attempts, refusalsAsked }: Kept): boolean =>
  isFinal(state) && refusalsAsked !== true && attempts.some(mayBeTaken);

/** The attempt that is known to be paid, and may yet be reversed: the channel has not answered. */
export const reversedOf = ({ attempts, reversal }: Kept): Attempt | undefined =>
  reversal === undefined || reversal.isAnswered
    ? undefined
    : attempts.find(
        ({ attemptId, fate }) => attemptId === reversal.attemptId && fate === 'succeeded',
      );

/** The decision over money that came when it was no longer expected, or twice. */
export interface Late {
  readonly decision: 'undecided' | 'accept' | 'refund';
  readonly default: 'accept' | 'refund';
  readonly deadline: Instant;
  /** Which attempt brought it. */
  readonly attemptId: string;
  /** Under which id it is given back or let go, and how much of a payment: what had not gone back before. */
  readonly refundId?: string;
  readonly refundAmount?: Money;
  /** How many refunds of it failed. After the last of them a person is called, by an alarm. */
  readonly refundsFailed?: number;
}

/** What the gateway answers with, and keeps. Plain JSON. */
export interface Entry<N extends EntryNoun = EntryNoun> {
  readonly merchant: string;
  readonly noun: N;
  readonly id: string;
  readonly state: State;
  readonly verb: string;
  readonly amount?: Money;
  /** What it belongs to: a refund's payment, a capture's authorization. */
  readonly parent?: EntryKey;
  /** The channel of the attempt that decided, or of the latest. */
  readonly channel?: string;
  readonly attempts: readonly Attempt[];
  readonly waitingFor?: 'payer' | 'payee' | 'channel' | 'merchant';
  readonly nextAction?: NextAction;
  readonly expiresAt?: Instant;
  readonly doubt?: Doubt;
  readonly reason?: Reason;
  readonly proof?: Proof;
  readonly channelCode?: string;
  readonly channelMessage?: string;
  readonly told?: Told;
  /** Given back of a paid payment, or a hold that was reversed; it stays `succeeded`. */
  readonly undone?: NonNullable<PaymentFacts['undone']>;
  /** A payout or refund that was sent back later; it stays `succeeded`. */
  readonly returned?: NonNullable<PayoutFacts['returned'] | RefundFacts['returned']>;
  readonly late?: Late;
  /** Paid or held by more than one attempt: each further one is proposed to be given back. */
  readonly surplus?: readonly Late[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** The parts of an entry that only the gateway reads. */
export interface Kept extends Entry {
  readonly version: number;
  /** Digest of the request: the same id with other content is another movement. */
  readonly fingerprint: string;
  /** The request as it was given, without its secrets; `secrets` says that it had some. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly secrets: boolean;
  /** The channel the payer chose. */
  readonly chosen?: string;
  /** Until then one process carries it through route, risk and call. */
  readonly claim?: { readonly holder: string; readonly until: Instant };
  /** What the risk hook's challenge was answered with. */
  readonly confirmed?: boolean;
  /** How often the channel was asked since the call, and how often to undo it. */
  readonly asked: number;
  readonly undoing: number;
  /**
   * The channel would not undo it, for it was paid, or told so in a message that is not believed alone: that it is
   * not found proves nothing then.
   */
  readonly saidPaid?: boolean;
  /**
   * The latest reversal, as long as it proved nothing. Unless it is answered it may still take effect.
   * `isAnswered`: there was nothing to reverse, and the request could still arrive.
   */
  readonly reversal?: { readonly attemptId: string; readonly isAnswered: boolean };
  /** Until then a sign-off may still take effect, unless it was answered: the agreement is asked about so long. */
  readonly signsOffUntil?: Instant;
  /** It is over, and whoever had refused it was asked whether it was taken there all the same. */
  readonly refusalsAsked?: true;
  /** What this gateway's own refunds and cancellations gave back, added up. */
  readonly credited?: Money;
}

/** Whether an entry is still claimed by the call that carries `claimed`. */
export const isHeldFor = ({ claim }: Kept, claimed: Kept): boolean =>
  claim !== undefined && claim.holder === claimed.claim?.holder;

export const keyOf = ({ merchant, noun, id }: EntryKey): EntryKey => ({ merchant, noun, id });

/** As the merchant sees it. */
export function entryOf(kept: Kept): Entry {
  const { version, fingerprint, request, secrets, chosen, claim, confirmed, ...more } = kept;
  const { asked, undoing, saidPaid, credited, reversal, signsOffUntil, refusalsAsked, ...entry } =
    more;
  return entry;
}

/** With members that may be `undefined` instead of absent. */
export type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Drops members that are `undefined`: an entry survives JSON unchanged. */
export function defined<T extends object>(value: Loose<T>): T {
  const members: Partial<Loose<T>> = {};
  for (const name of Object.keys(value) as (keyof T)[]) {
    if (value[name] !== undefined) members[name] = value[name];
  }
  return members as T;
}
