/** reference channel · shape: what acme offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';

export interface ReferenceShape extends Shape {
  pay: 'qr' | 'barcode' | 'page' | 'agreement';
  authorize: 'barcode' | 'qr';
  signUp: 'qr' | 'page' | 'otp' | 'card';
  // biome-ignore lint/complexity/noBannedTypes: acme has no members of its own
  extra: {};
  verbs:
    | 'pay'
    | 'query'
    | 'close'
    | 'cancel'
    | 'reverse'
    | 'queryCancellation'
    | 'refund'
    | 'queryRefund'
    | 'authorize'
    | 'queryAuthorization'
    | 'capture'
    | 'cancelAuthorization'
    | 'signUp'
    | 'confirmSignUp'
    | 'querySignUp'
    | 'signOff'
    | 'payout'
    | 'queryPayout'
    | 'balance'
    | 'statement'
    | 'receive'
    | 'acknowledge';
}

/** One merchant's acme. Named, so that editors print one word. */
export interface ReferenceChannel extends ChannelOf<ReferenceShape> {}

export type PayRequest = Parameters<ReferenceChannel['pay']>[0];
export type RefundRequest = Parameters<ReferenceChannel['refund']>[0];
export type AuthorizeRequest = Parameters<ReferenceChannel['authorize']>[0];
export type SignUpRequest = Parameters<ReferenceChannel['signUp']>[0];
export type CancelRequest = Parameters<ReferenceChannel['cancel']>[0];
