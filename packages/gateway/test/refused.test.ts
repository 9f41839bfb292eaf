/** gateway · tests: what a channel had refused, and has taken all the same, is found once it is over. */
import { PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import {
  amount,
  createOpener,
  notification,
  type Said,
  type Script,
  scripted,
  tea,
} from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const wages = {
  merchantPayoutId: 'order1',
  amount,
  purpose: 'Wages',
  payee: { kind: 'wallet', id: 'somebody' },
} as const;
const minute = 60_000;
const hour = 60 * minute;
const done = { status: 'succeeded' } as const;
const lost = { status: 'unknown', doubt: 'no-reply' } as const;
const missing = { status: 'unknown', doubt: 'not-found', evidence: 'signed' } as const;
const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
// biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
const escalating = { queryAfterMs: [5000, 10_000], then: 'escalate' } as const;

/** The first channel refuses, and the second is paid. */
async function openPaid(first: Script, second: Script = {}) {
  const one = scripted({ pay: refusal, ...first });
  const two = scripted({ pay: done, ...second });
  const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
  await gateway.pay(order);
  const heard = (verb: string) =>
    [one, two].map((site) => site.heard.filter((call) => call.verb === verb).length);
  return { gateway, clock, heard, payment: () => gateway.find('payment', 'order1') };
}

describe('what one channel had refused, once it is over at another', () => {
  it('is asked about there, and told of as surplus without a message', async () => {
    const { clock, payment, heard } = await openPaid({ query: done });
    await clock.pass(9 * minute);
    expect(heard('query')).toEqual([0, 0]);
    await clock.pass(2 * minute);
    expect(await payment()).toMatchObject({
      state: 'succeeded',
      channel: 'two',
      surplus: [{ attemptId: 'order1' }],
    });
  });

  it('is asked about once where nobody knows it', async () => {
    const { gateway, clock, heard, payment } = await openPaid({ query: missing });
    await clock.pass(2 * 24 * hour);
    expect(heard('query')).toEqual([1, 0]);
    expect(await payment()).not.toHaveProperty('refusalsAsked');
    const facts = [{ ...done, id: (await payment())?.attempts[1]?.attemptId ?? '', amount }];
    await gateway.receive({ channel: 'two' }, notification({ eventId: 'of the winner', facts }));
    await clock.pass(2 * 24 * hour);
    expect(heard('query')).toEqual([1, 0]);
  });

  it('is asked about for a day where nobody answers', async () => {
    const { clock, payment, heard } = await openPaid({ query: [lost, lost, done] });
    await clock.pass(3 * hour);
    expect(heard('query')).toEqual([3, 0]);
    expect(await payment()).toMatchObject({ surplus: [{ attemptId: 'order1' }] });
    const silent = await openPaid({ query: lost });
    await silent.clock.pass(3 * 24 * hour);
    expect(silent.heard('query')).toEqual([25, 0]);
  });

  it('is closed there where its payer may still pay', async () => {
    const waiting = { status: 'pending', waitingFor: 'payer' } as const;
    const closed = { ...done, effect: 'closed' } as const;
    // It is asked about again by a schedule that is not over.
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    const resolve = { queryAfterMs: [15 * minute], then: 'reverse' } as const;
    const one = { query: waiting, reverse: closed, capabilities: { resolve } };
    const { gateway, clock, payment, heard } = await openPaid(one);
    await clock.pass(hour);
    expect(heard('reverse')).toEqual([1, 0]);
    expect((await payment())?.attempts.map(({ fate }) => fate)).toEqual(['failed', 'succeeded']);
    const history = await gateway.history('payment', 'order1');
    expect(history.some(({ kind }) => kind === 'alarm')).toBe(false);
  });

  it('is asked about beside a payout that may still be sent back', async () => {
    const returned = { at: '2026-11-23T04:00:00.000Z', reason: 'payee-invalid' };
    const one = scripted({ payout: refusal, queryPayout: missing });
    const two = scripted({ payout: done, queryPayout: [done, { ...done, returned }] });
    const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
    await gateway.payout(wages);
    await clock.pass(11 * minute);
    expect(one.heard.map(({ verb }) => verb)).toEqual(['payout', 'queryPayout']);
    await clock.pass(3 * 24 * hour);
    expect(await gateway.find('payout', 'order1')).toMatchObject({ channel: 'two', returned });
    expect(one.heard.length).toBe(2);
  });

  it('is asked about beside a reversal that nobody answers', async () => {
    const { gateway, clock, payment } = await openPaid({ query: done }, { reverse: lost });
    await gateway.reverse('order1');
    await clock.pass(3 * hour);
    expect(await payment()).toMatchObject({ surplus: [{ attemptId: 'order1' }] });
  });

  it.each([
    ['reversed', { query: lost, reverse: { ...done, effect: 'closed' } as const }],
    ['not-found', { query: missing, capabilities: { resolve: escalating } }],
  ])('is late money where the other is over as %s', async (proof, second) => {
    const one = scripted({ pay: refusal, query: done });
    const two = scripted({ pay: lost, ...second });
    const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
    await gateway.pay({ ...order, scene: 'barcode', authCode: '286512345678901234' });
    await clock.pass(5 * minute);
    const payment = () => gateway.find('payment', 'order1');
    expect(await payment()).toMatchObject({ state: 'failed', proof });
    await clock.pass(10 * minute);
    expect(await payment()).toMatchObject({ state: 'late-success', late: { attemptId: 'order1' } });
  });

  it.each(['block', 'challenge'] as const)(
    'is late money where the next is met with %s',
    async (met) => {
      const { channel } = scripted({ pay: refusal, query: done });
      const assess = vi
        .fn<() => 'pass' | typeof met>()
        .mockReturnValueOnce('pass')
        .mockReturnValue(met);
      const { gateway, clock } = await open({ channels: { one: channel }, risk: { assess } });
      await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
      await gateway.pay(order);
      if (met === 'challenge') await gateway.confirm('payment', 'order1', { verdict: 'block' });
      const blocked = { state: 'failed', proof: 'risk' };
      expect(await gateway.find('payment', 'order1')).toMatchObject(blocked);
      await clock.pass(11 * minute);
      expect((await gateway.find('payment', 'order1'))?.state).toBe('late-success');
    },
  );
});

describe('a payout that its channel had refused, and has taken all the same', () => {
  async function openWages(...query: readonly Said[]) {
    const { channel } = scripted({ payout: refusal, queryPayout: query });
    const alarms: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payout: { alarm: (event) => void alarms.push(event) } },
    });
    await expect(gateway.payout(wages)).rejects.toMatchObject({ code: 'REFUSED' });
    await clock.pass(16 * minute);
    const state = async () => (await gateway.find('payout', 'order1'))?.state;
    return { gateway, clock, alarms, state };
  }
  const pending = { status: 'pending', waitingFor: 'channel' } as const;

  it('has a person called, once, where it has failed by that', async () => {
    const { gateway, clock, alarms, state } = await openWages(lost, pending, pending, done);
    expect([await state(), alarms]).toEqual(['failed', []]);
    await clock.pass(24 * hour);
    expect([await state(), alarms.length]).toEqual(['succeeded', 1]);
    const history = await gateway.history('payout', 'order1');
    expect(history.filter(({ kind }) => kind === 'alarm')).toMatchObject([
      { body: { why: 'what its channel had refused is under way there' } },
    ]);
  });

  it('has nobody called where it came to nothing after all', async () => {
    const { clock, alarms, state } = await openWages(lost, { status: 'failed', reason: 'other' });
    await clock.pass(24 * hour);
    expect([await state(), alarms]).toEqual(['failed', []]);
  });

  it('is pending where it has not', async () => {
    const { alarms, state } = await openWages(pending);
    expect([await state(), alarms]).toEqual(['pending', []]);
  });
});

describe('what its channel had refused, once it has failed by that', () => {
  async function openRefused(query: Said | readonly Said[]) {
    const { channel, heard } = scripted({ pay: refusal, query });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
    await clock.pass(16 * minute);
    const state = async () => (await gateway.find('payment', 'order1'))?.state;
    const asked = () => heard.filter(({ verb }) => verb === 'query').length;
    expect([await state(), asked()]).toEqual(['failed', 1]);
    return { clock, state, asked };
  }

  it('was asked about, and is not asked about again', async () => {
    const { clock, asked } = await openRefused(missing);
    await clock.pass(2 * 24 * hour);
    expect(asked()).toBe(1);
  });

  it('is asked about again where nobody had answered', async () => {
    const { clock, state } = await openRefused([lost, done]);
    await clock.pass(11 * minute);
    expect(await state()).toBe('late-success');
  });
});
