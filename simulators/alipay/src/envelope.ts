/** alipay simulator · envelope: a request's parameters, wherever a client put them. */
import type { SimulatedRequest } from '@polyrail/simulator';
import { type Charset, charsetOf, decodeText, encodeText } from '@polyrail/simulator';
import type { Parameters } from './seal.ts';

/** A JSON object as the merchant wrote it; numbers kept as their source text. */
export type Content = Readonly<Record<string, unknown>>;

export interface Envelope {
  /** Query and body in one flat map, decoded once. */
  readonly parameters: Parameters;
  /** Of the request, and so of its reply. */
  readonly charset: Charset;
  /** `biz_content` parsed; `undefined` when it is missing or no JSON object. */
  readonly content: Content | undefined;
  /** Everything as it came, before a character set was believed: to explain a signature. */
  readonly received?: readonly ReceivedPair[];
}

/** A decoded parameter and where it stood. */
export interface ReceivedPair {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly place: 'query' | 'body';
}

const maximumParameters = 200;
const latin = new TextDecoder('latin1');
export type RawPair = readonly [name: string, value: Uint8Array];

const hexadecimal = /^[0-9a-f]{2}$/i;
/** Most names and many values need no decoding at all. */
const isEscaped = (raw: string): boolean => raw.includes('%') || raw.includes('+');

/** Percent and `+` decoding to bytes: which characters they mean is only known later. */
function percentDecode(raw: string): Uint8Array {
  const bytes = Buffer.from(raw, 'latin1');
  if (!isEscaped(raw)) return bytes;
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    let byte = bytes[index] ?? 0;
    if (byte === 0x2b) byte = 0x20;
    else if (byte === 0x25 && hexadecimal.test(raw.slice(index + 1, index + 3))) {
      byte = Number.parseInt(raw.slice(index + 1, index + 3), 16);
      index += 2;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** `raw` holds one character per byte. */
export function formPairs(raw: string): readonly RawPair[] {
  const pairs = raw.split('&', maximumParameters).filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const mark = pair.indexOf('=');
    const name = mark < 0 ? pair : pair.slice(0, mark);
    const value = mark < 0 ? '' : pair.slice(mark + 1);
    const named = isEscaped(name) ? latin.decode(percentDecode(name)) : name;
    return [named, percentDecode(value)];
  });
}

/** Text parts of `multipart/form-data`. File parts are no parameters and never signed. */
export function multipartPairs(raw: string, contentType: string): readonly RawPair[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return [];
  const parts = raw.split(`--${boundary}`, maximumParameters).slice(1);
  return parts.flatMap((part): RawPair[] => {
    const gap = part.indexOf('\r\n\r\n');
    const lines = part.slice(0, Math.max(0, gap));
    const name = /\bname="([^"]*)"/i.exec(lines)?.[1];
    if (gap < 0 || name === undefined || /\bfilename\*?=/i.test(lines)) return [];
    return [[name, Buffer.from(part.slice(gap + 4).replace(/\r\n$/, ''), 'latin1')]];
  });
}

function bodyPairs({ headers, body }: SimulatedRequest): readonly RawPair[] {
  if (body.length === 0) return [];
  const contentType = headers['content-type'] ?? '';
  const raw = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  return /^multipart\//i.test(contentType) ? multipartPairs(raw, contentType) : formPairs(raw);
}

/** Numbers keep the text the merchant wrote: `9.00` is an amount, not the number 9. */
const parseKeepingNumbers = JSON.parse as (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** A JSON object from its text; `undefined` for anything else. */
export function readContent(text: string): Content | undefined {
  try {
    const read = parseKeepingNumbers(text, (_, value, { source }) =>
      typeof value === 'number' ? source : value,
    );
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Content)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The envelope of already separated parameters, for order strings that arrive as a whole. */
export function envelopeOf(pairs: readonly RawPair[]): Envelope {
  const label = pairs.find(([name, value]) => name === 'charset' && value.length > 0)?.[1];
  const charset = charsetOf(label === undefined ? 'utf-8' : latin.decode(label)) ?? 'utf-8';
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    // Quirk: some clients repeat a parameter, once empty; empty values do not count.
    if (parameters[name] === undefined || parameters[name] === '') {
      parameters[name] = decodeText(value, charset);
    }
  }
  const text = parameters['biz_content'];
  return { parameters, charset, content: text === undefined ? undefined : readContent(text) };
}

const opened = new WeakMap<SimulatedRequest, Envelope>();

/** Opened once per request, however often it is asked for. */
export function openEnvelope(request: SimulatedRequest): Envelope {
  const known = opened.get(request);
  if (known !== undefined) return known;
  const [query, body] = [formPairs(request.query), bodyPairs(request)];
  const placed =
    (place: ReceivedPair['place']) =>
    ([name, bytes]: RawPair): ReceivedPair => ({ name, bytes, place });
  const received = [...query.map(placed('query')), ...body.map(placed('body'))];
  const envelope = { ...envelopeOf([...query, ...body]), received };
  opened.set(request, envelope);
  return envelope;
}

/** `application/x-www-form-urlencoded` text in a character set. */
export function formText(parameters: Parameters, charset: Charset): string {
  const written = (text: string) =>
    Array.from(encodeText(text, charset), (byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9*._-]/.test(character)) return character;
      return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }).join('');
  return Object.entries(parameters)
    .map(([name, value]) => `${written(name)}=${written(value)}`)
    .join('&');
}
