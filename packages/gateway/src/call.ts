/** gateway · call: one call of a channel's verb, with its span, its counts and its deadline. */
import {
  type Capabilities,
  type Instant,
  instantOf,
  isPolyrailError,
  type Money,
  type Noun,
  type Ref,
} from '@polyrail/core';
import type { Desk } from './desk.ts';
import { defined } from './entry.ts';
import type { Ending } from './health.ts';
import type { AnyOutcome, AnyVerb } from './verbs.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly repeat?: boolean | undefined;
  readonly onPrepared?: (ref: Ref<Noun>) => Promise<void>;
}

/** Where and what for a call is made. */
export interface Place {
  readonly merchant: string;
  readonly channel: string;
  readonly verb: string;
  readonly amount?: Money | undefined;
}

const fallbackTimeoutMs = 30_000;
/** A call is over this long after its deadline at the latest, in ms. */
export const callMarginMs = 5000;

/** The deadline of a call that begins now, in ms: the caller's, the gateway's or the channel's. */
export const timeoutOf = (
  { settings }: Desk,
  { defaultTimeoutMs = fallbackTimeoutMs }: Capabilities,
  told: number | undefined,
): number => told ?? settings.callTimeoutMs ?? defaultTimeoutMs;

/** Until when nobody else asks about what a call that begins now may be doing. */
export const calledUntilOf = ({ clock }: Desk, timeoutMs: number): Instant =>
  instantOf(clock.now() + timeoutMs + callMarginMs);

const endingOf = (error: unknown): Ending =>
  isPolyrailError(error) && error.code === 'REFUSED' ? 'refused' : 'not-sent';

/**
 * Calls a verb that begins or ends something. It throws only when this call changed nothing; whatever
 * else became of it is the outcome's status. `guarded` calls are kept off a channel that is spared.
 */
export async function callChannel(
  desk: Desk,
  place: Place,
  call: {
    readonly verb: AnyVerb;
    readonly request: unknown;
    readonly options: CallOptions;
    readonly guarded?: boolean;
  },
): Promise<AnyOutcome> {
  const { clock, health, settings, telemetry } = desk;
  const since = clock.now();
  const timeoutMs = call.options.timeoutMs ?? settings.callTimeoutMs;
  const options = defined<CallOptions>({ ...call.options, timeoutMs });
  const run = () => telemetry.span(place, () => call.verb(call.request, options));
  const count = (ending: Ending): void => {
    const tookMs = clock.now() - since;
    health.count(place, ending, tookMs);
    telemetry.called(place, { ending, tookMs, amount: place.amount });
  };
  let ending: Ending = 'not-sent';
  try {
    const outcome = await (call.guarded ? health.guard(place, run) : run());
    ending = outcome.status;
    return outcome;
  } catch (error) {
    ending = endingOf(error);
    throw error;
  } finally {
    count(ending);
  }
}
