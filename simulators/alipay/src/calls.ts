/** alipay simulator · calls: one gateway request, from its parameters to the sealed answer. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { agreementHandlers, openAgreement } from './agreement.ts';
import { agreementConcern } from './agreement-concern.ts';
import { authorizationHandlers, openAppFreeze } from './authorization.ts';
import { authorizationConcern } from './authorization-concern.ts';
import { balanceHandlers } from './balance.ts';
import { cashierPage, errorPage } from './cashier.ts';
import { type Refusal, refusalOf, refuse } from './codes.ts';
import type { Concern } from './concern.ts';
import type { Envelope } from './envelope.ts';
import { admit, openRequest, readableContent, replySeal } from './gateway.ts';
import { type NodeMembers, writeNode } from './json.ts';
import type { Merchant } from './merchants.ts';
import type { Product } from './order.ts';
import { orderConcern } from './order-concern.ts';
import { payHandlers } from './pay.ts';
import { openCashierOrder, paymentHandlers } from './payment.ts';
import { payoutHandlers } from './payout.ts';
import { refundHandlers } from './refund.ts';
import { nodeName, sealedReply, unsignedReply } from './reply.ts';
import type { Call, Handler, Room } from './room.ts';
import type { ReplySeal, Voice } from './seal.ts';
import { statementHandlers } from './statement.ts';
import { failAfter, failBefore, twisted } from './stories.ts';
import { voiceOf } from './terms.ts';

const handlers: Readonly<Record<string, Handler>> = {
  ...payHandlers,
  ...paymentHandlers,
  ...refundHandlers,
  ...agreementHandlers,
  ...authorizationHandlers,
  ...payoutHandlers,
  ...balanceHandlers,
  ...statementHandlers,
};

type Opener = (call: Call, room: Room) => Concern;
const cashierOf =
  (product: Product): Opener =>
  (call, room) =>
    orderConcern(openCashierOrder(call, room, product), room);

/** Products whose answer is a page for the payer, or a text for his phone. */
const openers: Readonly<Record<string, Opener>> = {
  'alipay.trade.page.pay': cashierOf('page'),
  'alipay.trade.wap.pay': cashierOf('wap'),
  'alipay.trade.app.pay': cashierOf('app'),
  'alipay.user.agreement.page.sign': (call, room) =>
    agreementConcern(openAgreement(call, room), room),
  'alipay.fund.auth.order.app.freeze': (call, room) =>
    authorizationConcern(openAppFreeze(call, room), room),
};

const openerOf = (method: string): Opener | undefined =>
  Object.hasOwn(openers, method) ? openers[method] : undefined;
export const handlerOf = (method: string): Handler | undefined =>
  Object.hasOwn(handlers, method) ? handlers[method] : undefined;

/** Every method this gateway knows. */
const methods: readonly string[] = [...Object.keys(handlers), ...Object.keys(openers)];

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
  failAfter(exchange, call.method);
  return twisted(exchange, node);
}

export interface CallPlace {
  readonly room: Room;
  readonly exchange: Exchange;
}

/** The refusal behind an error; any other error is a defect and goes on. */
export function refusalOrThrow(error: unknown, exchange: Exchange, method = ''): Refusal {
  const refusal = refusalOf(error, method);
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
    const { node } = refusalOrThrow(error, at.exchange, envelope.parameters['method']);
    return { node, seal };
  }
}

/** What a page or app request is about, and how the merchant speaks. */
export interface Opening {
  readonly concern: Concern;
  readonly voice: Voice;
}

/** What is behind a page or app request; a refusal's node if it is refused. */
export function openPage(envelope: Envelope, at: CallPlace): Opening | NodeMembers {
  try {
    const merchant = admit(envelope, at.room);
    const call = verifiedCall(envelope, merchant, at);
    const open = openerOf(call.method);
    if (open === undefined) throw refuse('isv.invalid-method');
    failBefore(at.exchange, call.method);
    const concern = open(call, at.room);
    failAfter(at.exchange, call.method);
    return { concern, voice: voiceOf(call) };
  } catch (error) {
    return refusalOrThrow(error, at.exchange, envelope.parameters['method']).node;
  }
}

export const isOpening = (value: Opening | NodeMembers): value is Opening => 'concern' in value;

/** As the journal shows a request: what was encrypted in plain. */
function decoded(envelope: Envelope, room: Room): unknown {
  const { parameters } = envelope;
  const content = parameters['encrypt_type'] && readableContent(envelope, room);
  return content ? { ...parameters, biz_content: content } : parameters;
}

/** Answers one request to `/gateway.do`. */
export async function answerCall(envelope: Envelope, at: CallPlace): Promise<SimulatedReply> {
  const { room, exchange } = at;
  const { method = '' } = envelope.parameters;
  exchange.describe({ request: decoded(envelope, room) });
  if (openerOf(method) !== undefined) {
    const opened = openPage(envelope, at);
    const known = isOpening(opened);
    exchange.describe({ reply: known ? `[cashier of ${opened.concern.id}]` : opened });
    return known ? cashierPage(opened.concern) : errorPage(writeNode(opened), room);
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
