/** wechatpay simulator · v2 xml: flat documents in and out; whatever XML can do beside is refused. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type Fields = Readonly<Record<string, string>>;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  // Entities of the five usual names only, and those are decoded.
  processEntities: true,
  // Numbers stay the text that was sent: that is what is signed.
  parseTagValue: false,
  trimValues: false,
});

const maximumBytes = 64 * 1024;
const maximumFields = 200;

/**
 * The members below the root, whatever the root is called, as decoded text; blank around them
 * counts. `undefined` for anything that is not flat XML: document types, members given twice,
 * members inside members.
 */
export function readXml(bytes: Uint8Array): Fields | undefined {
  if (bytes.length === 0 || bytes.length > maximumBytes) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text) || XMLValidator.validate(text) !== true) return undefined;
  return flat(text);
}

function flat(text: string): Fields | undefined {
  let read: unknown;
  try {
    read = parser.parse(text);
  } catch {
    return undefined;
  }
  const roots = Object.values(read as object).filter((value) => typeof value !== 'string');
  const [root] = roots;
  if (roots.length !== 1 || typeof root !== 'object' || root === null) return undefined;
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(root)) {
    // The blanks between the members.
    if (name === '#text') continue;
    if (typeof value !== 'string') return undefined;
    fields[name] = value;
  }
  return Object.keys(fields).length <= maximumFields ? fields : undefined;
}

/** Values as they stand in a document, with sections and entities; nothing for what is no document. */
export function rawValues(bytes: Uint8Array): Readonly<Record<string, string>> {
  const values: Record<string, string> = Object.create(null);
  const text = Buffer.from(bytes.subarray(0, maximumBytes)).toString('utf8');
  const element = /<([A-Za-z_][\w.-]*)>((?:<!\[CDATA\[[\s\S]*?\]\]>|[^<])*)<\/\1>/g;
  for (const [, name = '', value = ''] of text.matchAll(element)) values[name] ??= value;
  return values;
}

/** A text that would end a CDATA section is split over two. */
const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

/** Quirk: a line end behind every member but no blank before it. */
export const writeXml = (fields: Fields, root = 'xml'): string =>
  `<${root}>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${cdata(value)}</${name}>`)
    .join('\n')}\n</${root}>`;
