import { createSeededRandom, createVirtualClock } from '@polyrail/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Book, createBook } from '../src/book.ts';
import { createFunds } from '../src/funds.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Change, Order, Terms } from '../src/order.ts';

const merchant = (appId: string, sellerId: string): Merchant => ({
  appId,
  authAppId: appId,
  sellerId,
  keys: { privateKeyPem: '', publicKeyPem: '' },
  sm2PrivateKeyPem: '',
  encryptKey: '',
  publicKey: undefined as never,
  certificatePem: '',
  certificateSn: '',
  registeredOn: '2020-01-01',
});
const merchants = [merchant('1', '2088000000000001'), merchant('2', '2088000000000002')];
const day = 86_400_000;

function world() {
  const clock = createVirtualClock({ startAt: 1_700_000_000_000, frozen: true });
  const changes: [string, Change][] = [];
  const random = createSeededRandom(1);
  const funds = createFunds({ clock, random });
  const book = createBook({
    clock,
    random,
    funds,
    pickPayer: () => ({ userId: '2088111111111111', logonId: 'a', account: 'b' }),
    refundWindowMs: 30 * day,
    onChange: ({ terms }, change) => void changes.push([terms.outTradeNo, change]),
  });
  return { clock, book, changes, funds };
}

const terms = (outTradeNo: string, total: number): Terms => ({
  outTradeNo,
  total,
  subject: 's',
  product: 'create',
  timeoutMs: day,
  charset: 'utf-8',
  signType: 'RSA2',
  certificates: false,
});

type Step =
  | { deed: 'open'; who: number; order: number; total: number; scanned: boolean }
  | { deed: 'scan' | 'pay' | 'close' | 'cancel'; who: number; order: number }
  | { deed: 'refund'; who: number; order: number; amount: number; request: number }
  | { deed: 'wait'; hours: number };

const place = { who: fc.nat(1), order: fc.nat(1) };
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    deed: fc.constant('open' as const),
    ...place,
    total: fc.integer({ min: 1, max: 6 }),
    scanned: fc.boolean(),
  }),
  fc.record({ deed: fc.constantFrom('scan', 'pay', 'close', 'cancel'), ...place }),
  fc.record({
    deed: fc.constant('refund' as const),
    ...place,
    amount: fc.integer({ min: 1, max: 6 }),
    request: fc.nat(3),
  }),
  fc.record({ deed: fc.constant('wait' as const), hours: fc.nat(1000) }),
);

const isRangeError = (error: unknown): true => {
  if (error instanceof RangeError) return true;
  throw error;
};

/** Takes a step; what the book forbids it refuses with a RangeError and without a trace. */
async function take(step: Step, { book, clock }: ReturnType<typeof world>): Promise<void> {
  if (step.deed === 'wait') return clock.advance(step.hours * 3_600_000);
  const who = merchants[step.who] as Merchant;
  const id = `order_${step.order}`;
  const order = book.find(who, id);
  if (step.deed === 'open') {
    if (order === undefined) book.open(who, terms(id, step.total), { scanned: step.scanned });
    return undefined;
  }
  if (order === undefined) return undefined;
  const before = JSON.stringify(book.truth(order));
  const count = book.ledger.movements().length;
  const acts: Record<typeof step.deed, () => unknown> = {
    scan: () => book.scan(order),
    pay: () => book.pay(order),
    close: () => book.close(order, 'close'),
    cancel: () => book.cancelPaid(order),
    refund: () =>
      book.refund(order, {
        amount: step.deed === 'refund' ? step.amount : 0,
        outRequestNo: `r${step.deed === 'refund' ? step.request : 0}`,
      }),
  };
  const scannable = step.deed === 'pay' && order.state === 'UNSCANNED';
  try {
    acts[step.deed]();
  } catch (error) {
    expect(isRangeError(error)).toBe(true);
    expect(scannable).toBe(false);
    expect(JSON.stringify(book.truth(order))).toBe(before);
    expect(book.ledger.movements().length).toBe(count);
  }
  return undefined;
}

function checkOrder(book: Book, order: Order): void {
  const truth = book.truth(order);
  const { total } = order.terms;
  expect(truth.debits).toBeLessThanOrEqual(1);
  expect(truth.paid).toBe(truth.debits * total);
  expect(truth.refunded).toBeLessThanOrEqual(truth.paid);
  expect(truth.refunds).toBe(order.refunds.length);
  const closed = truth.state === 'TRADE_CLOSED';
  if (truth.refunded > 0) expect(closed).toBe(truth.refunded === truth.paid);
  if (truth.state === 'TRADE_SUCCESS' || truth.state === 'TRADE_FINISHED') {
    expect(truth.debits).toBe(1);
  }
  if (['UNSCANNED', 'VOID', 'WAIT_BUYER_PAY'].includes(truth.state)) expect(truth.debits).toBe(0);
}

describe('the book', () => {
  it('keeps its invariants whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 40 }), async (sequence) => {
        const here = world();
        for (const step of sequence) await take(step, here);
        const { book } = here;
        book.ledger.check();
        for (const order of book.orders()) checkOrder(book, order);
        const accounts = book.ledger.accounts();
        expect(accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
        for (const { account, balance } of accounts) {
          if (account.startsWith('merchant:')) expect(balance).toBeGreaterThanOrEqual(0);
        }
        for (const one of merchants) {
          const truths = book.orders(one).map(book.truth);
          const net = truths.reduce((sum, { paid, refunded }) => sum + paid - refunded, 0);
          expect(book.ledger.balance(`merchant:${one.sellerId}`)).toBe(net);
        }
        here.clock.stop();
      }),
      { numRuns: 150, seed: 42 },
    );
  });

  it('refunds no more than what is left of the order, whatever the merchant still owns', () => {
    const { book } = world();
    const [first, second] = ['a', 'b'].map((id) => {
      const order = book.open(merchants[0] as Merchant, terms(id, 100), { scanned: true });
      book.pay(order);
      return order;
    });
    book.refund(first!, { amount: 60, outRequestNo: 'r1' });
    expect(() => book.refund(first!, { amount: 41, outRequestNo: 'r2' })).toThrow(RangeError);
    expect(book.truth(first!)).toMatchObject({ refunded: 60, state: 'TRADE_SUCCESS' });
    expect(book.truth(second!)).toMatchObject({ refunded: 0 });
  });

  it('tells every change once, in the order it happened', async () => {
    const { book, changes, clock } = world();
    const order = book.open(merchants[0] as Merchant, terms('a', 300), { scanned: true });
    book.pay(order);
    book.refund(order, { amount: 100, outRequestNo: 'r1' });
    book.refund(order, { amount: 200, outRequestNo: 'r2' });
    const paid = book.open(merchants[0] as Merchant, terms('b', 100), { scanned: false });
    book.pay(paid);
    book.open(merchants[0] as Merchant, terms('c', 100), { scanned: true });
    await clock.advance(day);
    await clock.advance(29 * day);
    expect(changes).toEqual([
      ['a', 'paid'],
      ['a', 'refunded'],
      ['a', 'closed'],
      ['b', 'paid'],
      ['c', 'closed'],
      ['b', 'finished'],
    ]);
  });

  it('forgets everything on demand, its timers too', async () => {
    const { book, clock, changes, funds } = world();
    book.open(merchants[0] as Merchant, terms('a', 300), { scanned: true });
    const paid = book.open(merchants[0] as Merchant, terms('b', 300), { scanned: true });
    book.pay(paid);
    book.clear();
    funds.clear();
    await clock.advance(60 * day);
    expect(changes).toEqual([['b', 'paid']]);
    expect(book.orders()).toEqual([]);
    expect(book.ledger.movements()).toEqual([]);
  });
});
