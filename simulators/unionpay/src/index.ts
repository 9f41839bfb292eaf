/** @polyrail/unionpay-simulator: UnionPay's side of the wire, as a stateful server. */
export type { AgreementTruth } from './agreement-book.ts';
export type { Bank, BankName, Card, Factor } from './cards.ts';
export { banks, testCards } from './cards.ts';
export type { UnionPayCredentials } from './merchants.ts';
export type { UnionPayOptions } from './room.ts';
export {
  createUnionPaySimulator,
  type UnionPaySimulator,
  unionPaySimulator,
} from './simulator.ts';
export { startUnionPay, type UnionPaySite, type UnionPayStartOptions } from './site.ts';
export type { AuthorizationTruth, PayoutTruth, Truth } from './transaction.ts';
