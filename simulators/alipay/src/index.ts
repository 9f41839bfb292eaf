/** @polyrail/alipay-simulator: Alipay's side of the wire. */

export type {
  DoctorInput,
  Explanation,
  FirstDifference,
  Verdict,
} from '@polyrail/simulator/doctor';
export type { AgreementState, AgreementTruth } from './agreement-book.ts';
export type { AuthorizationState, AuthorizationTruth } from './authorization-book.ts';
export type { AlipayCredentials } from './merchants.ts';
export { messageLadderMs } from './message.ts';
export { notificationLadderMs, notificationOperation } from './notification.ts';
export type { OrderState, Truth } from './order.ts';
export type { PayoutState, PayoutTruth } from './payout-book.ts';
export type { AlipayOptions, V3Options } from './room.ts';
export { type AlipaySimulator, alipaySimulator, createAlipaySimulator } from './simulator.ts';
export { type AlipaySite, type AlipayStartOptions, startAlipay } from './site.ts';
export { alipayStories } from './stories.ts';
