/** wechatpay simulator · v3 orders: create, query, close, and what an order looks like in JSON. */
import {
  objectList,
  onlyMembers,
  optionalMoment,
  optionalObject,
  optionalText,
  optionalWhole,
  orderNumber,
  requireCny,
  requiredAddress,
  requiredObject,
  requiredText,
  requiredWhole,
  type Source,
  wrong,
} from './fields.ts';
import type { Merchant } from './merchants.ts';
import { hex } from './numbers.ts';
import type { Order, Terms, TradeType } from './order.ts';
import { closeOrder, countQuery, placeOrder, stateWords } from './orders.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { dayMs, isoTime, minuteMs } from './time.ts';
import {
  bodyOf,
  openSecret,
  requireSelf,
  requireSub,
  type V3Call,
  type V3Handler,
} from './v3-call.ts';

/** Whether an order is another's, asked for by a service provider. */
export const isSubOrder = ({ merchant }: Pick<Order, 'merchant'>): boolean =>
  merchant.mchid !== merchant.signer.mchid;

interface Party {
  readonly merchant: Merchant;
  readonly appid: string;
}

/** Who asks, for whom: `appid` and `mchid`, or the pairs of a service provider. */
function partyOf(call: V3Call, source: Source, partner: boolean): Party {
  if (!partner) {
    const appid = requiredText(source, 'appid', 32);
    const merchant = requireSelf(call, requiredText(source, 'mchid', 32), 'body');
    if (appid !== merchant.appid) throw refuse('appid-mismatch');
    return { merchant, appid };
  }
  requireSelf(call, requiredText(source, 'sp_mchid', 32), 'body');
  if (requiredText(source, 'sp_appid', 32) !== call.signer.appid) throw refuse('appid-mismatch');
  const merchant = requireSub(call, requiredText(source, 'sub_mchid', 32), 'body');
  const appid = optionalText(source, 'sub_appid', 32);
  if (appid !== undefined && appid !== merchant.appid) throw refuse('appid-mismatch');
  return { merchant, appid: merchant.appid };
}

/** `time_expire` on the virtual clock, whichever clock the client lives by. */
function expiryOf(call: V3Call, source: Source, room: Room): number | undefined {
  const at = optionalMoment(source, 'time_expire');
  if (at === undefined) return undefined;
  const { clock, wallNow } = room.world;
  const now = call.signer.lives === 'wall' ? wallNow() : clock.now();
  if (at - now < minuteMs - 1_000)
    throw wrong(source, 'time_expire', '支付结束时间需晚于当前时间1分钟');
  if (at - now > 15 * dayMs) throw wrong(source, 'time_expire', '支付结束时间超过最大期限');
  return call.signer.lives === 'wall' ? clock.now() + (at - now) : at;
}

/** `detail` is not kept, but judged. */
function checkDetail(source: Source, wechatName: string): void {
  const detail = optionalObject(source, 'detail');
  if (detail === undefined) return;
  optionalWhole(detail, 'cost_price', 0);
  optionalText(detail, 'invoice_id', 32);
  for (const goods of objectList(detail, 'goods_detail')) {
    requiredText(goods, 'merchant_goods_id', 32);
    optionalText(goods, wechatName, 32);
    optionalText(goods, 'goods_name', 256);
    requiredWhole(goods, 'quantity', 1);
    requiredWhole(goods, 'unit_price', 0);
  }
}

function openidOf(source: Source, partner: boolean): string {
  const payer = requiredObject(source, 'payer');
  if (!partner) return requiredText(payer, 'openid', 128);
  const openid = optionalText(payer, 'sp_openid', 128) ?? optionalText(payer, 'sub_openid', 128);
  return openid ?? requiredText(payer, 'sp_openid', 128);
}

function checkScene(source: Source, tradeType: TradeType): string | undefined {
  if (tradeType !== 'MWEB' && optionalObject(source, 'scene_info') === undefined) return undefined;
  const scene = requiredObject(source, 'scene_info');
  const ip = requiredText(scene, 'payer_client_ip', 45);
  if (tradeType === 'MWEB') {
    if (ip === '127.0.0.1') throw wrong(scene, 'payer_client_ip', '终端IP不正确');
    requiredText(requiredObject(scene, 'h5_info'), 'type', 32);
  }
  return optionalText(scene, 'device_id', 32);
}

/** Quirk: names of the payer are encrypted for the platform. */
function checkIdentity(call: V3Call, source: Source): void {
  const payer = optionalObject(source, 'payer');
  const identity = payer && optionalObject(payer, 'identity');
  if (identity === undefined) return;
  for (const name of ['number', 'name']) openSecret(call, identity, name);
}

const createMembers = [
  ...['appid', 'mchid', 'sp_appid', 'sp_mchid', 'sub_appid', 'sub_mchid', 'description'],
  ...['out_trade_no', 'time_expire', 'attach', 'notify_url', 'goods_tag', 'support_fapiao'],
  ...['limit_pay', 'amount', 'payer', 'detail', 'scene_info', 'settle_info'],
];

function termsOf(
  call: V3Call,
  tradeType: TradeType,
  room: Room,
): { merchant: Merchant; terms: Terms } {
  const source = bodyOf(call);
  const partner = call.request.path.includes('/partner/');
  if (room.options.strictMembers === true) onlyMembers(source, createMembers);
  const { merchant, appid } = partyOf(call, source, partner);
  const description = requiredText(source, 'description', 127);
  const outTradeNo = orderNumber(source);
  const amount = requiredObject(source, 'amount');
  const total = requiredWhole(amount, 'total', 1);
  requireCny(amount);
  const attach = optionalText(source, 'attach', 128);
  optionalText(source, 'goods_tag', 32);
  checkDetail(source, 'wechatpay_goods_id');
  checkIdentity(call, source);
  const terms: Terms = {
    outTradeNo,
    appid,
    total,
    description,
    tradeType,
    attach,
    notifyUrl: requiredAddress(source, 'notify_url'),
    deviceInfo: checkScene(source, tradeType),
    expiresAt: expiryOf(call, source, room),
    openid: tradeType === 'JSAPI' ? openidOf(source, partner) : undefined,
  };
  return { merchant, terms };
}

type Placed = (order: Order, room: Room) => object;

const answers: Readonly<Record<string, Placed>> = {
  JSAPI: ({ prepayId }) => ({ prepay_id: prepayId }),
  APP: ({ prepayId }) => ({ prepay_id: prepayId }),
  NATIVE: ({ codeUrl }) => ({ code_url: codeUrl }),
  MWEB: ({ prepayId }, { world }) => ({
    h5_url:
      `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${prepayId}` +
      `&package=${Number.parseInt(hex(world.random.fork('packages'), 4), 16)}`,
  }),
};

export const createOrder =
  (tradeType: TradeType): V3Handler =>
  (call, room) => {
    const order = placeOrder({ ...termsOf(call, tradeType, room), voice: call.voice }, room);
    return answers[tradeType]?.(order, room);
  };

const idsOf = ({ merchant, terms }: Order): object => {
  const { signer } = merchant;
  if (!isSubOrder({ merchant })) return { appid: terms.appid, mchid: merchant.mchid };
  const ids = { sp_appid: signer.appid, sp_mchid: signer.mchid };
  return { ...ids, sub_appid: terms.appid, sub_mchid: merchant.mchid };
};

const payerOf = (order: Order): object => {
  if (order.paidAt === undefined) return {};
  const { openid } = order.payer;
  return isSubOrder(order) ? { sp_openid: openid, sub_openid: openid } : { openid };
};

/** The order as queries answer it and callbacks carry it. */
export function transactionOf(order: Order): object {
  const { terms, paidAt, state } = order;
  const { total } = terms;
  const paid = paidAt !== undefined;
  return {
    amount: paid
      ? { currency: 'CNY', payer_currency: 'CNY', payer_total: total, total }
      : { currency: 'CNY', total },
    ...idsOf(order),
    ...(terms.attach === undefined ? {} : { attach: terms.attach }),
    ...(paid ? { bank_type: order.payer.bank } : {}),
    out_trade_no: terms.outTradeNo,
    payer: payerOf(order),
    ...(terms.deviceInfo === undefined ? {} : { scene_info: { device_id: terms.deviceInfo } }),
    ...(paid ? { promotion_detail: [], success_time: isoTime(paidAt) } : {}),
    trade_state: state,
    trade_state_desc: stateWords[state],
    ...(paid ? { trade_type: terms.tradeType, transaction_id: order.transactionId } : {}),
  };
}

/** Whose order a query or close is about. */
function merchantIn(call: V3Call, given: Readonly<Record<string, unknown>>): Merchant {
  const location = call.request.method === 'GET' ? 'query' : 'body';
  if (!call.request.path.includes('/partner/')) return requireSelf(call, given['mchid'], location);
  requireSelf(call, given['sp_mchid'], location);
  return requireSub(call, given['sub_mchid'], location);
}

function known(order: Order | undefined): Order {
  if (order === undefined) throw refuse('order-missing');
  return order;
}

export function orderOf(call: V3Call, given: Readonly<Record<string, unknown>>, room: Room): Order {
  const merchant = merchantIn(call, given);
  return known(room.book.find(merchant, call.parameters['out_trade_no'] ?? ''));
}

export const queryOrder: V3Handler = (call, room) => {
  const { transaction_id: transactionId } = call.parameters;
  const order =
    transactionId === undefined
      ? orderOf(call, call.query, room)
      : known(room.book.findTransaction(merchantIn(call, call.query), transactionId));
  if (call.exchange.fault('order-not-exist-lag')) throw refuse('order-missing');
  countQuery(order, room);
  return transactionOf(order);
};

export const closeV3Order: V3Handler = (call, room) => {
  closeOrder(orderOf(call, call.content, room), room);
  return undefined;
};

export { checkDetail };
