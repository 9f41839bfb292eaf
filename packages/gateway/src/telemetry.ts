/**
 * gateway · telemetry: spans and metrics through the OpenTelemetry API - silent until the merchant sets
 * a provider - and structured log events. Ids and amounts are told, secrets and payers never.
 */
import { type Attributes, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { isPolyrailError, type Logger, type Money } from '@polyrail/core';
import type { Ending } from './health.ts';

const name = '@polyrail/gateway';

/** Which call: attributes of its span and of its metrics. */
export interface CallPlace {
  readonly merchant: string;
  readonly channel: string;
  readonly verb: string;
}

const attributesOf = ({ merchant, channel, verb }: CallPlace): Attributes => ({
  'polyrail.merchant': merchant,
  'polyrail.channel': channel,
  'polyrail.verb': verb,
});

export type Telemetry = ReturnType<typeof createTelemetry>;

function createInstruments() {
  const meter = metrics.getMeter(name);
  return {
    calls: meter.createCounter('polyrail.calls', { description: 'Calls of a channel by ending' }),
    duration: meter.createHistogram('polyrail.call.duration', { unit: 'ms' }),
    amount: meter.createCounter('polyrail.amount', {
      description: 'Minor units asked for, by currency and ending',
    }),
    resolverAge: meter.createHistogram('polyrail.resolver.age', {
      unit: 'ms',
      description: 'Age of an unsettled entry when its channel is asked',
    }),
    notificationLag: meter.createHistogram('polyrail.notification.lag', {
      unit: 'ms',
      description: 'From the sending of a notification to its application',
    }),
    alarms: meter.createCounter('polyrail.alarms', { description: 'Facts that contradict others' }),
  };
}

/** `logger` is the merchant's. What it throws changes nothing. */
export function createTelemetry(logger: Logger | undefined) {
  const tracer = trace.getTracer(name);
  const instruments = createInstruments();
  const log = (level: 'info' | 'warn' | 'error', event: string, fields: Attributes): void => {
    try {
      logger?.[level](event, fields);
    } catch {
      // A log that fails must not change what becomes of a payment.
    }
  };
  return {
    /** A span around a call of a channel. */
    span<T>(place: CallPlace, run: () => Promise<T>): Promise<T> {
      const options = { kind: SpanKind.CLIENT, attributes: attributesOf(place) };
      return tracer.startActiveSpan(`${place.channel} ${place.verb}`, options, async (span) => {
        try {
          return await run();
        } catch (error) {
          const code = isPolyrailError(error) ? error.code : 'INTERNAL';
          span.setStatus({ code: SpanStatusCode.ERROR, message: code });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    called(place: CallPlace, end: { ending: Ending; tookMs: number; amount?: Money | undefined }) {
      const attributes = { ...attributesOf(place), 'polyrail.ending': end.ending };
      instruments.calls.add(1, attributes);
      instruments.duration.record(end.tookMs, attributes);
      const { amount } = end;
      if (amount !== undefined) {
        const currency = { 'polyrail.currency': amount.currency };
        instruments.amount.add(amount.amount, { ...attributes, ...currency });
      }
      const level = end.ending === 'unknown' ? 'warn' : 'info';
      log(level, 'polyrail.gateway.call', { ...attributes, tookMs: end.tookMs });
    },
    asked: (place: CallPlace, ageMs: number) =>
      instruments.resolverAge.record(ageMs, attributesOf(place)),
    notified: (place: CallPlace, lagMs: number) =>
      instruments.notificationLag.record(lagMs, attributesOf(place)),
    alarm(fields: Attributes): void {
      instruments.alarms.add(1);
      log('error', 'polyrail.gateway.alarm', fields);
    },
    failed: (event: string, error: unknown) =>
      log('error', event, {
        error: error instanceof Error ? error.name : typeof error,
        ...(isPolyrailError(error) ? { code: error.code } : {}),
      }),
  };
}
