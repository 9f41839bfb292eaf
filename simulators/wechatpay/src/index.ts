/** @polyrail/wechatpay-simulator: WeChat Pay's side of the wire. */

export type {
  DoctorInput,
  Explanation,
  FirstDifference,
  Verdict,
} from '@polyrail/simulator/doctor';
export type { AgreementState, AgreementTruth } from './agreement-book.ts';
export type { KeyMode, WechatPayCredentials } from './merchants.ts';
export type { OrderState, Truth } from './order.ts';
export type { PayoutState, PayoutTruth } from './payout-book.ts';
export type { WechatPayOptions } from './room.ts';
export type { AuthorizationTruth, ScoreState } from './score-book.ts';
export {
  createWechatPaySimulator,
  type WechatPaySimulator,
  wechatPaySimulator,
} from './simulator.ts';
export { startWechatPay, type WechatPaySite, type WechatPayStartOptions } from './site.ts';
export { wechatPayStories } from './stories.ts';
export { notificationLadderMs, transferLadderMs } from './v3-notification.ts';
export type { Algorithm } from './v3-suite.ts';
