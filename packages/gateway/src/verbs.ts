/** gateway · verbs: what each verb of the contract means for the gateway's entries. */
import type { AllVerbs, Channel, Ref, Shape, Verb } from '@polyrail/core';
import type { EntryNoun } from './store.ts';

/** Verbs that begin an entry under an id of the merchant. */
export const beginVerbs = [
  'pay',
  'capture',
  'refund',
  'cancel',
  'cancelCapture',
  'authorize',
  'cancelAuthorization',
  'signUp',
  'payout',
] as const;
export type BeginVerb = (typeof beginVerbs)[number];

/** Verbs that act on an entry there is. */
export type FollowVerb =
  | 'confirmPay'
  | 'close'
  | 'reverse'
  | 'confirmSignUp'
  | 'signOff'
  | 'cancelPayout';

export interface BeginRule {
  readonly noun: EntryNoun;
  /** The member that holds the merchant's id, which is the idempotency key. */
  readonly id: string;
  /** The member that names an earlier entry by its id, and that entry's noun. */
  readonly parent?: { readonly member: string; readonly noun: EntryNoun };
  /** Whether the channel is chosen by the route; otherwise it is the parent's. */
  readonly routed: boolean;
  /** Whether the risk hook is asked. */
  readonly assessed: boolean;
}

export const beginRules: Readonly<Record<BeginVerb, BeginRule>> = {
  pay: {
    noun: 'payment',
    id: 'merchantPaymentId',
    // In scene `agreement` alone; the payment then goes where the agreement was signed.
    parent: { member: 'agreement', noun: 'agreement' },
    routed: true,
    assessed: true,
  },
  capture: {
    noun: 'payment',
    id: 'merchantPaymentId',
    parent: { member: 'authorization', noun: 'authorization' },
    routed: false,
    assessed: false,
  },
  refund: {
    noun: 'refund',
    id: 'merchantRefundId',
    parent: { member: 'payment', noun: 'payment' },
    routed: false,
    assessed: false,
  },
  cancel: {
    noun: 'cancellation',
    id: 'merchantCancelId',
    parent: { member: 'payment', noun: 'payment' },
    routed: false,
    assessed: false,
  },
  cancelCapture: {
    noun: 'cancellation',
    id: 'merchantCancelId',
    parent: { member: 'payment', noun: 'payment' },
    routed: false,
    assessed: false,
  },
  authorize: {
    noun: 'authorization',
    id: 'merchantPaymentId',
    routed: true,
    assessed: true,
  },
  cancelAuthorization: {
    noun: 'cancellation',
    id: 'merchantCancelId',
    parent: { member: 'authorization', noun: 'authorization' },
    routed: false,
    assessed: false,
  },
  signUp: { noun: 'agreement', id: 'merchantAgreementId', routed: true, assessed: true },
  payout: { noun: 'payout', id: 'merchantPayoutId', routed: true, assessed: true },
};

/** By which verb a channel is asked what became of an entry. */
export const queryVerbs = {
  payment: 'query',
  refund: 'queryRefund',
  cancellation: 'queryCancellation',
  authorization: 'queryAuthorization',
  agreement: 'querySignUp',
  payout: 'queryPayout',
} as const satisfies Readonly<Record<EntryNoun, Verb>>;

/** Scenes in which the payer is given something to pay with later: an order that must expire. */
export const lastingScenes: ReadonlySet<string> = new Set(['qr', 'page', 'h5', 'app', 'in-wallet']);

/** A channel's verb for code that chose it by name. */
export type AnyVerb = (request: unknown, options?: unknown) => Promise<AnyOutcome>;
/** Any outcome, with every member that some noun has. */
export interface AnyOutcome {
  readonly noun: string;
  readonly status: 'succeeded' | 'pending' | 'failed' | 'unknown';
  readonly ref: Ref<EntryNoun>;
  readonly [member: string]: unknown;
}

export function verbOf(channel: Channel, verb: Verb): AnyVerb | undefined {
  const found = channel[verb as keyof AllVerbs<Shape>] as AnyVerb | undefined;
  return found?.bind(channel);
}
