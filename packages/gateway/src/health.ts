/**
 * gateway · health: how each channel has fared lately, for routes to read; a circuit breaker that spares
 * a channel that does not answer, and a limit of calls per second. None of them touches a payment that
 * may already be in flight.
 */
import { type Clock, PolyrailError } from '@polyrail/core';
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

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

/** What the breaker counts: an outcome that is no answer, wrapped so that it is not thrown. */
class Unanswered<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('The channel did not answer');
    this.value = value;
  }
}

const circuitNames: Readonly<Record<number, ServiceQuality['circuit']>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
};

function createLine({ breaker, limit, clock }: HealthOptions) {
  const window = createWindow(clock);
  const policy =
    breaker &&
    circuitBreaker(
      handleWhen((error) => error instanceof Unanswered),
      {
        halfOpenAfter: breaker.halfOpenAfterMs,
        breaker: new ConsecutiveBreaker(breaker.failures),
      },
    );
  const limiter = limit && new RateLimiterMemory({ points: limit.perSecond, duration: 1 });
  return { window, policy, limiter };
}

const rateLimited = (error: unknown): PolyrailError => {
  const retryAfterMs = (error as RateLimiterRes).msBeforeNext;
  const message = 'The limit of calls per second to this channel is reached: nothing was sent';
  return new PolyrailError('NOT_SENT', message, { reason: 'rate-limited', retryAfterMs });
};

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
      const { window, policy } = lineOf(merchant, channel);
      return { ...window.read(), circuit: circuitNames[policy?.state ?? 0] ?? 'closed' };
    },
    /**
     * Makes a call that begins something, unless the channel is spared just now: then nothing was sent
     * (`NOT_SENT`, reason `maintenance` or `rate-limited`).
     */
    async guard<T extends { readonly status: string }>(
      place: { readonly merchant: string; readonly channel: string },
      call: () => Promise<T>,
    ): Promise<T> {
      const { policy, limiter } = lineOf(place.merchant, place.channel);
      if (limiter) {
        await limiter.consume('calls').catch((error: unknown) => {
          throw rateLimited(error);
        });
      }
      if (!policy) return call();
      try {
        return await policy.execute(async () => {
          const outcome = await call();
          if (outcome.status === 'unknown') throw new Unanswered(outcome);
          return outcome;
        });
      } catch (error) {
        if (error instanceof Unanswered) return (error as Unanswered<T>).value;
        if (!(error instanceof BrokenCircuitError)) throw error;
        const message = 'The channel did not answer lately and is spared: nothing was sent';
        throw new PolyrailError('NOT_SENT', message, { reason: 'maintenance' });
      }
    },
  };
}
