/** wechatpay · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type { WechatPaySignUpExtra, WechatPaySignUpScene } from './agreement-extra.ts';
import type { WechatPayAuthorizeExtra, WechatPayAuthorizeScene } from './authorization-extra.ts';
import type { WechatPayPayExtra, WechatPayRefundExtra, WechatPayScene } from './extra.ts';
import type { WechatPayPayoutExtra } from './payout-extra.ts';

interface WechatPayScenes extends Shape {
  pay: WechatPayScene;
  authorize: WechatPayAuthorizeScene;
  signUp: WechatPaySignUpScene;
  extra: {
    pay: WechatPayPayExtra;
    refund: WechatPayRefundExtra;
    payout: WechatPayPayoutExtra;
    signUp: WechatPaySignUpExtra;
    authorize: WechatPayAuthorizeExtra;
  };
}

type Verbs =
  | 'pay'
  | 'query'
  | 'close'
  | 'refund'
  | 'queryRefund'
  | 'payout'
  | 'queryPayout'
  | 'cancelPayout'
  | 'statement'
  | 'balance'
  | 'receive'
  | 'acknowledge';

type AgreementVerbs = 'signUp' | 'querySignUp' | 'signOff';
type ScoreVerbs =
  | 'authorize'
  | 'queryAuthorization'
  | 'capture'
  | 'cancelAuthorization'
  | 'reverse';

export interface WechatPayShape extends WechatPayScenes {
  pay: Exclude<WechatPayScene, 'barcode' | 'agreement'>;
  verbs: Verbs;
}

/** With `codepay`: payments by the payer's code, and their reversal. */
export interface WechatPayCodeShape extends WechatPayScenes {
  pay: Exclude<WechatPayScene, 'agreement'>;
  verbs: Verbs | 'reverse';
}

/** With `papay`: entrusted deductions. */
export interface WechatPayAgreementShape extends WechatPayScenes {
  pay: Exclude<WechatPayScene, 'barcode'>;
  verbs: Verbs | AgreementVerbs;
}

/** With both. */
export interface WechatPayFullShape extends WechatPayScenes {
  verbs: Verbs | 'reverse' | AgreementVerbs;
}

/** With `payScore`: pay-score orders and their reversal, beside what the others have. */
export interface WechatPayScoreShape extends WechatPayScenes {
  pay: WechatPayShape['pay'];
  verbs: WechatPayShape['verbs'] | ScoreVerbs;
}
export interface WechatPayCodeScoreShape extends WechatPayScenes {
  pay: WechatPayCodeShape['pay'];
  verbs: WechatPayCodeShape['verbs'] | ScoreVerbs;
}
export interface WechatPayAgreementScoreShape extends WechatPayScenes {
  pay: WechatPayAgreementShape['pay'];
  verbs: WechatPayAgreementShape['verbs'] | ScoreVerbs;
}
export interface WechatPayFullScoreShape extends WechatPayScenes {
  verbs: WechatPayFullShape['verbs'] | ScoreVerbs;
}

/** One merchant's WeChat Pay. Named, so that editors print one word. */
export interface WechatPayChannel extends ChannelOf<WechatPayShape> {}
export interface WechatPayCodeChannel extends ChannelOf<WechatPayCodeShape> {}
export interface WechatPayAgreementChannel extends ChannelOf<WechatPayAgreementShape> {}
export interface WechatPayFullChannel extends ChannelOf<WechatPayFullShape> {}
export interface WechatPayScoreChannel extends ChannelOf<WechatPayScoreShape> {}
export interface WechatPayCodeScoreChannel extends ChannelOf<WechatPayCodeScoreShape> {}
export interface WechatPayAgreementScoreChannel extends ChannelOf<WechatPayAgreementScoreShape> {}
export interface WechatPayFullScoreChannel extends ChannelOf<WechatPayFullScoreShape> {}

export type PayRequest = Parameters<WechatPayFullChannel['pay']>[0];
export type RefundRequest = Parameters<WechatPayFullChannel['refund']>[0];
export type PayoutRequest = Parameters<WechatPayFullChannel['payout']>[0];
export type SignUpRequest = Parameters<WechatPayFullChannel['signUp']>[0];
export type AuthorizeRequest = Parameters<WechatPayFullScoreChannel['authorize']>[0];
