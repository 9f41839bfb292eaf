import { money, PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const paid = { id: 'order1', status: 'succeeded', amount } as const;
const hour = 60 * 60_000;
const done = { status: 'succeeded' } as const;
const absent = { status: 'unknown', doubt: 'not-found' } as const;
const refusal = new PolyrailError('REFUSED', 'The balance is too low', { evidence: 'signed' });

/** A payment that failed here and was paid all the same; its refunds, if there are any, end as told. */
async function openLate(refund?: readonly Said[], queryRefund: readonly Said[] = [done]) {
  const waiting = { status: 'pending', waitingFor: 'payer' } as const;
  const refunds = refund === undefined ? {} : { refund, queryRefund };
  const { channel, heard } = scripted({ pay: waiting, query: waiting, close: done, ...refunds });
  const alarms: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: channel },
    late: { default: 'refund', deadlineMs: hour },
    patience: { refund: hour },
    on: { payment: { alarm: (event) => void alarms.push(event) } },
  });
  await gateway.pay(order);
  await gateway.closePayment('order1');
  await gateway.receive({ channel: 'one' }, notification({ eventId: 'late', facts: [paid] }));
  const asked = () =>
    heard.filter(({ verb }) => verb === 'refund').map(({ request }) => request['amount']);
  return { gateway, clock, alarms, refunds: asked };
}

describe('late money that is given back', () => {
  it('is only what has not gone back before', async () => {
    const { gateway, clock, refunds } = await openLate([{ status: 'succeeded' }]);
    const part = money('4.00', 'CNY');
    await gateway.refund({ payment: 'order1', merchantRefundId: 'part', amount: part });
    await clock.pass(2 * hour);
    expect(refunds()).toEqual([part, money('5.90', 'CNY')]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
  });

  it('is tried again under another id when a refund of it failed', async () => {
    const failed = { status: 'failed' } as const;
    const { gateway, clock, refunds, alarms } = await openLate([failed, { status: 'succeeded' }]);
    await clock.pass(4 * hour);
    expect(refunds()).toEqual([amount, amount]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      undone: { amount },
      late: { decision: 'refund', refundsFailed: 1 },
    });
    expect(alarms).toEqual([]);
  });

  it('is tried again when a refund that a person had to look at failed after all', async () => {
    const pending = { status: 'pending', waitingFor: 'channel' } as const;
    const answers = [...Array.from({ length: 14 }, () => pending), { status: 'failed' } as const];
    const { gateway, clock, refunds, alarms } = await openLate([pending, done], answers);
    await clock.pass(12 * hour);
    const { late } = (await gateway.find('payment', 'order1')) ?? {};
    const refundId = late?.refundId ?? '';
    expect((await gateway.find('refund', refundId))?.state).toBe('escalated');
    await clock.pass(5 * 24 * hour);
    expect((await gateway.find('refund', refundId))?.state).toBe('failed');
    expect(refunds()).toEqual([amount, amount]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
    expect(alarms).toEqual([]);
  });

  it.each([
    ['fails', { status: 'failed' } as const],
    ['is refused', refusal],
  ])('calls a person when every refund of it %s', async (_, refund) => {
    const { gateway, clock, refunds, alarms } = await openLate([refund], [absent]);
    await clock.pass(24 * hour);
    expect(refunds()).toHaveLength(5);
    expect(alarms).toHaveLength(1);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ late: { refundsFailed: 5 } });
  });

  it('goes back once its channel refuses no longer', async () => {
    const { gateway, clock, refunds, alarms } = await openLate([refusal, refusal, done], [absent]);
    await clock.pass(24 * hour);
    expect(refunds()).toEqual([amount, amount, amount]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
    expect(alarms).toEqual([]);
  });

  it('is not told again where its channel has refused it and done it all the same', async () => {
    const { gateway, clock, refunds } = await openLate([refusal]);
    await clock.pass(24 * hour);
    expect(refunds()).toEqual([amount]);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
  });

  it('calls a person at once where its channel gives nothing back', async () => {
    const { gateway, clock, alarms } = await openLate();
    await clock.pass(2 * hour);
    expect(alarms).toHaveLength(1);
    expect(await gateway.find('payment', 'order1')).toMatchObject({ late: { refundsFailed: 5 } });
  });
});
