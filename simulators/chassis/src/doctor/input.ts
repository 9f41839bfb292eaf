/** simulator · doctor input: what a person or a program shows the doctor, and what they believe. */
import { type Charset, charsetOf, encodeText } from '../charset.ts';
import { problem } from '../problem.ts';
import type { SimulatedRequest } from '../simulator.ts';
import type { Kind } from './engine.ts';
import { holdsPrivateKey } from './keys.ts';

/** What a client did with a message it could not verify, or that was not believed. */
export interface ClientBelief {
  /** The text it signed or verified; bytes if it is not UTF-8. */
  readonly text?: string | Uint8Array;
  /** The public key or certificate it signs for or verifies with. Never a private one. */
  readonly key?: string;
  readonly charset?: string;
  readonly signType?: string;
}

/** What is shown to the doctor. Bytes may be given as they are, or as `…Base64`. */
export interface DoctorInput {
  /** Default: what the message looks like. */
  readonly kind?: Kind;
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

/** The same, read. */
export interface DoctorMessage {
  readonly input: DoctorInput;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly belief: ClientBelief;
}

/** The text a client shows, in the character set it says it used. */
export function beliefBytes({ text, charset = '' }: ClientBelief): Uint8Array | undefined {
  if (text === undefined || typeof text !== 'string') return text;
  const known: Charset = charsetOf(charset) ?? 'utf-8';
  return encodeText(text, known);
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
 * Reads what is shown.
 *
 * @throws Error when a private key is among it
 */
export function readInput(input: DoctorInput): DoctorMessage {
  const { textBase64, text, ...client } = input.client ?? {};
  const given =
    textBase64 !== undefined && textBase64 !== '' ? true : text !== undefined && text !== '';
  const belief = given ? { ...client, text: textBase64 ? bytesOf('', textBase64) : text } : client;
  const message: DoctorMessage = {
    input,
    headers: headersOf(input),
    body: bytesOf(input.body, input.bodyBase64),
    belief: belief as ClientBelief,
  };
  const shown = [...textsOf(input), ...textsOf(message.body), ...textsOf(message.belief)];
  if (shown.some(holdsPrivateKey)) throw refusePrivate();
  return message;
}

/** The request as if it had just arrived, of this type unless its headers say otherwise. */
export function requestShown(
  { input, headers, body }: DoctorMessage,
  contentType: string,
): SimulatedRequest {
  const target = (input.url ?? '').replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const path = target.replace(/\?.*$/s, '');
  const mark = target.indexOf('?');
  // A bare query, or none at all, is one without a path.
  const bare = input.url !== undefined && mark < 0 && /^[^/?]*=/.test(target);
  return {
    method: (input.method || (body.length === 0 ? 'GET' : 'POST')).toUpperCase(),
    target,
    path: bare ? '' : path,
    query: bare ? target : mark < 0 ? '' : target.slice(mark + 1),
    headers: { 'content-type': contentType, ...headers },
    body,
    secure: false,
  };
}
