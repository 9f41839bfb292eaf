/** alipay simulator · calls: one gateway request, from its parameters to the sealed answer. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { cashierPage, errorPage } from './cashier.ts';
import { type Refusal, refusalOf, refuse } from './codes.ts';
import type { Envelope } from './envelope.ts';
import { admit, checkEnvelope, replySeal } from './gateway.ts';
import { type NodeMembers, writeNode } from './json.ts';
import type { Merchant } from './merchants.ts';
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
const handlerOf = (method: string): Handler | undefined =>
  Object.hasOwn(handlers, method) ? handlers[method] : undefined;

/** Every method this gateway knows. */
const methods: readonly string[] = [...Object.keys(handlers), ...Object.keys(cashierProducts)];

/** The merchant's order number a request is about, if it can be told. */
export function orderIdOf({ parameters, content }: Envelope, room: Room): string | undefined {
  const { trade_no: tradeNo, out_trade_no: outTradeNo } = content ?? {};
  if (typeof tradeNo === 'string' && tradeNo !== '') {
    const merchant = room.merchants.find(({ appId }) => appId === parameters['app_id']);
    const order = merchant && room.book.findTrade(merchant, tradeNo);
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
  const content = checkEnvelope(envelope, room, merchant);
  failBefore(exchange, method);
  const { signType } = replySeal(envelope, merchant);
  return { ...envelope, method, merchant, signType, content, exchange };
}

interface CallPlace {
  readonly room: Room;
  readonly exchange: Exchange;
}

/** The refusal behind an error; any other error is a defect and goes on. */
function refusalOrThrow(error: unknown, exchange: Exchange): Refusal {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  if (refusal.note !== undefined) exchange.note(refusal.note);
  return refusal;
}

async function nodeFor(envelope: Envelope, merchant: Merchant, at: CallPlace) {
  try {
    const call = verifiedCall(envelope, merchant, at);
    const node = (await handlerOf(call.method)?.(call, at.room)) ?? {};
    failAfter(at.exchange);
    return twisted(at.exchange, node);
  } catch (error) {
    return refusalOrThrow(error, at.exchange).node;
  }
}

/** The order behind a page, wap or app request; a refusal's node if there is none. */
export function openOrder(envelope: Envelope, at: CallPlace): Order | NodeMembers {
  try {
    const merchant = admit(envelope, at.room);
    const call = verifiedCall(envelope, merchant, at);
    const product = productOf(call.method);
    if (product === undefined) throw refuse('isv.invalid-method');
    const order = openCashierOrder(call, at.room, product);
    failAfter(at.exchange);
    return order;
  } catch (error) {
    return refusalOrThrow(error, at.exchange).node;
  }
}

export const isOrder = (value: Order | NodeMembers): value is Order => 'terms' in value;

/** Answers one request to `/gateway.do`. */
export async function answerCall(envelope: Envelope, at: CallPlace): Promise<SimulatedReply> {
  const { room, exchange } = at;
  const { method = '' } = envelope.parameters;
  exchange.describe({ request: { ...envelope.parameters } });
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
  const node = await nodeFor(envelope, merchant, at);
  exchange.describe({ reply: node });
  return sealedReply({ room, exchange, seal: replySeal(envelope, merchant) }, name, node);
}
