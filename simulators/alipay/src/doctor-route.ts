/** alipay simulator · doctor-route: takes what a person or a program shows, and asks the doctor. */
import {
  type Exchange,
  problem,
  type SimulatedReply,
  type SimulatedRequest,
} from '@polyrail/simulator';
import { type Explanation, tell } from './doctor.ts';
import { holdsPrivateKey, readPastedKey } from './doctor-keys.ts';
import { explainNotification } from './doctor-notification.ts';
import { doctorPage } from './doctor-page.ts';
import { beliefBytes, type ClientBelief, explainReply } from './doctor-reply.ts';
import { explainRequest } from './doctor-request.ts';
import type { KeyHolder } from './doctor-signature.ts';
import { explainV3Signature } from './doctor-v3-request.ts';
import { openEnvelope } from './envelope.ts';
import type { Room } from './room.ts';
import { openV3 } from './v3-request.ts';

export const doctorPath = '/_sim/doctor';

/** What is shown to the doctor. Bytes may be given as they are, or as `…Base64`. */
export interface DoctorInput {
  /** Default: a notification for a form with `notify_id`, a reply for JSON, else a request. */
  readonly kind?: 'request' | 'reply' | 'notification';
  /** Of a request: default `POST`, or `GET` without a body. */
  readonly method?: string;
  /** Whole, or from the path on. Of a notification: where it was sent. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>> | string;
  readonly body?: string | Uint8Array;
  readonly bodyBase64?: string;
  /** What the client signed or verified, and with which public key. */
  readonly client?: ClientBelief & { readonly textBase64?: string };
}

interface Message {
  readonly input: DoctorInput;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly belief: ClientBelief;
}

function headersOf({ headers = {} }: DoctorInput): Readonly<Record<string, string>> {
  const pairs =
    typeof headers === 'string'
      ? headers.split(/\r?\n/).flatMap((line) => {
          const at = line.indexOf(':');
          return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
        })
      : Object.entries(headers);
  return Object.fromEntries(
    pairs.map(([name = '', value]) => [name.trim().toLowerCase(), String(value).trim()]),
  );
}

const bytesOf = (text: string | Uint8Array | undefined, base64: string | undefined) => {
  if (base64 !== undefined && base64 !== '') return Buffer.from(base64, 'base64');
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : (text ?? new Uint8Array(0));
};

function messageOf(input: DoctorInput): Message {
  const { textBase64, text, ...client } = input.client ?? {};
  const given =
    textBase64 !== undefined && textBase64 !== '' ? true : text !== undefined && text !== '';
  const belief = given ? { ...client, text: textBase64 ? bytesOf('', textBase64) : text } : client;
  return {
    input,
    headers: headersOf(input),
    body: bytesOf(input.body, input.bodyBase64),
    belief: belief as ClientBelief,
  };
}

function kindOf({ input, body, headers }: Message): NonNullable<DoctorInput['kind']> {
  if (input.kind !== undefined) return input.kind;
  const text = Buffer.from(body.subarray(0, 20_000)).toString('latin1');
  if (Object.keys(headers).some((name) => name.startsWith('alipay-signature'))) return 'reply';
  if (/(?:^|&)(?:notify_id|notify_type|msg_method)=/.test(text)) return 'notification';
  const v3 = headers['authorization'] !== undefined;
  return !v3 && /^\s*\{/.test(text) ? 'reply' : 'request';
}

/** The request as if it had just arrived; a form unless its headers say otherwise. */
function requestOf({ input, headers, body }: Message): SimulatedRequest {
  const target = (input.url ?? '').replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const path = target.replace(/\?.*$/s, '');
  const mark = target.indexOf('?');
  // A bare query, or none at all, is one of the gateway.
  const bare = input.url !== undefined && mark < 0 && /^[^/?]*=/.test(target);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    method: (input.method || (body.length === 0 ? 'GET' : 'POST')).toUpperCase(),
    target,
    path: bare ? '' : path,
    query: bare ? target : mark < 0 ? '' : target.slice(mark + 1),
    headers: { ...type, ...headers },
    body,
    secure: false,
  };
}

/** The public half of the key a client believes to sign with. */
function ownHolder({ key }: ClientBelief): readonly KeyHolder[] {
  const pasted = key === undefined || key === '' ? undefined : readPastedKey(key).key;
  if (pasted === undefined) return [];
  return [{ whose: 'the key you show', role: 'stranger', key: pasted }];
}

const unknownApp = (appId: string): Explanation =>
  tell({
    verdict: 'mistaken',
    found: [
      {
        cause: 'unknown-app',
        rule: appId === '' ? 'The request names no app_id' : `No app here has the app_id ${appId}`,
        advice: 'Send the app_id that /_sim/discovery hands out, in app_id.',
      },
    ],
    secrets: [],
  });

function explainRequestMessage(message: Message, room: Room): Explanation {
  const request = requestOf(message);
  const { belief } = message;
  const text = beliefBytes(belief);
  const key = belief.key === undefined || belief.key === '' ? [] : readPastedKey(belief.key).found;
  const options = {
    belief: text === undefined ? {} : { text },
    holders: ownHolder(belief),
    known: key,
  };
  const isV3 = request.headers['authorization'] !== undefined;
  const envelope = isV3 ? openV3(request).envelope : openEnvelope(request);
  const appId = envelope.parameters['app_id'] ?? '';
  const merchant = room.merchants.find((one) => one.appId === appId);
  if (merchant === undefined) return unknownApp(appId);
  const at = { room, merchant };
  return isV3
    ? explainV3Signature(openV3(request).signed, at, options)
    : explainRequest(envelope, at, options);
}

const refusePrivate = (): Error =>
  problem({
    field: 'key',
    rule: 'a public key or a certificate',
    message:
      'A private key was shown. It is neither read nor kept here; the doctor needs public keys only. ' +
      'If it is one of production, replace it.',
  });

const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

/**
 * Explains a raw request, reply or notification, from what a client believes about it.
 *
 * @throws Error when a private key is among what is shown
 */
export async function explain(input: DoctorInput, room: Room): Promise<Explanation> {
  const message = messageOf(input);
  const shown = [...textsOf(input), ...textsOf(message.body), ...textsOf(message.belief)];
  if (shown.some(holdsPrivateKey)) throw refusePrivate();
  const kind = kindOf(message);
  const { body, headers, belief } = message;
  if (kind === 'reply') return explainReply({ body, headers }, room, { belief });
  if (kind === 'request') return explainRequestMessage(message, room);
  const { url = '' } = input;
  return explainNotification({ body, url }, room, { belief });
}

const names = ['kind', 'method', 'url', 'headers', 'body', 'bodyBase64'] as const;
const clientNames = ['text', 'textBase64', 'key', 'charset', 'signType'] as const;

/** Flat fields, as a form sends them, or the nested ones of JSON. */
function inputOf(fields: Readonly<Record<string, unknown>>): DoctorInput {
  const nested = fields['client'];
  const client = typeof nested === 'object' && nested !== null ? nested : fields;
  const texts = (from: object, wanted: readonly string[]) =>
    Object.fromEntries(
      wanted.flatMap((name) => {
        const value: unknown = Reflect.get(from, name);
        const headers = name === 'headers' && typeof value === 'object' && value !== null;
        return (typeof value === 'string' && value !== '') || headers ? [[name, value]] : [];
      }),
    );
  const { kind, ...rest } = texts(fields, names);
  const known = kind === 'request' || kind === 'reply' || kind === 'notification';
  return { ...rest, ...(known ? { kind } : {}), client: texts(client, clientNames) };
}

const wantsPage = ({ headers }: SimulatedRequest): boolean =>
  /text\/html/.test(headers['accept'] ?? '');

/** Browsers send CR LF for every line end, and files end with one that nobody sent. */
function tidied(request: SimulatedRequest, fields: URLSearchParams): Record<string, string> {
  const browser = wantsPage(request);
  return Object.fromEntries(
    [...fields].map(([name, value]) => {
      const text = browser ? value.replaceAll('\r\n', '\n') : value;
      return [name, name === 'body' || name === 'url' ? text.replace(/[\r\n]+$/, '') : text];
    }),
  );
}

function fieldsOf(request: SimulatedRequest): Readonly<Record<string, unknown>> {
  const { headers, body, query } = request;
  const text = Buffer.from(body).toString('utf8');
  if (!/json/i.test(headers['content-type'] ?? '') && !text.startsWith('{')) {
    return tidied(request, new URLSearchParams(text === '' ? query : text));
  }
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null) return { ...read };
  } catch {
    // Told below, as for any other body that is no object.
  }
  throw problem({ field: 'body', rule: 'a JSON object, or a form', message: 'It cannot be read.' });
}

function reply(status: number, type: string, text: string): SimulatedReply {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
  return { status, headers, body: text };
}

/** Errors of the one who asks, in the shape of the other control routes. */
function complaint(error: unknown): SimulatedReply {
  const message = error instanceof Error ? error.message : String(error);
  const field: unknown = Reflect.get(Object(error), 'field');
  return reply(400, 'application/json', `${JSON.stringify({ error: { field, message } })}\n`);
}

/** `GET` shows a form, `POST` explains; JSON unless a browser asks. */
export async function doctorRoute(
  request: SimulatedRequest,
  exchange: Exchange,
  room: Room,
): Promise<SimulatedReply> {
  // What is shown to the doctor is nobody else's business.
  exchange.describe({ operation: 'doctor', request: { method: request.method } });
  const page = wantsPage(request);
  if (request.method !== 'POST') {
    const fields = { fields: [...names, ...clientNames], post: doctorPath };
    return page
      ? reply(200, 'text/html', doctorPage({}))
      : reply(200, 'application/json', `${JSON.stringify(fields)}\n`);
  }
  try {
    const fields = fieldsOf(request);
    const explanation = await explain(inputOf(fields), room);
    exchange.describe({ reply: explanation });
    return page
      ? reply(200, 'text/html', doctorPage({ explanation }))
      : reply(200, 'application/json', `${JSON.stringify(explanation)}\n`);
  } catch (error) {
    return complaint(error);
  }
}
