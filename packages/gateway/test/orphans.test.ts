/** gateway · tests: entries whose channel, or whose merchant's channels, are no longer configured. */
import { money } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channels } from '../src/config.ts';
import type { Gateway, GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, type Script, scripted, tea } from './script.ts';

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

/** A gateway whose channels come and go, and the alarms about its payments. */
async function openChanging(script: Script) {
  const { channel, heard } = scripted(script);
  const alarms: GatewayEvent[] = [];
  const all = { one: channel };
  let channels: Channels | undefined = all;
  const { gateway, clock } = await open({
    channels: () => channels,
    on: { payment: { alarm: (event) => void alarms.push(event) } },
  });
  const configure = (those: Channels | undefined): void => {
    channels = those;
  };
  return { gateway, clock, heard, alarms, all, configure };
}

describe.each(gone)('what is unknown, %s', (_, without) => {
  it('is escalated with an alarm, and asked about once its channel is back', async () => {
    const shop = await openChanging({ pay: lost, query: paid });
    const { gateway, clock, heard, all, configure } = shop;
    await gateway.pay(order);
    configure(without);
    await clock.pass(hourMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
    const history = await gateway.history('payment', 'order1');
    expect(history.filter(({ kind }) => kind === 'alarm')).toMatchObject([
      { body: { why: 'its channel is no longer configured' } },
    ]);
    expect(heard.some(({ verb }) => verb === 'query')).toBe(false);
    configure(all);
    await clock.pass(dayMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
  });
});

/** Money that is to go back when its channel leaves, and how long that stays away at least. */
const owed = {
  reversal: {
    script: { pay: paid, reverse: [lost, { ...paid, effect: 'refunded' }] },
    owe: async (gateway: Gateway) => void (await gateway.reverse('order1')),
    awayMs: hourMs / 6,
  },
  refund: {
    script: { pay: { status: 'failed' }, refund: paid },
    owe: async (gateway: Gateway) => {
      const fact = { id: 'order1', ...paid, amount };
      await gateway.receive({ channel: 'one' }, notification({ eventId: 'late', facts: [fact] }));
    },
    awayMs: dayMs + 2 * hourMs,
  },
} as const;

describe.each(gone)('money that is to go back, %s', (_, without) => {
  const start = async (by: keyof typeof owed, back: boolean) => {
    const { script, owe, awayMs } = owed[by];
    const { gateway, clock, alarms, all, configure } = await openChanging(script);
    await gateway.pay(order);
    await owe(gateway);
    configure(without);
    await clock.pass(awayMs);
    if (back) configure(all);
    await clock.pass(6 * hourMs);
    return { alarms, undone: (await gateway.find('payment', 'order1'))?.undone };
  };

  it.each(['reversal', 'refund'] as const)('by %s goes once its channel is back', async (by) => {
    const { alarms, undone } = await start(by, true);
    expect(undone).toEqual({ by, amount });
    expect(alarms).toEqual([]);
  });

  it.each(['reversal', 'refund'] as const)(
    'by %s has a person called where its channel stays away',
    async (by) => {
      const { alarms, undone } = await start(by, false);
      expect(undone).toBeUndefined();
      expect(alarms).toHaveLength(1);
    },
  );
});

describe.each(gone)('a message that was stored and not applied, %s', (_, without) => {
  it('is applied all the same: it was verified', async () => {
    let channels: Channels | undefined = { one: scripted({ pay: lost }).channel };
    let isFirst = true;
    const { gateway, clock } = await open({
      channels: () => channels,
      checkpoint: async (point) => {
        if (point !== 'after-inbox-store' || !isFirst) return;
        isFirst = false;
        throw new Error('The process dies');
      },
    });
    await gateway.pay(order);
    const message = notification({ eventId: 'one', facts: [{ id: 'order1', ...paid, amount }] });
    await expect(gateway.receive({ channel: 'one' }, message)).rejects.toThrow('dies');
    channels = without;
    await clock.pass(hourMs / 60);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
  });
});

describe('an entry whose channel is gone', () => {
  it('says so to whoever means it', async () => {
    const { gateway, configure } = await openChanging({ pay: paid, refund: paid, reverse: paid });
    await gateway.pay(order);
    configure({});
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
    const shop = await openChanging({ payout: paid, queryPayout: { ...paid, returned } });
    const { gateway, clock, all, configure } = shop;
    await gateway.payout({
      merchantPayoutId: 'payout1',
      amount: money('5.00', 'CNY'),
      purpose: 'Wages',
      payee: { kind: 'wallet', id: 'somebody' },
    });
    configure(without);
    await clock.pass(1.5 * dayMs);
    configure(all);
    await clock.pass(dayMs);
    expect(await gateway.find('payout', 'payout1')).toMatchObject({ state: 'succeeded', returned });
  });
});
