/** Core · a storm over the guard: adapters that do anything at any time, in a seeded order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  codes,
  doubts,
  evidences,
  isPolyrailError,
  type Logger,
  type Noun,
  type Outcome,
  PolyrailError,
  reasons,
} from '../src/index.ts';
import type { OutcomeVerb } from '../src/supply.ts';
import { verbRules } from '../src/verbs.ts';
import {
  caller,
  cny,
  granted,
  isFrozen,
  isReading,
  jpy,
  requests,
  settle,
  verbs,
} from './every.ts';
import { createClock, toy } from './toy.ts';

const word = (list: readonly string[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...list) }, fc.constantFrom('x', undefined, 1));

const amounts = fc.oneof(
  fc.constantFrom(cny(900), cny(400), cny(300), cny(100), cny(1), jpy(900), cny(0), cny(-1)),
  fc.constantFrom({ amount: 0.1, currency: 'CNY' }, { amount: 900 }, 900, '9.00', null),
);

const values = fc.oneof(
  fc.anything(),
  fc.constantFrom(new Map(), () => 1, Symbol('x'), 10n),
);

/** Anything from an honest answer to a heap of members. */
const findings = (verb: OutcomeVerb) => {
  const members = {
    status: word(['succeeded', 'pending', 'failed', 'unknown']),
    evidence: word(evidences),
    amount: amounts,
    merchantId: fc.constantFrom('A1', 'A2', '', 7, undefined),
    channelId: fc.constantFrom('X1', '', 'x'.repeat(300), 5),
    handle: fc.constantFrom('v1', 'h'.repeat(2000), {}),
    doubt: word(doubts),
    reason: word(reasons),
    retry: word(['same-id', 'new-id', 'never']),
    waitingFor: word(['payer', 'payee', 'channel', 'merchant']),
    effect: word(['refunded', 'released', 'closed', 'nothing-there']),
    standing: word(['active', 'suspended', 'ended']),
    undone: fc.record({ by: word(['refund']), amount: amounts }),
    fee: amounts,
    noun: values,
    ref: values,
    observedAt: values,
    cause: values,
    nextAction: values,
    raw: values,
  };
  const names = Object.keys(members) as (keyof typeof members)[];
  const few = fc
    .tuple(fc.record(members), fc.subarray(names, { maxLength: 3 }))
    .map(([all, chosen]) => Object.fromEntries(chosen.map((name) => [name, all[name]])));
  const bases = fc.constantFrom<object>(
    granted(verb),
    { status: 'pending', evidence: 'signed', waitingFor: 'payer' },
    { status: 'failed', evidence: 'signed', reason: 'payer-declined', retry: 'new-id' },
    { status: 'unknown', evidence: 'signed', doubt: 'repeated-id' },
  );
  const honest = fc.tuple(bases, few).map(([base, change]) => ({ ...base, ...change }));
  const wild = fc.record(members, { requiredKeys: [] });
  return fc.oneof(
    { weight: 6, arbitrary: honest },
    { weight: 1, arbitrary: wild },
    { weight: 1, arbitrary: values },
  );
};

const errors = fc.oneof(
  fc.constantFrom(new TypeError('bug'), undefined, null, 'text', 0, Symbol('x'), () => 1),
  fc
    .record({
      code: fc.constantFrom(...codes),
      evidence: word(evidences),
      doubt: fc.option(word(doubts), { nil: undefined }),
      cause: values,
    })
    .map(({ code, ...fields }) => new PolyrailError(code, 'told', fields as object)),
);

const often = fc.constantFrom(true, true, true, false);

const endings = ['answer', 'answer', 'answer', 'throw', 'never', 'abort', 'deadline'] as const;

const stormOf = (verb: OutcomeVerb) =>
  fc.record({
    verb: fc.constant(verb),
    finding: findings(verb),
    error: errors,
    ending: fc.constantFrom(...endings),
    /** Where the adapter stops doing what it should. */
    prepares: often,
    sends: often,
    stores: often,
    logs: fc.boolean(),
    unsigned: fc.boolean(),
  });
const storms = fc.oneof(...verbs.map(stormOf));
type Storm = typeof storms extends fc.Arbitrary<infer S> ? S : never;

interface Seen {
  readonly told: { readonly outcome?: Outcome<Noun>; readonly error?: unknown };
  readonly sent: boolean;
  readonly stored: boolean;
  readonly timers: number;
}

async function weather(storm: Storm): Promise<Seen> {
  const clock = createClock();
  const stop = new AbortController();
  let sent = false;
  let stored = false;
  const run = async (_: unknown, call: Call) => {
    if (storm.prepares) await call.prepared();
    if (storm.sends) {
      call.sent();
      sent = true;
    }
    if (storm.ending === 'throw') throw storm.error;
    if (storm.ending !== 'answer') await new Promise(() => {});
    return storm.finding;
  };
  const full = () => {
    throw new Error('disk full');
  };
  const logger: Logger = { debug: full, info: full, warn: full, error: full };
  const call = caller(run, {
    clock,
    capabilities: storm.unsigned ? { unsigned: verbs } : {},
    ...(storm.logs ? { logger } : {}),
  });
  const ended = call(storm.verb, requests[storm.verb], {
    signal: stop.signal,
    timeoutMs: 1000,
    async onPrepared() {
      if (!storm.stores) throw new Error('disk full');
      stored = true;
    },
  }).then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ error }),
  );
  await settle();
  if (storm.ending === 'abort') stop.abort();
  if (storm.ending === 'deadline' || storm.ending === 'never') clock.move(1000);
  const told = await ended;
  return { told, sent, stored, timers: clock.timers() };
}

const before = ['CONFIG_INVALID', 'REQUEST_INVALID', 'UNSUPPORTED', 'NOT_SENT', 'ABORTED'];
const whileReading = ['UNAVAILABLE', 'REPLY_UNVERIFIED', 'REPLY_UNREADABLE', 'NOT_READY'];

function checkError(storm: Storm, { told: { error }, sent }: Seen): void {
  if (!isPolyrailError(error)) throw new Error(`A stranger was thrown: ${String(error)}`);
  expect(error).toMatchObject({ channel: 'toy', verb: storm.verb });
  if (error.code === 'REFUSED') {
    const { evidence } = storm.error as PolyrailError;
    expect(evidence === 'signed' || (evidence === 'transport' && storm.unsigned)).toBe(true);
    return;
  }
  if (isReading(storm.verb)) {
    expect([...before, ...whileReading, 'INTERNAL']).toContain(error.code);
    return;
  }
  expect(sent).toBe(false);
  expect(before).toContain(error.code);
}

function checkOutcome(storm: Storm, { told: { outcome }, sent, stored }: Seen): void {
  if (outcome === undefined) throw new Error('Neither an outcome nor an error');
  expect(isFrozen(outcome)).toBe(true);
  const text = JSON.stringify(outcome);
  expect(JSON.stringify(JSON.parse(text))).toBe(text);
  expect(outcome.noun).toBe(verbRules[storm.verb].noun);
  expect(outcome.ref.noun).toBe(outcome.noun);
  if (sent || (!isReading(storm.verb) && outcome.status !== 'unknown')) expect(stored).toBe(true);
  if (outcome.status === 'unknown') {
    expect(doubts).toContain(outcome.doubt);
    return;
  }
  expect(storm.ending).toBe('answer');
  const finding = storm.finding as Record<string, unknown>;
  expect(outcome.status).toBe(finding['status']);
  const handedOver = outcome.status === 'pending' && !sent && !isReading(storm.verb);
  const refused = outcome.status === 'failed' && storm.unsigned;
  const proven = finding['evidence'] === 'signed';
  expect(proven || handedOver || (refused && finding['evidence'] === 'transport')).toBe(true);
  const { merchantId } = outcome.ref;
  if (finding['merchantId'] !== undefined) expect(finding['merchantId']).toBe(merchantId);
  const { amount: asked } = outcome.ref;
  const told = (outcome as { amount?: object }).amount;
  if (asked !== undefined && told !== undefined) expect(told).toEqual(asked);
}

describe('in a storm', () => {
  it('nothing is thrown after the first byte, and nothing is believed without proof', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(storms, async (storm) => {
        const result = await weather(storm);
        if ('error' in result.told) checkError(storm, result);
        else checkOutcome(storm, result);
        expect(result.timers).toBe(0);
        const { outcome, error } = result.told;
        const kind = outcome?.status ?? (error as PolyrailError).code;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      { numRuns: 2500 },
    );
    // A storm that reaches only one kind of end would prove nothing.
    for (const kind of ['succeeded', 'pending', 'failed', 'unknown', 'NOT_SENT', 'REFUSED']) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0);
    }
  }, 60_000);
});

describe('in a storm of notifications', () => {
  const noun = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('payment', 'refund', 'payout', 'cancellation') },
    { weight: 1, arbitrary: fc.constantFrom('closure', 'tea', undefined, 1) },
  );
  const answers = fc.oneof(findings('query'), findings('queryRefund'), findings('queryPayout'));
  const facts = fc.tuple(answers, noun).map(([finding, told]) => {
    if (typeof finding !== 'object' || finding === null) return finding;
    return { merchantId: 'A1', ...finding, noun: told };
  });
  const openings = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({ facts: fc.array(facts, { minLength: 1, maxLength: 2 }) }),
    },
    { weight: 1, arbitrary: fc.record({ facts: values, eventId: values, sentAt: values }) },
    { weight: 1, arbitrary: values },
  );

  it('nothing is a notification whose facts are not all proven', async () => {
    let believed = 0;
    await fc.assert(
      fc.asyncProperty(openings, async (opened) => {
        const channel = toy({ open: async () => opened });
        const heard = await channel
          .receive?.({ headers: {}, body: new Uint8Array() })
          .then((notification) => ({ notification }))
          .catch((error: unknown) => ({ error }));
        if (heard === undefined || 'error' in heard) {
          expect(heard?.error).toMatchObject({ code: 'NOTIFICATION_UNVERIFIED', verb: 'receive' });
          return;
        }
        const { notification } = heard;
        believed += 1;
        expect(isFrozen(notification)).toBe(true);
        const text = JSON.stringify(notification);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
        const told = (opened as { facts: Record<string, unknown>[] }).facts;
        expect(notification.facts).toHaveLength(told.length);
        for (const [at, fact] of notification.facts.entries()) {
          expect(fact.ref.merchantId).toBe(told[at]?.['merchantId']);
          if (fact.status !== 'unknown') expect(told[at]?.['evidence']).toBe('signed');
          else expect(fact.doubt).toBe('not-found');
        }
      }),
      { numRuns: 1000 },
    );
    expect(believed).toBeGreaterThan(0);
  });
});
