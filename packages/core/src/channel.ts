/** core · channel: the verbs of one merchant's channel, and how a concrete channel names its own. */
import type { Agreement, ConfirmSignUpRequest, SignUpRequest, SignUpScene } from './agreement.ts';
import type {
  Authorization,
  CancelAuthorizationRequest,
  CancelCaptureRequest,
  CaptureRequest,
} from './authorization.ts';
import type { Balance } from './balance.ts';
import type { Capabilities } from './capabilities.ts';
import type { Instant } from './instant.ts';
import type { Incoming, Notification, Outgoing, Verdict } from './notification.ts';
import type {
  Cancellation,
  CancelRequest,
  Closure,
  ConfirmPayRequest,
  OrderFields,
  Payment,
  Request,
  Scene,
} from './payment.ts';
import type { Payout, PayoutRequest } from './payout.ts';
import type { Noun, Ref } from './ref.ts';
import type { Refund, RefundRequest } from './refund.ts';
import type { Statement, StatementRequest } from './statement.ts';

/** Changes only when adapters written for the former contract would no longer be correct. */
export const contractVersion = 1 as const;

/** Second argument of every verb. */
export interface Options {
  /** Aborting before the first byte throws `ABORTED`; after it the outcome is `unknown`. */
  readonly signal?: AbortSignal;
  /** Deadline of the whole call, 1 to 600 000 ms. The channel's capabilities name the default. */
  readonly timeoutMs?: number;
  /** This call repeats an earlier one under the same id; channels that mark repetitions do so. */
  readonly repeat?: boolean;
  /**
   * Awaited after the request is built and before its first byte: persist `ref` here. If it
   * rejects, nothing is sent and the verb throws `NOT_SENT`.
   */
  readonly onPrepared?: (ref: Ref<Noun>) => Promise<void>;
}

export interface ReceiveOptions extends Options {
  /** When the message came in, if it is opened later than that. */
  readonly receivedAt?: Instant;
}

/** What an author states about a channel: its scenes, extras and verbs. */
export interface Shape {
  pay: Scene;
  authorize: Scene;
  signUp: SignUpScene;
  extra: { [V in Verb]?: object };
  verbs: Verb;
}
export type Verb = keyof AllVerbs<Shape>;

type Extra<S extends Shape, V extends string> = S['extra'] extends Record<V, infer E> ? E : never;
type WithExtra<S extends Shape, V extends string> = [Extra<S, V>] extends [never]
  ? object
  : { readonly extra?: Extra<S, V> };

/**
 * Every verb of the contract. Method syntax on purpose: a concrete channel, which takes fewer
 * scenes, must still be a `Channel`; the guard refuses at run time what that lets through.
 */
export interface AllVerbs<S extends Shape> {
  pay(
    request: Request<S['pay'], Extra<S, 'pay'>, OrderFields>,
    options?: Options,
  ): Promise<Payment>;
  confirmPay(request: ConfirmPayRequest, options?: Options): Promise<Payment>;
  query(payment: Ref<'payment'>, options?: Options): Promise<Payment>;
  close(payment: Ref<'payment'>, options?: Options): Promise<Closure>;
  cancel(request: CancelRequest, options?: Options): Promise<Cancellation>;
  reverse(
    target: Ref<'payment' | 'authorization' | 'cancellation'>,
    options?: Options,
  ): Promise<Cancellation>;
  queryCancellation(cancellation: Ref<'cancellation'>, options?: Options): Promise<Cancellation>;
  refund(request: RefundRequest & WithExtra<S, 'refund'>, options?: Options): Promise<Refund>;
  queryRefund(refund: Ref<'refund'>, options?: Options): Promise<Refund>;
  authorize(
    request: Request<S['authorize'], Extra<S, 'authorize'>, OrderFields>,
    options?: Options,
  ): Promise<Authorization>;
  queryAuthorization(
    authorization: Ref<'authorization'>,
    options?: Options,
  ): Promise<Authorization>;
  capture(request: CaptureRequest, options?: Options): Promise<Payment>;
  cancelAuthorization(
    request: CancelAuthorizationRequest,
    options?: Options,
  ): Promise<Cancellation>;
  cancelCapture(request: CancelCaptureRequest, options?: Options): Promise<Cancellation>;
  signUp(
    request: SignUpRequest<S['signUp']> & WithExtra<S, 'signUp'>,
    options?: Options,
  ): Promise<Agreement>;
  confirmSignUp(request: ConfirmSignUpRequest, options?: Options): Promise<Agreement>;
  querySignUp(agreement: Ref<'agreement'>, options?: Options): Promise<Agreement>;
  signOff(agreement: Ref<'agreement'>, options?: Options): Promise<Agreement>;
  payout(request: PayoutRequest & WithExtra<S, 'payout'>, options?: Options): Promise<Payout>;
  queryPayout(payout: Ref<'payout'>, options?: Options): Promise<Payout>;
  cancelPayout(payout: Ref<'payout'>, options?: Options): Promise<Payout>;
  statement(request: StatementRequest, options?: Options): Promise<Statement>;
  balance(options?: Options): Promise<readonly Balance[]>;
  receive(message: Incoming, options?: ReceiveOptions): Promise<Notification>;
  acknowledge(verdict: Verdict): Outgoing;
}

/** What every channel has. */
export interface ChannelBase {
  readonly name: string;
  readonly contract: typeof contractVersion;
  readonly capabilities: Capabilities;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A channel for generic code: every verb optional. Ask `if (channel.payout)`. */
export interface Channel extends ChannelBase, Partial<AllVerbs<Shape>> {}

/** A concrete channel: exactly the verbs its shape names, with its scenes and extras. */
export type ChannelOf<S extends Shape> = ChannelBase & Pick<AllVerbs<S>, S['verbs']>;

/** Whether a channel takes payments in a scene; narrows it for generic code. */
export function takes<K extends Scene>(
  channel: Channel,
  scene: K,
): channel is Channel & {
  pay(request: Request<K, never, OrderFields>, options?: Options): Promise<Payment>;
} {
  return channel.pay !== undefined && (channel.capabilities.scenes?.pay ?? []).includes(scene);
}

/** Narrowing helper for code that stores references by noun. */
export const isRefOf = <N extends Noun>(ref: Ref<Noun>, noun: N): ref is Ref<N> =>
  ref.noun === noun;
