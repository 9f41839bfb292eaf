/** alipay simulator · calls: one gateway request, from its parameters to the sealed answer. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { cashierPage, errorPage } from './cashier.ts';
import { type Refusal, refusalOf, refuse } from './codes.ts';
import type { Envelope } from './envelope.ts';
import { admit, openRequest, type ReplySeal, readableContent, replySeal } from './gateway.ts';
import { type NodeMembers, writeNode } from './json.ts';
import { everyMerchant, type Merchant } from './merchants.ts';
import type { Order, Product } from './order.ts';
import { openCashierOrder, paymentHandlers } from './payment.ts';
import { refundHandlers } from './refund.ts';
import { nodeName, sealedReply, unsignedReply } from './reply.ts';
import type { Call, Handler, Room } from './room.ts';
import { statementHandlers } from './statement.ts';
import { failAfter, failBefore, twisted } from './stories.ts';

const handlers: Readonly<Record<string, Handler>> = {
  ...paymentHandlers,
  ...refundHandlers,
  ...statementHandlers,
};

/** Products whose answer is a page for the payer. */
const cashierProducts: Readonly<Record<string, Product>> = {
  'alipay.trade.page.pay': 'page',
  'alipay.trade.wap.pay': 'wap',
  'alipay.trade.app.pay': 'app',
};

const productOf = (method: string): Product | undefined =>
  Object.hasOwn(cashierProducts, method) ? cashierProducts[method] : undefined;
export const handlerOf = (method: string): Handler | undefined =>
  Object.hasOwn(handlers, method) ? handlers[method] : undefined;

/** Every method this gateway knows. */
const methods: readonly string[] = [...Object.keys(handlers), ...Object.keys(cashierProducts)];

/** The merchant's order number a request is about, if it can be told. */
export function orderIdOf(envelope: Envelope, room: Room): string | undefined {
  const content = readableContent(envelope, room) ?? {};
  const { trade_no: tradeNo, out_trade_no: outTradeNo } = content;
  if (typeof tradeNo === 'string' && tradeNo !== '') {
    const { app_id: appId } = envelope.parameters;
    const order = everyMerchant(room.merchants)
      .filter((one) => one.appId === appId)
      .map((one) => room.book.findTrade(one, tradeNo))
      .find((found) => found !== undefined);
    if (order !== undefined) return order.terms.outTradeNo;
  }
  return typeof outTradeNo === 'string' ? outTradeNo : undefined;
}

function requireMethod(method: string): void {
  if (method === '') throw refuse('isv.missing-method');
  if (!methods.includes(method)) throw refuse('isv.invalid-method');
}

function verifiedCall(envelope: Envelope, merchant: Merchant, at: CallPlace): Call {
  const { room, exchange } = at;
  const { method = '' } = envelope.parameters;
  requireMethod(method);
  const opened = openRequest(envelope, room, merchant);
  const { signType } = replySeal(envelope);
  return { ...envelope, ...opened, method, signType, exchange };
}

/** What a verified call is answered with. */
export async function performed(call: Call, room: Room): Promise<NodeMembers> {
  const { exchange } = call;
  failBefore(exchange, call.method);
  const node = (await handlerOf(call.method)?.(call, room)) ?? {};
  failAfter(exchange);
  return twisted(exchange, node);
}

export interface CallPlace {
  readonly room: Room;
  readonly exchange: Exchange;
}

/** The refusal behind an error; any other error is a defect and goes on. */
export function refusalOrThrow(error: unknown, exchange: Exchange): Refusal {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  if (refusal.note !== undefined) exchange.note(refusal.note);
  return refusal;
}

/** The node, and how it is sealed: encrypted once the request could be read and was itself. */
async function nodeFor(envelope: Envelope, merchant: Merchant, at: CallPlace) {
  let seal: ReplySeal = replySeal(envelope);
  try {
    const call = verifiedCall(envelope, merchant, at);
    if (call.encryptKey !== undefined) seal = { ...seal, encryptKey: call.encryptKey };
    return { node: await performed(call, at.room), seal };
  } catch (error) {
    return { node: refusalOrThrow(error, at.exchange).node, seal };
  }
}

/** The order behind a page, wap or app request; a refusal's node if there is none. */
export function openOrder(envelope: Envelope, at: CallPlace): Order | NodeMembers {
  try {
    const merchant = admit(envelope, at.room);
    const call = verifiedCall(envelope, merchant, at);
    const product = productOf(call.method);
    if (product === undefined) throw refuse('isv.invalid-method');
    failBefore(at.exchange, call.method);
    const order = openCashierOrder(call, at.room, product);
    failAfter(at.exchange);
    return order;
  } catch (error) {
    return refusalOrThrow(error, at.exchange).node;
  }
}

/** As the journal shows a request: what was encrypted in plain. */
function decoded(envelope: Envelope, room: Room): unknown {
  const { parameters } = envelope;
  const content = parameters['encrypt_type'] && readableContent(envelope, room);
  return { ...parameters, ...(content ? { biz_content: content } : {}) };
}

export const isOrder = (value: Order | NodeMembers): value is Order => 'terms' in value;

/** Answers one request to `/gateway.do`. */
export async function answerCall(envelope: Envelope, at: CallPlace): Promise<SimulatedReply> {
  const { room, exchange } = at;
  const { method = '' } = envelope.parameters;
  exchange.describe({ request: decoded(envelope, room) });
  if (productOf(method) !== undefined) {
    const order = openOrder(envelope, at);
    exchange.describe({ reply: isOrder(order) ? `[cashier of ${order.terms.outTradeNo}]` : order });
    return isOrder(order) ? cashierPage(order, room) : errorPage(writeNode(order), room);
  }
  // Quirk: only where no node can be named does the gateway answer `error_response`.
  const name = handlerOf(method) === undefined ? 'error_response' : nodeName(method);
  let merchant: Merchant;
  try {
    merchant = admit(envelope, room);
  } catch (error) {
    const { node } = refusalOrThrow(error, exchange);
    exchange.describe({ reply: node });
    return unsignedReply(room, name, node);
  }
  const { node, seal } = await nodeFor(envelope, merchant, at);
  exchange.describe({ reply: node });
  return sealedReply({ room, exchange, seal }, name, node);
}
