import { money } from '@polyrail/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kept, states } from '../src/entry.ts';
import { askAfterMs } from '../src/plan.ts';
import type { AnyOutcome } from '../src/verbs.ts';
import { endBy, weigh } from '../src/weigh.ts';
import { attemptOf, outcomeOf, paymentOf, rules } from './payments.ts';
import { amount, startAt } from './script.ts';

const kept = paymentOf([attemptOf('a'), attemptOf('b')]);

/** What may be found about a payment of two attempts, in any order and number. */
const findings = fc.array(
  fc.record({
    attemptId: fc.constantFrom('a', 'b'),
    status: fc.constantFrom('succeeded', 'pending', 'failed', 'unknown'),
    amount: fc.constantFrom(amount, undefined, money('0.01', 'CNY')),
  }),
  { maxLength: 12 },
);

type Found = typeof findings extends fc.Arbitrary<infer F> ? F : never;

function apply(found: Found) {
  let entry = kept;
  const trail = [entry];
  for (const one of found) {
    const told = outcomeOf(one.attemptId, one.status as AnyOutcome['status'], {
      amount: one.amount,
    });
    entry = weigh(
      entry,
      { source: 'notification', attemptId: one.attemptId, outcome: told },
      rules,
    ).kept;
    trail.push(entry);
  }
  return trail;
}

describe('an entry', () => {
  it('only ever rises, whatever is found in whatever order', () => {
    fc.assert(
      fc.property(findings, (found) => {
        const ranks = apply(found).map(({ state }) => states.indexOf(state));
        expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
      }),
    );
  });

  it('ends the same in whatever order its findings came, but for what came late', () => {
    fc.assert(
      fc.property(findings, fc.integer(), (found, seed) => {
        const shuffled = found
          .map((one, index) => ({ one, key: (index * 7919 + seed) % 101 }))
          .sort((left, right) => left.key - right.key)
          .map(({ one }) => one);
        const paid = (trail: readonly Kept[]) =>
          trail.at(-1)?.attempts.filter(({ fate }) => fate === 'succeeded').length;
        expect(paid(apply(shuffled))).toBe(paid(apply(found)));
      }),
    );
  });

  it('is never paid by a finding about another amount', () => {
    fc.assert(
      fc.property(findings, (found) => {
        const cheap = found.map((one) => ({ ...one, amount: money('0.01', 'CNY') }));
        // What a message tells is there, whatever it is: the channel is asked.
        expect(apply(cheap).at(-1)?.state).toBe(found.length > 0 ? 'unknown' : 'created');
      }),
    );
  });

  it('that failed and is paid after all is late, not succeeded', () => {
    const failed = endBy(kept, { proof: 'closed', reason: 'order-expired' }, startAt).kept;
    expect(failed).toMatchObject({ state: 'failed', proof: 'closed' });
    const told = outcomeOf('a', 'succeeded', { amount });
    const change = weigh(failed, { source: 'query', attemptId: 'a', outcome: told }, rules);
    expect(change.kept).toMatchObject({ state: 'late-success', late: { attemptId: 'a' } });
    expect(change.events).toEqual(['late-success']);
  });

  it('keeps a lesser word in its history', () => {
    const paid = outcomeOf('a', 'succeeded', { amount });
    const before = weigh(kept, { source: 'query', attemptId: 'a', outcome: paid }, rules).kept;
    const failed = outcomeOf('a', 'failed', { reason: 'other' });
    const change = weigh(
      before,
      { source: 'notification', attemptId: 'a', outcome: failed },
      rules,
    );
    expect(change.kept.state).toBe('succeeded');
    expect(change.lines.at(-1)).toEqual({
      kind: 'refused-transition',
      body: { from: 'succeeded', to: 'failed' },
    });
  });
});

describe('an agreement', () => {
  it('that ended stands no more, whatever is said of it later', () => {
    const asked: Kept = { ...paymentOf([attemptOf('a')]), noun: 'agreement', verb: 'signUp' };
    const told = (source: 'query' | 'reply' | 'notification', standing: string) => {
      const outcome = outcomeOf('a', 'succeeded', { noun: 'agreement', standing });
      return { source, attemptId: 'a', outcome };
    };
    const signed = weigh(asked, told('query', 'active'), rules).kept;
    const { kept: ended, events } = weigh(signed, told('reply', 'ended'), rules);
    expect(events).toEqual(['changed']);
    // The message of its signing was late.
    const after = weigh(ended, told('notification', 'active'), rules);
    expect(after.kept.told?.standing).toBe('ended');
    expect(after.events).toEqual([]);
  });
});

describe('a schedule', () => {
  it('goes on with wider gaps, up to the longest', () => {
    const schedule = [5000, 10_000];
    const times = Array.from({ length: 12 }, (_, asked) => askAfterMs(schedule, asked, 'payment'));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(times.slice(0, 4)).toEqual([5000, 10_000, 20_000, 40_000]);
    expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
    expect(gaps.at(-1)).toBe(600_000);
  });
});
