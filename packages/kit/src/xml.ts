/** kit · xml: flat messages - one root, text in its members - and nothing else that XML can do. */
import { PolyrailError } from '@polyrail/core';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { decodeText } from './charset.ts';

export interface XmlLimits {
  /** Default 64 KiB. */
  readonly maxBytes?: number;
  /** Default 256. */
  readonly maxFields?: number;
}

export interface XmlMessage {
  /** Name of the outermost element. */
  readonly root: string;
  /** Without prototype; values as they are after decoding, blanks kept. */
  readonly fields: Readonly<Record<string, string>>;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  processEntities: true,
  // Numbers stay the text that was sent: that is what is signed.
  parseTagValue: false,
  trimValues: false,
});

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

const declaration = /^\s*<\?xml(\s[^?<>]*)\?>/;
const cdataStart = '<![CDATA[';
const cdataEnd = ']]>';

/**
 * The text behind the declaration, which may not name another charset than the one it is read in.
 */
function withoutDeclaration(text: string): string {
  const [whole, attributes = ''] = declaration.exec(text) ?? [];
  if (whole === undefined) return text;
  const [, charset = 'utf-8'] = /\sencoding\s*=\s*["']([^"']*)["']/.exec(attributes) ?? [];
  if (charset.toLowerCase() !== 'utf-8') throw unreadable('The XML declares another charset');
  return text.slice(whole.length);
}

/** The markup alone: what stands in CDATA sections is text, whatever it looks like. */
function markupOf(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf(cdataStart, from);
    if (start < 0) return parts.join('') + text.slice(from);
    const end = text.indexOf(cdataEnd, start + cdataStart.length);
    if (end < 0) throw unreadable('The XML has a CDATA section without end');
    parts.push(text.slice(from, start));
    from = end + cdataEnd.length;
  }
}

/** Anything that begins with `<` or `&` and is neither a bare tag nor one of the five entities. */
const foreign = /<(?!\/?[A-Za-z_][\w.-]*\s*\/?>)|&(?!(?:amp|lt|gt|quot|apos);)/;

/**
 * Document types, entities, comments, processing instructions and attributes are refused before a
 * parser sees them: what is never read cannot be expanded, fetched, or read differently by two.
 */
function requirePlain(text: string): void {
  if (foreign.test(markupOf(text))) {
    throw unreadable('The XML holds more than elements and text: nothing else is read');
  }
  if (XMLValidator.validate(text) !== true) throw unreadable('The XML is not well-formed');
}

type Node = Readonly<Record<string, unknown>>;

const textName = '#text';
const nameOf = (node: Node): string => Object.keys(node)[0] ?? '';
const isBlank = (node: Node): boolean =>
  nameOf(node) === textName && String(node[textName]).trim() === '';

function parse(text: string): readonly Node[] {
  try {
    return parser.parse(text);
  } catch {
    throw unreadable('The XML cannot be parsed');
  }
}

function textIn(node: Node, name: string): string {
  let value = '';
  for (const child of node[name] as readonly Node[]) {
    if (nameOf(child) !== textName) throw unreadable(`The XML nests elements in ${name}`);
    value += String(child[textName]);
  }
  return value;
}

/**
 * Reads one flat message, text or bytes in UTF-8.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` for everything else: other markup, an element that
 * stands twice or holds elements, what passes a cap
 */
export function readXml(source: Uint8Array | string, limits: XmlLimits = {}): XmlMessage {
  const { maxBytes = 64 * 1024, maxFields = 256 } = limits;
  const bytes = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (bytes > maxBytes) throw unreadable(`The XML passes the limit of ${maxBytes} bytes`);
  const decoded =
    typeof source === 'string' ? source : decodeText(source, 'utf-8', { fatal: true });
  const text = withoutDeclaration(decoded.replace(/^\ufeff/, ''));
  requirePlain(text);
  const [top, ...more] = parse(text).filter((node) => !isBlank(node));
  if (top === undefined || more.length > 0) throw unreadable('The XML has not exactly one root');
  const root = nameOf(top);
  const fields: Record<string, string> = Object.create(null);
  let count = 0;
  for (const node of top[root] as readonly Node[]) {
    if (isBlank(node)) continue;
    const name = nameOf(node);
    if (name === textName) throw unreadable('The XML has text beside its elements');
    if (Object.hasOwn(fields, name)) throw unreadable(`The XML names ${name.slice(0, 64)} twice`);
    count += 1;
    if (count > maxFields) throw unreadable(`The XML has more than ${maxFields} elements`);
    fields[name] = textIn(node, name);
  }
  return { root, fields };
}

/** XML 1.0 has no way to write these; a bare carriage return is read back as a line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * Writes one flat message, values in CDATA sections; `undefined` is left out.
 *
 * @throws PolyrailError `REQUEST_INVALID` for a value that XML cannot carry unchanged
 */
export function writeXml(
  root: string,
  fields: Readonly<Record<string, string | undefined>>,
): string {
  let body = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (unwritable.test(value)) {
      const message = `${name} holds a character that XML cannot carry`;
      throw new PolyrailError('REQUEST_INVALID', message, { field: name });
    }
    const text = value.replaceAll(cdataEnd, ']]]]><![CDATA[>');
    body += `<${name}>${cdataStart}${text}${cdataEnd}</${name}>`;
  }
  return `<${root}>${body}</${root}>`;
}
