/** wechatpay simulator · v3: one JSON request, from its path to the sealed answer. */
import { createHash } from 'node:crypto';
import type { Exchange, FaultSubject, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { limited } from './limits.ts';
import type { Signer } from './merchants.ts';
import { type Refusal, refusalOf, refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { failAfter, failBefore, newsFirst, twisted } from './stories.ts';
import type { V3Call } from './v3-call.ts';
import { admit } from './v3-gateway.ts';
import {
  emptyReply,
  keysFor,
  newNonce,
  refusedReply,
  type Sealing,
  sealedReply,
} from './v3-reply.ts';
import { type Content, queryContent, readContent, signedBody } from './v3-request.ts';
import { type Matched, matchV3 } from './v3-routes.ts';

const idNames = [
  ...['out_trade_no', 'out_bill_no', 'out_contract_code', 'out_order_no', 'out_refund_no'],
  ...['plan_id', 'contract_id'],
];

/** The order behind a channel number or a refund's number, whoever's it is. */
function orderNumberOf(fields: Content, room: Room): string | undefined {
  const { transaction_id: transaction, out_refund_no: refund } = fields;
  for (const order of room.merchants.flatMap((one) => [one, one.sub ?? one])) {
    const found =
      (typeof transaction === 'string' && room.book.findTransaction(order, transaction)) ||
      (typeof refund === 'string' && room.book.findRefund(order, refund)?.order);
    if (found) return found.terms.outTradeNo;
  }
  return undefined;
}

/** What faults and the journal call the exchange; must not throw on nonsense. */
export function v3Subject(request: SimulatedRequest, room: Room): FaultSubject {
  const matched = matchV3(request.method, request.path);
  if (typeof matched === 'number') return { operation: `${request.method} ${request.path}` };
  const { operation } = matched.route;
  const body = readContent(signedBody(request)) ?? {};
  const fields: Content = { ...body, ...queryContent(request.query), ...matched.parameters };
  const named = idNames.map((name) => fields[name]).find((value) => typeof value === 'string');
  const order = fields['out_trade_no'] === undefined ? orderNumberOf(fields, room) : undefined;
  const id = order ?? (named as string | undefined);
  return { operation, ...(id === undefined ? {} : { id }) };
}

function contentOf(request: SimulatedRequest): Content {
  const content = request.method === 'GET' ? {} : readContent(signedBody(request));
  if (content !== undefined) return content;
  const message = '请求体不是合法的JSON';
  const detail = { field: '', value: '', issue: message, location: 'body' } as const;
  throw refuseV3(400, 'PARAM_ERROR', { message, detail });
}

/** Whether this answer is one of the probes; the same request is never probed twice. */
function isProbed(request: SimulatedRequest, room: Room): boolean {
  const { probeRate = 0 } = room.options;
  if (probeRate <= 0 || !room.world.random.fork('probing').chance(probeRate)) return false;
  const hash = createHash('sha256').update(`${request.method} ${request.target}\n`);
  const key = hash.update(request.body).digest('base64');
  if (room.probed.has(key)) return false;
  if (room.probed.size >= 10_000) room.probed.clear();
  room.probed.add(key);
  return true;
}

interface Place {
  readonly room: Room;
  readonly exchange: Exchange;
}

function sealingOf(request: SimulatedRequest, signer: Signer, { room, exchange }: Place): Sealing {
  return {
    room,
    signer,
    serial: request.headers['wechatpay-serial'],
    take: (fault) => exchange.fault(fault),
    probed: isProbed(request, room),
    nonce: newNonce(room),
  };
}

/** Admits the request, does its business and words the answer. */
async function performed(
  request: SimulatedRequest,
  { route, parameters }: Matched,
  at: Place & { readonly admitted: (signer: Signer) => void },
): Promise<SimulatedReply> {
  const { room, exchange } = at;
  const merchant = admit(request, { route, room });
  const { signer } = merchant;
  at.admitted(signer);
  const { 'wechatpay-serial': serial } = request.headers;
  const call: V3Call = {
    request,
    exchange,
    signer,
    merchant,
    parameters,
    query: queryContent(request.query),
    content: contentOf(request),
    platformKeys: keysFor(signer, room),
    voice: { protocol: 'v3', ...(serial === undefined ? {} : { serial }) },
  };
  if (limited(room, signer.mchid, route.operation)) throw refuse('frequency');
  failBefore(exchange);
  if (exchange.fault('accepted')) {
    throw refuseV3(202, 'ACCEPTED', { message: '请求已受理，请使用相同参数再次请求' });
  }
  if (route.raw !== undefined) return route.raw(call, room);
  const value = await route.handler?.(call, room);
  failAfter(exchange);
  const answer = value === undefined ? undefined : twisted(value, (name) => exchange.fault(name));
  if (answer !== undefined) exchange.describe({ reply: answer });
  return sealedReply(sealingOf(request, signer, at), answer === undefined ? 204 : 200, answer);
}

/** As the journal shows it. */
function described(request: SimulatedRequest) {
  const { method, target, headers } = request;
  const body = readContent(signedBody(request)) ?? Buffer.from(request.body).toString('utf8');
  const { authorization = '', 'wechatpay-serial': serial } = headers;
  return { method, target, authorization, ...(serial && { 'wechatpay-serial': serial }), body };
}

/** Something of the body, where a refusal has no words of its own. */
const summaryOf = ({ code, message, detail }: Refusal) => ({ code, message, detail });

async function answerRoute(
  request: SimulatedRequest,
  matched: Matched,
  place: Place,
): Promise<SimulatedReply> {
  const { room, exchange } = place;
  let signer: Signer | undefined;
  const admitted = (one: Signer) => {
    signer = one;
  };
  try {
    return await performed(request, matched, { ...place, admitted });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    if (refusal.note !== undefined) exchange.note(refusal.note);
    exchange.describe({ reply: summaryOf(refusal) });
    const sealing = signer === undefined ? undefined : sealingOf(request, signer, place);
    return refusedReply(refusal, room, sealing);
  }
}

/** Answers one request below `/v3/`. */
export async function answerV3(request: SimulatedRequest, place: Place): Promise<SimulatedReply> {
  const matched = matchV3(request.method, request.path);
  place.exchange.describe({ request: described(request) });
  if (typeof matched === 'number') return emptyReply(matched);
  const reply = await place.room.notices.during(() => answerRoute(request, matched, place));
  return newsFirst(reply, place.exchange, place.room);
}
