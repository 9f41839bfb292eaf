/** wechatpay simulator · v2: one XML request, from its path to the signed answer. */
import { timingSafeEqual } from 'node:crypto';
import type { Exchange, FaultSubject, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { noteOf as noteOfExplanation } from '@polyrail/simulator/doctor';
import { explainV2, explainV2Document } from './doctor-v2.ts';
import { limited } from './limits.ts';
import type { Merchant } from './merchants.ts';
import { type Refusal, refusalOf, refuse, resultFail, returnFail } from './refusals.ts';
import type { Room } from './room.ts';
import { failAfter, failBefore, newsFirst } from './stories.ts';
import type { V2Call } from './v2-call.ts';
import { failed, returnFailed, succeeded } from './v2-reply.ts';
import { type V2Route, v2RouteOf } from './v2-routes.ts';
import { v2Sign } from './v2-seal.ts';
import { type Fields, readXml } from './v2-xml.ts';
import type { V2SignType } from './voice.ts';

const idNames = [
  ...['out_trade_no', 'partner_trade_no', 'contract_code', 'out_refund_no', 'contract_id'],
];

const readFields = (request: SimulatedRequest, route: V2Route): Fields | undefined =>
  route.page === true && request.method === 'GET'
    ? (Object.fromEntries(new URLSearchParams(request.query)) as Fields)
    : readXml(request.body);

/** The merchant's order number where the call names another one of the same order. */
function orderNumberOf(fields: Fields, { book, merchants }: Room): string | undefined {
  const { transaction_id: transaction = '', out_refund_no: refund = '' } = fields;
  const { refund_id: refundId = '' } = fields;
  for (const one of merchants.flatMap((merchant) => [merchant, merchant.sub ?? merchant])) {
    const order =
      book.findTransaction(one, transaction) ??
      book.findRefund(one, refund)?.order ??
      book.findRefundId(one, refundId)?.order;
    if (order !== undefined) return order.terms.outTradeNo;
  }
  return undefined;
}

/** What faults and the journal call the exchange; must not throw on nonsense. */
export function v2Subject(request: SimulatedRequest, room: Room): FaultSubject {
  const route = v2RouteOf(request.path);
  if (route === undefined) return { operation: `${request.method} ${request.path}` };
  const fields = readFields(request, route) ?? {};
  const order = fields['out_trade_no'] === undefined ? orderNumberOf(fields, room) : undefined;
  const id = order ?? idNames.map((name) => fields[name]).find(Boolean);
  return { operation: route.operation, ...(id === undefined ? {} : { id }) };
}

const htmlRefusal = (title: string): SimulatedReply => ({
  status: 400,
  headers: { server: 'nginx', 'content-type': 'text/html' },
  body:
    `<html>\r\n<head><title>400 ${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>400 Bad Request</h1></center>\r\n<center>${title}</center>\r\n` +
    '<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
});

/** Over TLS a certificate is demanded; without TLS nobody could present one. */
function certificateRefusal(
  { secure, untrustedCertificate, clientCertificate }: SimulatedRequest,
  exchange: Exchange,
): SimulatedReply | undefined {
  if (!secure) {
    exchange.note('Let through without a client certificate: this listener has no TLS.');
    return undefined;
  }
  if (untrustedCertificate === true) return htmlRefusal('The SSL certificate error');
  if (clientCertificate !== undefined) return undefined;
  return htmlRefusal('No required SSL certificate was sent');
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The signature a request says it has. */
function signTypeOf({ sign_type: said, sign = '' }: Fields, route: V2Route): V2SignType {
  if (route.only !== undefined) return route.only;
  if (said === undefined || said === '') return 'MD5';
  if (said === 'MD5' || said === 'HMAC-SHA256') return said;
  throw returnFail('签名类型错误', `sign_type ${said}, sign ${sign.length} characters`);
}

function merchantOf(fields: Fields, route: V2Route, room: Room): Merchant {
  const [appName, mchName] = route.ids ?? ['appid', 'mch_id'];
  const { [appName]: appid = '', [mchName]: mchid = '' } = fields;
  if (mchid === '') throw returnFail(`缺少参数${mchName}`);
  const merchant = room.merchants.find((one) => one.mchid === mchid);
  if (merchant === undefined) throw returnFail('mch_id参数错误', `No merchant is called ${mchid}.`);
  if (appid !== merchant.appid) throw returnFail('appid和mch_id不匹配');
  return merchant;
}

/** With `sub_mch_id` the merchant a provider acts for. */
function subOf(fields: Fields, merchant: Merchant): Merchant {
  const { sub_mch_id: sub = '' } = fields;
  if (sub === '') return merchant;
  if (merchant.sub === undefined || merchant.sub.mchid !== sub) {
    throw returnFail('sub_mch_id与mch_id不匹配');
  }
  return merchant.sub;
}

interface Checked {
  readonly signType: V2SignType;
  readonly merchant: Merchant;
  readonly body: Uint8Array;
  readonly room: Room;
}

function requireSignature(fields: Fields, { signType, merchant, body, room }: Checked): void {
  const { signer } = merchant;
  const { sign = '' } = fields;
  if (sign === '') throw returnFail('缺少参数sign');
  if (equal(v2Sign(fields, signType, signer.apiKey), sign.toUpperCase())) return;
  const explanation = explainV2({ kind: 'request', fields, signType, merchant, body }, room);
  throw returnFail('签名错误', noteOfExplanation(explanation));
}

/** Everything between the path and the business. */
function admit(request: SimulatedRequest, route: V2Route, at: Place): V2Call {
  const { room, exchange } = at;
  if (request.method !== 'POST' && route.page !== true) {
    throw returnFail('请使用post方法');
  }
  const fields = readFields(request, route);
  if (fields === undefined) {
    if (request.body.length === 0) throw returnFail('post数据为空');
    const explanation = explainV2Document({ kind: 'request', body: request.body }, room);
    throw returnFail('XML格式错误', noteOfExplanation(explanation));
  }
  exchange.describe({ request: { path: request.path, ...fields } });
  const merchant = merchantOf(fields, route, room);
  const signType = signTypeOf(fields, route);
  if (!fields['nonce_str'] && route.nonceless !== true) throw returnFail('缺少参数nonce_str');
  requireSignature(fields, { signType, merchant, body: request.body, room });
  const { signer } = merchant;
  return { request, exchange, signer, merchant: subOf(fields, merchant), fields, signType };
}

interface Place {
  readonly room: Room;
  readonly exchange: Exchange;
}

function requireOwnCertificate({ request, signer }: V2Call): void {
  const { clientCertificate } = request;
  if (clientCertificate === undefined || clientCertificate.commonName === signer.mchid) return;
  throw resultFail('CA_ERROR', '商户证书与商户号不匹配');
}

/** Members that say who is meant, in the words of the endpoint. */
function idsOf({ merchant }: V2Call, { ids }: V2Route): Fields | undefined {
  if (ids === undefined) return undefined;
  const [appName, mchName] = ids;
  return { [appName]: merchant.appid, [mchName]: merchant.mchid };
}

function performed(call: V2Call, route: V2Route, room: Room): SimulatedReply {
  const { exchange, signer } = call;
  const ids = idsOf(call, route);
  const unsigned = route.unsigned === true;
  const answering = { call, room, unsigned, ...(ids === undefined ? {} : { ids }) };
  try {
    requireOwnCertificate(call);
    if (limited(room, signer.mchid, route.operation)) throw refuse('frequency');
    failBefore(exchange);
    if (route.raw !== undefined) return route.raw(call, room);
    const body = route.handler?.(call, room) ?? {};
    failAfter(exchange);
    return succeeded(body, answering);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined || refusal.v2.returned === true) throw error;
    noteOf(refusal, exchange);
    return failed(refusal, answering);
  }
}

function noteOf({ note }: Refusal, exchange: Exchange): void {
  if (note !== undefined) exchange.note(note);
}

function answerRoute(request: SimulatedRequest, route: V2Route, at: Place): SimulatedReply {
  const { room, exchange } = at;
  const refused = route.certificate === true ? certificateRefusal(request, exchange) : undefined;
  if (refused !== undefined) return refused;
  try {
    return performed(admit(request, route, at), route, room);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    noteOf(refusal, exchange);
    return returnFailed(refusal.v2.message);
  }
}

/** Answers one request of API v2. */
export async function answerV2(
  request: SimulatedRequest,
  route: V2Route,
  at: Place,
): Promise<SimulatedReply> {
  const reply = await at.room.notices.during(async () => answerRoute(request, route, at));
  return newsFirst(reply, at.exchange, at.room);
}
