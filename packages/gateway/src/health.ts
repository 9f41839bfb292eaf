/**
 * gateway · health: how each channel has fared lately, for routes to read; a circuit breaker that spares
 * a channel that does not answer, and a limit of calls per second. None of them touches a payment that
 * may already be in flight.
 */
import { type Clock, isPolyrailError, PolyrailError } from '@polyrail/core';
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** How a call ended, for counting. */
export type Ending = 'succeeded' | 'pending' | 'failed' | 'unknown' | 'refused' | 'not-sent';

/** Of one merchant's channel, over the last minutes. */
export interface ServiceQuality {
  readonly calls: number;
  /** Of those that ended with a decision, the part that succeeded; `undefined` while none did. */
  readonly successRate?: number;
  readonly unknownRate: number;
  /** Of the time calls took, in ms. */
  readonly meanMs: number;
  readonly slowestMs: number;
  /** `open`: the breaker keeps payments away from it. */
  readonly circuit: 'closed' | 'open' | 'half-open';
}

export interface BreakerOptions {
  /** Calls in a row without an answer that open the circuit. */
  readonly failures: number;
  /** After which one call tries again, in ms. */
  readonly halfOpenAfterMs: number;
}

export interface LimitOptions {
  /** Calls per second to one channel of one merchant. */
  readonly perSecond: number;
}

export interface HealthOptions {
  readonly breaker?: BreakerOptions | undefined;
  readonly limit?: LimitOptions | undefined;
  readonly clock: Clock;
}

const bucketMs = 10_000;
const windowMs = 5 * 60_000;

interface Bucket {
  readonly since: number;
  readonly counts: Record<Ending, number>;
  totalMs: number;
  slowestMs: number;
}

const emptyBucket = (since: number): Bucket => ({
  since,
  counts: { succeeded: 0, pending: 0, failed: 0, unknown: 0, refused: 0, 'not-sent': 0 },
  totalMs: 0,
  slowestMs: 0,
});

/** The last minutes of one channel, in buckets of ten seconds. */
function createWindow(clock: Clock) {
  let buckets: Bucket[] = [];
  const recent = (): Bucket[] => {
    const from = clock.now() - windowMs;
    buckets = buckets.filter(({ since }) => since >= from);
    return buckets;
  };
  return {
    count(ending: Ending, tookMs: number): void {
      const since = Math.floor(clock.now() / bucketMs) * bucketMs;
      let bucket = buckets.at(-1);
      if (bucket?.since !== since) {
        bucket = emptyBucket(since);
        recent().push(bucket);
      }
      bucket.counts[ending] += 1;
      bucket.totalMs += tookMs;
      bucket.slowestMs = Math.max(bucket.slowestMs, tookMs);
    },
    read(): Omit<ServiceQuality, 'circuit'> {
      const all = recent();
      const sum = (ending: Ending) => all.reduce((total, { counts }) => total + counts[ending], 0);
      const endings = Object.keys(emptyBucket(0).counts) as Ending[];
      const calls = endings.reduce((total, ending) => total + sum(ending), 0);
      const decided = sum('succeeded') + sum('failed') + sum('refused');
      return {
        calls,
        ...(decided === 0 ? {} : { successRate: sum('succeeded') / decided }),
        unknownRate: calls === 0 ? 0 : sum('unknown') / calls,
        meanMs: calls === 0 ? 0 : all.reduce((total, { totalMs }) => total + totalMs, 0) / calls,
        slowestMs: Math.max(0, ...all.map(({ slowestMs }) => slowestMs)),
      };
    },
  };
}

/** An end that the library is to count as a failure. */
class Unanswered<T> extends Error {
  readonly end: () => T;
  constructor(end: () => T) {
    super('The channel did not answer');
    this.end = end;
  }
}

/** Whether a channel has answered with an error: whatever else is thrown was never sent. */
const isAnswer = (error: unknown): boolean => isPolyrailError(error) && error.code === 'REFUSED';

const circuitNames: Readonly<Record<number, ServiceQuality['circuit']>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
};

const spared = (): PolyrailError => {
  const message = 'The channel did not answer lately and is spared: nothing was sent';
  return new PolyrailError('NOT_SENT', message, { reason: 'maintenance' });
};

const rateLimited = (retryAfterMs: number): PolyrailError => {
  const message = 'The limit of calls per second to this channel is reached: nothing was sent';
  return new PolyrailError('NOT_SENT', message, { reason: 'rate-limited', retryAfterMs });
};

/**
 * The library counts, opens and closes; the gateway's clock says when one call may try again. Nobody
 * waits for how that one ends: it may take as long as its deadline.
 */
function createCircuit({ failures, halfOpenAfterMs }: BreakerOptions, clock: Clock) {
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof Unanswered),
    { halfOpenAfter: 0, breaker: new ConsecutiveBreaker(failures) },
  );
  let triedAgainAt = 0;
  policy.onBreak(() => {
    triedAgainAt = clock.now() + halfOpenAfterMs;
  });
  const isSpared = (): boolean =>
    policy.state === CircuitState.HalfOpen ||
    (policy.state === CircuitState.Open && clock.now() < triedAgainAt);
  return {
    state: () => circuitNames[policy.state] ?? 'closed',
    /** @throws PolyrailError `NOT_SENT`, reason `maintenance` */
    async run<T extends { readonly status: string }>(call: () => Promise<T>): Promise<T> {
      if (isSpared()) throw spared();
      const tries = policy.state === CircuitState.Open;
      try {
        return await policy.execute(async () => {
          const outcome = await call().catch((error: unknown) => {
            if (!tries || isAnswer(error)) throw error;
            // What was never sent does not prove that the channel answers again.
            throw new Unanswered<T>(() => {
              throw error;
            });
          });
          if (outcome.status === 'unknown') throw new Unanswered(() => outcome);
          return outcome;
        });
      } catch (error) {
        if (error instanceof Unanswered) return (error as Unanswered<T>).end();
        throw error instanceof BrokenCircuitError ? spared() : error;
      }
    },
  };
}

const secondMs = 1000;
/** The library forgets by the wall clock: so long after a second its count is of no use, in s. */
const countKeptSeconds = 10;

/** The library's count of each second of the gateway's clock. */
function createLimiter({ perSecond }: LimitOptions, clock: Clock) {
  const counts = new RateLimiterMemory({ points: perSecond, duration: countKeptSeconds });
  return {
    /** @throws PolyrailError `NOT_SENT`, reason `rate-limited` */
    async take(): Promise<void> {
      const now = clock.now();
      const second = Math.floor(now / secondMs);
      await counts.consume(second).catch(() => {
        throw rateLimited((second + 1) * secondMs - now);
      });
    },
  };
}

const createLine = ({ breaker, limit, clock }: HealthOptions) => ({
  window: createWindow(clock),
  circuit: breaker && createCircuit(breaker, clock),
  limiter: limit && createLimiter(limit, clock),
});

export type Health = ReturnType<typeof createHealth>;

/** Kept by merchant and channel, in this process. */
export function createHealth(options: HealthOptions) {
  const lines = new Map<string, ReturnType<typeof createLine>>();
  const lineOf = (merchant: string, channel: string) => {
    const name = JSON.stringify([merchant, channel]);
    const line = lines.get(name) ?? createLine(options);
    lines.set(name, line);
    return line;
  };
  return {
    count(place: { merchant: string; channel: string }, ending: Ending, tookMs: number): void {
      lineOf(place.merchant, place.channel).window.count(ending, tookMs);
    },
    quality(merchant: string, channel: string): ServiceQuality {
      const { window, circuit } = lineOf(merchant, channel);
      return { ...window.read(), circuit: circuit?.state() ?? 'closed' };
    },
    /**
     * Makes a call that begins something, unless the channel is spared just now: then nothing was sent
     * (`NOT_SENT`, reason `maintenance` or `rate-limited`).
     */
    async guard<T extends { readonly status: string }>(
      place: { readonly merchant: string; readonly channel: string },
      call: () => Promise<T>,
    ): Promise<T> {
      const { circuit, limiter } = lineOf(place.merchant, place.channel);
      await limiter?.take();
      return circuit === undefined ? call() : circuit.run(call);
    },
  };
}
