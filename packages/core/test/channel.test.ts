import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type AllVerbs,
  type Channel,
  contractVersion,
  defineChannel,
  isRefOf,
  type Noun,
  nouns,
  type Payment,
  type Ref,
  type Shape,
  takes,
  unreachable,
} from '../src/index.ts';
import { refSchema } from '../src/ref.ts';
import { payment, refOf } from './every.ts';
import { capabilities, createClock, paid, toy } from './toy.ts';

interface TeaShape extends Shape {
  pay: 'qr';
  extra: object;
  verbs: 'pay' | 'query';
}

describe('a channel', () => {
  const tea = defineChannel<TeaShape>(
    { name: 'tea', capabilities, pay: async () => paid, query: async () => paid },
    { clock: createClock() },
  );

  it('has the verbs it was given, its facts, and nothing else', () => {
    expect(Object.keys(tea).sort()).toEqual(['capabilities', 'contract', 'name', 'pay', 'query']);
    expect(tea.contract).toBe(contractVersion);
    expect(Object.isFrozen(tea)).toBe(true);
    expect(Object.isFrozen(tea.capabilities.resolve.queryAfterMs)).toBe(true);
  });

  it('is a Channel to generic code, where every verb may be missing', () => {
    const channel: Channel = tea;
    expectTypeOf(channel.payout).toEqualTypeOf<AllVerbs<Shape>['payout'] | undefined>();
    expect(channel.payout).toBeUndefined();
    // @ts-expect-error a concrete channel has no verb that its shape does not name
    expect(tea.payout).toBeUndefined();
  });

  it('hears when it has open, and only then', () => {
    expect(toy({}).receive).toBeUndefined();
    expect(toy({ open: async () => ({}) }).receive).toBeTypeOf('function');
    expect(Object.keys(toy({ open: async () => ({}) }))).not.toContain('open');
  });

  it('shows nothing of what its adapter keeps for itself', () => {
    const channel = toy({ secretFields: ['x'], extra: {}, dispose: async () => {} });
    expect(Object.keys(channel).sort()).toEqual(['capabilities', 'contract', 'name']);
  });

  it('keeps the adapter’s own receiver', async () => {
    const channel = toy({
      secretFields: ['own'],
      async query(this: { secretFields: string[] }) {
        return { ...paid, raw: { from: this.secretFields[0] } };
      },
    });
    expect(await channel.query?.(payment)).toMatchObject({ raw: { from: 'own' } });
  });
});

describe('takes', () => {
  it('asks presence and capabilities both', () => {
    const pay = async () => paid;
    expect(takes(toy({ pay }), 'qr')).toBe(true);
    expect(takes(toy({ pay }), 'card')).toBe(false);
    expect(takes(toy({}), 'qr')).toBe(false);
    expect(takes(toy({ pay }, { capabilities: { scenes: {} } }), 'qr')).toBe(false);
  });
});

describe('a reference', () => {
  it('is told by its noun', () => {
    const refs: readonly Ref<Noun>[] = nouns.map((noun) => refOf(noun));
    expect(refs.filter((ref) => isRefOf(ref, 'refund'))).toEqual([refOf('refund')]);
  });

  it('is strict: plain JSON, with what it needs and nothing else', () => {
    const schema = refSchema('payment', 'refund');
    const takesIt = (change: object) => schema.safeParse({ ...payment, ...change }).success;
    expect(takesIt({})).toBe(true);
    expect(takesIt({ noun: 'refund', channelId: 'X', handle: 'h'.repeat(1024) })).toBe(true);
    for (const bad of [
      { noun: 'payout' },
      { merchantId: '' },
      { merchantId: 'x'.repeat(257) },
      { channelId: '' },
      { startedAt: '2026-11-22' },
      { handle: 'h'.repeat(1025) },
      { amount: { amount: 0, currency: 'CNY' } },
      { more: 1 },
    ]) {
      expect(takesIt(bad), JSON.stringify(bad)).toBe(false);
    }
  });
});

describe('unreachable', () => {
  it('makes a switch over status exhaustive, and throws where types were lied to', () => {
    const word = (payment: Payment): string => {
      switch (payment.status) {
        case 'succeeded':
        case 'pending':
        case 'failed':
        case 'unknown':
          return payment.status;
        default:
          return unreachable(payment);
      }
    };
    expect(word({ status: 'failed' } as Payment)).toBe('failed');
    expect(() => word({ status: 'paid' } as never)).toThrow(TypeError);
  });
});
