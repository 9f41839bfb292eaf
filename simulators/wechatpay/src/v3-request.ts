/** wechatpay simulator · v3 request: what a request says, and the very bytes its signature is about. */
import type { SimulatedRequest } from '@polyrail/simulator';

/** The `Authorization` header. */
export interface Authorization {
  readonly scheme: string;
  readonly mchid: string;
  readonly serial: string;
  readonly nonce: string;
  readonly timestamp: string;
  readonly signature: string;
}

export type Content = Readonly<Record<string, unknown>>;

const maximumHeader = 8_192;
const names = ['mchid', 'serial_no', 'nonce_str', 'timestamp', 'signature'] as const;

/**
 * The five members in any order, blanks after commas tolerated. Fail-closed: anything else, one
 * given twice included, is no authorization.
 */
export function parseAuthorization(header: string): Authorization | undefined {
  const blank = header.indexOf(' ');
  if (blank < 0 || header.length > maximumHeader) return undefined;
  const found: Record<string, string> = Object.create(null);
  const pair = /\s*([A-Za-z_]+)\s*=\s*"([^"]*)"\s*(?:,|$)/y;
  const text = header.slice(blank + 1);
  let end = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    const [, name = '', value = ''] = match;
    if (name in found) return undefined;
    found[name] = value;
    end = pair.lastIndex;
  }
  if (end !== text.length || names.some((name) => !found[name])) return undefined;
  const { mchid = '', serial_no: serial = '', nonce_str: nonce = '' } = found;
  const { timestamp = '', signature = '' } = found;
  return { scheme: header.slice(0, blank), mchid, serial, nonce, timestamp, signature };
}

/** Of an upload only the JSON of the part `meta` is signed. */
function metaOf(body: Uint8Array, contentType: string): Uint8Array {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return new Uint8Array();
  const text = Buffer.from(body).toString('latin1');
  for (const part of text.split(`--${boundary}`)) {
    const head = part.indexOf('\r\n\r\n');
    if (head < 0 || !/name="meta"/i.test(part.slice(0, head))) continue;
    return Buffer.from(part.slice(head + 4).replace(/\r\n$/, ''), 'latin1');
  }
  return new Uint8Array();
}

export function signedBody({ headers, body }: SimulatedRequest): Uint8Array {
  const type = headers['content-type'] ?? '';
  return /^multipart\//i.test(type) ? metaOf(body, type) : body;
}

export interface V3Signed {
  readonly method: string;
  /** Path and query as on the wire. */
  readonly target: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: Uint8Array;
}

/** Five lines, each with its line end. */
export const v3SignedBytes = ({ method, target, timestamp, nonce, body }: V3Signed): Buffer =>
  Buffer.concat([
    Buffer.from(`${method}\n${target}\n${timestamp}\n${nonce}\n`, 'latin1'),
    body,
    Buffer.from('\n'),
  ]);

/** What the signature of an answer or a callback is about: three lines, each with its line end. */
export const v3ReplyText = (timestamp: string, nonce: string, body: string): string =>
  `${timestamp}\n${nonce}\n${body}\n`;

/** A JSON object; `undefined` for anything else. */
export function readContent(bytes: Uint8Array): Content | undefined {
  if (bytes.length === 0) return {};
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Content)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The query, decoded; of a name given twice the first. */
export function queryContent(query: string): Readonly<Record<string, string>> {
  const content: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) content[name] ??= value;
  return content;
}
