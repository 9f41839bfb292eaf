/**
 * simulator · scrub: takes secrets out of what a journal keeps, also where they hide inside text.
 */
import { redact } from '@polyrail/core';

const masked = '[redacted]';
const maximumText = 20_000;
const pem = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;
/** The name of a member of JSON, also of JSON inside JSON, where its quotes are escaped. */
const member = /(\\*)"([A-Za-z0-9_-]{1,64})\1"\s*:\s*/g;
const plainValue = /[^\s,}\]"\\]*/y;
const pair = /(^|[?&\s])([A-Za-z0-9_-]{1,64})=([^&\s"]+)/g;
/** An element of XML with its text, in a CDATA section or without. */
const element = /<([A-Za-z0-9_-]{1,64})>(?:<!\[CDATA\[(?:(?!\]\]>)[\s\S])*(?:\]\]>|$)|[^<]+)/g;
const encodedMember =
  /(%22([A-Za-z0-9_-]{1,64})%22(?:%20|\+)*%3A(?:%20|\+)*(?:%22)?)((?:(?!%22|%2C|%7D|&).)+)/gi;
/** Beside `redact`'s: what key material is called where simulators hand it out. */
const keyNames = ['merchantPrivateKey', 'platformPrivateKey', 'privateKeyPem'];

type Hidden = (name: string) => boolean;

/**
 * Where the quoted text that begins at `start` ends. Its quotes carry `depth` backslashes each; a
 * quote belongs to the value where the backslashes before it say so, at every depth of nesting.
 */
function endOfQuoted(text: string, start: number, depth: number): number {
  for (let at = text.indexOf('"', start); at >= 0; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (first > start && text[first - 1] === '\\') first -= 1;
    const beyond = at - first - depth;
    if (beyond >= 0 && beyond % (2 * (depth + 1)) === 0) return at - depth;
  }
  return text.length;
}

/** Where the value ends that follows a member's name. */
function endOfValue(text: string, start: number, depth: number): number {
  const quote = `${'\\'.repeat(depth)}"`;
  if (text.startsWith(quote, start)) {
    const inside = start + quote.length;
    return Math.min(text.length, endOfQuoted(text, inside, depth) + quote.length);
  }
  // An object or a list: where it ends is not worth a parser, so nothing after it is kept.
  if (text[start] === '{' || text[start] === '[') return text.length;
  plainValue.lastIndex = start;
  return start + (plainValue.exec(text)?.[0].length ?? 0);
}

function scrubMembers(text: string, hidden: Hidden): string {
  let kept = '';
  let from = 0;
  for (const match of text.matchAll(member)) {
    const [whole, slashes = '', name = ''] = match;
    if (match.index < from || !hidden(name)) continue;
    const start = match.index + whole.length;
    const quote = `${slashes}"`;
    kept += `${text.slice(from, start)}${quote}${masked}${quote}`;
    from = endOfValue(text, start, slashes.length);
  }
  return kept + text.slice(from);
}

function shortText(text: string): string {
  const rest = text.length - maximumText;
  return rest > 0 ? `${text.slice(0, maximumText)}… (${rest} characters more)` : text;
}

/** A copy of plain data in which no text is longer than a journal keeps. */
export function shorten(node: unknown): unknown {
  if (typeof node === 'string') return shortText(node);
  if (Array.isArray(node)) return node.map(shorten);
  if (typeof node !== 'object' || node === null) return node;
  const prototype: unknown = Object.getPrototypeOf(node);
  if (prototype !== Object.prototype && prototype !== null) return node;
  // Copied at once, and then only what is not short already is looked into: this runs every time.
  const copy: Record<string, unknown> = { ...node };
  for (const name of Object.keys(copy)) {
    const item = copy[name];
    const isShort =
      typeof item === 'string' ? item.length <= maximumText : typeof item !== 'object';
    if (!isShort) copy[name] = shorten(item);
  }
  return copy;
}

function scrubText(text: string, hidden: Hidden): string {
  return scrubMembers(text.replaceAll(pem, masked), hidden)
    .replaceAll(pair, (whole, before: string, name: string) =>
      hidden(name) ? `${before}${name}=${masked}` : whole,
    )
    .replaceAll(element, (whole, name: string) => (hidden(name) ? `<${name}>${masked}` : whole))
    .replaceAll(encodedMember, (whole, before: string, name: string) =>
      hidden(name) ? `${before}${masked}` : whole,
    );
}

/** A function that copies plain data with secrets masked; `names` as for core's `redact`. */
export function createMask(names: readonly string[]): (value: unknown) => unknown {
  const all = [...keyNames, ...names];
  const known = new Map<string, boolean>();
  const hidden = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    // Names come from clients: the memory of them is capped.
    if (known.size >= 1_000) known.clear();
    const probe = redact({ [name]: 'x' }, all) as Record<string, unknown>;
    known.set(name, probe[name] !== 'x');
    return probe[name] !== 'x';
  };
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return scrubText(node, hidden);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, walk(item)]));
  };
  return (value) => walk(redact(value, all));
}

/** A function that copies plain data with secrets masked and long texts cut. */
export function createScrubber(names: readonly string[]): (value: unknown) => unknown {
  const mask = createMask(names);
  return (value) => mask(shorten(value));
}
