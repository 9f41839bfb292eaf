/** Test aid: a channel that answers as a test tells it to, and a clock that a test moves. */
import {
  type Capabilities,
  type Channel,
  type Clock,
  contractVersion,
  type Fact,
  type Incoming,
  instantOf,
  money,
  type Notification,
  type Noun,
  type Options,
  PolyrailError,
  type Random,
  type Ref,
} from '@polyrail/core';
import { createGateway, type Gateway, type GatewayOptions, sqliteStore } from '../src/index.ts';
import type { AnyOutcome } from '../src/verbs.ts';

export const startAt = Date.parse('2026-11-22T04:00:00.000Z');

/** What the tests sell. */
export const amount = money('9.90', 'CNY');
export const tea = (id = 'order1') =>
  ({ scene: 'qr', merchantPaymentId: id, amount, description: 'Tea' }) as const;

/** A clock that stands still until `pass` moves it, task by task. */
export function createManualClock() {
  let now = startAt;
  let order = 0;
  let tasks: { at: number; order: number; run: () => void }[] = [];
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 25; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const clock: Clock = {
    now: () => now,
    schedule(delayMs, run) {
      order += 1;
      const task = { at: now + Math.max(0, delayMs), order, run };
      tasks.push(task);
      return () => {
        tasks = tasks.filter((one) => one !== task);
      };
    },
  };
  return {
    ...clock,
    rest,
    async pass(ms: number): Promise<void> {
      const until = now + ms;
      for (;;) {
        await rest();
        const due = tasks.filter(({ at }) => at <= until);
        const [next] = due.sort((one, other) => one.at - other.at || one.order - other.order);
        if (next === undefined) break;
        tasks = tasks.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
      await rest();
    },
  };
}

/** Bytes that count up: different every time, and the same in every run. */
export function createCountingRandom(): Random {
  let next = 0;
  return { bytes: (length) => Uint8Array.from({ length }, () => (next = (next + 1) % 251)) };
}

type ManualClock = ReturnType<typeof createManualClock>;

const capabilities: Capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: { pay: ['qr', 'barcode', 'agreement'], authorize: ['qr'], signUp: ['page'] },
  merchantPaymentId: { pattern: '[A-Za-z0-9]{1,32}', maxLength: 32 },
  closeProvesAbsence: true,
  visibilityMs: 60_000,
  defaultTimeoutMs: 10_000,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs: [5000, 10_000, 20_000], then: 'reverse' },
};

/** What a script may say: an outcome without its envelope, or an error to throw. */
export type Said =
  | (Partial<AnyOutcome> & { readonly status: AnyOutcome['status'] })
  | PolyrailError
  | 'silence';

export interface Script {
  readonly name?: string;
  readonly capabilities?: Partial<Capabilities>;
  /** Answers in turn, by verb; the last one is repeated. A verb that is not named does not exist. */
  readonly [verb: string]: unknown;
}

const nounOf: Readonly<Record<string, Noun>> = {
  pay: 'payment',
  query: 'payment',
  capture: 'payment',
  confirmPay: 'payment',
  close: 'closure',
  reverse: 'cancellation',
  cancel: 'cancellation',
  refund: 'refund',
  queryRefund: 'refund',
  authorize: 'authorization',
  queryAuthorization: 'authorization',
  signUp: 'agreement',
  querySignUp: 'agreement',
  signOff: 'agreement',
  cancelAuthorization: 'cancellation',
  payout: 'payout',
  queryPayout: 'payout',
};

const idNames = ['merchantPaymentId', 'merchantRefundId', 'merchantCancelId', 'merchantPayoutId'];

function refOf(verb: string, request: Record<string, unknown>): Ref<Noun> {
  const own = idNames.find((name) => request[name] !== undefined);
  const id = (own === undefined ? request['merchantId'] : request[own]) as string;
  return {
    noun: nounOf[verb] ?? 'payment',
    merchantId: id ?? (request['merchantAgreementId'] as string),
    ...(request['amount'] === undefined
      ? {}
      : { amount: request['amount'] as Ref<Noun>['amount'] }),
    startedAt: (request['startedAt'] as string) ?? instantOf(startAt),
    handle: `handle of ${verb}`,
  } as Ref<Noun>;
}

export interface Heard {
  readonly verb: string;
  readonly request: Record<string, unknown>;
  readonly options: Options;
}

/** The channel, and every call it heard. Its notifications are plain JSON of `{ eventId, facts }`. */
export function scripted(script: Script): { readonly channel: Channel; readonly heard: Heard[] } {
  const heard: Heard[] = [];
  const answers = new Map<string, Said[]>();
  const verb =
    (name: string) =>
    async (request: Record<string, unknown>, options: Options = {}) => {
      const queue = answers.get(name) ?? [];
      const said = queue.length > 1 ? queue.shift() : queue[0];
      const ref = refOf(name, request);
      const early = said instanceof PolyrailError && said.code === 'REQUEST_INVALID';
      if (!early) await options.onPrepared?.(ref);
      heard.push({ verb: name, request, options });
      if (said instanceof PolyrailError) throw said;
      if (said === 'silence') return new Promise(() => undefined);
      return {
        noun: ref.noun,
        ref: { ...ref, channelId: `c-${ref.merchantId}` },
        observedAt: instantOf(startAt),
        evidence: 'signed',
        ...(ref.amount === undefined ? {} : { amount: ref.amount }),
        ...said,
      };
    };
  const verbs = Object.keys(script).filter((name) => nounOf[name] !== undefined);
  for (const name of verbs) answers.set(name, [...[script[name]].flat()] as Said[]);
  const channel = {
    name: script.name ?? 'scripted',
    contract: contractVersion,
    capabilities: { ...capabilities, ...script.capabilities },
    ...Object.fromEntries(verbs.map((name) => [name, verb(name)])),
    async receive({ body }: Incoming): Promise<Notification> {
      const told = JSON.parse(Buffer.from(body).toString()) as { forged?: true } & Omit<
        Notification,
        'receivedAt'
      >;
      if (told.forged) throw new PolyrailError('NOTIFICATION_UNVERIFIED', 'The signature is wrong');
      return { receivedAt: instantOf(startAt), ...told };
    },
    acknowledge: (verdict: object) => ({
      status: 'stored' in verdict ? 200 : 400,
      headers: {},
      body: Buffer.from(Object.keys(verdict)[0] ?? ''),
    }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { channel: channel as unknown as Channel, heard };
}

/** A notification as the scripted channel pushes it. */
export const notification = (told: {
  readonly eventId?: string;
  readonly facts: readonly (Partial<Fact> & {
    readonly id: string;
    readonly [name: string]: unknown;
  })[];
  readonly forged?: true;
}): Incoming => ({
  headers: {},
  body: Buffer.from(
    JSON.stringify({
      ...told,
      facts: told.facts.map(({ id, ...fact }) => ({
        noun: 'payment',
        evidence: 'signed',
        observedAt: instantOf(startAt),
        ref: { noun: fact.noun ?? 'payment', merchantId: id, startedAt: instantOf(startAt) },
        ...fact,
      })),
    }),
  ),
});

/** Opens gateways for one test file, and closes them after each test. */
export function createOpener() {
  const opened: { readonly gateway: Gateway; readonly clock: ManualClock }[] = [];
  return {
    async open(options: Partial<GatewayOptions> & Pick<GatewayOptions, 'channels'>) {
      const clock = createManualClock();
      const store = sqliteStore({ file: ':memory:' });
      const random = createCountingRandom();
      const gateway = await createGateway({ store, clock, random, ...options });
      opened.push({ gateway, clock });
      return { gateway, clock };
    },
    async close(): Promise<void> {
      for (const { gateway, clock } of opened.splice(0)) {
        // It waits a minute for calls that nobody answers.
        await Promise.all([gateway.close(), clock.pass(60_000)]);
      }
    },
  };
}
