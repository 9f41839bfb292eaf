/** The book under random days: money is conserved, nothing is taken twice, nothing given twice. */
import { createSeededRandom, createVirtualClock } from '@polyrail/simulator';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBook } from '../src/book.ts';
import { testCards } from '../src/cards.ts';
import { outcome } from '../src/codes.ts';
import { createFunds } from '../src/funds.ts';
import type { Merchant } from '../src/merchants.ts';
import { createCalendar } from '../src/time.ts';
import {
  authorizationTruth,
  hasSucceeded,
  isLive,
  type Kind,
  returnedOf,
  sequelsOf,
  type Transaction,
  truthOf,
} from '../src/transaction.ts';
import type { Voice } from '../src/voice.ts';

const merchants = ['777290058000001', '777290058000002'].map((merId) => ({ merId }) as Merchant);
const voice: Voice = {
  charset: 'utf-8',
  ...{ version: '5.1.0', encoding: 'UTF-8', signMethod: '01' as const, accessType: '0' },
};

function world() {
  const clock = createVirtualClock({ startAt: Date.parse('2026-11-24T04:00:00Z'), frozen: true });
  const funds = createFunds({ clock, openingBalance: 5 });
  const ended: Transaction[] = [];
  const book = createBook({
    ...{ clock, funds, random: createSeededRandom(1), calendar: createCalendar('23:00') },
    arrivalMs: 4_000,
    feeRate: 0.1,
    onEnd: (entry) => void ended.push(entry),
  });
  return { clock, funds, book, ended };
}
type World = ReturnType<typeof world>;

const kinds: readonly Kind[] = ['consume', 'preauth', 'payout', 'collect'];
const charging: readonly Kind[] = ['consume', 'collect', 'capture'];
const sequels: readonly Kind[] = [
  'refund',
  'cancel',
  'capture',
  'preauth-cancel',
  'capture-cancel',
];

const step = fc.oneof(
  fc.record({
    deed: fc.constant('begin' as const),
    kind: fc.constantFrom(...kinds),
    amount: fc.integer({ min: 1, max: 30 }),
    who: fc.nat(1),
    accept: fc.boolean(),
  }),
  fc.record({
    deed: fc.constant('follow' as const),
    kind: fc.constantFrom(...sequels),
    at: fc.nat(20),
    amount: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ deed: fc.constantFrom('pay', 'fail', 'reverse'), at: fc.nat(20) }),
  fc.record({ deed: fc.constant('wait' as const), hours: fc.nat(400) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const origins: Readonly<Record<string, readonly Kind[]>> = {
  refund: ['consume', 'collect', 'capture'],
  cancel: ['consume', 'collect'],
  capture: ['preauth'],
  'preauth-cancel': ['preauth'],
  'capture-cancel': ['capture'],
};

/** What the calls check before they let anything into the book. */
function mayFollow(original: Transaction, kind: Kind, amount: number): boolean {
  if (!hasSucceeded(original) || !origins[kind]?.includes(original.terms.kind)) return false;
  const touched = sequelsOf(original, 'cancel', 'preauth-cancel', 'capture-cancel').length > 0;
  const taken = sequelsOf(original, 'capture').some(
    (one) => sequelsOf(one, 'capture-cancel').length === 0,
  );
  if (touched || taken || original.holdReleased === true) return false;
  if (kind === 'refund') return returnedOf(original) + amount <= original.terms.amount;
  return kind === 'capture' || sequelsOf(original, 'refund').length === 0;
}

let count = 0;
function enter(
  { book }: World,
  kind: Kind,
  about: { amount: number; who?: number; original?: Transaction },
) {
  const { amount, who = 0, original } = about;
  count += 1;
  const terms = {
    ...{ kind, amount, orderId: `order${count}`, txnTime: '20261124120000', txnType: '01' },
    ...{ txnSubType: '01', bizType: '000201', channelType: '07', currency: '156', front: false },
  };
  const merchant = original?.merchant ?? (merchants[who] as Merchant);
  return book.open({ merchant, terms, voice, original });
}

/** Which entries a step may be about: most steps do something. */
function meant(one: Step, entries: readonly Transaction[]): readonly Transaction[] {
  if (one.deed === 'follow') {
    return entries.filter((entry) => mayFollow(entry, one.kind, amountOf(one, entry)));
  }
  if (one.deed === 'pay' || one.deed === 'fail') return entries.filter(isLive);
  return entries;
}
const amountOf = (one: Step, { terms }: Transaction): number =>
  'amount' in one && 'kind' in one && one.kind === 'refund' ? one.amount : terms.amount;

async function take(one: Step, at: World): Promise<void> {
  const { book, clock } = at;
  const entries = meant(one, book.entries());
  const named = 'at' in one ? entries[one.at % Math.max(1, entries.length)] : undefined;
  if (one.deed === 'begin') {
    const entry = enter(at, one.kind, one);
    if (one.accept || one.kind === 'payout') book.accept(entry, { card: testCards[0] });
  } else if (one.deed === 'wait') await clock.advance(one.hours * 3_600_000);
  else if (named === undefined) return;
  else if (one.deed === 'follow') {
    book.accept(enter(at, one.kind, { amount: amountOf(one, named), original: named }));
    await clock.advance(5_000);
  } else {
    try {
      if (one.deed === 'pay') book.pay(named, testCards[1]);
      if (one.deed === 'fail') book.fail(named, outcome('60'));
      if (one.deed === 'reverse') book.reverse(named);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** Every fen is somewhere, and every entry's story adds up. */
function check({ funds, book }: World): void {
  funds.ledger.check();
  const accounts = funds.ledger.accounts();
  expect(accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
  for (const { account, balance } of accounts) {
    if (!/^(payer|outside):/.test(account)) expect(balance).toBeGreaterThanOrEqual(0);
  }
  let held = 0;
  for (const entry of book.entries()) {
    const { kind, amount } = entry.terms;
    if (kind === 'preauth') {
      const truth = authorizationTruth(entry);
      expect(truth.captured + truth.released).toBeLessThanOrEqual(
        Math.max(truth.held, truth.captured),
      );
      if (hasSucceeded(entry) && truth.captured === 0 && truth.released === 0) held += amount;
    } else if (kind === 'consume') {
      const truth = truthOf([entry]);
      expect(truth.debits).toBeLessThanOrEqual(1);
      expect(truth.refunded).toBeLessThanOrEqual(truth.paid);
    }
  }
  const payments = book.entries().filter(({ terms }) => charging.includes(terms.kind));
  const kept = payments.filter(
    (one) => hasSucceeded(one) && !sequelsOf(one, 'cancel', 'capture-cancel').some(hasSucceeded),
  );
  expect(funds.balance('fees:unionpay')).toBe(kept.reduce((sum, one) => sum + book.feeOf(one), 0));
  const holds = accounts.filter(({ account }) => account.startsWith('hold:'));
  expect(holds.reduce((sum, { balance }) => sum + balance, 0)).toBe(held);
}

it('conserves money over any days', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const at = world();
      for (const one of steps) {
        await take(one, at);
        check(at);
      }
      await at.clock.advance(60 * 24 * 3_600_000);
      check(at);
      expect(
        at.book.entries().every(({ state }) => state === 'succeeded' || state === 'failed'),
      ).toBe(true);
      expect(new Set(at.ended).size).toBe(at.ended.length);
      at.clock.stop();
    }),
    { numRuns: 80 },
  );
});
