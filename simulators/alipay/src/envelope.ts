/** alipay simulator · envelope: a request's parameters, wherever a client put them. */
import { isAscii } from 'node:buffer';
import type { SimulatedRequest } from '@polyrail/simulator';
import { type Charset, charsetOf, decodeText, formDecode, formEncode } from '@polyrail/simulator';
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
  readonly received?: () => readonly ReceivedPair[];
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

/** Most names and many values need no decoding at all. */
const isEscaped = (raw: string): boolean => raw.includes('%') || raw.includes('+');

/** A pair as it stands in a form, its value not decoded yet. */
type WrittenPair = readonly [name: string, written: string];

function writtenPairs(raw: string): readonly WrittenPair[] {
  const pairs = raw.split('&', maximumParameters).filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const mark = pair.indexOf('=');
    const name = mark < 0 ? pair : pair.slice(0, mark);
    const value = mark < 0 ? '' : pair.slice(mark + 1);
    return [isEscaped(name) ? latin.decode(formDecode(name)) : name, value];
  });
}

/** `raw` holds one character per byte. */
export const formPairs = (raw: string): readonly RawPair[] =>
  writtenPairs(raw).map(([name, written]) => [name, formDecode(written)]);

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

/** Numbers keep the text the merchant wrote: `9.00` is an amount, not the number 9. */
const parseKeepingNumbers = JSON.parse as (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** Where a value may begin, and what a number begins with: without it there is none in an object. */
const mayHoldNumbers = /[:[,]\s*-?\d/;

/** A JSON object from its text; `undefined` for anything else. */
export function readContent(text: string): Content | undefined {
  try {
    const read = mayHoldNumbers.test(text)
      ? parseKeepingNumbers(text, (_, value, { source }) =>
          typeof value === 'number' ? source : value,
        )
      : JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Content)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A parameter, to be read once the character set is known. */
type Readable = readonly [name: string, read: (charset: Charset) => string];

function envelopeFrom(pairs: readonly Readable[]): Envelope {
  const labelled = pairs.filter(([name]) => name === 'charset').map(([, read]) => read('utf-8'));
  const charset = charsetOf(labelled.find((label) => label !== '') ?? 'utf-8') ?? 'utf-8';
  // `Object.create(null)` would make a dictionary, which is slow to copy; the journal copies it.
  const parameters: Record<string, string> = Object.setPrototypeOf({}, null);
  for (const [name, read] of pairs) {
    // Quirk: some clients repeat a parameter, once empty; empty values do not count.
    if (parameters[name] === undefined || parameters[name] === '') parameters[name] = read(charset);
  }
  const text = parameters['biz_content'];
  return { parameters, charset, content: text === undefined ? undefined : readContent(text) };
}

const readableBytes = ([name, bytes]: RawPair): Readable => [
  name,
  (charset) => decodeText(bytes, charset),
];

/** The envelope of already separated parameters, for order strings that arrive as a whole. */
export const envelopeOf = (pairs: readonly RawPair[]): Envelope =>
  envelopeFrom(pairs.map(readableBytes));

/** Longer texts are copied: what is cut out of a text keeps the whole of it alive. */
const longestShared = 16_384;

/** The bytes of a value as text where that takes no detour by bytes. */
function plainText(written: string, charset: Charset): string | undefined {
  if (!isEscaped(written)) return written;
  if (charset !== 'utf-8') return undefined;
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** `raw` holds one character per byte; `isPlain` says that they are all ASCII. */
function readablePairs(raw: string, isPlain: boolean): readonly Readable[] {
  return writtenPairs(raw).map(([name, written]) => [
    name,
    (charset) =>
      (isPlain ? plainText(written, charset) : undefined) ??
      decodeText(formDecode(written), charset),
  ]);
}

const isMultipart = ({ headers }: SimulatedRequest): boolean =>
  /^multipart\//i.test(headers['content-type'] ?? '');

const latinText = ({ body }: SimulatedRequest): string =>
  Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');

function bodyPairs(request: SimulatedRequest): readonly RawPair[] {
  const raw = latinText(request);
  if (!isMultipart(request)) return formPairs(raw);
  return multipartPairs(raw, request.headers['content-type'] ?? '');
}

function receivedPairs(request: SimulatedRequest): readonly ReceivedPair[] {
  const placed =
    (place: ReceivedPair['place']) =>
    ([name, bytes]: RawPair): ReceivedPair => ({ name, bytes, place });
  return [
    ...formPairs(request.query).map(placed('query')),
    ...bodyPairs(request).map(placed('body')),
  ];
}

function readEnvelope(request: SimulatedRequest): Envelope {
  const { query, body } = request;
  const isPlain = body.length <= longestShared && isAscii(body);
  const fromBody = isMultipart(request)
    ? bodyPairs(request).map(readableBytes)
    : readablePairs(latinText(request), isPlain);
  // One character of a query is one byte, and may be beyond ASCII.
  const isShort = query.length <= longestShared && /^[\x21-\x7e]*$/.test(query);
  const fromQuery = query === '' ? [] : readablePairs(query, isShort);
  const envelope = envelopeFrom([...fromQuery, ...fromBody]);
  return { ...envelope, received: () => receivedPairs(request) };
}

let latest: { readonly request: SimulatedRequest; readonly envelope: Envelope } | undefined;

/**
 * What a request says. It is asked for when the request comes and when it is handled, one right
 * after the other: the latest envelope is remembered.
 */
export function openEnvelope(request: SimulatedRequest): Envelope {
  if (latest?.request !== request) latest = { request, envelope: readEnvelope(request) };
  return latest.envelope;
}

/** `application/x-www-form-urlencoded` text in a character set. */
export const formText = (parameters: Parameters, charset: Charset): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${formEncode(name, charset)}=${formEncode(value, charset)}`)
    .join('&');
