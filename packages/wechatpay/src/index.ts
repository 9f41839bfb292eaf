/** @polyrail/wechatpay: one payment channel, WeChat Pay over API v3. */
export type { WechatPaySignUpExtra, WechatPaySignUpScene } from './agreement-extra.ts';
export type {
  WechatPayAuthorizeExtra,
  WechatPayAuthorizeScene,
  WechatPayScoreItem,
} from './authorization-extra.ts';
export { checkWechatPayConfig, createWechatPay, probesRefused } from './channel.ts';
export type {
  WechatPayAccount,
  WechatPayAlgorithm,
  WechatPayConfig,
  WechatPayPublicKey,
  WechatPayRiskFund,
  WechatPayScoreService,
  WechatPaySubMerchant,
} from './config.ts';
export { type ScheduleDeductionRequest, scheduleDeduction } from './deduction.ts';
export type {
  WechatPayGoods,
  WechatPayPayExtra,
  WechatPayRefundExtra,
  WechatPayScene,
} from './extra.ts';
export type { WechatPayPayoutExtra } from './payout-extra.ts';
export type {
  WechatPayAgreementChannel,
  WechatPayAgreementScoreChannel,
  WechatPayAgreementScoreShape,
  WechatPayAgreementShape,
  WechatPayChannel,
  WechatPayCodeChannel,
  WechatPayCodeScoreChannel,
  WechatPayCodeScoreShape,
  WechatPayCodeShape,
  WechatPayFullChannel,
  WechatPayFullScoreChannel,
  WechatPayFullScoreShape,
  WechatPayFullShape,
  WechatPayScoreChannel,
  WechatPayScoreShape,
  WechatPayShape,
} from './shape.ts';
