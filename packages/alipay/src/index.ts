/** @polyrail/alipay: one payment channel, Alipay over gateway.do and V3. */
export { type ChangePlanRequest, changeExecutionPlan, walletAddress } from './agreement.ts';
export type {
  AlipayPeriodRule,
  AlipaySignUpExtra,
  AlipaySignUpScene,
} from './agreement-extra.ts';
export type { AlipayAuthorizeExtra, AlipayAuthorizeScene } from './authorization-extra.ts';
export { checkAlipayConfig, createAlipay } from './channel.ts';
export type { AlipayCertificates, AlipayConfig } from './config.ts';
export type {
  AlipayGoods,
  AlipayPayExtra,
  AlipayRefundExtra,
  AlipayScene,
} from './extra.ts';
export { readAttachment } from './order.ts';
export type { AlipayPayoutExtra } from './payout-extra.ts';
export type {
  AlipayChannel,
  AlipayPayoutChannel,
  AlipayPayoutShape,
  AlipayShape,
} from './shape.ts';
