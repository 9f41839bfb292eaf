/** unionpay · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type {
  UnionPayAuthorizeExtra,
  UnionPayAuthorizeScene,
  UnionPayPayExtra,
  UnionPayScene,
  UnionPaySignUpExtra,
  UnionPaySignUpScene,
} from './extra.ts';

interface UnionPayScenes extends Shape {
  pay: UnionPayScene;
  authorize: UnionPayAuthorizeScene;
  signUp: UnionPaySignUpScene;
  extra: {
    pay: UnionPayPayExtra;
    authorize: UnionPayAuthorizeExtra;
    signUp: UnionPaySignUpExtra;
  };
}

export interface UnionPayShape extends UnionPayScenes {
  pay: Exclude<UnionPayScene, 'agreement'>;
  verbs:
    | 'pay'
    | 'confirmPay'
    | 'query'
    | 'cancel'
    | 'reverse'
    | 'queryCancellation'
    | 'refund'
    | 'queryRefund'
    | 'authorize'
    | 'queryAuthorization'
    | 'capture'
    | 'cancelAuthorization'
    | 'cancelCapture'
    | 'payout'
    | 'queryPayout'
    | 'statement'
    | 'receive'
    | 'acknowledge';
}

/** With a token requestor: agreements, and the scene that charges them. */
export interface UnionPayAgreementShape extends UnionPayScenes {
  verbs: UnionPayShape['verbs'] | 'signUp' | 'confirmSignUp' | 'querySignUp' | 'signOff';
}

/** With mandates: agreements by a card's factors, and the scene that collects by them. */
export interface UnionPayCollectionShape extends Shape {
  pay: UnionPayScene;
  authorize: UnionPayAuthorizeScene;
  signUp: 'card';
  extra: Pick<UnionPayScenes['extra'], 'pay' | 'authorize'>;
  verbs: Exclude<UnionPayAgreementShape['verbs'], 'confirmSignUp'>;
}

/** One merchant's UnionPay. Named, so that editors print one word. */
export interface UnionPayChannel extends ChannelOf<UnionPayShape> {}

/** One merchant's UnionPay with agreements. */
export interface UnionPayAgreementChannel extends ChannelOf<UnionPayAgreementShape> {}

/** One merchant's UnionPay with mandates for 代收. */
export interface UnionPayCollectionChannel extends ChannelOf<UnionPayCollectionShape> {}

export type PayRequest = Parameters<UnionPayAgreementChannel['pay']>[0];
export type AuthorizeRequest = Parameters<UnionPayChannel['authorize']>[0];
export type SignUpRequest = Parameters<UnionPayAgreementChannel['signUp']>[0];
export type MandateRequest = Parameters<UnionPayCollectionChannel['signUp']>[0];
