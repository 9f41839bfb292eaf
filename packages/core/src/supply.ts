/** core · supply: what an adapter hands to the guard, and what the guard hands to an adapter. */
import type { ZodMiniType } from 'zod/mini';
import type { NextAction } from './action.ts';
import type { AgreementFacts } from './agreement.ts';
import type { AuthorizationFacts } from './authorization.ts';
import type { Balance } from './balance.ts';
import type { Capabilities } from './capabilities.ts';
import type { AllVerbs, Options, Shape, Verb } from './channel.ts';
import type { PolyrailError } from './errors.ts';
import type { Instant } from './instant.ts';
import type { Incoming, Outgoing, Verdict } from './notification.ts';
import type { CancellationFacts, PaymentFacts } from './payment.ts';
import type { PayoutFacts } from './payout.ts';
import type { Doubt, Evidence, Reason } from './reason.ts';
import type { Noun, Ref } from './ref.ts';
import type { RefundFacts } from './refund.ts';
import type { StatementLine } from './statement.ts';
import type { Family, Subject } from './verbs.ts';

export interface FactsOf {
  payment: PaymentFacts;
  closure: object;
  cancellation: CancellationFacts;
  refund: RefundFacts;
  authorization: AuthorizationFacts;
  agreement: AgreementFacts;
  payout: PayoutFacts;
}

/** The noun each outcome verb answers with. */
export interface NounOf {
  pay: 'payment';
  confirmPay: 'payment';
  query: 'payment';
  close: 'closure';
  cancel: 'cancellation';
  reverse: 'cancellation';
  queryCancellation: 'cancellation';
  refund: 'refund';
  queryRefund: 'refund';
  authorize: 'authorization';
  queryAuthorization: 'authorization';
  capture: 'payment';
  cancelAuthorization: 'cancellation';
  cancelCapture: 'cancellation';
  signUp: 'agreement';
  confirmSignUp: 'agreement';
  querySignUp: 'agreement';
  signOff: 'agreement';
  payout: 'payout';
  queryPayout: 'payout';
  cancelPayout: 'payout';
}
export type OutcomeVerb = keyof NounOf;

/** Optional members may also be handed over as `undefined`; the guard drops them. */
type Loose<T> = {
  [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K];
};

/**
 * What came back, named by the channel. `merchantId` is the id the channel *echoed*: the guard
 * compares it with the one asked about. `noun`, `ref` and `observedAt` are the guard's to fill in.
 */
interface Told<N extends Noun> {
  readonly evidence: Evidence;
  readonly raw?: unknown;
  readonly merchantId?: string | undefined;
  readonly channelId?: string | undefined;
  readonly handle?: string | undefined;
  readonly noun?: N;
  readonly ref?: Ref<N>;
  readonly observedAt?: Instant;
}

/** An adapter's reading of one answer: an outcome without its envelope. */
export type Finding<N extends Noun> = Told<N> &
  (
    | ({ readonly status: 'succeeded' } & Loose<FactsOf[N]>)
    | ({
        readonly status: 'pending';
        readonly waitingFor: 'payer' | 'payee' | 'channel' | 'merchant';
        readonly nextAction?: NextAction | undefined;
        readonly expiresAt?: Instant | undefined;
        readonly pollAfterMs?: number | undefined;
      } & Loose<Partial<FactsOf[N]>>)
    | ({
        readonly status: 'failed';
        readonly reason: Reason;
        readonly retry: 'same-id' | 'new-id' | 'never';
        readonly channelCode?: string | undefined;
        readonly channelMessage?: string | undefined;
      } & Loose<Partial<FactsOf[N]>>)
    | {
        readonly status: 'unknown';
        readonly doubt: Doubt;
        readonly cause?: PolyrailError | undefined;
        readonly channelCode?: string | undefined;
        readonly channelMessage?: string | undefined;
      }
  );

/** One fact of a notification. `startedAt` where the message tells it. */
export type FactFinding = {
  [N in Exclude<Noun, 'closure'>]: Finding<N> & {
    readonly noun: N;
    readonly startedAt?: Instant | undefined;
  };
}[Exclude<Noun, 'closure'>];

/** A message that passed every check of the channel's protocol. */
export interface Opened {
  readonly eventId?: string | undefined;
  readonly sentAt?: Instant | undefined;
  readonly facts: readonly [FactFinding, ...FactFinding[]];
}

/**
 * What the guard gives a verb. The adapter's `wire` awaits `prepared` once the request is built,
 * and calls `sent` immediately before the first byte of the exchange that moves or changes - not
 * of a token or certificate fetch. From there on a throw becomes `unknown`.
 */
export interface Call<N extends Noun = Noun> extends Options {
  readonly verb: Verb;
  /** Fires on the caller's abort and on the deadline. */
  readonly signal: AbortSignal;
  /** The reference as the merchant knows it so far. */
  readonly ref: Ref<N>;
  /** Awaits the merchant's `onPrepared`; `handle` becomes part of the reference. */
  prepared(handle?: string): Promise<void>;
  /** The point of no return. Throws when it may no longer be crossed: then send nothing. */
  sent(): void;
}

/** What the guard gives `open`. */
export interface OpenCall extends Options {
  readonly signal: AbortSignal;
  readonly receivedAt: Instant;
}

/**
 * A function that a channel's package exports beside `createX`: what the channel can do and the
 * contract has no verb for. {@link guardFunction} puts it under the guard.
 */
export interface Further<N extends Noun, R> {
  /** As errors and logs name it. */
  readonly name: string;
  readonly family: Family;
  readonly noun: N;
  /** Strict. */
  readonly schema: ZodMiniType<R>;
  /** Whom the request is about, before the channel has said anything. */
  subject(request: R): Subject;
  run(request: R, call: Call<N>): Promise<Finding<N>>;
}

type Arguments<S extends Shape, V extends Verb> = Parameters<AllVerbs<S>[V]>;

/**
 * The lines of a statement as an adapter gives them: one by one, or as many at once as it has read,
 * made as they are asked for. A large file passes twice as fast in batches; the merchant sees lines
 * either way.
 */
export type SuppliedLines = AsyncIterable<StatementLine | Iterable<StatementLine>>;

type Supplied<S extends Shape, V extends Verb> = V extends OutcomeVerb
  ? (request: Arguments<S, V>[0], call: Call<NounOf[V]>) => Promise<Finding<NounOf[V]>>
  : V extends 'statement'
    ? (request: Arguments<S, V>[0], call: Call) => Promise<SuppliedLines>
    : V extends 'balance'
      ? (call: Call) => Promise<readonly Balance[]>
      : V extends 'acknowledge'
        ? (verdict: Verdict) => Outgoing
        : never;

/** What an adapter supplies: its verbs without checks, and `open` in place of `receive`. */
export type Supply<S extends Shape> = {
  [V in Exclude<S['verbs'], 'receive'>]: Supplied<S, V>;
} & ('receive' extends S['verbs']
  ? { open(message: Incoming, call: OpenCall): Promise<Opened> }
  : object) & {
    readonly name: string;
    readonly capabilities: Capabilities;
    /** Strict schemas of `extra`, by verb. */
    readonly extra?: { readonly [V in Verb]?: ZodMiniType };
    /** Wire fields whose values never appear in `raw`, beside the usual ones. */
    readonly secretFields?: readonly string[];
    dispose?(): Promise<void>;
  };
