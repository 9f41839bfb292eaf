import { money, PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const pending: Said = { status: 'pending', waitingFor: 'payer' };
const paid = { id: 'order1', status: 'succeeded', amount } as const;
const place = { channel: 'one' };
const textOf = (body: Uint8Array): string => Buffer.from(body).toString();

describe('a notification', () => {
  it('is applied once, however often it comes', async () => {
    const told: GatewayEvent[] = [];
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { succeeded: (event) => void told.push(event) } },
    });
    await gateway.pay(order);
    const message = notification({ eventId: 'e1', facts: [paid] });
    for (let time = 0; time < 3; time += 1) {
      expect(textOf((await gateway.receive(place, message)).body)).toBe('stored');
    }
    await clock.pass(1000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
    expect(told.map(({ kind }) => kind)).toEqual(['payment.succeeded']);
    const kinds = (await gateway.history('payment', 'order1')).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'notification')).toHaveLength(1);
  });

  it('that says something else under the same event is an alarm, not an update', async () => {
    const alarms: GatewayEvent[] = [];
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { alarm: (event) => void alarms.push(event) } },
    });
    await gateway.pay(order);
    const failed = { ...paid, status: 'failed', reason: 'payer-declined' };
    await gateway.receive(place, notification({ eventId: 'e1', facts: [paid] }));
    await gateway.receive(place, notification({ eventId: 'e1', facts: [failed as typeof paid] }));
    await clock.pass(1000);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
    expect(alarms).toHaveLength(1);
  });

  it('about another amount than was asked for is an alarm', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const cheap = { ...paid, amount: money('0.01', 'CNY') };
    await gateway.receive(place, notification({ facts: [cheap] }));
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
    const kinds = (await gateway.history('payment', 'order1')).map(({ kind }) => kind);
    expect(kinds).toContain('alarm');
  });

  it('that does not verify changes nothing and is refused', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const before = await gateway.history('payment', 'order1');
    const answer = await gateway.receive(place, notification({ facts: [paid], forged: true }));
    expect([answer.status, textOf(answer.body)]).toEqual([400, 'refused']);
    expect(await gateway.history('payment', 'order1')).toEqual(before);
  });

  it('is asked for again when it cannot be stored', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await gateway.close();
    const answer = await gateway.receive(place, notification({ facts: [paid] }));
    expect(textOf(answer.body)).toBe('again');
  });

  it('about something the gateway never began is kept and told', async () => {
    const strangers: GatewayEvent[] = [];
    const { channel } = scripted({ pay: pending });
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { unmatched: (event) => void strangers.push(event) } },
    });
    const message = notification({ eventId: 'e9', facts: [{ ...paid, id: 'stranger' }] });
    expect(textOf((await gateway.receive(place, message)).body)).toBe('stored');
    await clock.pass(1000);
    expect(strangers).toHaveLength(1);
    expect(await gateway.find('payment', 'stranger')).toBeUndefined();
  });

  it('that comes before the reply is not undone by it', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway } = await open({
      channels: { one: channel },
      checkpoint: async (point) => {
        if (point === 'after-reply') {
          await gateway.receive(place, notification({ eventId: 'e1', facts: [paid] }));
        }
      },
    });
    expect((await gateway.pay(order)).state).toBe('succeeded');
  });

  it('comes in by a web-standard handler, which takes no more than it must', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const handle = gateway.handler(place);
    const post = (body: Uint8Array) =>
      handle(
        new Request('https://shop.example/notify', { method: 'POST', body: Buffer.from(body) }),
      );
    const answer = await post(notification({ facts: [paid] }).body);
    expect([answer.status, await answer.text()]).toEqual([200, 'stored']);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
    expect((await post(Buffer.alloc(1024 * 1024 + 1))).status).toBe(413);
    expect(() => gateway.handler({ channel: 'nobody' })).toThrow(/no channel nobody/);
  });
});

describe('late money', () => {
  const closed = {
    pay: pending,
    query: pending,
    close: { status: 'succeeded' },
    refund: { status: 'succeeded' },
  } as const;
  const late = notification({ eventId: 'late', facts: [paid] });

  it('is told apart, and given back by default at the deadline', async () => {
    const { channel, heard } = scripted(closed);
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    expect((await gateway.closePayment('order1')).state).toBe('failed');
    await gateway.receive(place, late);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'late-success',
      late: { decision: 'undecided', default: 'refund', deadline: '2026-11-23T04:00:00.000Z' },
    });
    await clock.pass(25 * 60 * 60_000);
    expect(heard.filter(({ verb }) => verb === 'refund')).toHaveLength(1);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'late-success',
      late: { decision: 'refund' },
      undone: { by: 'refund', amount },
    });
  });

  it('stays late, whatever else is heard of it, unless the merchant accepts it', async () => {
    const told: string[] = [];
    const { channel } = scripted(closed);
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { payment: { succeeded: ({ kind }) => void told.push(kind) } },
    });
    await gateway.pay(order);
    await gateway.closePayment('order1');
    await gateway.receive(place, late);
    await gateway.receive(place, notification({ eventId: 'again', facts: [paid] }));
    await gateway.decide('order1', { decision: 'refund' });
    await clock.pass(1000);
    const back = { ...paid, undone: { by: 'refund', amount } };
    await gateway.receive(place, notification({ eventId: 'refunded', facts: [back] }));
    await clock.pass(1000);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'late-success',
      undone: { by: 'refund', amount },
    });
    expect(told).toEqual([]);
  });

  it('is accepted when the merchant says so', async () => {
    const { channel, heard } = scripted(closed);
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await gateway.closePayment('order1');
    await gateway.receive(place, late);
    const entry = await gateway.decide('order1', { decision: 'accept' });
    expect(entry).toMatchObject({ state: 'succeeded', late: { decision: 'accept' } });
    await clock.pass(48 * 60 * 60_000);
    expect(heard.filter(({ verb }) => verb === 'refund')).toHaveLength(0);
    await expect(gateway.decide('order1', { decision: 'refund' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });

  it('of a second attempt is surplus, and only that attempt is given back', async () => {
    const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
    const first = scripted({ pay: refusal, refund: { status: 'succeeded' } });
    const second = scripted({ pay: { status: 'succeeded' }, refund: { status: 'succeeded' } });
    const told: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { first: first.channel, second: second.channel },
      on: { payment: { surplus: (event) => void told.push(event) } },
    });
    expect(await gateway.pay(order)).toMatchObject({ state: 'succeeded', channel: 'second' });
    // The first channel took the order after all.
    await gateway.receive({ channel: 'first' }, late);
    await clock.pass(1000);
    expect(told[0]?.entry).toMatchObject({
      state: 'succeeded',
      channel: 'second',
      surplus: [{ attemptId: 'order1', decision: 'undecided' }],
    });
    await gateway.decide('order1', { decision: 'refund' });
    await clock.pass(5000);
    const refunds = ({ heard }: typeof first) => heard.filter(({ verb }) => verb === 'refund');
    expect(refunds(first)).toMatchObject([{ request: { payment: { merchantId: 'order1' } } }]);
    expect(refunds(second)).toEqual([]);
  });
});
