import { expect, test } from 'vitest';
import { createFaultBook, createSeededRandom, faultNames } from '../src/index.ts';

const book = (seed = 1) =>
  createFaultBook({
    random: createSeededRandom(seed),
    stories: ['user-paying', { name: 'bill-not-ready', details: ['hours'] }],
    meaningless: ['stale-timestamp'],
  });
const subject = { operation: 'alipay.trade.pay', id: 'o1' };

test('every generic name can be armed, once, and strikes once', () => {
  for (const fault of faultNames) {
    if (fault === 'stale-timestamp') continue;
    const faults = book();
    faults.arm({ fault });
    expect(faults.take(fault, subject)?.fault).toBe(fault);
    expect(faults.take(fault, subject)).toBeUndefined();
    expect(faults.list()).toMatchObject([{ fault, hits: 1 }]);
  }
});

test('unknown names are refused, naming the nearest and the known ones', () => {
  const faults = book();
  expect(() => faults.arm({ fault: 'drop-replay' })).toThrow(/Did you mean "drop-reply"/);
  expect(() => faults.arm({ fault: 'user-payign' })).toThrow(/Did you mean "user-paying"/);
  expect(() => faults.arm({ fault: 'zzz' })).toThrow(/No fault is called "zzz"\. Expected one of/);
  expect(() => faults.arm({ fault: 'constructor' })).toThrow(/No fault is called/);
  expect(() => faults.arm({ fault: 'stale-timestamp' })).toThrow(/No fault is called/);
  expect(faults.list()).toEqual([]);
});

test('unknown details are refused: a misspelt one would silently match everything', () => {
  const faults = book();
  expect(() => faults.arm({ fault: 'drop-reply', opration: 'x' })).toThrow(
    /Did you mean "operation"/,
  );
  expect(() => faults.arm({ fault: 'drop-reply', delayMs: 5 })).toThrow(/takes no "delayMs"/);
  expect(() => faults.arm({ fault: 'user-paying', hours: 3 })).toThrow(/takes no "hours"/);
  expect(faults.arm({ fault: 'bill-not-ready', hours: 3 })).toBe('fault-1');
});

test.each([
  ['times', 0],
  ['times', 1.5],
  ['skip', -1],
  ['probability', 1.1],
  ['operation', ''],
  ['id', 7],
])('%s = %s is refused, naming field and rule', (field, value) => {
  const arm = () => book().arm({ fault: 'drop-reply', [field]: value });
  expect(arm).toThrow(new RegExp(`^${field} cannot be .*Expected`));
});

test('refuse-connection cannot be told what to match', () => {
  expect(() => book().arm({ fault: 'refuse-connection', operation: 'x' })).toThrow(/before a byte/);
});

test.each([
  ['alipay.trade.pay', true],
  ['alipay.trade.*', true],
  ['*pay', true],
  ['*', true],
  ['alipay.trade', false],
  ['alipay.trade.p', false],
  ['alipay?trade.pay', false],
  ['alipay.*.query', false],
])('operation pattern %s matches: %s', (operation, matches) => {
  const faults = book();
  faults.arm({ fault: 'drop-reply', operation });
  expect(faults.take('drop-reply', subject) !== undefined).toBe(matches);
});

test('id, skip and times decide together', () => {
  const faults = book();
  faults.arm({ fault: 'drop-reply', id: 'o1', skip: 1, times: 2 });
  const strikes = (id: string) => faults.take('drop-reply', { operation: 'pay', id }) !== undefined;
  expect(strikes('o2')).toBe(false);
  expect([strikes('o1'), strikes('o1'), strikes('o1'), strikes('o1')]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(faults.take('drop-reply', { operation: 'pay' })).toBeUndefined();
});

test('rules of one name strike in the order they were armed, one per occasion', () => {
  const faults = book();
  faults.arm({ fault: 'delay', delayMs: 1 });
  faults.arm({ fault: 'delay', delayMs: 2 });
  expect(faults.take('delay', subject)?.delayMs).toBe(1);
  expect(faults.take('delay', subject)?.delayMs).toBe(2);
});

test('probability replays from the seed, whatever else is armed', () => {
  const run = (seed: number, others: number) => {
    const faults = book(seed);
    faults.arm({ fault: 'drop-reply', probability: 0.5, times: 100 });
    for (let other = 0; other < others; other += 1) {
      faults.arm({ fault: 'delay', probability: 0.5, times: 100 });
    }
    return Array.from({ length: 40 }, () => {
      faults.take('delay', subject);
      return faults.take('drop-reply', subject) ? 1 : 0;
    }).join('');
  };
  expect(run(1, 0)).toBe(run(1, 3));
  expect(run(1, 0)).not.toBe(run(2, 0));
  expect(run(1, 0)).toMatch(/0.*1|1.*0/);
});

test('disarm takes one, clear takes all; a caller cannot change a rule afterwards', () => {
  const faults = book();
  const rule = { fault: 'drop-reply', operation: 'pay' };
  const first = faults.arm(rule);
  faults.arm({ fault: 'delay' });
  rule.operation = 'other';
  expect(faults.list()[0]?.operation).toBe('pay');
  expect(faults.disarm(first)).toBe(true);
  expect(faults.disarm(first)).toBe(false);
  expect(faults.list()).toHaveLength(1);
  faults.clear();
  expect(faults.list()).toEqual([]);
});

test('the book is capped; rules that have struck out make room', () => {
  const faults = book();
  for (let count = 0; count < 1_000; count += 1) faults.arm({ fault: 'delay' });
  expect(() => faults.arm({ fault: 'delay' })).toThrow(/Too many faults/);
  faults.take('delay', subject);
  faults.arm({ fault: 'drop-reply' });
  expect(faults.list()).toHaveLength(1_000);
});
