/**
 * wechatpay-v2 · calls: where each call goes, and what its exchange is like (dossier B3 to B10).
 */
import type { WechatPayV2SignType } from './config.ts';

/** The calls this package makes, as the simulator and the journal name them. */
export type Operation =
  | 'unifiedorder'
  | 'papay.contractorder'
  | 'micropay'
  | 'orderquery'
  | 'closeorder'
  | 'reverse'
  | 'refund'
  | 'refundquery'
  | 'downloadbill'
  | 'downloadfundflow'
  | 'transfers'
  | 'gettransferinfo'
  | 'papay.preentrustweb'
  | 'papay.querycontract'
  | 'papay.deletecontract'
  | 'papay.apply';

export interface CallFacts {
  readonly path: string;
  /** Wants the client certificate. */
  readonly certificate?: true;
  /** Quirk: the reply of these has no sign, whatever it says (B3). */
  readonly unsigned?: true;
  /** Quirk: these refuse a nonce as a field they do not know (B3). */
  readonly nonceless?: true;
  /** Quirk: these know one algorithm, whatever the merchant has chosen. */
  readonly signType?: WechatPayV2SignType;
}

export const calls: Readonly<Record<Operation, CallFacts>> = {
  unifiedorder: { path: '/pay/unifiedorder' },
  'papay.contractorder': { path: '/pay/contractorder' },
  micropay: { path: '/pay/micropay' },
  orderquery: { path: '/pay/orderquery' },
  closeorder: { path: '/pay/closeorder' },
  reverse: { path: '/secapi/pay/reverse', certificate: true },
  refund: { path: '/secapi/pay/refund', certificate: true },
  refundquery: { path: '/pay/refundquery' },
  downloadbill: { path: '/pay/downloadbill', unsigned: true },
  downloadfundflow: {
    path: '/pay/downloadfundflow',
    certificate: true,
    unsigned: true,
    signType: 'HMAC-SHA256',
  },
  transfers: {
    path: '/mmpaymkttransfers/promotion/transfers',
    certificate: true,
    unsigned: true,
    signType: 'MD5',
  },
  gettransferinfo: {
    path: '/mmpaymkttransfers/gettransferinfo',
    certificate: true,
    unsigned: true,
    signType: 'MD5',
  },
  'papay.preentrustweb': { path: '/papay/preentrustweb', nonceless: true, signType: 'MD5' },
  'papay.querycontract': { path: '/papay/querycontract', nonceless: true, signType: 'MD5' },
  'papay.deletecontract': { path: '/papay/deletecontract', nonceless: true, signType: 'MD5' },
  'papay.apply': { path: '/pay/pappayapply' },
};
