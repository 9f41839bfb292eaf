import { describe, expect, it } from 'vitest';
import { type Incoming, type Opened, PolyrailError } from '../src/index.ts';
import { paid, toy } from './toy.ts';

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
