/**
 * gateway · poll: the state of one payment for whoever pays it, as JSON - for front ends that cannot
 * hold a stream open. It says what a payer may know and nothing else of the entry.
 */
import {
  type Clock,
  epochMsOf,
  type Instant,
  type Money,
  type NextAction,
  type Reason,
} from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { defined, type Entry, isFinal, isOver, type State } from './entry.ts';
import type { Gateway } from './gateway.ts';

/** What a payer's browser is told. Plain JSON. */
export interface PollAnswer {
  readonly id: string;
  readonly state: State;
  /** Nothing more is expected: asking again tells nothing new. */
  readonly over: boolean;
  readonly amount?: Money;
  readonly waitingFor?: Entry['waitingFor'];
  readonly nextAction?: NextAction;
  readonly expiresAt?: Instant;
  /** Only what a payer can do something about. */
  readonly reason?: Reason;
  /** Given back so far of a paid payment. */
  readonly undone?: Money;
  /** When to ask again, in ms. */
  readonly pollAfterMs?: number;
}

/** The payer's own affairs. Others - a risk rule, a key, a limit of the merchant's - are not his. */
const payersReasons: ReadonlySet<Reason> = new Set<Reason>([
  'insufficient-funds',
  'limit-exceeded',
  'payer-declined',
  'payer-unverified',
  'instrument-invalid',
  'order-expired',
  'order-closed',
  'cancelled',
]);

const shortestGapMs = 1000;
const longestGapMs = 15_000;
/** Where nobody is awaited any more and a person looks into it, in ms. */
const escalatedGapMs = 60_000;

/** Every second at first; then a tenth of its age, up to a quarter of a minute. */
function pollAfterMs({ state, createdAt }: Entry, now: number): number {
  if (state === 'escalated' || state === 'late-success') return escalatedGapMs;
  const ageMs = now - (epochMsOf(createdAt) ?? now);
  return Math.round(Math.min(longestGapMs, Math.max(shortestGapMs, ageMs / 10)));
}

/** An entry as its payer may see it; `now` is ms since the epoch. */
export function pollAnswerOf(entry: Entry, now: number): PollAnswer {
  const { id, state, amount, waitingFor, nextAction, expiresAt, reason, undone } = entry;
  const over = isOver(entry);
  return defined<PollAnswer>({
    id,
    state,
    over,
    amount,
    // What could have been done before it ended is of no use afterwards.
    ...(isFinal(state) ? {} : { waitingFor, nextAction, expiresAt }),
    reason: reason !== undefined && payersReasons.has(reason) ? reason : undefined,
    undone: undone?.amount,
    pollAfterMs: over ? undefined : pollAfterMs(entry, now),
  });
}

/** Which payment is asked about. */
export interface PaymentName {
  readonly id: string;
  readonly merchant?: string;
}

export interface PollOptions {
  /**
   * Which payment this request may see. `undefined` where there is none, or whoever asks may not see
   * it: both are answered alike.
   */
  readonly paymentOf: (
    request: Request,
  ) => PaymentName | undefined | Promise<PaymentName | undefined>;
  readonly clock?: Clock;
}

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });

/**
 * A web-standard handler that answers a `GET` with a `PollAnswer`. While the payment is open,
 * `Retry-After` (whole seconds) and `pollAfterMs` say when to ask again. It asks the store and never
 * a channel: it may be called often.
 */
export function pollHandler(
  gateway: Pick<Gateway, 'find'>,
  { paymentOf, clock = systemClock }: PollOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET') {
      return json(405, { error: 'Only GET is answered' }, { allow: 'GET' });
    }
    const name = await paymentOf(request);
    const entry =
      name &&
      (await gateway.find('payment', name.id, name.merchant ? { merchant: name.merchant } : {}));
    if (!entry) return json(404, { error: 'There is no such payment' });
    const answer = pollAnswerOf(entry, clock.now());
    const { pollAfterMs: wait } = answer;
    return json(
      200,
      answer,
      wait === undefined ? {} : { 'retry-after': String(Math.ceil(wait / 1000)) },
    );
  };
}
