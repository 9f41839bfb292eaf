import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  codes,
  doubts,
  evidences,
  type Finding,
  PolyrailError,
  reasons,
  takes,
} from '../src/index.ts';
import { answering, createClock, ending, order, paid, ref, toy } from './toy.ts';

const throwing = (error: unknown) => () => {
  throw error;
};
const stranger = new TypeError('cannot read properties of undefined');

describe('before the first byte', () => {
  it.each([
    ['NOT_SENT', new PolyrailError('NOT_SENT', 'refused')],
    ['ABORTED', new PolyrailError('ABORTED', 'given up')],
    ['CONFIG_INVALID', new PolyrailError('CONFIG_INVALID', 'a bad key', { field: 'config.key' })],
    ['UNSUPPORTED', new PolyrailError('UNSUPPORTED', 'not here')],
    ['REQUEST_INVALID', new PolyrailError('REQUEST_INVALID', 'no')],
    ['NOT_SENT', new PolyrailError('UNAVAILABLE', 'no certificate could be fetched')],
    ['NOT_SENT', stranger],
    ['NOT_SENT', undefined],
  ])('throws %s', async (code, error) => {
    const channel = toy({ pay: throwing(error) });
    expect(await ending(channel.pay?.(order))).toBe(code);
  });

  it('awaits onPrepared, and throws NOT_SENT with the merchant’s own error when it rejects', async () => {
    const own = new Error('the database is down');
    let sent = false;
    const channel = toy({
      pay: answering(() => {
        sent = true;
        return paid;
      }),
    });
    const call = channel.pay?.(order, { onPrepared: () => Promise.reject(own) });
    await expect(call).rejects.toMatchObject({ code: 'NOT_SENT', cause: own });
    expect(sent).toBe(false);
  });

  it('hands onPrepared the reference with the handle of the adapter, once', async () => {
    const seen: unknown[] = [];
    const channel = toy({
      async pay(_: unknown, call: Call) {
        await call.prepared('h1');
        await call.prepared('h2');
        call.sent();
        return paid;
      },
    });
    const result = await channel.pay?.(order, {
      onPrepared: async (prepared) => {
        seen.push(prepared);
      },
    });
    expect(seen).toEqual([{ ...ref, handle: 'h1' }]);
    expect(result?.ref).toEqual({ ...ref, handle: 'h1' });
  });

  it('refuses an adapter that sends before it prepared', async () => {
    const channel = toy({
      async pay(_: unknown, call: Call) {
        call.sent();
        return paid;
      },
    });
    expect(await ending(channel.pay?.(order))).toBe('NOT_SENT');
  });

  it('prepares for an adapter that hands the order to the payer and sends nothing', async () => {
    const seen: unknown[] = [];
    const page = { status: 'pending', waitingFor: 'payer', evidence: 'none' } as const;
    const channel = toy({ pay: async () => page });
    const onPrepared = async (prepared: unknown) => {
      seen.push(prepared);
    };
    expect(await ending(channel.pay?.(order, { onPrepared }))).toBe('pending');
    expect(seen).toEqual([ref]);
  });

  it('throws at the deadline, and lets nothing cross afterwards', async () => {
    const clock = createClock();
    let crossed: unknown = 'not tried';
    let resume = () => {};
    const waiting = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const channel = toy(
      {
        async pay(_: unknown, call: Call) {
          await call.prepared();
          await waiting;
          try {
            call.sent();
            crossed = true;
          } catch (error) {
            crossed = (error as PolyrailError).code;
          }
          return paid;
        },
      },
      { clock },
    );
    const call = ending(channel.pay?.(order, { timeoutMs: 1000 }));
    await new Promise((resolve) => setImmediate(resolve));
    clock.move(1000);
    expect(await call).toBe('NOT_SENT');
    resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(crossed).toBe('ABORTED');
    expect(clock.timers()).toBe(0);
  });

  it('asks nobody when the signal has fired already', async () => {
    const channel = toy({ pay: throwing(stranger) });
    expect(await ending(channel.pay?.(order, { signal: AbortSignal.abort() }))).toBe('ABORTED');
  });
});

describe('after the first byte', () => {
  const failing = (error: unknown) =>
    toy({
      pay: answering(() => {
        throw error;
      }),
    });

  it.each([
    ['no-reply', new PolyrailError('UNAVAILABLE', 'silence')],
    ['no-reply', new PolyrailError('NOT_SENT', 'it was sent all the same')],
    ['server-error', new PolyrailError('UNAVAILABLE', '502', { doubt: 'server-error' })],
    ['unverified-reply', new PolyrailError('REPLY_UNVERIFIED', 'no signature')],
    ['unreadable-reply', new PolyrailError('REPLY_UNREADABLE', 'no JSON')],
    ['defect', stranger],
    ['defect', undefined],
    ['defect', 'a text'],
    ['unverified-reply', new PolyrailError('REFUSED', 'unproven', { evidence: 'none' })],
    ['unverified-reply', new PolyrailError('REFUSED', 'unproven', { evidence: 'transport' })],
  ] as readonly (readonly [string, unknown])[])('is unknown/%s', async (doubt, error) => {
    expect(await ending(failing(error).pay?.(order))).toBe(`unknown/${doubt}`);
  });

  it('lets only a verified REFUSED pass, named by channel and verb', async () => {
    const refused = new PolyrailError('REFUSED', 'slow down', {
      evidence: 'signed',
      reason: 'rate-limited',
    });
    await expect(failing(refused).pay?.(order)).rejects.toMatchObject({
      code: 'REFUSED',
      channel: 'toy',
      verb: 'pay',
      reason: 'rate-limited',
    });
  });

  it('returns unknown at once when the deadline passes or the caller aborts', async () => {
    const clock = createClock();
    const never = () => new Promise<never>(() => {});
    const channel = toy({ pay: answering(never) }, { clock });
    const late = ending(channel.pay?.(order, { timeoutMs: 500 }));
    const stop = new AbortController();
    const aborted = ending(channel.pay?.(order, { signal: stop.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    clock.move(500);
    stop.abort();
    expect(await late).toBe('unknown/no-reply');
    expect(await aborted).toBe('unknown/no-reply');
    expect(clock.timers()).toBe(0);
  });

  it('does not let a log or a raw answer that cannot be copied change the outcome', async () => {
    const full = throwing(new Error('disk full'));
    const logger = { debug: full, info: full, warn: full, error: full };
    const raw = {
      get trap() {
        throw stranger;
      },
    };
    const channel = toy({ pay: answering({ ...paid, raw }) }, { logger });
    expect(await channel.pay?.(order)).toMatchObject({ status: 'succeeded', raw: '[unreadable]' });
  });

  it('never throws and never believes without proof, whatever an adapter answers', async () => {
    const words = (list: readonly string[]) => fc.constantFrom(...list, 'nonsense', undefined);
    const findings = fc.record(
      {
        status: words(['succeeded', 'pending', 'failed', 'unknown']),
        evidence: words(evidences),
        doubt: words(doubts),
        reason: words(reasons),
        retry: words(['same-id', 'new-id', 'never']),
        waitingFor: words(['payer', 'payee', 'channel', 'merchant']),
        merchantId: fc.constantFrom('A1', 'A2', undefined),
        amount: fc.constantFrom(order.amount, { amount: 1, currency: 'CNY' }, 9, undefined),
        raw: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(findings, fc.anything()), async (finding) => {
        const channel = toy({ pay: answering(() => finding as Finding<'payment'>) });
        const outcome = await channel.pay?.(order);
        const told = (finding ?? {}) as Record<string, unknown>;
        expect(['succeeded', 'pending', 'failed', 'unknown']).toContain(outcome?.status);
        if (outcome?.status !== 'unknown') {
          expect(told['evidence']).toBe('signed');
          expect([undefined, 'A1']).toContain(told['merchantId']);
        }
        if (outcome?.status === 'succeeded') expect(outcome.amount).toEqual(order.amount);
        expect(Object.isFrozen(outcome)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('evidence', () => {
  const refusal = {
    status: 'failed',
    reason: 'order-closed',
    retry: 'new-id',
    evidence: 'transport',
  } as const;
  const unsigned = { capabilities: { unsigned: ['pay', 'query'] } };

  it('of the transport proves a refusal only where the protocol signs nothing', async () => {
    expect(await ending(toy({ pay: answering(refusal) }).pay?.(order))).toBe(
      'unknown/unverified-reply',
    );
    expect(await ending(toy({ pay: answering(refusal) }, unsigned).pay?.(order))).toBe('failed');
  });

  it('of the transport never proves a payment beside signed exchanges', async () => {
    const told = { ...paid, evidence: 'transport' } as const;
    expect(await ending(toy({ pay: answering(told) }, unsigned).pay?.(order))).toBe(
      'unknown/unverified-reply',
    );
    const bare = { capabilities: { sealing: 'transport' } } as const;
    expect(await ending(toy({ pay: answering(told) }, bare).pay?.(order))).toBe('succeeded');
  });

  it('is needed for not-found as well', async () => {
    const absent = (evidence: string) => ({ status: 'unknown', doubt: 'not-found', evidence });
    const asked = (evidence: string) => toy({ query: answering(absent(evidence)) }).query?.(ref);
    expect(await ending(asked('signed'))).toBe('unknown/not-found');
    expect(await ending(asked('none'))).toBe('REPLY_UNVERIFIED');
  });
});

describe('what an answer is compared with', () => {
  const told = (changes: object) => toy({ pay: answering({ ...paid, ...changes }) });
  it.each([
    ['another id', { merchantId: 'A2' }],
    ['another amount', { amount: { amount: 899, currency: 'CNY' } }],
    ['another currency', { amount: { amount: 900, currency: 'JPY' } }],
  ])('%s is unknown/contradicts-request', async (_, changes) => {
    expect(await ending(told(changes).pay?.(order))).toBe('unknown/contradicts-request');
  });

  it('takes a smaller approved amount only where the channel may approve in part', async () => {
    const part = { ...paid, amount: { amount: 500, currency: 'CNY' } };
    const options = { capabilities: { partialApproval: true } };
    expect(await ending(toy({ pay: answering(part) }, options).pay?.(order))).toBe('succeeded');
    const more = { ...paid, amount: { amount: 901, currency: 'CNY' } };
    expect(await ending(toy({ pay: answering(more) }, options).pay?.(order))).toBe(
      'unknown/contradicts-request',
    );
  });

  it('throws for a verb that reads', async () => {
    const channel = toy({ query: answering({ ...paid, merchantId: 'A2' }) });
    expect(await ending(channel.query?.(ref))).toBe('REPLY_UNVERIFIED');
  });
});

describe('a verb that reads', () => {
  it.each(codes.map((code) => [code]))('throws a code it may throw, given %s', async (code) => {
    const fields = { evidence: 'signed' } as const;
    const channel = toy({ query: throwing(new PolyrailError(code, 'told', fields)) });
    const allowed = [
      'CONFIG_INVALID',
      'REQUEST_INVALID',
      'UNSUPPORTED',
      'NOT_SENT',
      'ABORTED',
      'REFUSED',
      'UNAVAILABLE',
      'REPLY_UNVERIFIED',
      'REPLY_UNREADABLE',
      'NOT_READY',
    ];
    const expected = allowed.includes(code) ? code : 'INTERNAL';
    expect(await ending(channel.query?.(ref))).toBe(expected);
  });

  it('throws INTERNAL for a bug of the adapter, naming it without repeating it', async () => {
    const channel = toy({ query: throwing(new TypeError('key MIIEvQ is undefined')) });
    const error = (await channel.query?.(ref).catch((thrown) => thrown)) as PolyrailError;
    expect(error.code).toBe('INTERNAL');
    expect(`${error.message}${JSON.stringify(error.cause)}`).not.toContain('MIIEvQ');
  });
});

describe('what is refused before anything else', () => {
  const channel = toy({ pay: throwing(stranger), query: throwing(stranger) });
  it.each([
    ['amount.amount', { amount: { amount: 0, currency: 'CNY' } }],
    ['amount.amount', { amount: { amount: 1_000_001, currency: 'CNY' } }],
    ['amount.currency', { amount: { amount: 1, currency: 'USD' } }],
    ['merchantPaymentId', { merchantPaymentId: 'A-1' }],
    ['merchantPaymentId', { merchantPaymentId: 'A'.repeat(33) }],
    ['merchantPaymentId', { merchantPaymentId: undefined }],
    ['description', { description: 'Tea & more' }],
    ['description', { description: 'T'.repeat(33) }],
    ['notifyUrl', { notifyUrl: 'ftp://shop.example' }],
    ['notifyUrl', { notifyUrl: 'https://shop.example/#part' }],
    ['expiresAt', { expiresAt: '2026-11-22T01:59:59.999Z' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
    ['colour', { colour: 'red' }],
    ['extra', { extra: { storeId: 's' } }],
  ])('blames %s', async (field, changes) => {
    const call = channel.pay?.({ ...order, ...changes } as never);
    await expect(call).rejects.toMatchObject({ code: 'REQUEST_INVALID', field, verb: 'pay' });
  });

  it('says UNSUPPORTED of a scene that is not offered, and what is offered', async () => {
    const call = channel.pay?.({ ...order, scene: 'h5' } as never);
    await expect(call).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      field: 'scene',
      message: expect.stringContaining('qr, barcode'),
    });
    expect(takes(channel, 'qr')).toBe(true);
    expect(takes(channel, 'h5')).toBe(false);
  });

  it('takes only references of the right noun', async () => {
    const call = channel.query?.({ ...ref, noun: 'refund' } as never);
    await expect(call).rejects.toMatchObject({ code: 'REQUEST_INVALID', field: 'noun' });
  });

  it.each([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: 600_001 }],
    ['signal', { signal: {} }],
    ['retries', { retries: 3 }],
  ])('looks at the options too: %s', async (member, options) => {
    const error = await channel.pay?.(order, options as never).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
    expect((error as unknown as PolyrailError).field).toContain(member);
  });

  it('never repeats a value that may be a card number', async () => {
    const number = '6222021234567812345';
    const call = channel.pay?.({ ...order, merchantPaymentId: `${number}-` } as never);
    const error = (await call?.catch((thrown) => thrown)) as unknown as PolyrailError;
    expect(error.message).not.toContain(number.slice(4, 14));
  });
});

describe('results', () => {
  it('are plain, frozen, redacted, and the same after JSON', async () => {
    const raw = { sign: 'xyz', out_trade_no: 'A1', password: 'p' };
    const channel = toy({ pay: answering({ ...paid, channelId: 'C9', raw }) });
    const result = await channel.pay?.(order);
    expect(result).toEqual({
      noun: 'payment',
      status: 'succeeded',
      ref: { ...ref, channelId: 'C9' },
      evidence: 'signed',
      observedAt: '2026-11-22T02:00:00.000Z',
      amount: order.amount,
      raw: { sign: '[redacted]', out_trade_no: 'A1', password: '[redacted]' },
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(Object.isFrozen(result?.ref)).toBe(true);
    expect(Object.isFrozen(result?.raw)).toBe(true);
  });

  it('come from no channel that was disposed', async () => {
    const channel = toy({ pay: answering(paid) });
    await channel[Symbol.asyncDispose]();
    expect(await ending(channel.pay?.(order))).toBe('NOT_SENT');
  });

  it('come only by verbs of the contract', () => {
    expect(() => toy({ charge: answering(paid) })).toThrow(/no verb of the contract/);
    expect(Object.isFrozen(toy({}))).toBe(true);
  });
});
