import { describe, expect, it } from 'vitest';
import { type Call, PolyrailError, type StatementLine } from '../src/index.ts';
import { createClock, ending, toy } from './toy.ts';

const line: StatementLine = {
  kind: 'payment',
  merchantId: 'A1',
  amount: { amount: 900, currency: 'CNY' },
  direction: 'in',
  occurredAt: '2026-11-21T02:00:00.000Z',
  raw: { sign: 'x', row: 1 },
};
const request = { kind: 'trade', date: '2026-11-21' } as const;

const statementOf = (lines: () => AsyncIterable<StatementLine>, clock = createClock()) =>
  toy({ statement: async () => lines() }, { clock });

async function* some(...lines: readonly StatementLine[]): AsyncGenerator<StatementLine> {
  yield* lines;
}

describe('a statement', () => {
  it('gives frozen lines, redacted, and iterates once', async () => {
    const statement = await statementOf(() => some(line)).statement?.(request);
    const seen: StatementLine[] = [];
    for await (const one of statement ?? []) seen.push(one);
    expect(seen).toEqual([{ ...line, raw: { sign: '[redacted]', row: 1 } }]);
    expect(Object.isFrozen(seen[0])).toBe(true);
    const again = async () => {
      for await (const _ of statement ?? []) break;
    };
    await expect(again()).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('of a quiet day has no lines', async () => {
    const statement = await statementOf(() => some()).statement?.(request);
    for await (const _ of statement ?? []) expect.unreachable();
  });

  it.each([
    ['REPLY_UNREADABLE', new PolyrailError('REPLY_UNREADABLE', 'cut')],
    ['INTERNAL', new TypeError('bug')],
  ])('that breaks off throws %s', async (code, error) => {
    async function* broken() {
      yield line;
      throw error;
    }
    const statement = await statementOf(broken).statement?.(request);
    const read = async () => {
      for await (const _ of statement ?? []);
    };
    await expect(read()).rejects.toMatchObject({ code, channel: 'toy', verb: 'statement' });
  });

  it('with an amount that is not exact throws', async () => {
    const bad = { ...line, amount: { amount: 0.5, currency: 'CNY' } };
    const statement = await statementOf(() => some(bad)).statement?.(request);
    const read = async () => {
      for await (const _ of statement ?? []);
    };
    await expect(read()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('left in the middle stops the adapter and leaves no timer', async () => {
    const clock = createClock();
    let signal: AbortSignal | undefined;
    const channel = toy(
      {
        async statement(_: unknown, call: Call) {
          signal = call.signal;
          return some(line, line, line);
        },
      },
      { clock },
    );
    const statement = await channel.statement?.(request);
    for await (const _ of statement ?? []) break;
    expect(signal?.aborted).toBe(true);
    expect(clock.timers()).toBe(0);
  });

  it('that stalls between two lines meets the deadline', async () => {
    const clock = createClock();
    async function* stalled(): AsyncGenerator<StatementLine> {
      yield line;
      await new Promise(() => {});
    }
    const statement = await statementOf(stalled, clock).statement?.(request, { timeoutMs: 1000 });
    const read = (async () => {
      for await (const _ of statement ?? []);
    })();
    await new Promise((resolve) => setImmediate(resolve));
    clock.move(1000);
    expect(await ending(read)).toMatch(/UNAVAILABLE|NOT_SENT/);
  });

  it.each([
    ['date', { kind: 'trade', date: '2026-11-23' }, 'REQUEST_INVALID'],
    ['date', { kind: 'trade', date: '2026-02-30' }, 'REQUEST_INVALID'],
    ['kind', { kind: 'funds', date: '2026-11-21' }, 'UNSUPPORTED'],
  ])('is refused for its %s', async (field, bad, code) => {
    const call = statementOf(() => some()).statement?.(bad as never);
    await expect(call).rejects.toMatchObject({ code, field });
  });
});

describe('balances', () => {
  it('are plain and frozen, and errors are named', async () => {
    const told = [{ account: 'main', available: { amount: 1, currency: 'CNY' } }];
    const balances = await toy({ balance: async () => told }).balance?.();
    expect(balances).toEqual(told);
    expect(Object.isFrozen(balances)).toBe(true);
    const failing = toy({
      balance: async () => {
        throw new PolyrailError('UNAVAILABLE', 'silence');
      },
    });
    await expect(failing.balance?.()).rejects.toMatchObject({ verb: 'balance' });
  });
});
