/** gateway · tests: what was paid twice. The payment is the attempt that won; the other is given back. */
import { type Channel, instantOf, money, PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, startAt, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const startedAt = instantOf(startAt);
const hour = 60 * 60_000;
const done = { status: 'succeeded' } as const;
const lost = { status: 'unknown', doubt: 'no-reply' } as const;
const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
const fact = { ...done, id: 'order1', amount, paidAt: '2026-11-22T05:00:00.000Z' };

/** A message that speaks of the order in other words, where some are given. */
const saying = (eventId: string, told: object = {}) =>
  notification({ eventId, facts: [{ ...fact, ...told }] });

/** The first channel refuses and the second is paid; then the first says that it was paid as well. */
async function openTwice(
  first: Readonly<Record<string, Said | readonly Said[]>> = {},
  second: Readonly<Record<string, Said | readonly Said[]>> = {},
) {
  const one = scripted({ pay: refusal, query: lost, refund: done, reverse: done, ...first });
  const won = { ...done, paidAt: '2026-11-22T04:00:01.000Z' };
  const back = { ...done, effect: 'refunded' } as const;
  const two = scripted({ pay: won, refund: done, reverse: back, ...second });
  const undone: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: one.channel, two: two.channel },
    on: { payment: { undone: (event) => void undone.push(event) } },
  });
  await gateway.pay(order);
  const tell = (eventId: string, told?: object) =>
    gateway.receive({ channel: 'one' }, saying(eventId, told));
  const heard = (verb: string) =>
    [one, two].map((site) => site.heard.filter((call) => call.verb === verb).length);
  const payment = () => gateway.find('payment', 'order1');
  return { gateway, clock, tell, heard, payment, undone };
}

describe('a payment that was paid twice', () => {
  it('is what won, and nothing of it is undone when the other is given back', async () => {
    const { clock, tell, heard, payment, undone } = await openTwice();
    await tell('late');
    await clock.pass(25 * hour);
    expect(heard('refund')).toEqual([1, 0]);
    const { undone: back, ...entry } = (await payment()) ?? {};
    expect(entry).toMatchObject({
      state: 'succeeded',
      channel: 'two',
      told: { paidAt: '2026-11-22T04:00:01.000Z' },
      surplus: [{ attemptId: 'order1', decision: 'refund' }],
    });
    expect([back, undone]).toEqual([undefined, []]);
  });

  it('is refunded by its merchant where it won', async () => {
    const { gateway, clock, tell, heard, payment } = await openTwice();
    await tell('late');
    const part = money('4.00', 'CNY');
    await gateway.refund({ payment: 'order1', merchantRefundId: 'part', amount: part });
    expect(heard('refund')).toEqual([0, 1]);
    await clock.pass(25 * hour);
    expect(heard('refund')).toEqual([1, 1]);
    expect(await payment()).toMatchObject({ undone: { by: 'refund', amount: part } });
  });

  it('is reversed where it won', async () => {
    const { gateway, tell, heard, payment } = await openTwice();
    await tell('late');
    await gateway.reverse('order1');
    expect(heard('reverse')).toEqual([0, 1]);
    expect(await payment()).toMatchObject({ undone: { by: 'reversal', amount } });
  });

  it('is reversed where it won while the other is still open', async () => {
    const { gateway, tell, heard, payment } = await openTwice();
    await tell('open', { status: 'pending', waitingFor: 'channel' });
    await gateway.reverse('order1');
    expect(heard('reverse')).toEqual([0, 1]);
    expect(await payment()).toMatchObject({ undone: { by: 'reversal', amount } });
  });

  it('is reversed again where nobody answered, before the other is looked at', async () => {
    const reverse: Said[] = [lost, lost, { ...done, effect: 'refunded' }];
    const { gateway, clock, tell, heard, payment } = await openTwice(
      { reverse: { ...done, effect: 'closed' } },
      { reverse },
    );
    await tell('open', { status: 'pending', waitingFor: 'channel' });
    await gateway.reverse('order1');
    await clock.pass(hour);
    expect(heard('reverse')).toEqual([1, 3]);
    const entry = await payment();
    expect(entry).toMatchObject({ state: 'succeeded', undone: { by: 'reversal', amount } });
    expect(entry?.attempts.map(({ fate }) => fate)).toEqual(['failed', 'succeeded']);
  });

  it('is not reversed again while the call may still be answered, whatever is heard of the other', async () => {
    const { gateway, clock, tell, heard } = await openTwice({}, { reverse: 'silence' });
    await tell('open', { status: 'pending', waitingFor: 'channel' });
    void gateway.reverse('order1');
    await clock.rest();
    await tell('still open', { status: 'pending', waitingFor: 'payer' });
    await clock.pass(50_000);
    expect(heard('reverse')).toEqual([0, 1]);
  });

  it('calls a person over a reversal nobody answers, and goes on with the other', async () => {
    const { gateway, clock, tell, heard, payment } = await openTwice(
      { reverse: { ...done, effect: 'closed' } },
      { reverse: lost },
    );
    await tell('open', { status: 'pending', waitingFor: 'channel' });
    await gateway.reverse('order1');
    await clock.pass(12 * hour);
    expect(heard('reverse')).toEqual([1, 13]);
    expect((await payment())?.attempts.map(({ fate }) => fate)).toEqual(['failed', 'succeeded']);
    const history = await gateway.history('payment', 'order1');
    expect(history.some(({ kind }) => kind === 'alarm')).toBe(true);
  });

  it('gives nothing back that its channel says has gone back', async () => {
    const { clock, tell, heard, payment, undone } = await openTwice();
    await tell('late');
    await tell('back', { undone: { by: 'refund', amount } });
    await clock.pass(25 * hour);
    expect(heard('refund')).toEqual([0, 0]);
    const entry = await payment();
    expect(entry?.surplus).toMatchObject([{ decision: 'refund', refundAmount: { amount: 0 } }]);
    expect([entry?.undone, undone]).toEqual([undefined, []]);
  });

  it('is not undone by the reversal of the other, which then need not be given back', async () => {
    const reverse: Said[] = [lost, { ...done, effect: 'refunded' }];
    const { clock, tell, heard, payment, undone } = await openTwice({ reverse });
    await tell('open', { status: 'pending', waitingFor: 'channel' });
    await clock.pass(16_000);
    expect(heard('reverse')).toEqual([1, 0]);
    await tell('late');
    await clock.pass(25 * hour);
    expect([heard('reverse'), heard('refund')]).toEqual([
      [2, 0],
      [0, 0],
    ]);
    const entry = await payment();
    expect(entry?.surplus).toMatchObject([{ decision: 'refund', refundAmount: { amount: 0 } }]);
    expect([entry?.state, entry?.undone, undone]).toEqual(['succeeded', undefined, []]);
  });
});

it('another amount of what was refused has the channel asked, which then tells of the surplus', async () => {
  const { clock, tell, payment } = await openTwice({ query: done });
  await tell('odd', { amount: money('0.01', 'CNY') });
  expect((await payment())?.surplus).toBeUndefined();
  await clock.pass(60_000);
  expect((await payment())?.surplus).toMatchObject([{ attemptId: 'order1' }]);
});

it('another amount of what is refused afterwards leaves it unknown, and nobody else is paid', async () => {
  const told = saying('odd', { amount: money('0.01', 'CNY') });
  const one = scripted({ pay: refusal, query: done });
  const two = scripted({ pay: done });
  const pay = async (...call: Parameters<NonNullable<Channel['pay']>>) => {
    await call[1]?.onPrepared?.({ noun: 'payment', merchantId: 'order1', startedAt });
    await gateway.receive({ channel: 'one' }, told);
    throw refusal;
  };
  const { gateway, clock } = await open({
    channels: { one: { ...one.channel, pay } as Channel, two: two.channel },
  });
  expect(await gateway.pay(order)).toMatchObject({
    state: 'unknown',
    doubt: 'contradicts-request',
  });
  await clock.pass(60_000);
  expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'succeeded' });
  expect(two.heard).toEqual([]);
});

it('another amount of a payout that was refused has its channel asked, and it ends', async () => {
  const { channel } = scripted({ payout: refusal, queryPayout: done });
  const { gateway, clock } = await open({ channels: { one: channel } });
  const payee = { kind: 'wallet', id: 'somebody' } as const;
  const request = { merchantPayoutId: 'order1', amount, purpose: 'Wages', payee } as const;
  await expect(gateway.payout(request)).rejects.toBe(refusal);
  const told = { noun: 'payout', amount: money('0.01', 'CNY') };
  await gateway.receive({ channel: 'one' }, saying('odd', told));
  expect((await gateway.find('payout', 'order1'))?.state).toBe('unknown');
  await clock.pass(60_000);
  expect((await gateway.find('payout', 'order1'))?.state).toBe('succeeded');
});

it('what was refused is late money when it is paid, though another attempt was reversed', async () => {
  const one = scripted({ pay: refusal });
  const reverse = { ...done, effect: 'closed' } as const;
  const two = scripted({ pay: lost, query: lost, reverse });
  const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
  await gateway.pay(order);
  await clock.pass(60_000);
  const failed = { state: 'failed', proof: 'reversed' };
  expect(await gateway.find('payment', 'order1')).toMatchObject(failed);
  await gateway.receive({ channel: 'one' }, saying('late'));
  expect(await gateway.find('payment', 'order1')).toMatchObject({
    state: 'late-success',
    late: { attemptId: 'order1' },
  });
});

describe('a payment that was late, and paid twice', () => {
  /** Refused by the first channel and closed at the second; then paid at both, some hours apart. */
  async function openLate(hoursApart: number) {
    const waiting = { status: 'pending', waitingFor: 'payer' } as const;
    const one = scripted({ pay: refusal, refund: done });
    const two = scripted({ pay: waiting, query: waiting, close: done, refund: done });
    const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
    const { attempts } = await gateway.pay(order);
    await gateway.closePayment('order1');
    const tell = (channel: string, id = '') => gateway.receive({ channel }, saying(id, { id }));
    await tell('two', attempts.at(-1)?.attemptId);
    await clock.pass(hoursApart * hour);
    await tell('one', 'order1');
    const payment = () => gateway.find('payment', 'order1');
    const refunds = () =>
      [one, two].map(({ heard }) => heard.filter(({ verb }) => verb === 'refund').length);
    return { gateway, clock, payment, refunds };
  }

  it('is accepted without what came twice, which is given back', async () => {
    const { gateway, clock, payment, refunds } = await openLate(1);
    const accepted = await gateway.decide('order1', { decision: 'accept' });
    expect(accepted).toMatchObject({
      state: 'succeeded',
      late: { decision: 'accept' },
      surplus: [{ decision: 'undecided' }],
    });
    await clock.pass(25 * hour);
    expect(refunds()).toEqual([1, 0]);
    expect((await payment())?.undone).toBeUndefined();
  });

  it('is refunded whole when its merchant says so', async () => {
    const { gateway, clock, refunds } = await openLate(1);
    await gateway.decide('order1', { decision: 'refund' });
    await clock.pass(hour);
    expect(refunds()).toEqual([1, 1]);
  });

  it('leaves its merchant the time for each', async () => {
    const { clock, payment, refunds } = await openLate(20);
    await clock.pass(5 * hour);
    expect(refunds()).toEqual([0, 1]);
    expect(await payment()).toMatchObject({ surplus: [{ decision: 'undecided' }] });
    await clock.pass(20 * hour);
    expect(refunds()).toEqual([1, 1]);
  });
});

it('a payout that was made twice is the first that was heard of, and is watched there', async () => {
  const one = scripted({ payout: refusal, queryPayout: done });
  const two = scripted({ payout: { ...done, arrivedAt: startedAt }, queryPayout: done });
  const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
  const payee = { kind: 'wallet', id: 'somebody' } as const;
  await gateway.payout({ merchantPayoutId: 'order1', amount, purpose: 'Wages', payee });
  const returned = { at: startedAt, reason: 'payee-invalid' };
  const again = { noun: 'payout', arrivedAt: '2026-11-22T09:00:00.000Z', returned };
  await gateway.receive({ channel: 'one' }, saying('late', again));
  await clock.pass(2 * 24 * hour);
  const { returned: back, ...entry } = (await gateway.find('payout', 'order1')) ?? {};
  expect(entry).toMatchObject({ channel: 'two', told: { arrivedAt: startedAt } });
  expect(back).toBeUndefined();
  const asked = [one, two].map(({ heard }) => heard.some(({ verb }) => verb === 'queryPayout'));
  expect(asked).toEqual([false, true]);
  const history = await gateway.history('payout', 'order1');
  expect(history.some(({ kind }) => kind === 'alarm')).toBe(true);
});

it('a hold that is surplus is let go, and told so again, by its own reference', async () => {
  const one = scripted({ authorize: refusal, cancelAuthorization: [lost, done] });
  const two = scripted({ authorize: done, cancelAuthorization: done });
  const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
  await gateway.authorize(order);
  await gateway.receive({ channel: 'one' }, saying('late', { noun: 'authorization' }));
  await clock.pass(26 * hour);
  const releases = one.heard.filter(({ verb }) => verb === 'cancelAuthorization');
  expect(releases.map(({ request }) => request['authorization'])).toMatchObject([
    { merchantId: 'order1' },
    { merchantId: 'order1' },
  ]);
  expect(two.heard.filter(({ verb }) => verb === 'cancelAuthorization')).toEqual([]);
});
