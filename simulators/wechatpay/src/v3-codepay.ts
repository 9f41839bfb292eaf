/** wechatpay simulator · v3 codepay: the customer's barcode, and its undoing. Offered behind a flag. */
import {
  optionalText,
  orderNumber,
  requireCny,
  requiredObject,
  requiredText,
  requiredWhole,
} from './fields.ts';
import type { Terms } from './order.ts';
import { pendingOf, reverseOrder, sameTerms } from './orders.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { bodyOf, requireSelf, type V3Call, type V3Handler } from './v3-call.ts';
import { checkDetail, orderOf, transactionOf } from './v3-orders.ts';

/** Codes of a payer's wallet: 18 digits beginning with 10 to 15. */
export const authCodePattern = /^1[0-5]\d{16}$/;

function termsOf(call: V3Call): Terms {
  const source = bodyOf(call);
  const appid = requiredText(source, 'appid', 32);
  const merchant = requireSelf(call, requiredText(source, 'mchid', 32), 'body');
  if (appid !== merchant.appid) throw refuse('appid-mismatch');
  const amount = requiredObject(source, 'amount');
  requireCny(amount);
  const scene = requiredObject(source, 'scene_info');
  const store = requiredObject(scene, 'store_info');
  optionalText(store, 'id', 32);
  checkDetail(source, 'wxpay_goods_id');
  return {
    outTradeNo: orderNumber(source),
    appid,
    total: requiredWhole(amount, 'total', 1),
    description: requiredText(source, 'description', 127),
    tradeType: 'MICROPAY',
    attach: optionalText(source, 'attach', 128),
    deviceInfo: optionalText(scene, 'device_id', 32),
    authCode: requiredText(requiredObject(source, 'payer'), 'auth_code', 32),
  };
}

const requireOffered = (room: Room): void => {
  if (room.options.codepay !== true) throw refuse('no-auth');
};

/** Paid at once, unless the payer must enter a password. */
export const payByCode: V3Handler = (call, room) => {
  requireOffered(room);
  const { book } = room;
  const terms = termsOf(call);
  const known = book.find(call.merchant, terms.outTradeNo);
  if (known !== undefined) {
    if (!sameTerms(known.terms, terms)) throw refuse('number-used');
    if (known.state === 'SUCCESS' || known.state === 'USERPAYING') return transactionOf(known);
    throw refuse('order-closed');
  }
  if (!authCodePattern.test(terms.authCode ?? '')) throw refuse('code-invalid');
  const pending = pendingOf(call.exchange);
  const { voice } = call;
  const order = book.open(call.merchant, terms, { voice, state: 'USERPAYING' });
  if (pending === undefined) book.pay(order);
  else {
    order.pending = { queries: pending.queries, outcome: pending.outcome };
    const wait: Partial<Refusal> = { note: 'The payer is asked for a password.' };
    if (pending.status === 202) throw refuse('user-paying', wait);
  }
  return transactionOf(order);
};

export const reverseByNumber: V3Handler = (call, room) => {
  requireOffered(room);
  const order = orderOf(call, call.content, room);
  if (order.terms.tradeType !== 'MICROPAY') throw refuse('trade-state');
  reverseOrder(order, room);
  return {
    appid: order.terms.appid,
    mchid: order.merchant.mchid,
    out_trade_no: order.terms.outTradeNo,
  };
};
