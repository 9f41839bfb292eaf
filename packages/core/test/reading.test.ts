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

describe('what a statement or a balance tells', () => {
  const spoilt = async (change: object) => {
    const statement = await statementOf(() => some({ ...line, ...change })).statement?.(request);
    return ending(
      (async () => {
        for await (const _ of statement ?? []);
        return { status: 'read' };
      })(),
    );
  };

  it('is exact money, or nothing', async () => {
    for (const amount of [
      { amount: -1, currency: 'CNY' },
      { amount: 2 ** 53, currency: 'CNY' },
      { amount: 1, currency: 'FEN' },
      { amount: '1', currency: 'CNY' },
      undefined,
    ]) {
      expect(await spoilt({ amount })).toBe('INTERNAL');
    }
    expect(await spoilt({ amount: { amount: 0, currency: 'JPY' } })).toBe('read');
    expect(await spoilt({ occurredAt: new Date(0) })).toBe('INTERNAL');
    const cent = { amount: 1, currency: 'CNY' };
    for (const told of [
      undefined,
      {},
      [{}],
      [{ account: 'main', available: { amount: 0.1, currency: 'CNY' } }],
      [{ account: 'main', available: { amount: 1, currency: 'FEN' } }],
      [{ account: 'main', available: cent, frozen: { amount: 0.1, currency: 'CNY' } }],
      [{ account: 'main', available: cent, pending: { amount: 1, currency: 'FEN' } }],
    ]) {
      expect(await ending(toy({ balance: async () => told }).balance?.())).toBe('INTERNAL');
    }
  });

  it('may be below zero where it is a balance', async () => {
    const told = [{ account: 'main', available: { amount: -1, currency: 'CNY' } }];
    expect(await toy({ balance: async () => told }).balance?.()).toEqual(told);
  });
});

describe('a statement in batches', () => {
  const of = (batches: () => AsyncIterable<Iterable<StatementLine>>) =>
    toy({ statement: async () => batches() }).statement?.(request);

  it('is lines to the merchant, made and checked one by one', async () => {
    const made: number[] = [];
    function* batch(from: number) {
      for (let at = from; at < from + 3; at += 1) {
        made.push(at);
        yield { ...line, merchantId: `order_${at}` };
      }
    }
    async function* batches() {
      yield batch(0);
      yield [];
      yield batch(3);
    }
    const seen: unknown[] = [];
    for await (const one of (await of(batches)) ?? []) {
      seen.push(one.merchantId);
      expect(made).toHaveLength(seen.length);
      expect(Object.isFrozen(one) && Object.isFrozen(one.amount)).toBe(true);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5].map((at) => `order_${at}`));
  });

  it('names channel and verb on what fails while a line is made', async () => {
    function* batch(error: Error) {
      yield line;
      throw error;
    }
    const broken = new PolyrailError('REPLY_UNREADABLE', 'cut');
    for (const [error, code] of [
      [broken, 'REPLY_UNREADABLE'],
      [new Error('a bug'), 'INTERNAL'],
    ] as const) {
      const read = async () => {
        async function* batches() {
          yield batch(error);
        }
        for await (const _ of (await of(batches)) ?? []);
      };
      await expect(read()).rejects.toMatchObject({ code, channel: 'toy', verb: 'statement' });
    }
  });

  it('gives no further line once the caller aborts', async () => {
    const stop = new AbortController();
    async function* batches() {
      yield [line, line, line];
    }
    const channel = toy({ statement: async () => batches() });
    const statement = await channel.statement?.(request, { signal: stop.signal });
    let seen = 0;
    const read = async () => {
      for await (const _ of statement ?? []) {
        seen += 1;
        stop.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ channel: 'toy', verb: 'statement' });
    expect(seen).toBe(1);
  });
});

describe('a statement under way', () => {
  it('gives the merchant all the time in the world between two lines', async () => {
    const clock = createClock();
    const statement = await statementOf(() => some(line, line), clock).statement?.(request, {
      timeoutMs: 10,
    });
    let count = 0;
    for await (const _ of statement ?? []) {
      clock.move(1_000_000);
      count += 1;
    }
    expect(count).toBe(2);
    expect(clock.timers()).toBe(0);
  });

  it('that nobody reads lets go of what it holds at the deadline', async () => {
    const clock = createClock();
    let signal: AbortSignal | undefined;
    const channel = toy(
      {
        async statement(_: unknown, call: Call) {
          signal = call.signal;
          return some(line);
        },
      },
      { clock },
    );
    const statement = await channel.statement?.(request, { timeoutMs: 10 });
    clock.move(10);
    expect(signal?.aborted).toBe(true);
    const read = (async () => {
      for await (const _ of statement ?? []);
    })();
    expect(await ending(read)).toMatch(/UNAVAILABLE|NOT_SENT/);
  });

  it('can be given up between two lines, and waits for no closing', async () => {
    const stop = new AbortController();
    const lines: AsyncIterable<StatementLine> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: line }),
        return: () => new Promise(() => {}),
      }),
    };
    const statement = await statementOf(() => lines).statement?.(request, { signal: stop.signal });
    const read = (async () => {
      for await (const _ of statement ?? []) stop.abort();
    })();
    expect(await ending(read)).toMatch(/ABORTED|UNAVAILABLE/);
  });

  it.each([
    ['NOT_READY', new PolyrailError('NOT_READY', 'tomorrow', { retryAfterMs: 5 })],
    ['UNAVAILABLE', new PolyrailError('UNAVAILABLE', 'silence')],
    ['INTERNAL', new TypeError('bug')],
    ['INTERNAL', new PolyrailError('NOTIFICATION_STALE', 'no word of a reading verb')],
  ])('says %s when the file is not to be had', async (code, error) => {
    const channel = toy({ statement: () => Promise.reject(error) });
    const told = channel.statement?.(request);
    await expect(told).rejects.toMatchObject({ code, channel: 'toy', verb: 'statement' });
    if (code !== 'NOT_READY') return;
    await expect(channel.statement?.(request)).rejects.toMatchObject({ retryAfterMs: 5 });
  });

  it('of today is asked for, of tomorrow it is not', async () => {
    // 02:00 UTC is 10:00 in Shanghai: the channel's own day counts.
    const today = { kind: 'trade', date: '2026-11-22' } as const;
    expect(await statementOf(() => some()).statement?.(today)).toMatchObject(today);
    const clock = createClock(Date.parse('2026-11-22T15:00:00.000Z'));
    const channel = toy(
      { statement: async () => some() },
      { clock, capabilities: { dayEndsAt: '23:00' } },
    );
    const tomorrow = { kind: 'trade', date: '2026-11-23' } as const;
    expect(await channel.statement?.(tomorrow)).toMatchObject(tomorrow);
  });
});
