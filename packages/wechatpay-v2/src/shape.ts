/** wechatpay-v2 · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type {
  WechatPayV2PayExtra,
  WechatPayV2RefundExtra,
  WechatPayV2Scene,
  WechatPayV2SignUpExtra,
  WechatPayV2SignUpScene,
} from './extra.ts';

interface WechatPayV2Scenes extends Shape {
  pay: WechatPayV2Scene;
  authorize: never;
  signUp: WechatPayV2SignUpScene;
  extra: {
    pay: WechatPayV2PayExtra;
    refund: WechatPayV2RefundExtra;
    signUp: WechatPayV2SignUpExtra;
  };
}

type Verbs = 'pay' | 'query' | 'close' | 'queryRefund' | 'statement' | 'receive' | 'acknowledge';
type CertifiedVerbs = 'refund' | 'reverse';
type AgreementVerbs = 'signUp' | 'querySignUp' | 'signOff';

export interface WechatPayV2Shape extends WechatPayV2Scenes {
  pay: Exclude<WechatPayV2Scene, 'agreement'>;
  verbs: Verbs;
}

/** With `clientCertificate`: what gives money back. */
export interface WechatPayV2CertifiedShape extends WechatPayV2Scenes {
  pay: Exclude<WechatPayV2Scene, 'agreement'>;
  verbs: Verbs | CertifiedVerbs;
}

/** With `papay`: entrusted deductions. */
export interface WechatPayV2AgreementShape extends WechatPayV2Scenes {
  verbs: Verbs | AgreementVerbs;
}

/** With both. */
export interface WechatPayV2FullShape extends WechatPayV2Scenes {
  verbs: Verbs | CertifiedVerbs | AgreementVerbs;
}

/** Payouts alone: they are another protocol, without a sign. */
export interface WechatPayV2PayoutShape extends Shape {
  pay: never;
  authorize: never;
  signUp: never;
  extra: object;
  verbs: 'payout' | 'queryPayout';
}

/** One merchant's WeChat Pay over v2. Named, so that editors print one word. */
export interface WechatPayV2Channel extends ChannelOf<WechatPayV2Shape> {}
export interface WechatPayV2CertifiedChannel extends ChannelOf<WechatPayV2CertifiedShape> {}
export interface WechatPayV2AgreementChannel extends ChannelOf<WechatPayV2AgreementShape> {}
export interface WechatPayV2FullChannel extends ChannelOf<WechatPayV2FullShape> {}
export interface WechatPayV2PayoutChannel extends ChannelOf<WechatPayV2PayoutShape> {}

export type PayRequest = Parameters<WechatPayV2FullChannel['pay']>[0];
export type RefundRequest = Parameters<WechatPayV2FullChannel['refund']>[0];
export type PayoutRequest = Parameters<WechatPayV2PayoutChannel['payout']>[0];
export type SignUpRequest = Parameters<WechatPayV2FullChannel['signUp']>[0];
