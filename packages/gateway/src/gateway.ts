/** gateway · gateway: what a payment backend holds - every verb, and what it may ask about an entry. */
import type { Incoming, Outgoing } from '@polyrail/core';
import type { Entry } from './entry.ts';
import type { FollowOptions } from './follow.ts';
import type { GatewayEvent } from './handlers.ts';
import type { ServiceQuality } from './health.ts';
import type { Decision } from './late.ts';
import type { BeginOptions } from './order.ts';
import type {
  AuthorizeOrder,
  CancelAuthorizationOrder,
  CancelCaptureOrder,
  CancelOrder,
  CaptureOrder,
  ConfirmPayOrder,
  ConfirmSignUpOrder,
  PayOrder,
  PayoutOrder,
  RefundOrder,
  SignUpOrder,
} from './requests.ts';
import type { EntryFilter, EntryNoun, JobKind } from './store.ts';
import type { WatchOptions } from './watch.ts';

/** One line of an entry's history. */
export interface HistoryLine {
  readonly at: string;
  readonly kind: string;
  readonly body: unknown;
}

export interface FindOptions {
  readonly merchant?: string;
}

export interface Gateway {
  pay(request: PayOrder, options?: BeginOptions): Promise<Entry<'payment'>>;
  confirmPay(request: ConfirmPayOrder, options?: FollowOptions): Promise<Entry<'payment'>>;
  /** Ends an unpaid payment at its channel. */
  closePayment(paymentId: string, options?: FollowOptions): Promise<Entry<'payment'>>;
  /** Undoes a payment whose fate is unknown; harmless when nothing happened. */
  reverse<N extends 'payment' | 'authorization' = 'payment'>(
    id: string,
    options?: FollowOptions & { readonly noun?: N },
  ): Promise<Entry<N>>;
  refund(request: RefundOrder, options?: BeginOptions): Promise<Entry<'refund'>>;
  cancel(request: CancelOrder, options?: BeginOptions): Promise<Entry<'cancellation'>>;
  authorize(request: AuthorizeOrder, options?: BeginOptions): Promise<Entry<'authorization'>>;
  capture(request: CaptureOrder, options?: BeginOptions): Promise<Entry<'payment'>>;
  cancelCapture(
    request: CancelCaptureOrder,
    options?: BeginOptions,
  ): Promise<Entry<'cancellation'>>;
  cancelAuthorization(
    request: CancelAuthorizationOrder,
    options?: BeginOptions,
  ): Promise<Entry<'cancellation'>>;
  signUp(request: SignUpOrder, options?: BeginOptions): Promise<Entry<'agreement'>>;
  confirmSignUp(request: ConfirmSignUpOrder, options?: FollowOptions): Promise<Entry<'agreement'>>;
  signOff(agreementId: string, options?: FollowOptions): Promise<Entry<'agreement'>>;
  payout(request: PayoutOrder, options?: BeginOptions): Promise<Entry<'payout'>>;
  cancelPayout(payoutId: string, options?: FollowOptions): Promise<Entry<'payout'>>;

  /** Answers a challenge of the risk hook. */
  confirm(
    noun: EntryNoun,
    id: string,
    answer: { readonly verdict: 'pass' | 'block'; readonly merchant?: string },
  ): Promise<Entry>;
  /**
   * Decides over late or surplus money of a payment, or over money that is held late or twice. `refund` gives
   * back all that is open; `accept` takes what came late, and only a second time what came twice as well.
   */
  decide<N extends 'payment' | 'authorization' = 'payment'>(
    id: string,
    answer: { readonly decision: Decision; readonly merchant?: string; readonly noun?: N },
  ): Promise<Entry<N>>;

  /** An entry as it stands, without asking anybody. */
  find<N extends EntryNoun>(
    noun: N,
    id: string,
    options?: FindOptions,
  ): Promise<Entry<N> | undefined>;
  /** Entries, newest first, 100 unless told. `before`: the last entry of one page, to get the next. */
  list(filter?: Partial<EntryFilter>): Promise<readonly Entry[]>;
  /** Every fact about an entry, oldest first. */
  history(noun: EntryNoun, id: string, options?: FindOptions): Promise<readonly HistoryLine[]>;
  /** An entry now and after each change, until it is final. */
  watch(paymentId: string, options?: WatchOptions): AsyncGenerator<Entry, void, void>;
  /**
   * Asks the channel about an unsettled entry at once, and does the next thing about it. What is challenged, or
   * was not sent yet, is left to its time.
   */
  resolve<N extends EntryNoun>(
    noun: N,
    id: string,
    options?: FindOptions,
  ): Promise<Entry<N> | undefined>;

  /** A web-standard handler for the notifications of one channel. */
  handler(place: {
    readonly channel: string;
    readonly merchant?: string;
  }): (request: Request) => Promise<Response>;
  /** The same for a message that is at hand in bytes. */
  receive(
    place: { readonly channel: string; readonly merchant?: string },
    message: Incoming,
  ): Promise<Outgoing>;

  /** Events whose handler never succeeded. */
  deadLetters(filter?: {
    readonly merchant?: string;
    readonly limit?: number;
  }): Promise<readonly GatewayEvent[]>;
  /** Puts a dead letter back in line. */
  replay(eventId: string): Promise<void>;

  /** How each channel of a merchant fared in the last five minutes, in this process. */
  quality(options?: FindOptions): Readonly<Record<string, ServiceQuality>>;
  /** Jobs that are due, and how late the oldest is, in ms. */
  backlog(kind: JobKind): Promise<{ readonly due: number; readonly lateMs: number }>;

  /** Begins no more, ends what is under way and closes the store. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
