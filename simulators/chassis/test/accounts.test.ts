import { describe, expect, it } from 'vitest';
import { createAccounts, createVirtualClock } from '../src/index.ts';

const startAt = Date.parse('2026-11-22T02:00:00.000Z');

function open(openingBalance = 0) {
  const clock = createVirtualClock({ startAt, frozen: true });
  let count = 0;
  const accounts = createAccounts<{ kind: string }>({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance,
    serial: (at) => `${at}-${++count}`,
  });
  return { clock, accounts };
}
const move = (from: string, to: string, amount: number, kind?: string) => ({
  from,
  to,
  amount,
  memo: `${from} to ${to}`,
  ...(kind === undefined ? {} : { business: { kind } }),
});

describe('accounts', () => {
  it('keep the merchants’ line by line, each with the balance after it', async () => {
    const { clock, accounts } = open();
    accounts.move(move('payer:1', 'merchant:1', 900, 'sale'));
    await clock.advance(60_000);
    accounts.move(move('merchant:1', 'payer:1', 300, 'refund'));
    expect(accounts.lines('merchant:1')).toEqual([
      { kind: 'sale', serial: `${startAt}-1`, at: startAt, amount: 900, balance: 900 },
      {
        kind: 'refund',
        serial: `${startAt + 60_000}-2`,
        at: startAt + 60_000,
        amount: -300,
        balance: 600,
      },
    ]);
    expect(accounts.balance('payer:1')).toBe(-600);
    expect(() => accounts.ledger.check()).not.toThrow();
  });

  it('between two merchants writes a line for each', () => {
    const { accounts } = open(500);
    accounts.move(move('merchant:1', 'merchant:2', 200, 'share'));
    const [first] = accounts.lines('merchant:1');
    const [second] = accounts.lines('merchant:2');
    expect([first?.amount, first?.balance]).toEqual([-200, 300]);
    expect([second?.amount, second?.balance]).toEqual([200, 700]);
  });

  it('open with what they are given, before every day of a statement, and without a line', () => {
    const { accounts } = open(5000);
    expect(accounts.balance('merchant:1')).toBe(5000);
    expect(accounts.lines('merchant:1')).toEqual([]);
    const [opening] = accounts.ledger.movements({ account: 'merchant:1' });
    expect(Date.parse(opening?.at ?? '')).toBeLessThan(startAt - 300 * 86_400_000);
  });

  it('do not fall below zero, and write nothing when they would', () => {
    const { accounts } = open(100);
    expect(() => accounts.move(move('merchant:1', 'payer:1', 101, 'refund'))).toThrow(RangeError);
    expect([accounts.balance('merchant:1'), accounts.lines('merchant:1')]).toEqual([100, []]);
  });

  it('that are not kept have a balance and no lines', () => {
    const { accounts } = open();
    accounts.move(move('payer:1', 'hold:1', 300));
    expect(accounts.balance('hold:1')).toBe(300);
  });

  it('forget everything when they are cleared, and open anew', () => {
    const { accounts } = open(100);
    accounts.move(move('payer:1', 'merchant:1', 900, 'sale'));
    accounts.clear();
    expect([accounts.balance('merchant:1'), accounts.balance('payer:1')]).toEqual([100, 0]);
  });
});
