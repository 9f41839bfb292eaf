/** reference site · gateway: one request - who sent it, what it asks for, and the sealed answer. */
import type { Exchange, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { agreementOf, agreementOperations, describeAgreement } from './agreement.ts';
import { authorizationOperations } from './authorization.ts';
import { balanceOperations } from './balance.ts';
import { cancellationOperations } from './cancellation.ts';
import { type Fields, objectIn } from './fields.ts';
import { sealingKey } from './keys.ts';
import type { ReferenceCredentials } from './merchants.ts';
import { describePayment, orderOf, paymentOperations } from './payment.ts';
import { payoutOperations } from './payout.ts';
import { refundOperations } from './refund.ts';
import { refusalOf, refuse } from './refusal.ts';
import type { Operation, Room } from './room.ts';
import { digestOf, exchangedDigit, type SealedBy, sameSeal, sealHeaders, sealOf } from './seal.ts';
import { statementOperations } from './statement.ts';
import { distorted, failAfter, failBefore } from './stories.ts';
import { perform } from './waiting.ts';

const operations: Readonly<Record<string, Operation>> = {
  ...paymentOperations,
  ...cancellationOperations,
  ...refundOperations,
  ...agreementOperations,
  ...authorizationOperations,
  ...payoutOperations,
  ...balanceOperations,
  ...statementOperations,
};

const textIn = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

export const orderInLink = (query: URLSearchParams): string =>
  Buffer.from(query.get('order') ?? '', 'base64url').toString('utf8');

interface Envelope {
  readonly operation: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly body: string;
}

function requireSeal(envelope: Envelope, merchant: ReferenceCredentials): Fields {
  const { operation, timestamp, nonce, body, signature } = envelope;
  const expected = sealOf(merchant.merchantSecret, operation, timestamp, nonce, body);
  if (!/^\d{13}$/.test(timestamp) || !/^[0-9a-f]{32}$/.test(nonce)) {
    throw refuse('PARAMETER_INVALID', 'timestamp or nonce is none');
  }
  if (!sameSeal(expected, signature)) {
    throw refuse('SIGNATURE_INVALID', 'The signature is not that of this merchant');
  }
  const fields = objectIn(body);
  if (fields === undefined) throw refuse('PARAMETER_INVALID', 'The body is no JSON object');
  return fields;
}

const idNames = ['cancelId', 'refundId', 'paymentId', 'holdId', 'agreementId', 'payoutId'];

/** The ids a request names, for a refusal to name them again. */
const idsIn = (fields: Fields): Fields =>
  Object.fromEntries(idNames.map((name) => [name, fields[name]]));

function reasoned(envelope: Envelope, run: () => Fields | string): Fields | string {
  try {
    return run();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { ...refusal, ...idsIn(objectIn(envelope.body) ?? {}) };
  }
}

function sealedReply(told: Fields | string, nonce: string, at: Place): SimulatedReply {
  const { exchange, room } = at;
  const take = (fault: string) => exchange.fault(fault);
  const reply = typeof told === 'string' ? told : distorted(told, take);
  exchange.describe({ reply });
  const { keys, foreignSecret } = room.merchants;
  const { id, secret } = sealingKey(take, keys);
  const by = { id, secret: take('foreign-signature') ? foreignSecret : secret };
  if (typeof reply === 'string') return fileReply(reply, { nonce, by, take });
  const body = JSON.stringify(reply);
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status: 200, headers: { ...headers, ...sealHeaders([nonce, body], by, take) }, body };
}

interface FileSealing {
  readonly nonce: string;
  readonly by: SealedBy;
  readonly take: (fault: string) => unknown;
}

/** Of a file its digest is sealed. With the fault, what is sent is no longer what was sealed. */
function fileReply(text: string, { nonce, by, take }: FileSealing): SimulatedReply {
  const digest = digestOf(text);
  const sealed = sealHeaders([nonce, digest], by, take);
  const headers = { 'content-type': 'text/csv; charset=utf-8', 'x-acme-digest': digest, ...sealed };
  const body = take('statement-wrong-hash') ? exchangedDigit(text) : text;
  return { status: 200, headers, body };
}

interface Place {
  readonly exchange: Exchange;
  readonly room: Room;
}

const plainReply = (status: number, text: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<p>${text}</p>\n`,
});

/** Hands out the keys of acme, hidden for the merchant who is named. */
export function answerKeys(request: SimulatedRequest, { exchange, room }: Place): SimulatedReply {
  const { merchants } = room;
  const named = new URLSearchParams(request.query).get('merchant') ?? undefined;
  const merchant = merchants.find(named);
  exchange.describe({ operation: 'keys.list' });
  if (merchant === undefined) return plainReply(404, 'No such merchant');
  return merchants.keys.handOut(merchant.merchantSecret);
}

/** Whoever comes over TLS pays out with the merchant's own certificate, or not at all. */
function requireCertificate(
  operation: string,
  { secure, clientCertificate }: SimulatedRequest,
  { merchantId }: ReferenceCredentials,
): void {
  if (!secure || operation !== 'payouts.create') return;
  if (clientCertificate?.commonName === merchantId) return;
  throw refuse('CERTIFICATE_NEEDED', 'Payouts are taken with the certificate of the merchant only');
}

/** `POST /v1/<operation>`. */
export function answerCall(request: SimulatedRequest, at: Place): SimulatedReply {
  const { headers, path } = request;
  const name = path.slice('/v1/'.length);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined || request.method !== 'POST') return plainReply(404, 'Not here');
  const merchant = at.room.merchants.find(headers['x-acme-merchant']);
  // Nobody to sign an answer for.
  if (merchant === undefined) return plainReply(401, 'No such merchant');
  const envelope = {
    operation: name,
    timestamp: headers['x-acme-timestamp'] ?? '',
    nonce: headers['x-acme-nonce'] ?? '',
    signature: headers['x-acme-signature'] ?? '',
    body: textIn(request.body),
  };
  at.exchange.describe({ request: objectIn(envelope.body) });
  const told = reasoned(envelope, () => {
    const fields = requireSeal(envelope, merchant);
    failBefore(at.exchange);
    requireCertificate(name, request, merchant);
    const call = { merchant, fields, exchange: at.exchange };
    const done = perform({ name, operation }, call, at.room);
    failAfter(at.exchange);
    return done;
  });
  return sealedReply(told, envelope.nonce, at);
}

/** What opening a link does, by its path. */
const links: Readonly<Record<string, { operation: string; open: Operation }>> = {
  '/pay': {
    operation: 'payments.page',
    open: (call, room) => describePayment(orderOf(call, room).order),
  },
  '/sign': {
    operation: 'agreements.page',
    open: (call, room) => describeAgreement(agreementOf(call, room)),
  },
};

export const isLink = (path: string): boolean => Object.hasOwn(links, path);

/** `GET /pay` and `GET /sign`: the payer opens the link that the merchant signed. */
export function openLink(request: SimulatedRequest, { exchange, room }: Place): SimulatedReply {
  const query = new URLSearchParams(request.query);
  const merchant = room.merchants.find(query.get('merchant') ?? undefined);
  const link = links[request.path];
  if (merchant === undefined || link === undefined) return plainReply(404, 'No such merchant');
  const envelope = {
    operation: link.operation,
    timestamp: query.get('timestamp') ?? '',
    nonce: query.get('nonce') ?? '',
    signature: query.get('signature') ?? '',
    body: orderInLink(query),
  };
  const told = reasoned(envelope, () => {
    const fields = requireSeal(envelope, merchant);
    failBefore(exchange);
    return link.open({ merchant, fields, exchange }, room);
  });
  const { code, amount = '', currency = '', state } = told as Fields;
  exchange.describe({ request: objectIn(envelope.body), reply: told });
  return code === undefined
    ? plainReply(200, `${amount} ${currency}: ${state}`)
    : plainReply(400, `${code}`);
}

/** Operation and payment id of a request, for faults; nonsense has neither. */
export function subjectOf(request: SimulatedRequest, room: Room) {
  const link = links[request.path];
  const operation = link?.operation ?? request.path.replace(/^\/v1\//, '');
  const query = new URLSearchParams(request.query);
  const fields = objectIn(link ? orderInLink(query) : textIn(request.body));
  const { paymentId, refundId, holdId, agreementId, payoutId } = fields ?? {};
  const merchantId = request.headers['x-acme-merchant'] ?? '';
  const refunded = room.book.undoing(merchantId, String(refundId), 'refund');
  const own = paymentId ?? holdId ?? agreementId ?? payoutId;
  const id = own ?? refunded?.order.terms.paymentId ?? refundId;
  return typeof id === 'string' ? { operation, id } : { operation };
}
