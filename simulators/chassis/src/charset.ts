/** simulator · charset: the two character sets that channels of this country speak. */
import { isAscii } from 'node:buffer';

export type Charset = 'utf-8' | 'gbk';

const labels: Readonly<Record<string, Charset>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  gbk: 'gbk',
  gb2312: 'gbk',
  gb18030: 'gbk',
};

/** The character set a label names, in any case; `undefined` for an unknown one. */
export const charsetOf = (label: string): Charset | undefined => {
  const name = label.toLowerCase();
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
};

const decoders = {
  'utf-8': new TextDecoder('utf-8', { ignoreBOM: true }),
  gbk: new TextDecoder('gbk'),
} as const satisfies Readonly<Record<Charset, unknown>>;

/** Bytes that are no text of the character set become U+FFFD. ASCII is the same in both. */
export const decodeText = (bytes: Uint8Array, charset: Charset): string =>
  isAscii(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    : decoders[charset].decode(bytes);

let gbkTable: ReadonlyMap<string, number> | undefined;

/** The platform decodes GBK but does not encode it: its table is read off the decoder, once. */
function readGbkTable(): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = decoders.gbk.decode(Uint8Array.of(lead, trail));
      const whole = [...character].length === 1 && character !== '\u{fffd}';
      if (trail !== 0x7f && whole && !table.has(character))
        table.set(character, lead * 256 + trail);
    }
  }
  return table;
}

/** What the character set lacks becomes `?`, as many gateways do. */
export function encodeText(text: string, charset: Charset): Uint8Array {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  gbkTable ??= readGbkTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const pair = gbkTable.get(character);
    if (code < 0x80) bytes.push(code);
    else if (pair === undefined) bytes.push(0x3f);
    else bytes.push(pair >> 8, pair & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** One character of `latin1` for each byte: most of them stand for themselves. */
const escaped = (character: string): string =>
  character === ' '
    ? '+'
    : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** A name or value of a form, as Java's URLEncoder has it: space as `+`, escapes in upper case. */
export const formEncode = (text: string, charset: Charset): string =>
  Buffer.from(encodeText(text, charset))
    .toString('latin1')
    .replaceAll(/[^A-Za-z0-9*._-]/g, escaped);

/** What each byte is worth as a hexadecimal digit. */
const digitOf = Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-f]/i.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1,
);
const escapedByte = (high: number, low: number): number => {
  const [first = -1, second = -1] = [digitOf[high], digitOf[low]];
  return first < 0 || second < 0 ? -1 : first * 16 + second;
};

/** The bytes of a form's name or value: which characters they mean is only known later. `raw` holds one each. */
export function formDecode(raw: string): Uint8Array {
  const bytes = Buffer.from(raw, 'latin1');
  if (!raw.includes('%') && !raw.includes('+')) return bytes;
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    let byte = bytes[index] ?? 0;
    const told = byte === 0x25 ? escapedByte(bytes[index + 1] ?? 0, bytes[index + 2] ?? 0) : -1;
    if (byte === 0x2b) byte = 0x20;
    else if (told >= 0) {
      byte = told;
      index += 2;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}
