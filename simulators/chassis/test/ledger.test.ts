import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLedger, type LedgerLine } from '../src/index.ts';

const at = Date.UTC(2026, 10, 22);
const about = (memo: string) => ({ memo, at });
const line = (account: string, amount: number, currency = 'CNY'): LedgerLine => ({
  account,
  amount,
  currency,
});

test('no money is made or lost, and no guarded account falls below zero', () => {
  const accounts = ['bank:world', 'merchant:a', 'merchant:b', 'fees:channel'];
  const transfer = fc.record({
    from: fc.constantFrom(...accounts),
    to: fc.constantFrom(...accounts),
    amount: fc.integer({ min: -50, max: 1_000 }),
    fee: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(transfer, { maxLength: 40 }), (transfers) => {
      const ledger = createLedger({ overdraft: ['bank'] });
      const model = new Map<string, bigint>();
      let written = 0;
      for (const { from, to, amount, fee } of transfers) {
        const lines = [line(from, -amount), line(to, amount - fee), line('fees:channel', fee)];
        const kept = lines.filter((one) => one.amount !== 0);
        const after = new Map(model);
        for (const one of kept) {
          after.set(one.account, (after.get(one.account) ?? 0n) + BigInt(one.amount));
        }
        const broken = [...after].some(([name, sum]) => sum < 0n && name !== 'bank:world');
        const post = () => ledger.post(kept, about('transfer'));
        if (broken || kept.length < 2) expect(post).toThrow(RangeError);
        else {
          post();
          written += 1;
          for (const [name, sum] of after) model.set(name, sum);
        }
        for (const name of accounts) {
          expect(BigInt(ledger.balance(name))).toBe(model.get(name) ?? 0n);
        }
      }
      expect(ledger.movements()).toHaveLength(written);
      expect(ledger.accounts().reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
      ledger.check();
    }),
  );
});

test.each<[string, LedgerLine[], RegExp]>([
  ['does not sum to zero', [line('a:x', 1), line('b:y', -2)], /sum to -1/],
  ['sums only across currencies', [line('a:x', 1, 'CNY'), line('b:y', -1, 'USD')], /sum to/],
  ['has a fraction', [line('a:x', 0.5), line('b:y', -0.5)], /whole number/],
  ['has a zero line', [line('a:x', 0), line('b:y', 0)], /not 0/],
  ['names no kind', [line('x', 1), line('b:y', -1)], /kind:name/],
  ['has no currency', [line('a:x', 1, 'XXQ'), line('b:y', -1, 'XXQ')], /ISO 4217/],
  ['is empty', [], /at least two/],
  ['overdraws', [line('a:x', 1), line('b:y', -1)], /no overdraft/],
])('a posting that %s is refused and writes nothing', (_, lines, message) => {
  const ledger = createLedger({ overdraft: ['bank'] });
  expect(() => ledger.post(lines, about('bad'))).toThrow(message);
  expect(ledger.movements()).toEqual([]);
  expect(ledger.accounts()).toEqual([]);
});

test('an account keeps its currency', () => {
  const ledger = createLedger({ overdraft: ['bank'] });
  ledger.post([line('bank:c', -5), line('merchant:m', 5)], about('first'));
  const other = [line('bank:u', -5, 'USD'), line('merchant:m', 5, 'USD')];
  expect(() => ledger.post(other, about('second'))).toThrow(/kept in CNY/);
  expect(ledger.balance('bank:u')).toBe(0);
});

test('movements are found by account, memo and time; callers cannot change them', () => {
  const ledger = createLedger({ overdraft: ['bank'] });
  const lines = [line('bank:w', -5), line('merchant:m', 5)];
  ledger.post(lines, { memo: 'pay 1', at });
  ledger.post([line('bank:w', -7), line('merchant:n', 7)], { memo: 'pay 2', at: at + 10 });
  lines[0] = line('bank:w', -999);
  expect(ledger.movements({ account: 'merchant:m' }).map(({ memo }) => memo)).toEqual(['pay 1']);
  expect(ledger.movements({ memo: 'pay 2' })).toHaveLength(1);
  expect(ledger.movements({ from: at, to: at + 10 }).map(({ memo }) => memo)).toEqual(['pay 1']);
  expect(ledger.movements()[0]?.lines[0]?.amount).toBe(-5);
  expect(() => Object.assign(ledger.movements()[0]!.lines[0]!, { amount: 1 })).toThrow(TypeError);
});

test('sums beyond what a double holds exactly are refused, and so is a full book', () => {
  const ledger = createLedger({ overdraft: ['bank'], maximumMovements: 2 });
  const most = Number.MAX_SAFE_INTEGER;
  ledger.post([line('bank:w', -most), line('merchant:m', most)], about('all'));
  const more = [line('bank:v', -1), line('merchant:m', 1)];
  expect(() => ledger.post(more, about('more'))).toThrow(/out of range/);
  ledger.post([line('bank:v', -1), line('merchant:n', 1)], about('second'));
  expect(() => ledger.post([line('bank:v', -1), line('merchant:n', 1)], about('third'))).toThrow(
    /full/,
  );
  ledger.check();
});
