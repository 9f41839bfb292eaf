/** kit · keys: just enough DER to read what the runtime cannot - SM2 certificates among them. */

/** One encoded value: where it begins, where its content lies. */
export interface DerNode {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit0: 0xa0,
} as const;

const malformed = (): Error => new Error('malformed DER');

/** Reads the value at `start`, which must end at or before `limit`. */
function derAt(bytes: Uint8Array, start: number, limit: number): DerNode {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  let contentStart = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw malformed();
    length = 0;
    for (let index = 0; index < count; index += 1) {
      length = length * 256 + (bytes[contentStart + index] ?? Number.NaN);
    }
    contentStart += count;
  }
  const end = contentStart + length;
  if (!(end <= limit)) throw malformed();
  return { tag, bytes, start, contentStart, end };
}

/** The one value that these bytes are. */
export function readDer(bytes: Uint8Array): DerNode {
  const node = derAt(bytes, 0, bytes.byteLength);
  if (node.end !== bytes.byteLength) throw malformed();
  return node;
}

/** The values inside a sequence, set or explicit tag. */
export function derChildren(node: DerNode): DerNode[] {
  const children: DerNode[] = [];
  for (let start = node.contentStart; start < node.end; ) {
    const child = derAt(node.bytes, start, node.end);
    children.push(child);
    start = child.end;
  }
  return children;
}

export const derContent = (node: DerNode): Uint8Array =>
  node.bytes.subarray(node.contentStart, node.end);

/** The value with its tag and length. */
export const derWhole = (node: DerNode): Uint8Array => node.bytes.subarray(node.start, node.end);

/** @throws Error when the value is missing or is something else */
export function derExpect(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw malformed();
  return node;
}

/** Dotted form of an object identifier. */
export function derOid(node: DerNode | undefined): string {
  const arcs: bigint[] = [];
  let value = 0n;
  for (const byte of derContent(derExpect(node, derTags.objectIdentifier))) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(value);
    value = 0n;
  }
  const [head = 0n, ...rest] = arcs;
  const root = head < 80n ? head / 40n : 2n;
  return [root, head - root * 40n, ...rest].join('.');
}

/** A signed integer of any size. */
export function derInteger(node: DerNode | undefined): bigint {
  const content = derContent(derExpect(node, derTags.integer));
  if (content.byteLength === 0) throw malformed();
  const value = BigInt(`0x${Buffer.from(content).toString('hex')}`);
  return BigInt.asIntN(content.byteLength * 8, value);
}

const charsets: { readonly [tag: number]: string } = { 12: 'utf-8', 20: 'latin1', 30: 'utf-16be' };

/** Text of any of the string types that names use. */
export function derText(node: DerNode): string {
  const content = derContent(node);
  const charset = charsets[node.tag] ?? 'utf-8';
  if (charset === 'latin1') return Buffer.from(content).toString('latin1');
  return new TextDecoder(charset, { ignoreBOM: true }).decode(content);
}

/** Milliseconds since the epoch; both forms, in UTC with seconds as RFC 5280 demands. */
export function derTime(node: DerNode | undefined): number {
  if (node?.tag !== derTags.utcTime && node?.tag !== derTags.generalizedTime) throw malformed();
  const text = derText(node);
  const match = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) throw malformed();
  const [year = 0, month = 0, ...rest] = match.slice(1).map(Number);
  const [day, hour, minute, second] = rest;
  const century = match[1]?.length === 4 ? 0 : year < 50 ? 2000 : 1900;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}
