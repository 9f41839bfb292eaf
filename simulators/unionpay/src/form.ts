/** unionpay simulator · form: requests in, raw replies and encoded notifications out. */
import { formDecode, formEncode } from '@polyrail/simulator';
import { type Charset, charsetOf, readBytes } from './charset.ts';

export type Fields = Readonly<Record<string, string>>;

/** A message as it was on the wire. */
export interface Form {
  readonly fields: Fields;
  readonly charset: Charset;
  /** `encoding` names a character set the gateway does not speak. */
  readonly strange: boolean;
  /** Each name stands once; a name without `=` is none. */
  readonly sound: boolean;
}

const maximumFields = 200;
type RawPair = readonly [name: string, value: Uint8Array];

const ascii = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** A form's pairs with their values as bytes. */
function rawPairs(body: Uint8Array): readonly RawPair[] {
  const pairs = ascii(body)
    .split('&')
    .filter((pair) => pair !== '');
  return pairs.slice(0, maximumFields + 1).map((pair) => {
    const mark = pair.indexOf('=');
    const name = mark < 0 ? '' : pair.slice(0, mark);
    return [ascii(formDecode(name)), formDecode(pair.slice(mark + 1))];
  });
}

/** Reads a form-urlencoded message in the charset it names itself. */
export function readForm(body: Uint8Array): Form {
  const pairs = rawPairs(body);
  const said = pairs.find(([name]) => name === 'encoding');
  const known = said === undefined ? 'utf-8' : charsetOf(ascii(said[1]));
  const charset = known ?? 'utf-8';
  const names = new Set(pairs.map(([name]) => name));
  const sound = names.size === pairs.length && !names.has('') && pairs.length <= maximumFields;
  const fields = Object.fromEntries(
    pairs.map(([name, value]) => [name, readBytes(value, charset)]),
  );
  return { fields, charset, strange: known === undefined, sound };
}

const closers: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Where the pair that begins at `start` ends: an open bracket within the value hides `&`. */
function endOfPair(text: string, start: number): number {
  let open: string | undefined;
  let inValue = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (open !== undefined) {
      if (character === open) open = undefined;
    } else if (character === '&') return at;
    else if (inValue) open = closers[character];
    else if (character === '=') inValue = true;
  }
  return text.length;
}

/** Splits a raw message as clients do: brackets inside values keep what they enclose. */
export function readRaw(text: string): Fields {
  const pairs: [string, string][] = [];
  for (let at = 0; at < text.length; ) {
    const end = endOfPair(text, at);
    const pair = text.slice(at, end);
    const mark = pair.indexOf('=');
    if (mark > 0) pairs.push([pair.slice(0, mark), pair.slice(mark + 1)]);
    at = end + 1;
  }
  return Object.fromEntries(pairs);
}

/** Names by code unit: upper case before lower case, never by locale. */
export const sortedNames = (fields: Fields): readonly string[] => Object.keys(fields).sort();

/** Pairs in the given order, values as they are. */
export const rawText = (fields: Fields, names: readonly string[]): string =>
  names.map((name) => `${name}=${fields[name] ?? ''}`).join('&');

/** The certificate in its place among the others, the signature behind all of them. */
export const noticeOrder = (fields: Fields): readonly string[] => {
  const names = sortedNames(fields);
  return [...names.filter((name) => name !== 'signature'), 'signature'];
};

/** An encoded body in the given order, empty values left out. */
export const writeForm = (
  fields: Fields,
  charset: Charset,
  names: readonly string[] = noticeOrder(fields),
): string =>
  names
    .filter((name) => (fields[name] ?? '') !== '')
    .map((name) => `${name}=${formEncode(fields[name] ?? '', charset)}`)
    .join('&');

/** `{a=1&b=2}` */
export const writeNested = (fields: Fields): string => `{${rawText(fields, Object.keys(fields))}}`;

/** Reads `{a=1&b=2}`; `undefined` for what has no braces around it. */
export function readNested(text: string): Fields | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const pairs = text
    .slice(1, -1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const mark = pair.indexOf('=');
      return mark < 0 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)];
    });
  return Object.fromEntries(pairs);
}

/** Without what is missing or empty. */
export const filled = (fields: Readonly<Record<string, string | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
