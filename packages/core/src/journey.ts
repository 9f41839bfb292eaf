/** core · journey: one call under way - its deadline, its abort, and its point of no return. */
import type { Options, Verb } from './channel.ts';
import { PolyrailError } from './errors.ts';
import { keepOwn } from './failure.ts';
import { maxHandleLength, type Noun, type Ref } from './ref.ts';
import { quietly, type Room } from './room.ts';
import type { Call } from './supply.ts';

const fallbackTimeoutMs = 30_000;

type Reason = 'aborted' | 'expired';

/** How a call stands, from building the request to the last byte of the answer. */
export interface Journey {
  readonly call: Call;
  readonly sinceMs: number;
  ref: Ref<Noun>;
  /** Set by the first `prepared`; later ones wait for the same. */
  preparation?: Promise<void>;
  prepared: boolean;
  sent: boolean;
  over: boolean;
  givenUp?: Reason;
  /** What is told when the caller or the deadline gives the call up. */
  onGivenUp?: (reason: Reason) => void;
  /** Starts the deadline anew; `disarm` stops it while nobody waits for the channel. */
  arm(): void;
  disarm(): void;
  /** Ends the call: whatever the adapter still does, it sends nothing and changes nothing. */
  finish(): void;
  /** Ends the call and has the adapter stop. */
  stop(): void;
}

const interruptions = {
  aborted: { before: 'ABORTED', message: 'The caller aborted' },
  expired: { before: 'NOT_SENT', message: 'The deadline passed' },
} as const;

function interruption(journey: Journey, reason: Reason): PolyrailError {
  const { before, message } = interruptions[reason];
  const state = journey.sent ? 'after the request may have been received' : 'before it was sent';
  return new PolyrailError(journey.sent ? 'UNAVAILABLE' : before, `${message} ${state}`);
}

function requireUnderWay(journey: Journey): void {
  if (!journey.over) return;
  throw new PolyrailError('ABORTED', 'The call is over: nothing more may be sent');
}

async function prepare(journey: Journey, handle: unknown, options: Options): Promise<void> {
  if (handle !== undefined) {
    if (typeof handle !== 'string' || handle.length > maxHandleLength) {
      throw new TypeError(`A handle is a text of at most ${maxHandleLength} characters`);
    }
    journey.ref = Object.freeze({ ...journey.ref, handle });
  }
  try {
    await options.onPrepared?.(journey.ref);
  } catch (error) {
    const message = 'onPrepared rejected: nothing was sent';
    throw new PolyrailError('NOT_SENT', message, { cause: keepOwn(error) });
  }
  journey.prepared = true;
}

function callOf(journey: () => Journey, verb: Verb, options: Options & { signal: AbortSignal }) {
  const call: Call = {
    ...options,
    verb,
    get ref() {
      return journey().ref;
    },
    async prepared(handle) {
      const current = journey();
      requireUnderWay(current);
      current.preparation ??= prepare(current, handle, options);
      await current.preparation;
      requireUnderWay(current);
    },
    sent() {
      const current = journey();
      requireUnderWay(current);
      if (!current.prepared) {
        throw new PolyrailError('NOT_SENT', 'The adapter sends before it awaited call.prepared');
      }
      current.sent = true;
    },
  };
  return call;
}

/** Begins a call: from here on its deadline runs and its caller may abort it. */
export function setOut(room: Room, verb: Verb, start: { ref: Ref<Noun>; options: Options }) {
  const { ref, options } = start;
  const controller = new AbortController();
  const timeoutMs =
    options.timeoutMs ?? room.supply.capabilities.defaultTimeoutMs ?? fallbackTimeoutMs;
  let cancelTimer: (() => void) | undefined;
  const onAbort = () => giveUp('aborted');
  const giveUp = (reason: Reason): void => {
    if (journey.over) return;
    journey.givenUp = reason;
    journey.onGivenUp?.(reason);
    journey.stop();
  };
  const call = callOf(() => journey, verb, { ...options, signal: controller.signal });
  const journey: Journey = {
    call,
    sinceMs: room.clock.now(),
    ref,
    prepared: false,
    sent: false,
    over: false,
    arm() {
      journey.disarm();
      if (!journey.over) cancelTimer = room.clock.schedule(timeoutMs, () => giveUp('expired'));
    },
    disarm() {
      quietly(() => cancelTimer?.());
      cancelTimer = undefined;
    },
    finish() {
      journey.over = true;
      journey.disarm();
      options.signal?.removeEventListener('abort', onAbort);
    },
    stop() {
      journey.finish();
      controller.abort();
    },
  };
  journey.arm();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) giveUp('aborted');
  return journey;
}

export type End<T> = { readonly value: T } | { readonly error: unknown };

/** Runs a part of the adapter's work until it ends, or the caller or the deadline gives it up. */
export function travel<T>(journey: Journey, run: (call: Call) => Promise<T>): Promise<End<T>> {
  return new Promise((resolve) => {
    const onGivenUp = (reason: Reason) => resolve({ error: interruption(journey, reason) });
    journey.onGivenUp = onGivenUp;
    if (journey.givenUp !== undefined) return onGivenUp(journey.givenUp);
    // Both ends are handled for good: an adapter that fails after it was given up disturbs nobody.
    (async () => run(journey.call))().then(
      (value) => resolve({ value }),
      (error: unknown) => resolve({ error }),
    );
  });
}
