import { type Channel, instantOf, money, PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, scripted, startAt, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const startedAt = instantOf(startAt);
const lost = { status: 'unknown', doubt: 'no-reply' } as const;

it('a reversal of what is paid is told again until the channel has answered it', async () => {
  const reverse = [lost, lost, { status: 'succeeded', effect: 'refunded' }] as const;
  const { channel, heard } = scripted({ pay: { status: 'succeeded' }, reverse });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  expect((await gateway.reverse('order1')).undone).toBeUndefined();
  await clock.pass(60_000);
  expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(3);
  expect(await gateway.find('payment', 'order1')).toMatchObject({
    state: 'succeeded',
    undone: { by: 'reversal', amount },
  });
});

it('calls a person when it is never answered', async () => {
  const { channel, heard } = scripted({ pay: { status: 'succeeded' }, reverse: lost });
  const alarms: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: channel },
    on: { payment: { alarm: (event) => void alarms.push(event) } },
  });
  await gateway.pay(order);
  await gateway.reverse('order1');
  await clock.pass(6 * 60 * 60_000);
  expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(13);
  expect(alarms).toHaveLength(1);
});

it('counts what the channel finds closed when it is told again', async () => {
  const reverse = [lost, { status: 'succeeded', effect: 'closed' }] as const;
  const { channel } = scripted({ pay: { status: 'succeeded' }, reverse });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  await gateway.reverse('order1');
  await clock.pass(60_000);
  expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
});

it('is told once, whoever tells of it first', async () => {
  const undone = { by: 'refund', amount } as const;
  const back = { status: 'succeeded', effect: 'refunded' } as const;
  const { channel } = scripted({ pay: { status: 'succeeded' }, reverse: [lost, back] });
  const told: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: channel },
    on: { payment: { undone: (event) => void told.push(event) } },
  });
  await gateway.pay(order);
  await gateway.reverse('order1');
  const fact = { id: 'order1', status: 'succeeded', amount, undone } as const;
  await gateway.receive({ channel: 'one' }, notification({ eventId: 'back', facts: [fact] }));
  await clock.pass(60_000);
  expect(told).toHaveLength(1);
});

describe('a payment that turns out paid while it is reversed', () => {
  const silent = { status: 'unknown', doubt: 'no-reply' } as const;
  const paid = { id: 'order1', status: 'succeeded', amount } as const;
  const push = notification({ eventId: 'paid', facts: [paid] });

  async function openReversed(reverse: unknown) {
    const { channel, heard } = scripted({ pay: lost, query: silent, reverse });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await clock.pass(25_000);
    const reversals = () => heard.filter(({ verb }) => verb === 'reverse').length;
    expect(reversals()).toBe(1);
    await gateway.receive({ channel: 'one' }, push);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'succeeded' });
    return { gateway, clock, reversals };
  }

  it('is asked to be reversed again: what was not answered may still take effect', async () => {
    const back = { status: 'succeeded', effect: 'refunded' } as const;
    const { gateway, clock, reversals } = await openReversed([lost, back]);
    await clock.pass(120_000);
    expect(reversals()).toBe(2);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'succeeded',
      undone: { by: 'reversal', amount },
    });
  });

  it('stays paid when the channel says that it was not reversed', async () => {
    const no = { status: 'failed', reason: 'already-paid', retry: 'never' } as const;
    const { gateway, clock, reversals } = await openReversed([lost, no]);
    await clock.pass(3_600_000);
    expect(reversals()).toBe(2);
    expect((await gateway.find('payment', 'order1'))?.undone).toBeUndefined();
  });

  it('is undone when that is what the answer says', async () => {
    const { channel } = scripted({ pay: lost, query: silent, reverse: 'silence' });
    let answer: (said: object) => void = () => undefined;
    const reverse = (ref: object) =>
      new Promise((resolve) => {
        answer = (said) =>
          resolve({
            noun: 'cancellation',
            ref,
            evidence: 'signed',
            observedAt: startedAt,
            ...said,
          });
      });
    const { gateway, clock } = await open({
      channels: { one: { ...channel, reverse } as Channel },
    });
    await gateway.pay(order);
    await clock.pass(25_000);
    await gateway.receive({ channel: 'one' }, push);
    answer({ status: 'succeeded', effect: 'refunded' });
    await clock.rest();
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
  });
});

it('a message that tells another amount of what had failed has the channel asked', async () => {
  const waiting = { status: 'pending', waitingFor: 'payer' } as const;
  const done = { status: 'succeeded' } as const;
  const { channel } = scripted({ pay: waiting, query: done, close: done });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  await gateway.closePayment('order1');
  const fact = { id: 'order1', status: 'succeeded', amount: money('0.01', 'CNY') } as const;
  await gateway.receive({ channel: 'one' }, notification({ eventId: 'odd', facts: [fact] }));
  expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'failed' });
  await clock.pass(60_000);
  expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'late-success' });
});

it('of the merchant that is not answered is told again once the payment turns out paid', async () => {
  const waiting = { status: 'pending', waitingFor: 'payer' } as const;
  const back = { status: 'succeeded', effect: 'refunded' } as const;
  const { channel, heard } = scripted({ pay: waiting, query: waiting, reverse: [lost, back] });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  await gateway.reverse('order1');
  const fact = { id: 'order1', status: 'succeeded', amount } as const;
  await gateway.receive({ channel: 'one' }, notification({ eventId: 'paid', facts: [fact] }));
  await clock.pass(120_000);
  expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(2);
  expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
});

describe('a channel that is away while it is to reverse', () => {
  const away = new PolyrailError('UNAVAILABLE', 'Nobody is there');
  const back = { status: 'succeeded', effect: 'refunded' } as const;

  it('is told ever more slowly, for as long as an outage lasts', async () => {
    const { channel, heard } = scripted({ pay: lost, query: lost, reverse: away });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const reversals = () => heard.filter(({ verb }) => verb === 'reverse').length;
    await clock.pass(5 * 60_000);
    expect(reversals()).toBeGreaterThan(3);
    expect(reversals()).toBeLessThan(8);
    await clock.pass(2 * 60 * 60_000);
    expect(reversals()).toBe(12);
  });

  it('is told again once it was paid, however often it was told before', async () => {
    const reverse = [...Array.from({ length: 12 }, () => lost), lost, back];
    const { channel, heard } = scripted({ pay: lost, query: lost, reverse });
    const alarms: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { alarm: (event) => void alarms.push(event) } },
    });
    await gateway.pay(order);
    await clock.pass(3 * 60 * 60_000);
    expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(12);
    const fact = { id: 'order1', status: 'succeeded', amount } as const;
    await gateway.receive({ channel: 'one' }, notification({ eventId: 'paid', facts: [fact] }));
    await clock.pass(10 * 60_000);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
    expect(alarms).toEqual([]);
  });
});

describe('a payment by code that its channel does not know', () => {
  const notFound = { status: 'unknown', doubt: 'not-found', evidence: 'signed' } as const;
  const code = { ...order, scene: 'barcode', authCode: '286512345678901234' } as const;

  async function openDenied(reverse: unknown) {
    const { channel } = scripted({ pay: lost, query: notFound, reverse });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(code);
    return { gateway, clock };
  }

  it('is absent once it was reversed as well, and nothing was there', async () => {
    const { gateway, clock } = await openDenied([lost, notFound]);
    await clock.pass(10 * 60_000);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'not-found',
    });
  });

  it('is ended where its reversal finds what no query did', async () => {
    const { gateway, clock } = await openDenied({ status: 'succeeded', effect: 'refunded' });
    await clock.pass(10 * 60_000);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'failed',
      proof: 'reversed',
    });
  });

  it('is nobody’s to fail as long as no reversal is answered', async () => {
    const { gateway, clock } = await openDenied(lost);
    await clock.pass(23 * 60 * 60_000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('unknown');
    await clock.pass(3 * 60 * 60_000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('escalated');
  });
});

describe('a reversal that found nothing while the request could still arrive', () => {
  const waiting = { status: 'pending', waitingFor: 'payer' } as const;
  const nothing = { status: 'succeeded', effect: 'nothing-there' } as const;
  const notFound = { status: 'unknown', doubt: 'not-found', evidence: 'signed' } as const;
  const gone = { status: 'failed', reason: 'order-closed', retry: 'new-id' } as const;
  const paid = { id: 'order1', status: 'succeeded', amount } as const;
  const push = notification({ eventId: 'paid', facts: [paid] });

  async function openFound(query: unknown) {
    const { channel, heard } = scripted({ pay: waiting, query, reverse: nothing });
    const told: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { succeeded: (event) => void told.push(event) } },
    });
    await gateway.pay(order);
    await gateway.reverse('order1');
    await clock.rest();
    await gateway.receive({ channel: 'one' }, push);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
    await clock.pass(60_000);
    return { gateway, told, reversals: heard.filter(({ verb }) => verb === 'reverse').length };
  }

  it('may have been of a payment nobody saw: a message of its success is asked about', async () => {
    const { gateway, told } = await openFound([notFound, gone]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'failed' });
    expect(told).toEqual([]);
  });

  it('does not undo what the channel says is paid', async () => {
    const { gateway, told, reversals } = await openFound([notFound, paid]);
    const stands = await gateway.find('payment', 'order1');
    expect(stands).toMatchObject({ state: 'succeeded' });
    expect(stands?.undone).toBeUndefined();
    expect(told).toHaveLength(1);
    expect(reversals).toBe(1);
  });

  it('is told again, once what was taken for absent is said to be paid', async () => {
    const closed = { status: 'succeeded', effect: 'closed' } as const;
    const reverse = [nothing, closed];
    const { channel, heard } = scripted({ pay: lost, query: notFound, reverse });
    const { gateway, clock } = await open({ channels: { one: channel } });
    const reversals = () => heard.filter(({ verb }) => verb === 'reverse').length;
    await gateway.pay({ ...order, scene: 'barcode', authCode: '286512345678901234' });
    await clock.pass(300_000);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ proof: 'not-found' });
    expect(reversals()).toBe(1);
    await gateway.receive({ channel: 'one' }, push);
    await clock.pass(120_000);
    expect(reversals()).toBe(2);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'late-success',
      undone: { by: 'reversal', amount },
    });
  });
});
