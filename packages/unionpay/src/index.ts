/** @polyrail/unionpay: one payment channel, China UnionPay over ACP 5.1.0. */
export { checkUnionPayConfig, createUnionPay } from './channel.ts';
export type { UnionPayConfig, UnionPaySigning } from './config.ts';
export type {
  UnionPayAuthorizeExtra,
  UnionPayAuthorizeScene,
  UnionPayPayExtra,
  UnionPayScene,
  UnionPaySignUpExtra,
  UnionPaySignUpScene,
} from './extra.ts';
export type {
  UnionPayAgreementChannel,
  UnionPayAgreementShape,
  UnionPayChannel,
  UnionPayCollectionChannel,
  UnionPayCollectionShape,
  UnionPayShape,
} from './shape.ts';
