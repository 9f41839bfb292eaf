/** unionpay · envelope: forms out, forms and raw pairs back, and the lists in braces inside (dossier §2, §6). */
import { PolyrailError } from '@polyrail/core';
import {
  type FieldPair,
  formDecode,
  formEncode,
  sortedText,
  uniqueFields,
} from '@polyrail/kit/canonical';
import { decodeText } from '@polyrail/kit/charset';

/** Fields as they go out; `undefined` and empty ones are neither sent nor signed. */
export type Fields = Readonly<Record<string, string | undefined>>;
/** The fields of a message of the channel, all of them text, empty ones kept. */
export type Message = Readonly<Record<string, string>>;

export type Encoding = 'UTF-8' | 'GBK';

const charsets = { 'UTF-8': 'utf-8', GBK: 'gbk' } as const;
export const charsetOf = (encoding: Encoding): 'utf-8' | 'gbk' => charsets[encoding];

/** More than any message has. */
const maxFields = 128;
const maxNameLength = 64;

const unreadable = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', what, { doubt: 'unreadable-reply' });

/**
 * What is signed: every field but the signature, sorted by code unit, raw.
 *
 * Quirk: a field that is on the wire without a value is signed as `name=`: UnionPay sends such
 * fields with its errors, and without them nothing verifies (§3.1).
 */
export const signedText = (fields: Fields): string =>
  sortedText(fields, { omit: ['signature'], keepEmpty: true });

/** Only what has a value. */
export function presentFields(fields: Fields): Record<string, string> {
  const present: Record<string, string> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined && value !== '') present[name] = value;
  }
  return present;
}

/** A request's body. @throws PolyrailError `REQUEST_INVALID` for what the encoding has not */
export const writeForm = (fields: Readonly<Record<string, string>>, encoding: Encoding): string =>
  formEncode(Object.entries(fields), charsetOf(encoding));

/** A notification's body. @throws PolyrailError `REPLY_UNREADABLE` */
export function readForm(body: Uint8Array): { message: Message; encoding: Encoding } {
  const encoding: Encoding = /(?:^|&)encoding=gbk(?:&|$)/i.test(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
  )
    ? 'GBK'
    : 'UTF-8';
  const pairs = formDecode(body, { charset: charsetOf(encoding), maxFields });
  const faulty = pairs.find(([name]) => !isName(name));
  if (faulty !== undefined) throw unreadable('The form has a field whose name is none');
  return { message: uniqueFields(pairs), encoding };
}

const isName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z][A-Za-z0-9_]*$/.test(text);

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
/** What may end a value, or open what hides the next one. */
const mark = /[&{[]/g;

/**
 * Where a value ends: at the next `&` that stands in no braces or brackets. They do not nest; what
 * opens and never closes would swallow the rest of the message and is refused.
 */
function endOfValue(text: string, start: number): number {
  for (let at = start; ; ) {
    mark.lastIndex = at;
    const found = mark.exec(text);
    if (found === null) return text.length;
    const close = closing[found[0]];
    if (close === undefined) return found.index;
    const end = text.indexOf(close, found.index + 1);
    if (end < 0) throw unreadable(`The answer opens a ${found[0]} that it does not close`);
    at = end + 1;
  }
}

/**
 * The pairs of a reply.
 *
 * Quirk: values are raw. `&` inside `{…}` and `[…]` is theirs, and `=` after the first one is, too.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function readPairs(text: string): FieldPair[] {
  const pairs: FieldPair[] = [];
  for (let at = 0; at <= text.length; ) {
    const equals = text.indexOf('=', at);
    const name = text.slice(at, Math.max(at, equals));
    if (!isName(name)) throw unreadable('The answer is no message of fields');
    if (pairs.length === maxFields) throw unreadable(`The answer has over ${maxFields} fields`);
    const end = endOfValue(text, equals + 1);
    pairs.push([name, text.slice(equals + 1, end)]);
    at = end + 1;
  }
  return pairs;
}

/** A reply's body. @throws PolyrailError `REPLY_UNREADABLE` */
export const readReply = (body: Uint8Array, encoding: Encoding): Message =>
  uniqueFields(readPairs(decodeText(body, charsetOf(encoding), { fatal: true })));

/** `{token=…&trId=…}` */
export const writeNested = (fields: Fields): string =>
  `{${Object.entries(presentFields(fields))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}}`;

/** The list inside braces; `undefined` for what is none. A value may hold `=`, but no `&`. */
export function readNested(text: string | undefined): Message | undefined {
  if (text === undefined || !text.startsWith('{') || !text.endsWith('}')) return undefined;
  const fields: Record<string, string> = Object.create(null);
  for (const pair of text.slice(1, -1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    if (!isName(name) || Object.hasOwn(fields, name)) return undefined;
    fields[name] = pair.slice(equals + 1);
  }
  return fields;
}
