/** wechatpay · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type { WechatPaySignUpExtra, WechatPaySignUpScene } from './agreement-extra.ts';
import type { WechatPayPayExtra, WechatPayRefundExtra, WechatPayScene } from './extra.ts';
import type { WechatPayPayoutExtra } from './payout-extra.ts';

interface WechatPayScenes extends Shape {
  pay: WechatPayScene;
  authorize: never;
  signUp: WechatPaySignUpScene;
  extra: {
    pay: WechatPayPayExtra;
    refund: WechatPayRefundExtra;
    payout: WechatPayPayoutExtra;
    signUp: WechatPaySignUpExtra;
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

/** One merchant's WeChat Pay. Named, so that editors print one word. */
export interface WechatPayChannel extends ChannelOf<WechatPayShape> {}
export interface WechatPayCodeChannel extends ChannelOf<WechatPayCodeShape> {}
export interface WechatPayAgreementChannel extends ChannelOf<WechatPayAgreementShape> {}
export interface WechatPayFullChannel extends ChannelOf<WechatPayFullShape> {}

export type PayRequest = Parameters<WechatPayFullChannel['pay']>[0];
export type RefundRequest = Parameters<WechatPayFullChannel['refund']>[0];
export type PayoutRequest = Parameters<WechatPayFullChannel['payout']>[0];
export type SignUpRequest = Parameters<WechatPayFullChannel['signUp']>[0];
