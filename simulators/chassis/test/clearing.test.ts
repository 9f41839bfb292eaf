import { describe, expect, it } from 'vitest';
import {
  type Clearing,
  createAccounts,
  createBankFinder,
  createReporter,
  createVirtualClock,
  type Obligation,
} from '../src/index.ts';

const startAt = Date.parse('2026-11-24T02:00:00.000Z');

/** A book of one payer's house, and a clearing house that answers only while `deaf` is false. */
function open() {
  const clock = createVirtualClock({ startAt, frozen: true });
  const heard: Obligation[] = [];
  const joined: string[] = [];
  const line = { deaf: false };
  const clearing: Clearing = {
    currency: 'CNY',
    join: ({ name }) => void joined.push(name),
    banks: () => ['north-bank', 'east-bank'],
    record(obligation) {
      if (line.deaf) return undefined;
      heard.push(obligation);
      const recordedAt = new Date(clock.now()).toISOString();
      return { id: obligation.id, businessDay: recordedAt.slice(0, 10), recordedAt };
    },
  };
  const keepers: Readonly<Record<string, string>> = {
    'payer:1': 'north-bank',
    'payer:2': 'east-bank',
  };
  const reporter = createReporter({
    clock,
    clearing,
    participant: { name: 'shell', kind: 'payer' },
    keeperOf: (account) => keepers[account],
  });
  const accounts = createAccounts<{ kind: string }>({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance: 1_000,
    serial: (at) => String(at),
    onMove: reporter.report,
  });
  const move = (from: string, to: string, amount: number) =>
    accounts.move({ from, to, amount, memo: `${from} ${to}` });
  return { accounts, clock, heard, joined, line, move, reporter };
}

describe('a reporter', () => {
  it('joins, and tells what crosses between its house and others, in either direction', () => {
    const { heard, joined, move } = open();
    move('payer:1', 'merchant:1', 900);
    move('merchant:1', 'payer:2', 300);
    move('merchant:1', 'merchant:2', 50);
    expect(joined).toEqual(['shell']);
    const occurredAt = new Date(startAt).toISOString();
    expect(heard).toEqual([
      {
        id: 'shell-1',
        debtor: 'north-bank',
        creditor: 'shell',
        amount: 900,
        memo: 'payer:1 merchant:1',
        occurredAt,
      },
      {
        id: 'shell-2',
        debtor: 'shell',
        creditor: 'east-bank',
        amount: 300,
        memo: 'merchant:1 payer:2',
        occurredAt,
      },
    ]);
  });

  it('tells nothing of a move that was refused, nor of what accounts open with', () => {
    const { heard, move } = open();
    expect(() => move('merchant:1', 'payer:1', 1_001)).toThrow(RangeError);
    expect(heard).toEqual([]);
  });

  it('asks again until it is heard, in the order things happened', async () => {
    const { clock, heard, line, move, reporter } = open();
    line.deaf = true;
    move('payer:1', 'merchant:1', 1);
    move('payer:2', 'merchant:1', 2);
    expect(reporter.waiting().map(({ id }) => id)).toEqual(['shell-1', 'shell-2']);
    await clock.advance(150_000);
    expect(heard).toEqual([]);
    line.deaf = false;
    // One that could be heard now still waits its turn.
    move('payer:1', 'merchant:1', 3);
    expect(heard).toEqual([]);
    await clock.advance(30_000);
    expect(heard.map(({ amount }) => amount)).toEqual([1, 2, 3]);
    expect(heard[0]?.occurredAt).toBe(new Date(startAt).toISOString());
    expect(reporter.waiting()).toEqual([]);
  });

  it('keeps counting when its book is cleared: no id comes twice', () => {
    const { accounts, heard, move } = open();
    move('payer:1', 'merchant:1', 1);
    accounts.clear();
    move('payer:1', 'merchant:1', 1);
    expect(heard.map(({ id }) => id)).toEqual(['shell-1', 'shell-2']);
  });
});

describe('a bank finder', () => {
  it('gives an account the same bank, whoever joins later, and uses all that there are', () => {
    const banks = ['north-bank', 'east-bank', 'south-bank'];
    const bankOf = createBankFinder({ banks: () => banks });
    const accounts = Array.from({ length: 60 }, (_, index) => `payer:${index}`);
    const first = accounts.map(bankOf);
    banks.push('west-bank');
    expect(accounts.map(bankOf)).toEqual(first);
    expect(new Set(first)).toEqual(new Set(banks.slice(0, 3)));
  });

  it('cannot be had where no bank has joined', () => {
    expect(() => createBankFinder({ banks: () => [] })).toThrow(/no bank/);
  });
});
