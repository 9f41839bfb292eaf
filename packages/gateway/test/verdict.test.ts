/** gateway · test: the judge of killed processes finds whatever is lost or doubled. */
import { describe, expect, test } from 'vitest';
import type { OrderBooks, Truth } from '../storm/books.ts';
import { type Evidence, isOver, judgeKills } from '../storm/kill/verdict.ts';
import type { Seen } from '../storm/kill/victim.ts';

const cny = (amount: number) => ({ amount, currency: 'CNY' });
const startedAt = '2026-11-22T04:00:00.000Z';
const ref = { noun: 'payment', merchantId: 'a', startedAt } as const;
const attempt = {
  channel: 'alipay',
  attemptId: 'a',
  fate: 'succeeded',
  startedAt,
  ref,
  calledUntil: startedAt,
} as const;

const paid: Seen = {
  id: 'a',
  state: 'succeeded',
  amount: cny(100),
  attempts: [attempt],
  undone: { by: 'refund', amount: cny(30) },
};
const back: Seen = {
  id: 'a1',
  state: 'succeeded',
  amount: cny(30),
  parent: { merchant: 'm', noun: 'payment', id: 'a' },
  attempts: [],
};
const truth: Truth = { debits: 1, paid: 100, refunds: 1, refunded: 30, state: 'TRADE_SUCCESS' };

const eventOf = (eventId: string, kind: string, id: string) => ({
  eventId,
  kind,
  noun: kind.split('.')[0] as string,
  id,
});
const told = [
  eventOf('e2', 'payment.succeeded', 'a'),
  eventOf('e3', 'refund.succeeded', 'a1'),
  eventOf('e4', 'payment.undone', 'a'),
];
const delivered = (events: readonly (typeof told)[number][]) =>
  events.map((event) => ({ ...event, status: 'delivered' }));

function booksOf(known: Partial<Truth> = {}, more: { ids?: string[]; balance?: number } = {}) {
  const one = { ...truth, ...known };
  return {
    truth: (channel, id) => (channel === 'alipay' && id === 'a' ? one : undefined),
    orders: (channel) => (channel === 'alipay' ? ['a', ...(more.ids ?? [])] : []),
    balance: (channel) => (channel === 'alipay' ? (more.balance ?? 0) : 0),
  } satisfies OrderBooks;
}

/** Of one payment of which a part was given back, everything is as it should be. */
const whole: Evidence = {
  orders: [{ id: 'a', channel: 'alipay', amount: 100 }],
  books: booksOf(),
  payments: [paid],
  refunds: [back],
  emitted: delivered([eventOf('e1', 'payment.pending', 'a'), ...told]),
  written: told,
  heard: new Map([['e1', 2]]),
};

describe('the verdict over killed processes', () => {
  test('nothing is wrong where nothing is', () => {
    expect(judgeKills(whole)).toEqual([]);
    expect(isOver(whole)).toBe(true);
  });

  test.each<[string, Partial<Evidence>, string]>([
    ['a lost payment', { payments: [] }, 'a is lost; debits at alipay: 1'],
    ['a second debit', { books: booksOf({ debits: 2 }) }, 'debited 2 times'],
    ['a second refund', { books: booksOf({ refunded: 60 }) }, '30 given back, 60 there'],
    ['a lost refund', { books: booksOf({ refunded: 0 }) }, '30 given back, 0 there'],
    ['more back than paid', { books: booksOf({ refunded: 130 }) }, '130 went back of 100'],
    ['too little paid', { books: booksOf({ paid: 99 }) }, '99 of 100 was paid'],
    ['a paid failure', { payments: [{ ...paid, state: 'failed' }] }, 'failed, and 100 was paid'],
    ['no end', { payments: [{ ...paid, state: 'unknown' }] }, 'still unknown'],
    ['a refund without end', { refunds: [{ ...back, state: 'created' }] }, 'still created'],
    ['a strange order', { books: booksOf({}, { ids: ['b'] }) }, "b at alipay is nobody's"],
    ['money from nowhere', { books: booksOf({}, { balance: 5 }) }, 'alipay sums to 5'],
    ['a lost event', { written: told.slice(1) }, 'payment.succeeded of payment a was told 0 times'],
    ['a doubled event', { written: [...told, ...told.slice(2)] }, 'was told 2 times'],
    ['an unheard event', { heard: new Map() }, 'payment.pending of payment a was told 0 times'],
    ['an event from nowhere', { emitted: [] }, 'was told and is not in the store'],
    ['an event out of order', { written: told.toReversed() }, 'was told out of order'],
    [
      'a state nobody put in line',
      { emitted: [], written: [] },
      'payment a: succeeded told 0 times',
    ],
  ])('%s is found', (_name, spoilt, words) => {
    expect(judgeKills({ ...whole, ...spoilt }).join('\n')).toContain(words);
  });

  test('it waits for events in line, and for money that came late', () => {
    const [first, ...others] = whole.emitted;
    const waiting = { ...(first as (typeof whole.emitted)[number]), status: 'waiting' };
    expect(isOver({ ...whole, emitted: [waiting, ...others] })).toBe(false);
    const late = { decision: 'refund', default: 'refund', attemptId: 'a', refundId: 'a2' } as const;
    const owed: Seen = { ...paid, late: { ...late, deadline: startedAt } };
    expect(isOver({ ...whole, payments: [owed] })).toBe(false);
    expect(isOver({ ...whole, payments: [owed], refunds: [{ ...back, id: 'a2' }] })).toBe(true);
  });
});
