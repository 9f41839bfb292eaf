/** alipay · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type { AlipaySignUpExtra, AlipaySignUpScene } from './agreement-extra.ts';
import type { AlipayAuthorizeExtra, AlipayAuthorizeScene } from './authorization-extra.ts';
import type { AlipayPayExtra, AlipayRefundExtra, AlipayScene } from './extra.ts';
import type { AlipayPayoutExtra } from './payout-extra.ts';

interface AlipayScenes extends Shape {
  pay: AlipayScene;
  authorize: AlipayAuthorizeScene;
  signUp: AlipaySignUpScene;
  extra: {
    pay: AlipayPayExtra;
    refund: AlipayRefundExtra;
    authorize: AlipayAuthorizeExtra;
    signUp: AlipaySignUpExtra;
    payout: AlipayPayoutExtra;
  };
}

export interface AlipayShape extends AlipayScenes {
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
    | 'querySignUp'
    | 'signOff'
    | 'statement'
    | 'balance'
    | 'receive'
    | 'acknowledge';
}

/** With certificates: Alipay takes transfers from no application without them. */
export interface AlipayPayoutShape extends AlipayScenes {
  verbs: AlipayShape['verbs'] | 'payout' | 'queryPayout';
}

/** One merchant's Alipay. Named, so that editors print one word. */
export interface AlipayChannel extends ChannelOf<AlipayShape> {}

/** One merchant's Alipay that pays out as well. */
export interface AlipayPayoutChannel extends ChannelOf<AlipayPayoutShape> {}

export type PayRequest = Parameters<AlipayChannel['pay']>[0];
export type RefundRequest = Parameters<AlipayChannel['refund']>[0];
export type CancelRequest = Parameters<AlipayChannel['cancel']>[0];
export type AuthorizeRequest = Parameters<AlipayChannel['authorize']>[0];
export type SignUpRequest = Parameters<AlipayChannel['signUp']>[0];
export type PayoutRequest = Parameters<AlipayPayoutChannel['payout']>[0];
