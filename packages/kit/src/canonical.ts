/** kit · canonical: fields in order, as text to sign and as forms to send and receive. */
import { isAscii } from 'node:buffer';
import { PolyrailError } from '@polyrail/core';
import { type Charset, decodeText, encodeText } from './charset.ts';

export type FieldPair = [name: string, value: string];
type AnyPair = readonly [name: string, value: string];
type Fields = Readonly<Record<string, string | undefined>>;

export interface SortOptions {
  /** Names to leave out: the signature itself, most often. */
  readonly omit?: readonly string[];
  /** Keep fields whose value is the empty text. `undefined` is never kept. */
  readonly keepEmpty?: boolean;
}

const byName = ([a]: AnyPair, [b]: AnyPair): number => (a < b ? -1 : a > b ? 1 : 0);

/** Fields as pairs, ordered by the code units of their names: ASCII order, capitals first. */
export function sortedPairs(
  fields: Fields,
  { omit = [], keepEmpty = false }: SortOptions = {},
): FieldPair[] {
  const pairs: FieldPair[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || omit.includes(name)) continue;
    if (value !== '' || keepEmpty) pairs.push([name, value]);
  }
  return pairs.sort(byName);
}

export interface SortedFields {
  /** `a=1&b=2`, nothing escaped. */
  readonly text: string;
  /** Whether a value holds an `&`: only then could the text be drawn as other fields. */
  readonly hasInnerMark: boolean;
}

interface Order {
  /** Names as they came, and as they stand in order. */
  readonly names: readonly string[];
  readonly sorted: readonly string[];
}

/** The last order for each number of names: messages of one kind name their fields in one sequence. */
const orders = new Map<number, Order>();
const mostNames = 64;

/** Code units in ascending order, as `toSorted()` gives them; comparing is cheaper than sorting. */
function inOrder(names: readonly string[]): readonly string[] {
  const known = orders.get(names.length);
  if (known?.names.every((name, index) => name === names[index])) return known.sorted;
  const sorted = names.toSorted();
  if (names.length <= mostNames) orders.set(names.length, { names, sorted });
  return sorted;
}

/** `joinPairs(sortedPairs(fields, options))` at once: half of the cost, for what every message needs. */
export function sortedFields(
  fields: Fields,
  { omit = [], keepEmpty = false }: SortOptions = {},
): SortedFields {
  let text = '';
  let hasInnerMark = false;
  for (const name of inOrder(Object.keys(fields))) {
    const value = fields[name];
    if (value === undefined || (value === '' && !keepEmpty) || omit.includes(name)) continue;
    hasInnerMark ||= value.includes('&');
    text += text === '' ? `${name}=${value}` : `&${name}=${value}`;
  }
  return { text, hasInnerMark };
}

export const sortedText = (fields: Fields, options?: SortOptions): string =>
  sortedFields(fields, options).text;

/** `a=1&b=2`, nothing escaped. */
export const joinPairs = (pairs: readonly AnyPair[]): string =>
  pairs.map(([name, value]) => `${name}=${value}`).join('&');

const isPlain = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2a ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x5f;

const escapes = Array.from({ length: 256 }, (_, byte) => {
  if (isPlain(byte)) return String.fromCharCode(byte);
  if (byte === 0x20) return '+';
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

function escapeText(text: string, charset: string): string {
  let escaped = '';
  for (const byte of encodeText(text, charset)) escaped += escapes[byte];
  return escaped;
}

/** What the engine's own escape leaves as it is, and a form does not; and the blank. */
const leftOpen: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...`!'()~`].map((sign) => [sign, escapes[sign.charCodeAt(0)] as string])),
  '%20': '+',
};

/** The same in UTF-8, several times as fast: most names and values are as plain as they can be. */
function escapeUtf8(text: string): string {
  if (/^[0-9A-Za-z*._-]*$/.test(text)) return text;
  if (!text.isWellFormed()) return escapeText(text, 'utf-8');
  return encodeURIComponent(text).replaceAll(/[!'()~]|%20/g, (sign) => leftOpen[sign] ?? sign);
}

/**
 * `application/x-www-form-urlencoded` as the URL standard has it, in the given charset.
 *
 * @throws PolyrailError `REQUEST_INVALID` when a value does not fit into the charset
 */
export function formEncode(
  pairs: readonly AnyPair[],
  charset: Charset | (string & {}) = 'utf-8',
): string {
  const escaped = charset === 'utf-8' ? escapeUtf8 : (text: string) => escapeText(text, charset);
  return pairs.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
}

export interface FormLimits {
  readonly charset?: Charset | (string & {});
  /** Default 256. */
  readonly maxFields?: number;
  /** Default 64 KiB. */
  readonly maxBytes?: number;
}

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

function unescapeBytes(bytes: Uint8Array, charset: string): string {
  const plain = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let index = 0; index < bytes.byteLength; index += 1) {
    let byte = bytes[index] as number;
    if (byte === 0x2b) byte = 0x20;
    else if (byte === 0x25) {
      const high = hexDigit(bytes[index + 1]);
      const low = hexDigit(bytes[index + 2]);
      if (high < 0 || low < 0) throw unreadable('The form has a % without two hexadecimal digits');
      byte = high * 16 + low;
      index += 2;
    }
    plain[length] = byte;
    length += 1;
  }
  return decodeText(plain.subarray(0, length), charset, { fatal: true });
}

const unescapeText = (text: string, charset: string): string =>
  unescapeBytes(Buffer.from(text, 'latin1'), charset);

/**
 * The engine's own decoder, as strict as ours and several times as fast, for forms in UTF-8 whose
 * bytes are ASCII - all that are written by the rules. What it refuses, ours refuses in words.
 */
function unescapeAscii(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!text.includes('%')) return spaced;
  try {
    const plain = decodeURIComponent(spaced);
    // A byte order mark is for the charset's decoder to judge.
    if (!plain.startsWith('\ufeff')) return plain;
  } catch {
    // Told below.
  }
  return unescapeText(text, 'utf-8');
}

const bufferOf = (form: Uint8Array | string): Buffer =>
  typeof form === 'string'
    ? Buffer.from(form, 'utf8')
    : Buffer.from(form.buffer, form.byteOffset, form.byteLength);

/**
 * A form, decoded exactly once, in order, repeated names included. Stricter than browsers: a
 * damaged escape or a byte outside the charset is refused, because two readers of such a form may
 * differ.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function formDecode(form: Uint8Array | string, limits: FormLimits = {}): FieldPair[] {
  const { charset = 'utf-8', maxFields = 256, maxBytes = 64 * 1024 } = limits;
  const bytes = bufferOf(form);
  if (bytes.length > maxBytes) throw unreadable(`The form passes the limit of ${maxBytes} bytes`);
  // One character per byte.
  const text = bytes.toString('latin1');
  const decode =
    charset === 'utf-8' && isAscii(bytes)
      ? unescapeAscii
      : (piece: string) => unescapeText(piece, charset);
  const pairs: FieldPair[] = [];
  for (let start = 0; start <= text.length; ) {
    const mark = text.indexOf('&', start);
    const end = mark < 0 ? text.length : mark;
    const equals = text.indexOf('=', start);
    const isNamed = equals >= 0 && equals < end;
    const name = text.slice(start, isNamed ? equals : end);
    const value = isNamed ? text.slice(equals + 1, end) : '';
    const isEmpty = end === start;
    start = end + 1;
    if (isEmpty) continue;
    if (pairs.length === maxFields) throw unreadable(`The form has more than ${maxFields} fields`);
    pairs.push([decode(name), decode(value)]);
  }
  return pairs;
}

/**
 * Pairs as an object without prototype.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` when a name stands twice: which one was signed?
 */
export function uniqueFields(pairs: readonly AnyPair[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    // There is no prototype that could have it.
    if (fields[name] !== undefined) {
      throw unreadable(`The field ${JSON.stringify(name.slice(0, 64))} stands twice`);
    }
    fields[name] = value;
  }
  return fields;
}

export interface RedrawnCheck {
  /** The field whose value reads like further fields; `undefined` where none does. */
  find(fields: Fields): string | undefined;
  /** @throws PolyrailError `REQUEST_INVALID`, naming the field */
  requireSendable(fields: Fields): void;
}

/**
 * For channels that sign `a=1&b=2`; `decisive` are the names by which their messages decide something.
 *
 * Such a signature does not tell where a field ends. Of a payment whose attachment is `x&amount=1&…` the
 * genuine message is, drawn otherwise, also that of another payment - and a payer may have written the
 * attachment. To take the place of a decisive field the genuine one must vanish into a value: where
 * such values are neither sent nor believed, one text has one reading.
 */
export function createRedrawnCheck(decisive: readonly string[]): RedrawnCheck {
  const further = new RegExp(`&(?:${decisive.join('|')})(?:_\\d+)*=`);
  const find: RedrawnCheck['find'] = (fields) =>
    Object.keys(fields).find((name) => {
      const value = fields[name];
      return value?.includes('&') && further.test(value);
    });
  return {
    find,
    requireSendable(fields) {
      const field = find(fields);
      if (field === undefined) return;
      const message = `${field} reads like further fields of a signed message`;
      throw new PolyrailError('REQUEST_INVALID', message, { field });
    },
  };
}
