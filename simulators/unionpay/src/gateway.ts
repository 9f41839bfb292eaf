/** unionpay simulator · gateway: one request, from its bytes to the answer. */
import type { Exchange, FaultSubject, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { noteOf } from '@polyrail/simulator/doctor';
import { type Call, echoOf, type Face } from './call.ts';
import { errorPage } from './cashier.ts';
import { bytesOf } from './charset.ts';
import {
  invalid,
  invalidRequest,
  isRefusal,
  plain,
  type Refusal,
  refuse,
  success,
  unverified,
} from './codes.ts';
import { explainRequest } from './doctor-request.ts';
import { requireFields, requireNamed } from './fields.ts';
import { type Fields, type Form, readForm } from './form.ts';
import type { Merchant } from './merchants.ts';
import { signedReply, textReply } from './reply.ts';
import type { Room } from './room.ts';
import { type Handler, type Route, routeOf } from './routes.ts';
import { hexDigest, signText, verifies } from './seal.ts';
import { failAfter, failBefore, twisted } from './stories.ts';
import { voiceOf } from './voice.ts';

export const gatewayPath = '/gateway/api';

/** Quirk: clients are careless about the path: only browser and phone are told by it. */
export function faceOf(path: string): Face {
  if (/\/frontTransReq\.do$/i.test(path)) return 'front';
  return /\/appTransReq\.do$/i.test(path) ? 'app' : 'back';
}

export const isGatewayPath = (path: string): boolean =>
  path === '/' || /^\/(?:gateway|jiaofei)\/api\/[A-Za-z]+\.do$/.test(path);

/** The merchant's order where a request names its entry by another number. */
function orderIdOf({ fields }: Form, { book, merchants }: Room): string | undefined {
  const { orderId = '', queryId = '', origQryId = '' } = fields;
  if (orderId !== '') return orderId;
  for (const merchant of merchants) {
    const found = book.findQueryId(merchant, queryId) ?? book.findQueryId(merchant, origQryId);
    if (found !== undefined) return found.terms.orderId;
  }
  return undefined;
}

/** What faults and the journal call the exchange; must not throw on nonsense. */
export function subjectOf(request: SimulatedRequest, room: Room): FaultSubject {
  const form = readForm(request.body);
  const id = orderIdOf(form, room);
  const operation = routeOf(form.fields)?.operation ?? 'gateway';
  return { operation, ...(id === undefined ? {} : { id }) };
}

/** Whose request it is, proven by its signature. */
function authenticate(form: Form, room: Room): Merchant {
  const { fields, charset } = form;
  const { certId = '', merId = '', signMethod = '' } = fields;
  const keyed = signMethod === '11' || signMethod === '12';
  const holder = room.merchants.find((one) => {
    if (keyed) return one.merId === merId;
    return (signMethod === '21' ? one.sm2CertId : one.certId) === certId;
  });
  if (holder === undefined || !verifies(fields, charset, holder)) {
    throw unverified(noteOf(explainRequest(form, room)));
  }
  // Quirk: a merchant that is not set up for a product is told of a format error.
  if (holder.merId !== merId) throw refuse('10', '6100030', { note: `No merchant ${merId}.` });
  return holder;
}

function handlerOf(route: Route, face: Face): Handler {
  const handler = face === 'app' ? route.app : route.back;
  if (handler === undefined) throw refuse('32', '6131010');
  return handler;
}

interface Understood {
  readonly form: Form;
  readonly face: Face;
  /** Known once the signature is verified. */
  merchant?: Merchant;
}

/** Everything before the business: whether it can be read, is whole, and is whose it says. */
function openCall(understood: Understood, exchange: Exchange, room: Room): [Call, Route] {
  const { form, face } = understood;
  const { fields, charset } = form;
  if (!form.sound) throw plain('Bad Request', 400);
  requireNamed(fields);
  const route = routeOf(fields);
  if (route === undefined) throw invalid('txnType');
  const alone = face === 'front' ? (route.demandsOfFront ?? []) : (route.demandsOfBack ?? []);
  requireFields(fields, { ...route, mandatory: [...route.mandatory, ...alone] });
  const data = bytesOf(signText(fields), charset);
  const hash = fields['version'] === '5.1.0' ? 'sha256' : 'sha1';
  exchange.note(`Signed text: ${signText(fields)}\nIts ${hash}: ${hexDigest(hash, data)}`);
  const merchant = authenticate(form, room);
  understood.merchant = merchant;
  const voice = voiceOf(fields);
  return [{ fields, charset, voice, face, merchant, room, exchange }, route];
}

/** A browser is led to a page. */
async function leadOn(call: Call, route: Route): Promise<SimulatedReply> {
  const { exchange } = call;
  if (route.front === undefined) throw refuse('32', '6131010');
  failBefore(exchange, route.operation);
  const ticket = route.front(call);
  failAfter(exchange);
  const location = `${exchange.origin}/_sim/cashier?ticket=${ticket}`;
  return { status: 302, headers: { location }, body: '' };
}

async function perform(call: Call, route: Route): Promise<SimulatedReply> {
  const { exchange, room, voice, merchant, fields } = call;
  failBefore(exchange, route.operation);
  if (exchange.fault('key-rotation')) await room.platform.rotate();
  const told = await handlerOf(route, call.face)(call);
  failAfter(exchange);
  const answered = twisted({ ...echoOf(fields), ...told }, (fault) => exchange.fault(fault));
  return signedReply({ fields: answered, outcome: success, voice, merchant }, exchange, room);
}

/** How a refusal is answered: as a page, as bare text, or signed. */
async function turnDown(
  { form, face, merchant }: Understood,
  refusal: Refusal,
  at: { readonly exchange: Exchange; readonly room: Room },
): Promise<SimulatedReply> {
  const { outcome, kind, note, status, extra = {} } = refusal;
  const { exchange, room } = at;
  if (note !== undefined) exchange.note(note);
  if (kind === 'plain') return textReply(outcome.respMsg, status);
  if (face === 'front') return errorPage(outcome);
  const voice = voiceOf(form.fields);
  const edge = kind === 'edge';
  const { signature: _signature, ...all } = form.fields;
  const fields: Fields = edge ? all : { ...echoOf(form.fields), ...extra };
  return signedReply({ fields, outcome, voice, merchant, edge }, exchange, room);
}

/** Answers a request of a merchant, or of a browser it has sent. */
export async function answerGateway(
  request: SimulatedRequest,
  exchange: Exchange,
  room: Room,
): Promise<SimulatedReply> {
  const form = readForm(request.body);
  const understood: Understood = { form, face: faceOf(request.path) };
  exchange.describe({ request: { path: request.path, ...form.fields } });
  try {
    if (request.method !== 'POST') throw invalidRequest();
    const [call, route] = openCall(understood, exchange, room);
    return call.face === 'front' ? await leadOn(call, route) : await perform(call, route);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return turnDown(understood, error, { exchange, room });
  }
}
