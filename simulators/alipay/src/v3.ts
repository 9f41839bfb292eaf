/** alipay simulator · v3: one REST request, from its path to the sealed answer. */
import type { SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { type CallPlace, handlerOf, performed, refusalOrThrow } from './calls.ts';
import { refuse } from './codes.ts';
import { inCertificateMode, readableContent } from './gateway.ts';
import { idOf } from './identify.ts';
import type { Call, Room } from './room.ts';
import type { ReplySeal } from './seal.ts';
import { nowFor, openV3Call } from './v3-gateway.ts';
import { type V3Operation, v3OperationOf } from './v3-paths.ts';
import { errorAnswer, sealedV3, successAnswer, type V3Answer } from './v3-reply.ts';
import { openV3, type V3Request } from './v3-request.ts';

/** A path is served once its method is: the table knows more of them than there are handlers. */
function served(path: string): V3Operation | undefined {
  const operation = v3OperationOf(path);
  return operation && handlerOf(operation.method) ? operation : undefined;
}

/** What faults and the journal call the exchange; must not throw on nonsense. */
export function v3Subject(request: SimulatedRequest, room: Room) {
  const operation = served(request.path)?.method ?? `${request.method} ${request.path}`;
  const id = idOf(openV3(request).envelope, room);
  return { operation, ...(id === undefined ? {} : { id }) };
}

function verifiedCall(request: V3Request, operation: V3Operation, at: CallPlace): Call {
  const { envelope } = request;
  const opened = openV3Call(request, at.room, operation);
  const { content } = opened;
  const { notify_url: notifyUrl } = content;
  // Quirk: there are no common parameters; the address stands beside the business.
  const parameters = {
    ...envelope.parameters,
    ...(typeof notifyUrl === 'string' ? { notify_url: notifyUrl } : {}),
  };
  const { method } = operation;
  const { exchange } = at;
  return { ...envelope, ...opened, parameters, method, signType: 'RSA2', exchange };
}

interface Answered {
  readonly answer: V3Answer;
  readonly encryptKey?: string;
}

async function answerOf(
  request: V3Request,
  operation: V3Operation | undefined,
  at: CallPlace,
): Promise<Answered> {
  const { room, exchange } = at;
  const location = request.signed.verb === 'GET' ? 'query' : 'body';
  let key: { readonly encryptKey?: string } = {};
  try {
    if (operation === undefined) throw refuse('isv.invalid-method');
    const call = verifiedCall(request, operation, at);
    if (call.encryptKey !== undefined) key = { encryptKey: call.encryptKey };
    const node = await performed(call, room);
    exchange.describe({ reply: node });
    return { answer: successAnswer(node, room), ...key };
  } catch (error) {
    const refusal = refusalOrThrow(error, exchange, operation?.method);
    const missing = operation === undefined ? { status: 404 } : {};
    const answer = errorAnswer({ refusal, room, location, ...missing });
    exchange.describe({ reply: JSON.parse(answer.body) });
    return { answer, ...key };
  }
}

/** As the journal shows it. */
function described({ signed, envelope }: V3Request, room: Room) {
  const { authorization, verb, target, body, appAuthToken } = signed;
  const content = readableContent(envelope, room);
  return {
    verb,
    target,
    authorization: `${authorization.scheme} ${authorization.text}`,
    ...(appAuthToken === undefined ? {} : { app_auth_token: appAuthToken }),
    body: content ?? Buffer.from(body).toString('utf8'),
  };
}

/** Answers one request below `/v3/`. */
export async function answerV3(incoming: SimulatedRequest, at: CallPlace): Promise<SimulatedReply> {
  const { room, exchange } = at;
  const request = openV3(incoming);
  exchange.describe({ request: described(request, room) });
  const { answer, encryptKey } = await answerOf(request, served(incoming.path), at);
  // Every answer is signed, also one to an app nobody knows.
  const seal: ReplySeal = {
    signType: 'RSA2',
    charset: 'utf-8',
    certificates: inCertificateMode(request.envelope),
    ...(encryptKey === undefined ? {} : { encryptKey }),
  };
  return sealedV3({ room, exchange, seal }, answer, nowFor(request, room));
}
