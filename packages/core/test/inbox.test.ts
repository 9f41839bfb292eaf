import { describe, expect, it } from 'vitest';
import { type Incoming, type Opened, PolyrailError } from '../src/index.ts';
import type { OpenCall } from '../src/supply.ts';
import { isFrozen, settle } from './every.ts';
import { createClock, paid, toy } from './toy.ts';

const message: Incoming = { headers: {}, body: new Uint8Array([1]) };
const fact = { noun: 'payment', ...paid } as const;
const opened: Opened = { eventId: 'e1', sentAt: '2026-11-22T01:59:00.000Z', facts: [fact] };
const acknowledge = () => ({ status: 200, headers: {}, body: new Uint8Array() });

const inbox = (open: () => unknown) => toy({ open: async () => open(), acknowledge });
const heard = (open: () => unknown) => inbox(open).receive?.(message);

describe('a notification', () => {
  it('carries its facts as ordinary nouns, frozen', async () => {
    const notification = await heard(() => opened);
    expect(notification).toMatchObject({
      eventId: 'e1',
      sentAt: '2026-11-22T01:59:00.000Z',
      receivedAt: '2026-11-22T02:00:00.000Z',
      facts: [{ noun: 'payment', status: 'succeeded', amount: paid.amount }],
    });
    expect(notification?.facts[0].ref).toEqual({
      noun: 'payment',
      merchantId: 'A1',
      amount: paid.amount,
      startedAt: '2026-11-22T01:59:00.000Z',
    });
    expect(Object.isFrozen(notification?.facts)).toBe(true);
  });

  it.each([
    ['NOTIFICATION_STALE', new PolyrailError('NOTIFICATION_STALE', 'old')],
    ['NOTIFICATION_FOREIGN', new PolyrailError('NOTIFICATION_FOREIGN', 'not ours')],
    ['NOTIFICATION_UNVERIFIED', new PolyrailError('REPLY_UNREADABLE', 'no form')],
    ['NOTIFICATION_UNVERIFIED', new PolyrailError('UNAVAILABLE', 'no certificate')],
    ['NOTIFICATION_UNVERIFIED', new TypeError('bug')],
    ['CONFIG_INVALID', new PolyrailError('CONFIG_INVALID', 'a bad key')],
  ])('that does not open is refused with %s', async (code, error) => {
    const refused = heard(() => {
      throw error;
    });
    await expect(refused).rejects.toMatchObject({ code, channel: 'toy', verb: 'receive' });
  });

  it.each([
    ['no fact', { ...opened, facts: [] }],
    ['a fact without an id', { ...opened, facts: [{ ...fact, merchantId: undefined }] }],
    ['a fact of no noun', { ...opened, facts: [{ ...fact, noun: 'closure' }] }],
    ['a time that is none', { ...opened, sentAt: 'yesterday' }],
    ['a payment without proof', { ...opened, facts: [{ ...fact, evidence: 'transport' }] }],
    ['no facts at all', {}],
    ['nothing', undefined],
  ])('with %s is refused', async (_, told) => {
    await expect(heard(() => told)).rejects.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
  });

  it.each(['a=b', { a: 1 }, undefined, [1]])('is received as bytes only: %j', async (body) => {
    const call = inbox(() => opened).receive?.({ headers: {}, body } as never);
    await expect(call).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('is acknowledged as stored only if this channel received it', async () => {
    const channel = inbox(() => opened);
    const notification = await channel.receive?.(message);
    if (notification === undefined) return expect.unreachable();
    expect(channel.acknowledge?.({ stored: notification }).status).toBe(200);
    for (const stored of [{ ...notification }, JSON.parse(JSON.stringify(notification)), {}]) {
      expect(() => channel.acknowledge?.({ stored })).toThrow(/receive\(\)/);
    }
    expect(channel.acknowledge?.({ refused: 'no' }).status).toBe(200);
    expect(() => channel.acknowledge?.({} as never)).toThrow(/stored/);
    const both = { stored: notification, again: true } as never;
    expect(() => channel.acknowledge?.(both)).toThrow(/stored/);
  });
});

describe('the inbox', () => {
  const other = toy({ name: 'other', open: async () => opened, acknowledge });

  it('gives facts that survive JSON, and tells nothing of a message twice', async () => {
    const raw = { sign: 'x', nested: { card_no: '6222' } };
    const notification = await heard(() => ({ ...opened, facts: [{ ...fact, raw }] }));
    expect(JSON.parse(JSON.stringify(notification?.facts))).toEqual(notification?.facts);
    expect(notification?.facts[0].raw).toEqual({
      sign: '[redacted]',
      nested: { card_no: '[redacted]' },
    });
    expect(isFrozen(notification)).toBe(true);
  });

  it('takes the time a message came in from who received it', async () => {
    const receivedAt = '2026-11-21T00:00:00.000Z';
    let told: unknown;
    const channel = toy({
      open: async (_: unknown, call: OpenCall) => {
        told = call.receivedAt;
        return { facts: [fact] };
      },
    });
    const notification = await channel.receive?.(message, { receivedAt });
    expect(told).toBe(receivedAt);
    expect(notification).toMatchObject({ receivedAt, facts: [{ observedAt: receivedAt }] });
    expect(notification?.facts[0].ref.startedAt).toBe(receivedAt);
    const late = channel.receive?.(message, { receivedAt: 'yesterday' });
    await expect(late).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it.each([
    ['several facts, one without proof', [fact, { ...fact, evidence: 'none' }]],
    ['a fact that is none', [fact, null]],
    ['an amount that is none', [{ ...fact, amount: { amount: 0.5, currency: 'CNY' } }]],
    ['a payment without an amount', [{ ...fact, amount: undefined }]],
    ['an id that is no text', [{ ...fact, merchantId: 7 }]],
    ['an id longer than any', [{ ...fact, merchantId: 'x'.repeat(257) }]],
    ['a start that is no time', [{ ...fact, startedAt: 'yesterday' }]],
    ['facts that are no list', { 0: fact, length: 1 }],
  ])('refuses %s as a whole', async (_, facts) => {
    const call = heard(() => ({ ...opened, facts }));
    await expect(call).rejects.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED', channel: 'toy' });
  });

  it('refuses an event that is named by something else than a text', async () => {
    const call = heard(() => ({ ...opened, eventId: { id: 1 } }));
    await expect(call).rejects.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
  });

  it('believes a transport only where the protocol signs nothing at all', async () => {
    const open = async () => ({ facts: [{ ...fact, evidence: 'transport' }] });
    const listed = { capabilities: { unsigned: ['receive', 'open', 'pay', 'query'] } };
    const call = toy({ open }, listed).receive?.(message);
    await expect(call).rejects.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
  });

  it('never waits longer than the deadline, and can be given up', async () => {
    const clock = createClock();
    const channel = toy({ open: () => new Promise(() => {}) }, { clock });
    const late = channel.receive?.(message, { timeoutMs: 10 }).catch((error) => error);
    const stop = new AbortController();
    const given = channel.receive?.(message, { signal: stop.signal }).catch((error) => error);
    await settle();
    stop.abort();
    clock.move(10);
    expect(await given).toMatchObject({ code: 'ABORTED' });
    expect(await late).toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
    expect(clock.timers()).toBe(0);
  });

  it('stores nothing that another channel received', async () => {
    const notification = await other.receive?.(message);
    if (notification === undefined) return expect.unreachable();
    expect(other.acknowledge?.({ stored: notification }).status).toBe(200);
    expect(() => inbox(() => opened).acknowledge?.({ stored: notification })).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', field: 'verdict.stored' }),
    );
  });

  it.each([null, undefined, 'stored', 7, [], { stored: undefined }, { stored: null }])(
    'acknowledges no %j',
    (verdict) => {
      expect(() => inbox(() => opened).acknowledge?.(verdict as never)).toThrow(
        expect.objectContaining({ code: 'REQUEST_INVALID', verb: 'acknowledge' }),
      );
    },
  );
});
