/** gateway · tests: entries whose channel, or whose merchant's channels, are no longer configured. */
import { money } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channels } from '../src/config.ts';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const order = tea();
const lost = { status: 'unknown', doubt: 'no-reply' } as const;
const paid = { status: 'succeeded' } as const;

/** Both ways of being gone: without the channel, and without the merchant. */
const gone: readonly (readonly [string, Channels | undefined])[] = [
  ['whose channel is gone', {}],
  ['whose merchant is gone', undefined],
];

describe.each(gone)('what is unknown, %s', (_, without) => {
  it('is escalated with an alarm, and asked about once its channel is back', async () => {
    const { channel, heard } = scripted({ pay: lost, query: paid });
    let channels: Channels | undefined = { one: channel };
    const { gateway, clock } = await open({ channels: () => channels });
    await gateway.pay(order);
    channels = without;
    await clock.pass(hourMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
    const history = await gateway.history('payment', 'order1');
    expect(history.filter(({ kind }) => kind === 'alarm')).toMatchObject([
      { body: { why: 'its channel is no longer configured' } },
    ]);
    expect(heard.some(({ verb }) => verb === 'query')).toBe(false);
    channels = { one: channel };
    await clock.pass(dayMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
  });
});

describe.each(gone)('a reversal of what is paid, %s', (_, without) => {
  const start = async (back: boolean) => {
    const reverse = [lost, { status: 'succeeded', effect: 'refunded' }] as const;
    const { channel } = scripted({ pay: paid, reverse });
    const alarms: GatewayEvent[] = [];
    let channels: Channels | undefined = { one: channel };
    const { gateway, clock } = await open({
      channels: () => channels,
      on: { payment: { alarm: (event) => void alarms.push(event) } },
    });
    await gateway.pay(order);
    await gateway.reverse('order1');
    channels = without;
    await clock.pass(10 * 60_000);
    if (back) channels = { one: channel };
    await clock.pass(6 * hourMs);
    return { alarms, payment: await gateway.find('payment', 'order1') };
  };

  it('is told again once its channel is back', async () => {
    const { alarms, payment } = await start(true);
    expect(payment).toMatchObject({ state: 'succeeded', undone: { by: 'reversal', amount } });
    expect(alarms).toEqual([]);
  });

  it('has a person called where it stays away', async () => {
    const { alarms, payment } = await start(false);
    expect(payment?.undone).toBeUndefined();
    expect(alarms).toHaveLength(1);
  });
});

describe.each(gone)('money that came late, %s', (_, without) => {
  const start = async (back: boolean) => {
    const { channel } = scripted({ pay: { status: 'failed' }, refund: paid });
    const alarms: GatewayEvent[] = [];
    let channels: Channels | undefined = { one: channel };
    const { gateway, clock } = await open({
      channels: () => channels,
      on: { payment: { alarm: (event) => void alarms.push(event) } },
    });
    await gateway.pay(order);
    const fact = { id: 'order1', ...paid, amount };
    await gateway.receive({ channel: 'one' }, notification({ eventId: 'late', facts: [fact] }));
    channels = without;
    await clock.pass(dayMs + 2 * hourMs);
    if (back) channels = { one: channel };
    await clock.pass(6 * hourMs);
    return { alarms, payment: await gateway.find('payment', 'order1') };
  };

  it('is given back once its channel is back', async () => {
    const { alarms, payment } = await start(true);
    expect(payment).toMatchObject({ undone: { by: 'refund', amount } });
    expect(alarms).toEqual([]);
  });

  it('has a person called where it stays away', async () => {
    const { alarms, payment } = await start(false);
    expect(payment?.undone).toBeUndefined();
    expect(alarms).toHaveLength(1);
  });
});

describe('an entry whose channel is gone', () => {
  it('says so to whoever means it', async () => {
    const { channel } = scripted({ pay: paid, refund: paid, reverse: paid });
    let channels: Channels = { one: channel };
    const { gateway } = await open({ channels: () => channels });
    await gateway.pay(order);
    channels = {};
    const refund = { payment: 'order1', merchantRefundId: 'refund1', amount };
    const told = {
      code: 'CONFIG_INVALID',
      message: 'Channel one, where it was begun, is not configured',
    };
    await expect(gateway.refund(refund)).rejects.toMatchObject(told);
    await expect(gateway.reverse('order1')).rejects.toMatchObject(told);
  });
});

describe.each(gone)('a payout that may still be sent back, %s', (_, without) => {
  it('is watched again once its channel is back', async () => {
    const returned = { at: '2026-11-23T04:00:00.000Z', reason: 'payee-invalid' };
    const queryPayout = { ...paid, returned } as const;
    const { channel } = scripted({ payout: paid, queryPayout });
    let channels: Channels | undefined = { one: channel };
    const { gateway, clock } = await open({ channels: () => channels });
    await gateway.payout({
      merchantPayoutId: 'payout1',
      amount: money('5.00', 'CNY'),
      purpose: 'Wages',
      payee: { kind: 'wallet', id: 'somebody' },
    });
    channels = without;
    await clock.pass(1.5 * dayMs);
    channels = { one: channel };
    await clock.pass(dayMs);
    expect(await gateway.find('payout', 'payout1')).toMatchObject({ state: 'succeeded', returned });
  });
});
