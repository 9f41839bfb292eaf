/** @polyrail/wechatpay-v2: one payment channel, WeChat Pay over API v2. */
export {
  checkWechatPayV2Config,
  createWechatPayV2,
  createWechatPayV2Payouts,
} from './channel.ts';
export type {
  WechatPayV2Certificate,
  WechatPayV2Config,
  WechatPayV2SignType,
} from './config.ts';
export type {
  WechatPayV2PayExtra,
  WechatPayV2RefundExtra,
  WechatPayV2Scene,
  WechatPayV2SignUpExtra,
  WechatPayV2SignUpScene,
} from './extra.ts';
export type {
  WechatPayV2AgreementChannel,
  WechatPayV2AgreementShape,
  WechatPayV2CertifiedChannel,
  WechatPayV2CertifiedShape,
  WechatPayV2Channel,
  WechatPayV2FullChannel,
  WechatPayV2FullShape,
  WechatPayV2PayoutChannel,
  WechatPayV2PayoutShape,
  WechatPayV2Shape,
} from './shape.ts';
