import { describe, expect, it } from 'vitest';
import { type Call, type Doubt, doubts, PolyrailError } from '../src/index.ts';
import type { OutcomeVerb } from '../src/supply.ts';
import {
  caller,
  cny,
  granted,
  isFrozen,
  jpy,
  movingVerbs,
  payment,
  readingVerbs,
  refOf,
  requests,
  settle,
  thrown,
  verbs,
} from './every.ts';
import { answering, createClock, ending, type ToyOptions } from './toy.ts';

const says = (finding: unknown, options?: ToyOptions) =>
  caller(
    answering(() => finding),
    options,
  );
const fails = (error: unknown) =>
  caller(
    answering(() => {
      throw error;
    }),
  );
const refusal = { status: 'failed', reason: 'order-closed', retry: 'never' } as const;

describe.each(verbs.map((verb) => [verb]))('%s', (verb) => {
  const reads = readingVerbs.includes(verb);
  const doubt = (word: Doubt, code: string) => (reads ? code : `unknown/${word}`);

  it('succeeds when the channel says so under its signature', async () => {
    const outcome = await says({ ...granted(verb), channelId: 'X1', raw: { a: 1 } })(verb);
    expect(outcome).toMatchObject({ status: 'succeeded', evidence: 'signed', raw: { a: 1 } });
    expect(outcome.ref).toMatchObject({ noun: outcome.noun, channelId: 'X1' });
    expect(isFrozen(outcome)).toBe(true);
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
  });

  it.each(['transport', 'none'] as const)('does not succeed by %s alone', async (evidence) => {
    const call = says({ ...granted(verb), evidence })(verb);
    expect(await ending(call)).toBe(doubt('unverified-reply', 'REPLY_UNVERIFIED'));
    const beside = { capabilities: { unsigned: [verb] } };
    expect(await ending(says({ ...granted(verb), evidence }, beside)(verb))).toBe(
      doubt('unverified-reply', 'REPLY_UNVERIFIED'),
    );
  });

  it('is refused by the transport only where its exchange is listed as unsigned', async () => {
    const told = { ...refusal, evidence: 'transport' };
    const refused = new PolyrailError('REFUSED', 'no', { evidence: 'transport' });
    const others = { capabilities: { unsigned: verbs.filter((other) => other !== verb) } };
    const own = { capabilities: { unsigned: [verb] } };
    const raise = answering(() => {
      throw refused;
    });
    const unproven = doubt('unverified-reply', 'REPLY_UNVERIFIED');
    expect(await ending(says(told, others)(verb))).toBe(unproven);
    expect(await ending(caller(raise, others)(verb))).toBe(unproven);
    expect(await ending(says(told, own)(verb))).toBe('failed');
    expect(await ending(caller(raise, own)(verb))).toBe('REFUSED');
  });

  it('believes no answer about another id', async () => {
    for (const merchantId of ['another', '', 1, null]) {
      expect(await ending(says({ ...granted(verb), merchantId })(verb))).not.toBe('succeeded');
    }
    const call = says({ ...granted(verb), merchantId: 'another' })(verb);
    expect(await ending(call)).toBe(doubt('contradicts-request', 'REPLY_UNVERIFIED'));
    const absent = { status: 'unknown', doubt: 'not-found', evidence: 'signed' };
    expect(await ending(says({ ...absent, merchantId: 'another' })(verb))).toBe(
      doubt('contradicts-request', 'REPLY_UNVERIFIED'),
    );
  });

  it('tells of a not-found that is proven, and of no other', async () => {
    const absent = { status: 'unknown', doubt: 'not-found' };
    expect(await ending(says({ ...absent, evidence: 'signed' })(verb))).toBe('unknown/not-found');
    const told = says({ ...absent, evidence: 'transport' });
    expect(await ending(told(verb))).toBe(doubt('unverified-reply', 'REPLY_UNVERIFIED'));
    const own = { capabilities: { unsigned: [verb] } };
    expect(await ending(says({ ...absent, evidence: 'transport' }, own)(verb))).toBe(
      'unknown/not-found',
    );
  });

  it('keeps its words apart: a malformed finding is a defect', async () => {
    const good = granted(verb);
    const bad = [
      undefined,
      null,
      'succeeded',
      {},
      { ...good, status: 'paid' },
      { ...good, status: ['succeeded'] },
      { ...good, evidence: ['signed'] },
      { ...good, evidence: undefined },
      { ...refusal, evidence: 'signed', reason: 'why not' },
      { ...refusal, evidence: 'signed', retry: ['never'] },
      { status: 'pending', evidence: 'signed', waitingFor: 'godot' },
      { status: 'unknown', evidence: 'signed', doubt: 'maybe' },
      { ...good, fee: { amount: 0.1, currency: 'CNY' } },
      { ...good, fee: { amount: 1, currency: 'FEN' } },
      { ...good, handle: 'h'.repeat(1025) },
      { ...good, channelId: 42 },
      { ...good, channelCode: { code: 1 } },
      { ...good, more: new Map() },
      { ...good, more: () => 1 },
      { ...good, more: Number.NaN },
      {
        ...good,
        get more() {
          throw new PolyrailError('NOT_SENT', 'this is a lie');
        },
      },
    ];
    for (const finding of bad) {
      const told = await ending(says(finding)(verb));
      expect(told).toMatch(reads ? /^(INTERNAL|NOT_SENT)$/ : /^unknown\/defect$/);
    }
  });
});

describe.each(movingVerbs.map((verb) => [verb]))('%s, after the first byte', (verb) => {
  it.each(doubts.map((word) => [word]))(
    'tells the doubt %s that the adapter names',
    async (word) => {
      const error = new PolyrailError('UNAVAILABLE', 'said so', { doubt: word });
      expect(await ending(fails(error)(verb))).toBe(`unknown/${word}`);
      const outcome = await fails(error)(verb);
      expect(outcome).toMatchObject({ cause: { channel: 'toy', verb, message: 'said so' } });
      expect(isFrozen(outcome)).toBe(true);
      expect(JSON.parse(JSON.stringify(outcome)).cause.code).toBe('UNAVAILABLE');
    },
  );

  it('takes no doubt that is no word of the contract', async () => {
    const error = new PolyrailError('UNAVAILABLE', 'x', { doubt: 'perhaps' as never });
    expect(await ending(fails(error)(verb))).toBe('unknown/no-reply');
  });

  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const hostile: Readonly<Record<string, () => unknown>> = {
    'a revoked proxy': revoked,
    'an error whose name throws': () =>
      Object.defineProperty(new Error('x'), 'name', {
        get() {
          throw new PolyrailError('NOT_SENT', 'this is a lie');
        },
      }),
    'an error whose code throws': () =>
      Object.defineProperty(new Error('x'), 'code', {
        get() {
          throw revoked();
        },
      }),
    'an error of ours with a hostile cause': () =>
      new PolyrailError('UNAVAILABLE', 'x', { cause: revoked() }),
    'a thing that pretends to be ours': () => ({ [Symbol.for('polyrail.error')]: true }),
    'a symbol': () => Symbol('x'),
    'a function': () => () => 1,
  };
  it.each(Object.keys(hostile))('is unknown even for %s', async (name) => {
    expect(await ending(fails(hostile[name]?.())(verb))).toMatch(/^unknown\/(defect|no-reply)$/);
  });
  it.each(Object.keys(hostile))('was surely not sent before %s', async (name) => {
    const early = caller(() => Promise.reject(hostile[name]?.()));
    expect(await ending(early(verb))).toBe('NOT_SENT');
  });
});

describe('an amount', () => {
  const without: readonly string[] = ['close', 'reverse'];
  const asking = verbs.filter(
    (verb) => granted(verb)['amount'] !== undefined && !without.includes(verb),
  );
  const told = (verb: OutcomeVerb) => granted(verb)['amount'] as { amount: number };
  const unbelieved = /^(unknown\/contradicts-request|REPLY_UNVERIFIED)$/;

  it.each(asking.map((verb) => [verb]))(
    'of %s is the one asked for, and its currency',
    async (verb) => {
      const { amount } = told(verb);
      for (const other of [cny(amount + 1), cny(amount - 1), cny(amount * 100), jpy(amount)]) {
        expect(await ending(says({ ...granted(verb), amount: other })(verb))).toMatch(unbelieved);
      }
      const failed = { ...refusal, evidence: 'signed', amount: jpy(amount) };
      expect(await ending(says(failed)(verb))).toMatch(unbelieved);
      const waits = { status: 'pending', evidence: 'signed', waitingFor: 'channel' };
      expect(await ending(says({ ...waits, amount: cny(amount + 1) })(verb))).toMatch(unbelieved);
    },
  );

  it('of a success must be told and positive', async () => {
    for (const amount of [undefined, cny(0), cny(-900), { amount: '900', currency: 'CNY' }, 900]) {
      expect(await ending(says({ ...granted('pay'), amount })('pay'))).toBe('unknown/defect');
    }
  });

  it('may be approved in part for payments and holds, never for refunds and payouts', async () => {
    const options = { capabilities: { partialApproval: true } };
    const part = (verb: OutcomeVerb) =>
      ending(says({ ...granted(verb), amount: cny(told(verb).amount - 1) }, options)(verb));
    for (const verb of ['pay', 'query', 'authorize', 'capture'] as const) {
      expect(await part(verb), verb).toBe('succeeded');
    }
    for (const verb of ['refund', 'queryRefund', 'payout', 'queryPayout'] as const) {
      expect(await part(verb), verb).toMatch(unbelieved);
    }
  });

  it.each([['cancel'], ['reverse'], ['cancelCapture'], ['cancelAuthorization']] as const)(
    'undone by %s is not more than there was, nor another currency',
    async (verb) => {
      const { amount: _, ...bare } = requests[verb] as Record<string, unknown>;
      const request = verb === 'reverse' ? payment : bare;
      const undo = (amount: unknown) => ending(says({ ...granted(verb), amount })(verb, request));
      expect(await undo(cny(900))).toBe('succeeded');
      expect(await undo(cny(300))).toBe('succeeded');
      expect(await undo(cny(901))).toBe('unknown/contradicts-request');
      expect(await undo(jpy(300))).toBe('unknown/contradicts-request');
    },
  );

  it('given back stands within what was paid', async () => {
    const undone = (amount: object) =>
      ending(says({ ...granted('query'), undone: { by: 'refund', amount } })('query'));
    expect(await undone(cny(900))).toBe('succeeded');
    expect(await undone(cny(901))).toBe('REPLY_UNVERIFIED');
    expect(await undone(jpy(1))).toBe('REPLY_UNVERIFIED');
  });
});

describe('a reference', () => {
  it('gains what the channel minted and keeps what it had', async () => {
    const known = refOf('payment', { merchantId: 'A1', channelId: 'X1', handle: 'v1' });
    const same = await says({ ...granted('query'), channelId: '' })('query', known);
    expect(same.ref).toEqual(known);
    const more = await says({ ...granted('query'), channelId: 'X2', handle: 'v2' })('query', known);
    expect(more.ref).toEqual({ ...known, channelId: 'X2', handle: 'v2' });
  });

  it('survives to the next verb as JSON', async () => {
    const run = answering((): object => ({ ...granted('pay'), channelId: 'X1', handle: 'v1|a' }));
    const paid = await caller(run)('pay');
    const { ref } = JSON.parse(JSON.stringify(paid));
    expect(await ending(caller(run)('query', ref))).toBe('succeeded');
  });

  it('carries the caller’s time where the caller gave one', async () => {
    const startedAt = '2026-11-20T01:02:03.004Z';
    for (const verb of movingVerbs) {
      const request = requests[verb] as { startedAt?: string; noun?: string };
      const ref = (
        await says(granted(verb))(verb, { ...request, startedAt }).catch(() => undefined)
      )?.ref;
      // An OTP and a reference speak of a call begun before: its own time stands there.
      const begun = verb === 'confirmPay' || verb === 'confirmSignUp';
      expect(ref?.startedAt, verb).toBe(begun ? undefined : startedAt);
    }
  });
});

describe('pending', () => {
  const page = {
    status: 'pending',
    evidence: 'none',
    waitingFor: 'payer',
    nextAction: { kind: 'redirect', url: 'https://pay.example/?a=1' },
  };

  it('needs no evidence where nothing was exchanged', async () => {
    const outcome = await caller(async () => page)('pay');
    expect(outcome).toMatchObject(page);
    expect(isFrozen(outcome)).toBe(true);
  });

  it('needs it after an exchange, and wherever something is read', async () => {
    expect(await ending(says(page)('pay'))).toBe('unknown/unverified-reply');
    expect(await ending(caller(async () => page)('query'))).toBe('REPLY_UNVERIFIED');
  });

  it('hands nothing over when the merchant could not store it', async () => {
    const onPrepared = () => Promise.reject(new Error('disk full'));
    const call = caller(async () => page)('pay', requests.pay, { onPrepared });
    expect(await ending(call)).toBe('NOT_SENT');
  });
});

describe('a second call with a deadline', () => {
  it('under the same id stands by itself, whatever became of the first', async () => {
    const clock = createClock();
    let calls = 0;
    const pay = caller(
      async (request, call: Call) => {
        calls += 1;
        if (calls === 1) return answering(() => new Promise(() => {}))(request, call);
        return answering(() => granted('pay'))(request, call);
      },
      { clock },
    );
    const first = ending(pay('pay', requests.pay, { timeoutMs: 1000 }));
    await settle();
    clock.move(1000);
    expect(await first).toBe('unknown/no-reply');
    const second = await pay('pay', requests.pay, { timeoutMs: 1000, repeat: true });
    expect(second.status).toBe('succeeded');
    expect(clock.timers()).toBe(0);
  });

  it('may repeat what is under way, and each has its own end', async () => {
    const clock = createClock();
    const stuck = caller(
      answering(() => new Promise(() => {})),
      { clock },
    );
    const stop = new AbortController();
    const first = ending(stuck('pay', requests.pay, { timeoutMs: 9000, signal: stop.signal }));
    const second = ending(stuck('pay', requests.pay, { timeoutMs: 1000 }));
    await settle();
    clock.move(1000);
    expect(await second).toBe('unknown/no-reply');
    expect(clock.timers()).toBe(1);
    stop.abort();
    expect(await first).toBe('unknown/no-reply');
    expect(clock.timers()).toBe(0);
  });
});

describe('reading', () => {
  it.each([
    ['no-reply', 'UNAVAILABLE'],
    ['server-error', 'UNAVAILABLE'],
    ['unreadable-reply', 'REPLY_UNREADABLE'],
    ['unverified-reply', 'REPLY_UNVERIFIED'],
    ['contradicts-request', 'REPLY_UNVERIFIED'],
    ['repeated-id', 'REPLY_UNREADABLE'],
    ['defect', 'INTERNAL'],
  ] as const)('throws for the doubt %s, with what the channel said', async (doubt, code) => {
    const told = { status: 'unknown', doubt, evidence: 'signed', channelCode: '40004' };
    const error = await thrown(says(told)('query'));
    expect(error).toMatchObject({ code, doubt, channelCode: '40004', verb: 'query' });
  });

  it('never blames the request for what the channel answered', async () => {
    for (const code of ['REQUEST_INVALID', 'UNSUPPORTED'] as const) {
      const error = new PolyrailError(code, 'amount must be a plain decimal string');
      expect(await ending(fails(error)('query'))).toBe('INTERNAL');
      expect(await ending(caller(() => Promise.reject(error))('query'))).toBe(code);
    }
    const badKey = new PolyrailError('CONFIG_INVALID', 'no key', { field: 'config.platformKey' });
    expect(await ending(fails(badKey)('query'))).toBe('CONFIG_INVALID');
  });
});
