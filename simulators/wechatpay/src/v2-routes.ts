/** wechatpay simulator · v2 routes: every path of API v2 that is served, and what it is called. */
import { fundsBill, tradeBill } from './v2-bills.ts';
import type { V2Handler, V2RawHandler } from './v2-call.ts';
import { orderHandlers } from './v2-orders.ts';
import { papayHandlers } from './v2-papay.ts';
import { refundHandlers } from './v2-refunds.ts';
import { transferHandlers } from './v2-transfers.ts';

export interface V2Route {
  /** In journal and fault rules. */
  readonly operation: string;
  readonly handler?: V2Handler;
  /** Answers unsigned bytes. */
  readonly raw?: V2RawHandler;
  /** Wants a client certificate. */
  readonly certificate?: boolean;
  /** The answer carries no signature. */
  readonly unsigned?: boolean;
  /** The request has no `nonce_str`. */
  readonly nonceless?: boolean;
  /** A browser opens it: members stand in the query. */
  readonly page?: boolean;
  /** Members that name the merchant, where they are not `appid` and `mch_id`. */
  readonly ids?: readonly [appid: string, mchid: string];
  /** Only this signature, whatever is said. */
  readonly only?: 'MD5' | 'HMAC-SHA256';
}

const certificate = true;
const unsigned = true;
const nonceless = true;
const { unifiedOrder, microPay, queryOrder, close, reverse } = orderHandlers;

export const v2Routes: Readonly<Record<string, V2Route>> = {
  '/pay/unifiedorder': { operation: 'unifiedorder', handler: unifiedOrder },
  '/pay/micropay': { operation: 'micropay', handler: microPay },
  '/pay/orderquery': { operation: 'orderquery', handler: queryOrder },
  '/pay/closeorder': { operation: 'closeorder', handler: close },
  '/secapi/pay/reverse': { operation: 'reverse', handler: reverse, certificate },
  '/secapi/pay/refund': { operation: 'refund', handler: refundHandlers.refund, certificate },
  '/pay/refundquery': { operation: 'refundquery', handler: refundHandlers.query },
  '/pay/downloadbill': { operation: 'downloadbill', raw: tradeBill },
  '/pay/downloadfundflow': { operation: 'downloadfundflow', raw: fundsBill, certificate },
  '/mmpaymkttransfers/promotion/transfers': {
    operation: 'transfers',
    handler: transferHandlers.transfer,
    certificate,
    unsigned,
    ids: ['mch_appid', 'mchid'],
    only: 'MD5',
  },
  '/mmpaymkttransfers/gettransferinfo': {
    operation: 'gettransferinfo',
    handler: transferHandlers.query,
    certificate,
    unsigned,
    only: 'MD5',
  },
  '/pay/contractorder': { operation: 'papay.contractorder', handler: papayHandlers.contractOrder },
  '/pay/pappayapply': { operation: 'papay.apply', handler: papayHandlers.applyDeduction },
  '/pay/paporderquery': { operation: 'papay.orderquery', handler: queryOrder },
  '/papay/entrustweb': {
    operation: 'papay.entrustweb',
    raw: papayHandlers.entrustWeb,
    nonceless,
    page: true,
  },
  '/papay/h5entrustweb': {
    operation: 'papay.h5entrustweb',
    handler: papayHandlers.h5EntrustWeb,
    unsigned,
    nonceless,
    page: true,
    only: 'HMAC-SHA256',
  },
  '/papay/preentrustweb': {
    operation: 'papay.preentrustweb',
    handler: papayHandlers.preEntrustWeb,
    nonceless,
  },
  '/papay/querycontract': {
    operation: 'papay.querycontract',
    handler: papayHandlers.queryContract,
    nonceless,
  },
  '/papay/deletecontract': {
    operation: 'papay.deletecontract',
    handler: papayHandlers.deleteContract,
    nonceless,
  },
};

/** `undefined` for a path of another protocol or of nobody. */
export const v2RouteOf = (path: string): V2Route | undefined =>
  Object.hasOwn(v2Routes, path) ? v2Routes[path] : undefined;
