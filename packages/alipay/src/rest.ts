/** alipay · rest: the V3 protocol - REST and JSON, signed in headers (dossier §8). */
import { type Clock, PolyrailError, type Random, revealText } from '@polyrail/core';
import { base64Bytes } from '@polyrail/kit/base64';
import { uuid } from '@polyrail/kit/random';
import { type Cipher, cipherOf } from './cipher.ts';
import type { Settings } from './config.ts';
import type { Message } from './messages.ts';
import { membersOf, parseJson } from './raw-json.ts';
import { type Order, type Protocol, type Reply, serverError } from './road.ts';
import { readText, type Seal } from './seal.ts';
import type { Trust } from './trust.ts';

const scheme = 'ALIPAY-SHA256withRSA';
/** How far the time of a reply may be from ours: the validity that requests have by default. */
const maxSkewMs = 600_000;

/** Calls whose fields stand in the query (dossier §8.4); the others carry a JSON body. */
const inQuery: ReadonlySet<string> = new Set([
  'alipay.fund.trans.common.query',
  'alipay.fund.account.query',
  'alipay.user.agreement.query',
  'alipay.data.dataservice.bill.downloadurl.query',
]);

/** A call as it goes over the wire, before it is signed. */
export interface Target {
  readonly method: 'GET' | 'POST';
  /** Path and query exactly as on the wire. */
  readonly target: string;
  /** Empty without one. */
  readonly body: string;
}

const queryText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Pure: which resource an order is about, and its fields as query or JSON. */
export function toTarget({ method, fields, notifyUrl }: Order): Target {
  const path = `/v3/${method.replaceAll('.', '/')}`;
  // Quirk: there are no common parameters here, the address of notifications is one of the fields.
  const given = { ...fields, ...(notifyUrl === undefined ? {} : { notify_url: notifyUrl }) };
  if (!inQuery.has(method)) return { method: 'POST', target: path, body: JSON.stringify(given) };
  const query = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(queryText(value))}`)
    .join('&');
  return { method: 'GET', target: query === '' ? path : `${path}?${query}`, body: '' };
}

/** What a request's signature covers; every line ends with a line feed, the last one too. */
export function signedRequest(
  authorization: string,
  { method, target, body }: Target,
  appAuthToken?: string,
): string {
  const lines = [authorization, method, target, body];
  if (appAuthToken !== undefined) lines.push(appAuthToken);
  return lines.map((line) => `${line}\n`).join('');
}

/** What a reply's signature covers. */
export const signedReply = (timestamp: string, nonce: string, body: string): string =>
  `${timestamp}\n${nonce}\n${body}\n`;

export interface RestParts {
  readonly settings: Settings;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
}

async function headersOf(target: Target, encrypted: boolean, parts: RestParts) {
  const { settings, clock, random, seal } = parts;
  const { sign, certificates }: Trust = await seal.trust();
  const { appId, appAuth } = settings;
  const token = appAuth && revealText(appAuth.token);
  const authorization = [
    `app_id=${appId}`,
    ...(certificates ? [`app_cert_sn=${certificates.serials.merchant}`] : []),
    `nonce=${uuid(random)}`,
    `timestamp=${clock.now()}`,
  ].join(',');
  const text = signedRequest(authorization, target, token);
  const signature = Buffer.from(await sign(Buffer.from(text, 'utf8'))).toString('base64');
  return {
    accept: 'application/json',
    authorization: `${scheme} ${authorization},sign=${signature}`,
    'alipay-request-id': uuid(random),
    ...(token === undefined ? {} : { 'alipay-app-auth-token': token }),
    ...(certificates ? { 'alipay-root-cert-sn': certificates.serials.root } : {}),
    ...(encrypted ? { 'alipay-encrypt-type': 'AES' } : {}),
    ...(target.body === ''
      ? {}
      : { 'content-type': encrypted ? 'text/plain;charset=utf-8' : 'application/json' }),
  };
}

const unverified = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });

/** The text of a reply once its signature, time and certificate are checked. */
async function requireSealed(reply: Reply, { seal, clock }: RestParts): Promise<string> {
  const { headers, body, signal } = reply;
  const name = (header: string): string => headers[`alipay-${header}`] ?? '';
  const [timestamp, nonce, sign] = [name('timestamp'), name('nonce'), name('signature')];
  const signature = base64Bytes(sign);
  if (signature === undefined) throw unverified('The reply is not signed');
  const text = readText(body, 'utf-8');
  const keys = await seal.keys.of(headers['alipay-sn'], signal);
  const signed = signedReply(timestamp, nonce, text);
  if (!keys.some((key) => key.verifies(signed, signature))) {
    throw unverified("The reply's signature is not Alipay's over these bytes");
  }
  const skewMs = /^\d{1,16}$/.test(timestamp)
    ? Math.abs(clock.now() - Number(timestamp))
    : Number.NaN;
  if (skewMs <= maxSkewMs) return text;
  throw unverified('The reply is not of this time: it was kept, or the clocks differ');
}

function readBody(text: string, cipher: Cipher | undefined): Message {
  if (text.trim() === '') return {};
  const hidden = cipher !== undefined && !text.startsWith('{');
  const json = hidden ? readText(cipher.decrypt(text), 'utf-8') : text;
  membersOf(json);
  return parseJson(json) as Message;
}

/** An error in the words of gateway.do: codes of the business and of the gateway stand bare here. */
function errorNode(status: number, { code, message }: Message): Message {
  if (typeof code !== 'string') throw serverError(status);
  const words = typeof message === 'string' ? { sub_msg: message } : {};
  return { code: status === 429 ? '40005' : '40004', msg: 'Error', sub_code: code, ...words };
}

/**
 * Quirk: how a payment that the payer must still confirm looks here is told nowhere. What does not
 * say when it was paid counts as under way, and is asked about.
 */
const isUnderWay = (method: string, body: Message): boolean =>
  method === 'alipay.trade.pay' &&
  typeof body.out_trade_no === 'string' &&
  (body.gmt_payment ?? '') === '';

/** The V3 protocol of one merchant. */
export function createRest(parts: RestParts): Protocol {
  const { settings } = parts;
  const cipher = cipherOf(settings);
  return {
    async toRequest(order) {
      const plain = toTarget(order);
      const encrypted = cipher !== undefined && plain.body !== '';
      const body = encrypted ? cipher.encrypt(Buffer.from(plain.body, 'utf8')) : plain.body;
      const target = { ...plain, body };
      const headers = await headersOf(target, encrypted, parts);
      const url = `${settings.v3Url}${target.target}`;
      return { method: target.method, url, headers, ...(body === '' ? {} : { body }) };
    },
    async fromReply({ method }, reply) {
      // Whoever stands in front of Alipay signs nothing: the status says more than the missing seal.
      if (reply.status >= 500 && reply.headers['alipay-signature'] === undefined) {
        throw serverError(reply.status);
      }
      const body = readBody(await requireSealed(reply, parts), cipher);
      const { status } = reply;
      if (status >= 500) throw serverError(status);
      if (status >= 400) return errorNode(status, body);
      if (status < 200 || status >= 300) throw serverError(status);
      const code = isUnderWay(method, body) ? '10003' : '10000';
      return { ...body, code, msg: 'Success' };
    },
  };
}
