import { type Channel, instantOf, money, PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpener, type Said, scripted, startAt, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = {
  scene: 'barcode',
  authCode: '286512345678901234',
  merchantPaymentId: 'order1',
  amount: money('9.90', 'CNY'),
  description: 'Tea',
} as const;
const qr = tea();
const lost: Said = { status: 'unknown', doubt: 'no-reply', evidence: 'none' };
const absent: Said = { status: 'unknown', doubt: 'not-found' };
const silent = new PolyrailError('UNAVAILABLE', 'No reply');
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const count = (heard: readonly { verb: string }[], verb: string): number =>
  heard.filter((one) => one.verb === verb).length;

describe('what is unknown', () => {
  it('is asked about along the channel’s schedule until it is known', async () => {
    const { channel, heard } = scripted({
      pay: lost,
      query: [lost, lost, { status: 'succeeded' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    expect((await gateway.pay(order)).state).toBe('unknown');
    await clock.pass(4900);
    expect(count(heard, 'query')).toBe(0);
    await clock.pass(1200);
    expect(count(heard, 'query')).toBe(1);
    await clock.pass(30_000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
    expect(count(heard, 'query')).toBe(3);
  });

  it('is reversed when asking does not settle it, and only then failed', async () => {
    const { channel, heard } = scripted({
      pay: lost,
      query: silent,
      reverse: [lost, { status: 'succeeded', effect: 'nothing-there' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await clock.pass(21_000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('unknown');
    await clock.pass(3 * minuteMs);
    // The second time the request might still have been on its way.
    expect(count(heard, 'reverse')).toBe(3);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'reversed',
    });
  });

  it('is proven absent by a not-found only once a query can no longer miss it', async () => {
    const { channel } = scripted({
      pay: lost,
      query: absent,
      capabilities: { resolve: { queryAfterMs: [5000, 10_000], ...escalating } },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    // Five seconds beyond the channel's window: the clock that dated the call may have been another.
    await clock.pass(minuteMs + 5000);
    expect((await gateway.resolve('payment', 'order1'))?.state).toBe('unknown');
    await clock.pass(1);
    expect(await gateway.resolve('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'not-found',
    });
  });

  it('is ended, and not believed absent, once the channel had said that its payer is at it', async () => {
    const { channel, heard } = scripted({
      pay: { status: 'pending', waitingFor: 'payer' },
      query: absent,
      reverse: { status: 'succeeded', effect: 'closed' },
      capabilities: {
        resolve: { queryAfterMs: [5000, 2 * minuteMs, 10 * minuteMs], ...reversing },
      },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await clock.pass(9 * minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
    await clock.pass(3 * minuteMs);
    expect(count(heard, 'reverse')).toBe(1);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'reversed',
    });
  });

  it('is never proven absent by an answer nobody vouches for', async () => {
    const { channel } = scripted({
      pay: lost,
      query: { status: 'unknown', doubt: 'not-found', evidence: 'none' },
      capabilities: { resolve: { queryAfterMs: [5000], ...escalating } },
    });
    const { gateway, clock } = await open({
      channels: { one: channel },
      patience: { payment: dayMs },
    });
    await gateway.pay(order);
    await clock.pass(dayMs - minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('unknown');
    await clock.pass(20 * minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
  });

  it('is still asked about when it was escalated, and may yet be known', async () => {
    const { channel } = scripted({
      pay: lost,
      query: [...Array.from({ length: 14 }, () => silent), { status: 'succeeded' }],
      capabilities: { resolve: { queryAfterMs: [5000], ...escalating } },
    });
    const patience = { payment: 60 * minuteMs };
    const { gateway, clock } = await open({ channels: { one: channel }, patience });
    await gateway.pay(order);
    await clock.pass(90 * minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
    await clock.pass(15 * dayMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
  });
});

// biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
const escalating = { then: 'escalate' as const };
// biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
const reversing = { then: 'reverse' as const };

describe('what a payer can still pay', () => {
  const pending: Said = {
    status: 'pending',
    waitingFor: 'payer',
    nextAction: { kind: 'qr', text: 'pay me' },
  };

  it('is left alone until it expires, then closed at the channel and here', async () => {
    const { channel, heard } = scripted({
      pay: { ...pending, expiresAt: '2026-11-22T06:00:00.000Z' },
      query: pending,
      close: { status: 'succeeded' },
      reverse: { status: 'succeeded', effect: 'closed' },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(qr);
    await clock.pass(119 * minuteMs);
    expect(count(heard, 'close') + count(heard, 'reverse')).toBe(0);
    await clock.pass(2 * minuteMs);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'closed',
      reason: 'order-expired',
    });
    expect(count(heard, 'reverse')).toBe(0);
  });

  it('was paid at the last moment when closing says so', async () => {
    const { channel } = scripted({
      pay: pending,
      query: [pending, pending, pending, pending, pending, { status: 'succeeded' }],
      close: { status: 'failed', reason: 'already-paid', retry: 'never' },
    });
    const { gateway, clock } = await open({ channels: { one: channel }, expireAfterMs: minuteMs });
    await gateway.pay(qr);
    await clock.pass(10 * minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
  });

  it('is not absent when closing said that it is paid, whatever asking says', async () => {
    const { channel, heard } = scripted({
      pay: { status: 'pending', waitingFor: 'payer' },
      query: absent,
      close: { status: 'failed', reason: 'already-paid', retry: 'never' },
    });
    const { gateway, clock } = await open({ channels: { one: channel }, expireAfterMs: minuteMs });
    await gateway.pay(qr);
    await clock.pass(5 * 60 * minuteMs);
    expect(count(heard, 'close')).toBeGreaterThan(0);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
    await clock.pass(2 * dayMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
  });

  it('is not absent because its code was not scanned yet', async () => {
    const { channel } = scripted({ pay: pending, query: absent, close: { status: 'succeeded' } });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(qr);
    await clock.pass(100 * minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
  });
});

describe('refunds and payouts', () => {
  const wages = {
    merchantPayoutId: 'payout1',
    amount: money('5.00', 'CNY'),
    purpose: 'Wages',
    payee: { kind: 'wallet', id: 'somebody' },
  } as const;
  const paid = { pay: { status: 'succeeded' as const }, query: { status: 'succeeded' as const } };

  it('are asked about for days before somebody is called', async () => {
    const pending: Said = { status: 'pending', waitingFor: 'channel' };
    const { channel } = scripted({
      ...paid,
      refund: pending,
      queryRefund: [...Array.from({ length: 12 }, () => pending), { status: 'succeeded' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const amount = money('1.00', 'CNY');
    const request = { payment: 'order1', merchantRefundId: 'refund1', amount };
    expect((await gateway.refund(request)).state).toBe('pending');
    await clock.pass(2 * dayMs);
    expect((await gateway.find('refund', 'refund1'))?.state).toBe('succeeded');
    expect((await gateway.find('payment', 'order1'))?.undone).toEqual({ by: 'refund', amount });
  });

  it('that took days to arrive may still be sent back days later', async () => {
    const arrivedAt = instantOf(startAt + 6 * dayMs);
    const arrived: Said = { status: 'succeeded', arrivedAt };
    const returned = { at: instantOf(startAt + 8 * dayMs), reason: 'payee-invalid' };
    const pending: Said = { status: 'pending', waitingFor: 'channel' };
    let now = () => startAt;
    const { channel } = scripted({ payout: pending });
    const queryPayout = async (ref: object) => {
      const days = (now() - startAt) / dayMs;
      const said = days < 6 ? pending : days < 8 ? arrived : { ...arrived, returned };
      const more = { noun: 'payout', evidence: 'signed', observedAt: instantOf(now()) };
      return { ...more, ref, ...said };
    };
    const channels = { one: { ...channel, queryPayout } as unknown as Channel };
    const { gateway, clock } = await open({ channels });
    now = clock.now;
    await gateway.payout(wages);
    await clock.pass(11 * dayMs);
    expect(await gateway.find('payout', 'payout1')).toMatchObject({ state: 'succeeded', returned });
  });

  it('that a bank sends back later stay succeeded and say so', async () => {
    const returned = { at: '2026-11-23T04:00:00.000Z', reason: 'payee-invalid' };
    const { channel } = scripted({
      payout: { status: 'succeeded' },
      queryPayout: [{ status: 'succeeded' }, { status: 'succeeded', returned }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.payout(wages);
    await clock.pass(3 * dayMs);
    expect(await gateway.find('payout', 'payout1')).toMatchObject({ state: 'succeeded', returned });
  });

  it('mean what succeeded, and say so otherwise', async () => {
    const { channel } = scripted({ pay: lost, query: silent, refund: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel } });
    const amount = money('1.00', 'CNY');
    const request = { payment: 'order1', merchantRefundId: 'refund1', amount };
    await expect(gateway.refund(request)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'payment',
    });
    await gateway.pay(order);
    await expect(gateway.refund(request)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('that cannot be asked about are told again under their own id', async () => {
    const { channel, heard } = scripted({ ...paid, cancel: [lost, { status: 'succeeded' }] });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await gateway.cancel({ payment: 'order1', merchantCancelId: 'cancel1' });
    await clock.pass(minuteMs);
    expect((await gateway.find('cancellation', 'cancel1'))?.state).toBe('succeeded');
    const [first, again, ...more] = heard.filter(({ verb }) => verb === 'cancel');
    expect(again?.request).toEqual(first?.request);
    expect([first?.options.repeat, again?.options.repeat, more]).toEqual([undefined, true, []]);
  });
});

describe('every call', () => {
  it('has the gateway’s deadline, unless it was given its own', async () => {
    const { channel, heard } = scripted({
      pay: lost,
      query: lost,
      reverse: { status: 'succeeded', effect: 'nothing-there' },
    });
    const { gateway, clock } = await open({ channels: { one: channel }, callTimeoutMs: 1234 });
    await gateway.pay(order);
    await gateway.pay({ ...order, merchantPaymentId: 'order2' }, { timeoutMs: 99 });
    await gateway.reverse('order2');
    await clock.pass(3 * minuteMs);
    const told = heard.map(({ verb, options }) => `${verb} ${options.timeoutMs}`);
    expect(new Set(told)).toEqual(new Set(['pay 1234', 'pay 99', 'reverse 1234', 'query 1234']));
  });
});
