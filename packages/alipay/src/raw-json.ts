/** alipay · raw-json: finds the members of a JSON object as raw text, since raw text is what is signed. */
import { PolyrailError } from '@polyrail/core';

/** Offsets of a member's value in the text, the end excluded. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

const blank = /[ \t\n\r]*/y;
const scalar = /[-+.\w]+/y;
function unreadable(what: string): PolyrailError {
  const message = `The reply is no JSON object of the documented form: ${what}`;
  return new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

const skipBlanks = (text: string, at: number): number => match(blank, text, at);

/** The offset after the closing quote: the first one that no odd run of backslashes escapes. */
function endOfString(text: string, at: number): number {
  if (text[at] !== '"') throw unreadable(`no string at offset ${at}`);
  let quote = text.indexOf('"', at + 1);
  while (quote > 0) {
    let first = quote;
    while (text[first - 1] === '\\') first -= 1;
    if ((quote - first) % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  throw unreadable('it ends early');
}

/** Text that our own scan found to be a JSON value. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw unreadable('its syntax is wrong');
  }
}

/** Brackets in strings do not count; whether the rest is JSON is for `JSON.parse` to say. */
function endOfNested(text: string, at: number): number {
  const open: string[] = [];
  let position = at;
  while (position < text.length) {
    const character = text[position];
    if (character === '"') {
      position = endOfString(text, position);
      continue;
    }
    if (character === '{' || character === '[') open.push(character);
    if (character === '}' || character === ']') {
      if (open.pop() !== (character === '}' ? '{' : '[')) throw unreadable('unbalanced brackets');
      if (open.length === 0) return position + 1;
    }
    position += 1;
  }
  throw unreadable('it ends early');
}

function endOfValue(text: string, at: number): number {
  const character = text[at];
  if (character === '"') return endOfString(text, at);
  if (character === '{' || character === '[') return endOfNested(text, at);
  const end = match(scalar, text, at);
  if (end < 0) throw unreadable(`no value at offset ${at}`);
  return end;
}

/**
 * The members of the one JSON object that `text` holds. A name that stands there twice is refused:
 * two readers could believe two different values.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function membersOf(text: string): ReadonlyMap<string, Slice> {
  const members = new Map<string, Slice>();
  let at = skipBlanks(text, 0);
  if (text[at] !== '{') throw unreadable('it does not begin with {');
  at = skipBlanks(text, at + 1);
  let separator = text[at] === '}' ? '}' : ',';
  if (separator === '}') at += 1;
  while (separator !== '}') {
    const endOfName = endOfString(text, at);
    const name = parseJson(text.slice(at, endOfName)) as string;
    if (members.has(name)) throw unreadable('a member stands there twice');
    at = skipBlanks(text, endOfName);
    if (text[at] !== ':') throw unreadable('a member has no value');
    const start = skipBlanks(text, at + 1);
    const end = endOfValue(text, start);
    members.set(name, { start, end });
    at = skipBlanks(text, end);
    separator = text[at] ?? '';
    if (separator !== ',' && separator !== '}') throw unreadable('it ends early');
    at = separator === ',' ? skipBlanks(text, at + 1) : at + 1;
  }
  if (skipBlanks(text, at) !== text.length) throw unreadable('text follows the object');
  return members;
}

const escapedSlash = /\\(.)/gs;

/**
 * The same JSON with `\/` written `/`. Only where the backslash begins an escape: in `\\/` it does
 * not, and a blind replacement would change the value that was verified.
 */
export const withPlainSlashes = (json: string): string =>
  json.replaceAll(escapedSlash, (pair, escaped: string) => (escaped === '/' ? '/' : pair));
