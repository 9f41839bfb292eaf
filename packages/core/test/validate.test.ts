import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type Capabilities, type PolyrailError, secret } from '../src/index.ts';
import type { OutcomeVerb } from '../src/supply.ts';
import { rulesOf } from '../src/validate.ts';
import { caller, cny, granted, jpy, payment, refOf, requests, thrown, verbs } from './every.ts';
import { answering, capabilities, ending, toy } from './toy.ts';

const number = '6222021234567890128';
const pay = requests.pay as Record<string, unknown>;

/** A channel whose adapter must not be asked: whoever gets that far is told so. */
const unasked = (facts: Partial<Capabilities> = {}) =>
  caller(
    () => {
      throw new Error('The adapter was asked');
    },
    { capabilities: facts },
  );
const refused = (verb: OutcomeVerb, request: unknown, facts?: Partial<Capabilities>) =>
  thrown(unasked(facts)(verb, request));

describe.each(verbs.map((verb) => [verb]))('%s', (verb) => {
  it('takes its request and nothing beside it', async () => {
    const request = requests[verb];
    expect(await ending(caller(answering(() => granted(verb)))(verb))).toBe('succeeded');
    const error = await refused(verb, { ...request, colour: 'red' });
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'colour', verb });
    expect(error.message).not.toContain('red');
  });

  it.each([undefined, null, 'text', 7, [], () => 1])(
    'takes no %s for a request',
    async (request) => {
      // `undefined` would be the aid's own default.
      const call = request === undefined ? refused(verb, null) : refused(verb, request);
      expect((await call).code).toBe('REQUEST_INVALID');
    },
  );

  it('names each member that is missing or of another kind', async () => {
    const request = requests[verb] as Record<string, unknown>;
    const optional: readonly string[] = ['amount'];
    const bare = ['query', 'close', 'reverse', 'cancelAuthorization', 'cancelPayout'];
    for (const member of Object.keys(request)) {
      const { [member]: _, ...rest } = request;
      const mayMiss = optional.includes(member) && (bare.includes(verb) || 'noun' in request);
      if (!mayMiss) {
        const error = await refused(verb, rest);
        expect(error.code, member).toBe('REQUEST_INVALID');
        expect(error.field, member).toContain(member);
      }
      const spoilt = await refused(verb, { ...request, [member]: () => number });
      expect(spoilt.field, member).toContain(member);
      expect(spoilt.code, member).toBe('REQUEST_INVALID');
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['merchantPaymentId', { merchantPaymentId: `${number}-` }],
    ['description', { description: `${number}&` }],
    ['number', { scene: 'card', card: { number } }],
    ['securityCode', { scene: 'card', card: { number: secret(number), securityCode: number } }],
    ['attachment', { attachment: Number(number) }],
    ['expiresAt', { expiresAt: number }],
    ['notifyUrl', { notifyUrl: `https://u:${number}@shop.example/` }],
    ['authCode', { scene: 'barcode', authCode: [number] }],
    ['currency', { amount: { amount: 1, currency: number } }],
    ['payerId', { scene: 'in-wallet', payerId: { number } }],
    ['scene', { scene: number }],
  ])('names %s and shows no card number', async (member, change) => {
    const error = await refused('pay', { ...pay, ...change });
    expect(error.field).toContain(member);
    const told = `${error.message}${JSON.stringify(error)}`;
    expect(told).not.toContain(number.slice(2, 10));
    expect(told).not.toContain(number.slice(0, 8));
  });

  it('says the rule', async () => {
    const rules: readonly (readonly [object, RegExp])[] = [
      [{ merchantPaymentId: '' }, /merchantPaymentId must have at least 1 character/],
      [{ merchantPaymentId: 'a'.repeat(257) }, /must have at most 256 characters/],
      [{ merchantPaymentId: 'a-b' }, /must match \[A-Za-z0-9\]/],
      [{ amount: cny(0) }, /amount\.amount must be greater than 0 \(got 0\)/],
      [{ amount: cny(1.5) }, /must be a whole number of minor units/],
      [{ amount: cny(1_000_001) }, /between 1 and 1000000 minor units \(got 1000001\)/],
      [{ amount: { amount: 1, currency: 'USD' } }, /must be CNY, JPY on this channel/],
      [{ description: undefined }, /description is required and must be string/],
      [{ expiresAt: '2026-11-22' }, /must be a UTC time with milliseconds/],
      [{ startedAt: 'now' }, /must be a UTC time with milliseconds/],
      [{ payer: { ip: '1.1.1.1', name: 'x' } }, /payer\.name is not known here/],
      [{ scene: 'card', card: { number } }, /card\.number must be wrapped: secret\(value\)$/],
      [{ description: 'a&b' }, /must not contain "&"/],
    ];
    for (const [change, rule] of rules) {
      expect((await refused('pay', { ...pay, ...change })).message).toMatch(rule);
    }
  });

  it('shows not even the ends of what a member of that name may hold', async () => {
    const barcode = { ...pay, scene: 'barcode', authCode: `28${'1'.repeat(1024)}` };
    const { message } = await refused('pay', barcode);
    expect(message).toBe('authCode must have at most 1024 characters (got [secret])');
    const short = await refused('pay', { ...pay, scene: 'barcode', authCode: 281234 });
    expect(short.message).not.toContain('28');
  });

  it('is said in our words, whatever the application taught zod', async () => {
    z.config({ customError: ({ input }) => `dislikes ${JSON.stringify(input)}` });
    try {
      const { message } = await refused('pay', { ...pay, description: [number] });
      expect(message).toBe('description must be string (got a list)');
    } finally {
      z.config({ customError: undefined });
    }
  });

  it('comes before anything else, from a request that throws as well', async () => {
    const trap = Object.defineProperty({ ...pay }, 'description', {
      enumerable: true,
      get() {
        throw new RangeError(number);
      },
    });
    const error = await refused('pay', trap);
    expect(error.code).toBe('NOT_SENT');
    expect(`${error.message}${JSON.stringify(error.cause)}`).not.toContain(number);
  });

  it('of anything at all is an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...verbs), fc.anything(), async (verb, request) => {
        fc.pre(request !== undefined);
        expect(['REQUEST_INVALID', 'UNSUPPORTED', 'NOT_SENT']).toContain(
          (await refused(verb, request)).code,
        );
      }),
    );
  });
});

describe('what the capabilities exclude', () => {
  const code = async (call: Promise<PolyrailError>) => {
    const { code: said, field } = await call;
    return `${said} ${field}`;
  };

  it('is a scene that is not offered', async () => {
    const facts = { scenes: { pay: ['qr'] } } as const;
    expect(await code(refused('pay', { ...pay, scene: 'page' }, facts))).toBe('UNSUPPORTED scene');
    expect(await code(refused('authorize', requests.authorize, facts))).toBe('UNSUPPORTED scene');
    expect(await code(refused('signUp', requests.signUp, facts))).toBe('UNSUPPORTED scene');
    expect(await code(refused('pay', { ...pay, scene: 'teleport' }))).toBe('REQUEST_INVALID scene');
  });

  it('is a currency, here or in what is referred to', async () => {
    const usd = { amount: 1, currency: 'USD' };
    for (const verb of ['pay', 'authorize', 'capture', 'refund', 'payout'] as const) {
      const request = { ...requests[verb], amount: usd };
      expect(await code(refused(verb, request)), verb).toBe('REQUEST_INVALID amount.currency');
    }
    for (const verb of ['capture', 'refund', 'cancelAuthorization'] as const) {
      const request = { ...requests[verb], amount: jpy(1) };
      expect(await code(refused(verb, request)), verb).toBe('REQUEST_INVALID amount.currency');
    }
  });

  it('is a part of a payment, where refunds are whole', async () => {
    const facts = { partialRefunds: false };
    const part = { payment, merchantRefundId: 'R1', amount: cny(400) };
    expect(await code(refused('refund', part, facts))).toBe('UNSUPPORTED amount.amount');
    const whole = { ...part, amount: cny(900) };
    const does = caller(answering({ ...granted('refund'), amount: cny(900) }), {
      capabilities: facts,
    });
    expect(await ending(does('refund', whole))).toBe('succeeded');
    const untold = { ...whole, payment: refOf('payment', { merchantId: 'A1' }) };
    expect(await ending(does('refund', untold))).toBe('succeeded');
  });

  it('is a part of what is held, where that is captured once and released as a whole', async () => {
    const facts = { partialCaptures: false, partialReleases: false };
    const part = { ...requests.capture, final: false };
    expect(await code(refused('capture', part, facts))).toBe('UNSUPPORTED final');
    const authorization = refOf('authorization', { amount: cny(900) });
    const release = { authorization, merchantCancelId: 'C1', amount: cny(400) };
    expect(await code(refused('cancelAuthorization', release, facts))).toBe(
      'UNSUPPORTED amount.amount',
    );
    const options = { capabilities: facts };
    const captures = caller(answering(granted('capture')), options);
    expect(await ending(captures('capture', { ...part, final: true }))).toBe('succeeded');
    const releases = caller(
      answering({ ...granted('cancelAuthorization'), amount: undefined }),
      options,
    );
    for (const request of [
      { ...release, amount: cny(900) },
      { authorization, merchantCancelId: 'C1' },
      { ...release, authorization: refOf('authorization') },
    ]) {
      expect(await ending(releases('cancelAuthorization', request))).toBe('succeeded');
    }
  });

  it('is a sign-up without the card that stands for it, or with one that means nothing', async () => {
    const card = { number: secret(number) };
    for (const scene of ['otp', 'card'] as const) {
      const request = { scene, merchantAgreementId: 'G1' };
      expect(await code(refused('signUp', request)), scene).toBe('REQUEST_INVALID card');
      const does = caller(answering(granted('signUp')));
      expect(await ending(does('signUp', { ...request, card })), scene).toBe('succeeded');
    }
    const page = { ...requests.signUp, card };
    expect(await code(refused('signUp', page))).toBe('REQUEST_INVALID card');
  });

  it('is a code without the card, where the factors are asked for again', async () => {
    const facts = { confirmPay: 'otp-and-card', confirmSignUp: 'otp-and-card' } as const;
    const card = { number: secret(number) };
    for (const verb of ['confirmPay', 'confirmSignUp'] as const) {
      expect(await code(refused(verb, requests[verb], facts)), verb).toBe('REQUEST_INVALID card');
      const does = caller(answering(granted(verb)), { capabilities: facts });
      expect(await ending(does(verb, { ...requests[verb], card })), verb).toBe('succeeded');
    }
    const one = { confirmPay: 'otp', confirmSignUp: 'otp-and-card' } as const;
    const does = caller(answering(granted('confirmPay')), { capabilities: one });
    expect(await ending(does('confirmPay'))).toBe('succeeded');
  });

  it('is an id of each kind that its pattern does not take', async () => {
    const rule = { pattern: '[a-z]+', maxLength: 4 };
    const kinds = {
      pay: 'merchantPaymentId',
      refund: 'merchantRefundId',
      cancel: 'merchantCancelId',
      signUp: 'merchantAgreementId',
      payout: 'merchantPayoutId',
    } as const;
    for (const [verb, field] of Object.entries(kinds) as ['pay', 'merchantPaymentId'][]) {
      for (const id of ['abcde', 'A', 'a\n', 'a b']) {
        const request = { ...requests[verb], [field]: id };
        const said = await code(refused(verb, request, { [field]: rule }));
        expect(said, `${verb} ${id}`).toBe(`REQUEST_INVALID ${field}`);
      }
    }
  });

  it('counts characters, not code units', async () => {
    const does = caller(answering(granted('pay')));
    expect(await ending(does('pay', { ...pay, description: '茶𠮷'.repeat(16) }))).toBe('succeeded');
    expect(await ending(does('pay', { ...pay, description: '𠮷'.repeat(33) }))).toBe(
      'REQUEST_INVALID',
    );
  });

  it('is a time that has passed', async () => {
    const expiresAt = '2026-11-22T02:00:00.000Z';
    expect(await code(refused('pay', { ...pay, expiresAt }))).toBe('REQUEST_INVALID expiresAt');
    const later = { ...pay, expiresAt: '2026-11-22T02:00:00.001Z' };
    expect(await ending(caller(answering(granted('pay')))('pay', later))).toBe('succeeded');
  });
});

describe('a web address', () => {
  const told = async (notifyUrl: string) =>
    ending(caller(answering(granted('pay')))('pay', { ...pay, notifyUrl }));
  it.each(['https://shop.example/notify?a=1', 'http://127.0.0.1:8080/', 'HTTPS://shop.example'])(
    'may be %s',
    async (url) => {
      expect(await told(url)).toBe('succeeded');
    },
  );
  it.each([
    'https:shop.example',
    'https:/shop.example',
    'https:\\\\shop.example',
    'https://shop.example\\@evil.example/',
    'https://shop.example/#',
    'https://shop.example/#part',
    'https://u:p@shop.example/',
    'https://shop.example/\n',
    ' https://shop.example/',
    'https://shop example/',
    'ftp://shop.example/',
    'javascript:alert(1)',
    'shop.example',
    `https://shop.example/${'a'.repeat(2048)}`,
    '',
  ])('is not %j', async (url) => {
    expect(await told(url)).toBe('REQUEST_INVALID');
  });
});

describe('an author’s mistake', () => {
  it.each([
    ['a pattern', { merchantPaymentId: { pattern: '[', maxLength: 1 } }],
    ['a time zone', { timeZone: 'Mars/Olympus' }],
    ['a time of day', { dayEndsAt: '25:00' }],
  ])('in %s shows when the channel is made', (_, facts) => {
    expect(() => toy({}, { capabilities: facts })).toThrow();
  });

  it('of a verb that is no function shows as well', () => {
    for (const payout of [undefined, null, {}, 'payout']) {
      expect(() => toy({ payout })).toThrow(/payout, which is no function/);
    }
    expect(() => toy({ receive: async () => ({}) })).toThrow(/no verb of the contract/);
  });

  it('cannot be made later: capabilities are frozen', () => {
    const facts = structuredClone(capabilities);
    rulesOf(facts);
    expect(() => Object.assign(facts.merchantPaymentId, { pattern: '.*' })).toThrow(TypeError);
  });
});
