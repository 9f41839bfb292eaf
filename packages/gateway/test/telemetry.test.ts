import { metrics, trace } from '@opentelemetry/api';
import { money, secret } from '@polyrail/core';
import { afterEach, expect, it } from 'vitest';
import { createOpener, notification, type Said, scripted } from './script.ts';

const { open, close } = createOpener();
afterEach(async () => {
  await close();
  metrics.disable();
  trace.disable();
});

type Attributes = Readonly<Record<string, unknown>>;

/** Providers that write down what they are told. */
function listen() {
  const measured: { readonly name: string; readonly value: number; readonly of: Attributes }[] = [];
  const spans: { readonly name: string; readonly of: Attributes; ended: boolean }[] = [];
  const instrument = (name: string) => {
    const note = (value: number, of: Attributes = {}) => measured.push({ name, value, of });
    return { add: note, record: note };
  };
  const meter = { createCounter: instrument, createHistogram: instrument };
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as never);
  const tracer = {
    startActiveSpan(
      name: string,
      options: { attributes: Attributes },
      run: (span: object) => unknown,
    ) {
      const span = { name, of: options.attributes, ended: false };
      spans.push(span);
      const end = () => {
        span.ended = true;
      };
      return run({ setStatus: () => undefined, end });
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer } as never);
  return { measured, spans };
}

it('calls, amounts, ages and lags are told by merchant, channel and verb', async () => {
  const { measured, spans } = listen();
  const pending: Said = { status: 'pending', waitingFor: 'payer' };
  const { channel } = scripted({
    pay: pending,
    query: pending,
    capabilities: { scenes: { pay: ['card'] } },
  });
  const logged: unknown[] = [];
  const note = (...words: unknown[]) => void logged.push(words);
  const { gateway, clock } = await open({
    channels: { one: channel },
    logger: { debug: note, info: note, warn: note, error: note },
  });
  await gateway.pay({
    scene: 'card',
    merchantPaymentId: 'order1',
    amount: money('9.90', 'CNY'),
    description: 'Tea',
    card: { number: secret('6222021234567890128') },
  });
  await clock.pass(6000);
  const amount = money('0.01', 'CNY');
  const sentAt = '2026-11-22T04:00:00.000Z';
  const told = notification({ facts: [{ id: 'order1', status: 'succeeded', amount }] });
  const body = { ...JSON.parse(Buffer.from(told.body).toString()), sentAt };
  await gateway.receive({ channel: 'one' }, { ...told, body: Buffer.from(JSON.stringify(body)) });

  const place = { 'polyrail.merchant': 'default', 'polyrail.channel': 'one' };
  const of = (name: string) => measured.filter((one) => one.name === name);
  expect(of('polyrail.calls')[0]).toMatchObject({
    value: 1,
    of: { ...place, 'polyrail.verb': 'pay', 'polyrail.ending': 'pending' },
  });
  expect(of('polyrail.amount')[0]).toMatchObject({
    value: 990,
    of: { 'polyrail.currency': 'CNY' },
  });
  expect(of('polyrail.resolver.age')[0]?.value).toBeGreaterThanOrEqual(5000);
  expect(of('polyrail.notification.lag')[0]).toMatchObject({ value: 6000, of: place });
  expect(of('polyrail.alarms')).toHaveLength(1);
  expect(spans[0]).toMatchObject({ name: 'one pay', ended: true });
  expect(JSON.stringify([measured, spans, logged])).not.toContain('62220212');
});
