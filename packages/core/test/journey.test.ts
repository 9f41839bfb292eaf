import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Call, type Options, PolyrailError, secret } from '../src/index.ts';
import { caller, granted, movingVerbs, payment, requests, settle, thrown, verbs } from './every.ts';
import { answering, createClock, ending, toy } from './toy.ts';

const never = () => new Promise<never>(() => {});

describe.each(verbs.map((verb) => [verb]))('%s', (verb) => {
  it('asks nobody once its signal has fired, and leaves nothing behind', async () => {
    const clock = createClock();
    let asked = false;
    const call = caller(
      () => {
        asked = true;
      },
      { clock },
    );
    const error = await thrown(call(verb, requests[verb], { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'ABORTED', channel: 'toy', verb });
    expect(asked).toBe(false);
    expect(clock.timers()).toBe(0);
  });

  it('crosses nothing after it was given up while the merchant was still storing', async () => {
    const stop = new AbortController();
    let finish = () => {};
    const storing = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let crossed: unknown = 'not tried';
    const call = caller(async (_, { prepared }: Call) => {
      crossed = await prepared().then(
        () => true,
        ({ code }) => code,
      );
      return granted(verb);
    });
    const wishes: Options = { signal: stop.signal, onPrepared: () => storing };
    const told = ending(call(verb, requests[verb], wishes));
    await settle();
    stop.abort();
    expect(await told).toBe('ABORTED');
    finish();
    await settle();
    expect(crossed).toBe('ABORTED');
  });

  it('has the adapter stop when it is given up', async () => {
    const clock = createClock();
    let signal: AbortSignal | undefined;
    const call = caller(
      (_, given: Call) => {
        signal = given.signal;
        return never();
      },
      { clock },
    );
    const told = ending(call(verb, requests[verb], { timeoutMs: 10 }));
    await settle();
    clock.move(10);
    expect(await told).toBe('NOT_SENT');
    expect(signal?.aborted).toBe(true);
  });

  it('tells nobody of an adapter that fails long after it was given up', async () => {
    const clock = createClock();
    let fail = (_: Error) => {};
    const call = caller(
      answering(
        () =>
          new Promise((_, reject) => {
            fail = reject;
          }),
      ),
      { clock },
    );
    const told = ending(call(verb, requests[verb], { timeoutMs: 10 }));
    await settle();
    clock.move(10);
    expect(await told).toBe(movingVerbs.includes(verb) ? 'unknown/no-reply' : 'UNAVAILABLE');
    fail(new Error('too late'));
    await settle();
  });
});

describe('the deadline', () => {
  it('is the caller’s, else the channel’s, else half a minute', async () => {
    const until = async (timeoutMs: number | undefined, facts: object, dueMs: number) => {
      const clock = createClock();
      const call = caller(answering(never), { clock, capabilities: facts });
      let over = false;
      const told = ending(call('pay', requests.pay, timeoutMs === undefined ? {} : { timeoutMs }));
      const watched = told.then((end) => {
        over = true;
        return end;
      });
      await settle();
      clock.move(dueMs - 1);
      await settle();
      expect(over).toBe(false);
      clock.move(1);
      expect(await watched).toBe('unknown/no-reply');
    };
    await until(5000, { defaultTimeoutMs: 700 }, 5000);
    await until(undefined, { defaultTimeoutMs: 700 }, 700);
    await until(undefined, { defaultTimeoutMs: undefined }, 30_000);
  });
});

describe('the options', () => {
  it('are those of the moment of the call', async () => {
    const seen: string[] = [];
    const note = (word: string) => async () => {
      seen.push(word);
    };
    const wishes = { onPrepared: note('first') };
    const call = caller(async (request, given: Call) => {
      await settle();
      return answering(() => granted('pay'))(request, given);
    })('pay', requests.pay, wishes);
    wishes.onPrepared = note('second');
    expect(await ending(call)).toBe('succeeded');
    expect(seen).toEqual(['first']);
  });

  it('reach the adapter: that a call repeats an earlier one', async () => {
    const repeats: unknown[] = [];
    const call = caller((request, given: Call) => {
      repeats.push(given.repeat);
      return answering(() => granted('pay'))(request, given);
    });
    await call('pay', requests.pay, { repeat: true });
    await call('pay');
    expect(repeats).toEqual([true, undefined]);
  });

  it('are never null, and a request is not an option', async () => {
    for (const wishes of [null, 'x', 1, [], { onprepared: 1 }, { onPrepared: 'x' }]) {
      const error = await thrown(caller(never)('pay', requests.pay, wishes));
      expect(error.code).toBe('REQUEST_INVALID');
      expect(error.field).toMatch(/^options/);
    }
  });
});

describe('a handle', () => {
  it('of another kind or too long sends nothing', async () => {
    for (const handle of ['h'.repeat(1025), 42, {}]) {
      const call = caller(async (_, given: Call) => {
        await given.prepared(handle as string);
        given.sent();
        return granted('pay');
      });
      expect(await ending(call('pay'))).toBe('NOT_SENT');
    }
  });
});

describe('a clock that fails', () => {
  const broken = (from: number) => {
    const clock = createClock();
    let asked = 0;
    const now = () => {
      asked += 1;
      if (asked > from) throw new Error('no time');
      return clock.now();
    };
    return { ...clock, now };
  };
  it('before anything was sent sends nothing', async () => {
    expect(await ending(caller(never, { clock: broken(0) })('pay'))).toBe('NOT_SENT');
  });
  it('after the first byte changes nothing about the payment', async () => {
    const call = caller(
      answering(() => granted('pay')),
      { clock: broken(2) },
    );
    const outcome = await call('pay');
    expect(outcome).toMatchObject({ status: 'succeeded', observedAt: '2026-11-22T02:00:00.000Z' });
  });
});

describe('what an error shows', () => {
  const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
  const printed = async (error: unknown, late: boolean) => {
    const fail = () => {
      throw error;
    };
    const call = caller(late ? answering(fail) : fail);
    const told: unknown = await call('pay').catch((thrownError: unknown) => thrownError);
    return inspect(told, { depth: 20, showHidden: true }) + JSON.stringify(told);
  };

  it.each([
    ['a stranger', () => new Error(key)],
    ['a stranger within', () => new PolyrailError('UNAVAILABLE', 'x', { cause: new Error(key) })],
    ['a wrapped key', () => new PolyrailError('UNAVAILABLE', 'x', { cause: { key: secret(key) } })],
    ['a member that is none', () => Object.assign(new PolyrailError('UNAVAILABLE', 'x'), { key })],
    ['an error in an error', () => new Error('x', { cause: new Error(key) })],
    ['a text', () => key],
  ])('of %s holds no key', async (_, make) => {
    for (const late of [false, true]) {
      const text = await printed(make(), late);
      expect(text).toContain('toy');
      expect(text).not.toContain(key);
    }
  });

  it('keeps the code of a system error, which names the trouble', async () => {
    const reset = Object.assign(new Error(key), { code: 'ECONNRESET' });
    const error = new PolyrailError('UNAVAILABLE', 'The connection broke', { cause: reset });
    expect(await printed(error, true)).toContain('ECONNRESET');
  });

  it('ends, however long the chain of causes', async () => {
    let chain = new PolyrailError('UNAVAILABLE', 'last');
    for (let depth = 0; depth < 100; depth += 1) {
      chain = new PolyrailError('UNAVAILABLE', 'x', { cause: chain });
    }
    const outcome = await caller(
      answering(() => {
        throw chain;
      }),
    )('pay');
    let count = 0;
    let found: unknown = outcome.status === 'unknown' ? outcome.cause : undefined;
    for (; found instanceof Error; found = found.cause) count += 1;
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(20);
  });
});

describe('a disposed channel', () => {
  it('sends nothing, whatever is asked of it', async () => {
    let disposals = 0;
    const channel = toy({
      query: answering(granted('query')),
      balance: async () => [],
      dispose: async () => {
        disposals += 1;
      },
    });
    expect(await ending(channel.query?.(payment))).toBe('succeeded');
    await channel[Symbol.asyncDispose]();
    await channel[Symbol.asyncDispose]();
    expect(disposals).toBe(1);
    expect(await ending(channel.query?.(payment))).toBe('NOT_SENT');
    expect(await ending(channel.balance?.())).toBe('NOT_SENT');
  });
});

describe('the log', () => {
  const logged = async (run: (request: unknown, call: Call) => unknown) => {
    const lines: unknown[] = [];
    const write = (event: string, fields?: object) => {
      lines.push({ event, ...fields });
    };
    const logger = { debug: write, info: write, warn: write, error: write };
    await ending(caller(run, { logger })('pay'));
    return lines;
  };
  const line = { event: 'polyrail.call', channel: 'toy', verb: 'pay', merchantId: 'A1' };

  it('has one line for each call, with its end', async () => {
    expect(await logged(answering(() => granted('pay')))).toEqual([
      { ...line, status: 'succeeded', durationMs: 0 },
    ]);
    expect(await logged(() => Promise.reject(new Error('secret')))).toEqual([
      { ...line, code: 'NOT_SENT', durationMs: 0 },
    ]);
  });

  it('may fail later: a logger that rejects disturbs nobody', async () => {
    const reject = () => Promise.reject(new Error('disk full')) as unknown as undefined;
    const logger = { debug: reject, info: reject, warn: reject, error: reject };
    const call = caller(
      answering(() => granted('pay')),
      { logger },
    );
    expect(await ending(call('pay'))).toBe('succeeded');
    await settle();
  });
});
