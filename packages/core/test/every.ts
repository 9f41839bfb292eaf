/** Test aid: a valid request and an honest answer for every verb that answers with an outcome. */
import {
  type Call,
  type Capabilities,
  isPolyrailError,
  type Noun,
  type Outcome,
  type PolyrailError,
  type Ref,
  secret,
} from '../src/index.ts';
import type { OutcomeVerb } from '../src/supply.ts';
import { verbRules } from '../src/verbs.ts';
import { type ToyOptions, toy } from './toy.ts';

export const now = '2026-11-22T02:00:00.000Z';
export const cny = (amount: number) => ({ amount, currency: 'CNY' });
export const jpy = (amount: number) => ({ amount, currency: 'JPY' });

/** What a channel of every verb must state beside the toy's own facts. */
export const everything: Partial<Capabilities> = {
  scenes: {
    pay: ['qr', 'barcode', 'page', 'h5', 'app', 'in-wallet', 'agreement', 'card'],
    authorize: ['barcode'],
    signUp: ['page', 'qr', 'app', 'otp', 'card'],
  },
  confirmPay: 'otp',
  confirmSignUp: 'otp',
};

export const refOf = <N extends Noun>(noun: N, more: Partial<Ref<N>> = {}): Ref<N> => ({
  noun,
  merchantId: `M${noun}`,
  startedAt: now,
  ...more,
});

export const payment = refOf('payment', { merchantId: 'A1', amount: cny(900) });
const authorization = refOf('authorization', { amount: cny(900) });
const order = { merchantPaymentId: 'A1', amount: cny(900), description: 'Tea' };
const otp = secret('123456');

export const requests: Readonly<Record<OutcomeVerb, object>> = {
  pay: { ...order, scene: 'qr' },
  confirmPay: { payment, otp },
  query: payment,
  close: payment,
  cancel: { payment, merchantCancelId: 'C1' },
  reverse: payment,
  queryCancellation: refOf('cancellation'),
  refund: { payment, merchantRefundId: 'R1', amount: cny(400) },
  queryRefund: refOf('refund', { amount: cny(400) }),
  authorize: { ...order, scene: 'barcode', authCode: '28123' },
  queryAuthorization: authorization,
  capture: { ...order, authorization, merchantPaymentId: 'A1c1', final: true },
  cancelAuthorization: { authorization, merchantCancelId: 'C2', amount: cny(300) },
  cancelCapture: { payment, merchantCancelId: 'C3' },
  signUp: { scene: 'page', merchantAgreementId: 'G1' },
  confirmSignUp: { agreement: refOf('agreement'), otp },
  querySignUp: refOf('agreement'),
  signOff: refOf('agreement'),
  payout: {
    merchantPayoutId: 'P1',
    amount: cny(100),
    purpose: 'wage',
    payee: { kind: 'wallet', id: 'w1' },
  },
  queryPayout: refOf('payout', { amount: cny(100) }),
  cancelPayout: refOf('payout', { amount: cny(100) }),
};

export const verbs = Object.keys(verbRules) as readonly OutcomeVerb[];
export const isReading = (verb: OutcomeVerb) => verbRules[verb].family === 'reading';
export const readingVerbs = verbs.filter(isReading);
export const movingVerbs = verbs.filter((verb) => !isReading(verb));

const ownFacts: { readonly [N in Noun]?: object } = {
  agreement: { standing: 'active' },
  cancellation: { effect: 'refunded' },
};

/** What an honest channel says when what the verb asked for has happened. */
export function granted(verb: OutcomeVerb): Readonly<Record<string, unknown>> {
  const { amount } = requests[verb] as { amount?: object };
  const { noun } = verbRules[verb];
  const bare = noun === 'agreement' || noun === 'closure' || noun === 'cancellation';
  return {
    status: 'succeeded',
    evidence: 'signed',
    amount: amount ?? (bare ? undefined : cny(900)),
    ...ownFacts[noun],
  };
}

type Run = (request: unknown, call: Call) => unknown;

/** One verb of a channel that has them all, done by `run`; untyped, as plain JavaScript calls it. */
export function caller(run: Run, options: ToyOptions = {}) {
  const capabilities = { ...everything, ...options.capabilities };
  const supplied = Object.fromEntries(verbs.map((verb) => [verb, run]));
  const channel = toy(supplied, { ...options, capabilities });
  return (verb: OutcomeVerb, request: unknown = requests[verb], wishes?: unknown) => {
    const call = channel[verb] as unknown as (...all: unknown[]) => Promise<Outcome<Noun>>;
    return call(request, wishes);
  };
}

/** The error of a call, which must be one of ours. */
export async function thrown(call: Promise<unknown>): Promise<PolyrailError> {
  const error = await call.then(
    (value) => new Error(`Nothing was thrown, but ${JSON.stringify(value)} returned`),
    (reason: unknown) => reason,
  );
  if (!isPolyrailError(error)) throw error;
  return error;
}

/** Whether data is frozen all the way down. An error is no data. */
export function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Error) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

/** Lets everything that can go on go on. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
