/** kit · charset: text in the charsets of payment channels, never silently damaged on the way out. */
import { isUtf8 as isUtf8Bytes } from 'node:buffer';
import { createRequire } from 'node:module';
import { PolyrailError } from '@polyrail/core';
import type iconv from 'iconv-lite';

export type Charset = 'utf-8' | 'gbk' | 'gb18030' | 'gb2312' | 'big5' | 'iso-8859-1' | 'us-ascii';

/** Loaded at the first text in another charset than UTF-8: many channels never see one. */
const loadIconv = (): typeof iconv => createRequire(import.meta.url)('iconv-lite');
let loaded: typeof iconv | undefined;
function tables(): typeof iconv {
  loaded ??= loadIconv();
  return loaded;
}

const isUtf8 = (charset: string): boolean => /^utf-?8$/i.test(charset);

function requireKnown(charset: string): void {
  if (tables().encodingExists(charset)) return;
  throw new PolyrailError('CONFIG_INVALID', 'This charset is not known');
}

const unreadable = (charset: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `These bytes are not text in ${charset}`, {
    doubt: 'unreadable-reply',
  });

const replacement = '\ufffd';

/**
 * Bytes as text. A byte order mark stays, so that encoding gives the same bytes again.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` with `fatal`, when a byte has no meaning in `charset`
 */
export function decodeText(
  bytes: Uint8Array,
  charset: Charset | (string & {}) = 'utf-8',
  options: { readonly fatal?: boolean } = {},
): string {
  const { fatal = false } = options;
  if (isUtf8(charset)) {
    // Looking first and decoding then costs a third of a decoder of its own for every message.
    if (fatal && !isUtf8Bytes(bytes)) throw unreadable('utf-8');
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }
  requireKnown(charset);
  const text = tables().decode(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    charset,
  );
  if (fatal && text.includes(replacement)) throw unreadable(charset);
  return text;
}

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
};

/**
 * Text as bytes. What `charset` cannot hold is refused: a `?` in an order would be signed and sent.
 *
 * @throws PolyrailError `REQUEST_INVALID`, unless `fatal` is `false`
 */
export function encodeText(
  text: string,
  charset: Charset | (string & {}) = 'utf-8',
  options: { readonly fatal?: boolean } = {},
): Uint8Array {
  const { fatal = true } = options;
  if (isUtf8(charset)) {
    // Half of what a TextEncoder of its own costs for every message.
    if (!fatal || text.isWellFormed()) return Buffer.from(text, 'utf8');
    throw new PolyrailError(
      'REQUEST_INVALID',
      'The text holds half a character (a lone surrogate)',
    );
  }
  requireKnown(charset);
  const bytes = new Uint8Array(tables().encode(text, charset));
  if (!fatal || isAscii(text) || decodeText(bytes, charset) === text) return bytes;
  throw new PolyrailError('REQUEST_INVALID', `The text holds a character that ${charset} has not`);
}

/**
 * Short pieces are dead before the runtime collects its youngest objects: while a large file is read,
 * the heap stays as small as it was.
 */
const pieceBytes = 1536;

/**
 * A stream of bytes as pieces of text; characters split between pieces are put together. A byte
 * order mark at the start is dropped.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` with `fatal`, as `decodeText`
 */
export async function* decodeStream(
  source: AsyncIterable<Uint8Array>,
  charset: Charset | (string & {}) = 'utf-8',
  options: { readonly fatal?: boolean } = {},
): AsyncGenerator<string, undefined> {
  const { fatal = false } = options;
  const decoder = decoderOf(charset, fatal);
  let first = true;
  const clean = (text: string): string => {
    if (fatal && text.includes(replacement) && !isNative(charset)) throw unreadable(charset);
    const starts = first && text !== '';
    if (starts) first = false;
    return starts && text.startsWith('\ufeff') ? text.slice(1) : text;
  };
  for await (const chunk of source) {
    const bytes = asBuffer(chunk);
    for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
      const text = clean(decoder.write(bytes.subarray(start, start + pieceBytes)));
      if (text !== '') yield text;
    }
  }
  const rest = clean(decoder.end() ?? '');
  if (rest !== '') yield rest;
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The runtime reads these by itself, several times as fast as a table in JavaScript. */
const isNative = (charset: string): boolean => /^(?:utf-?8|gbk|gb18030)$/i.test(charset);

interface Decoder {
  write(chunk: Buffer): string;
  end(): string | undefined;
}

function decoderOf(charset: string, fatal: boolean): Decoder {
  if (isNative(charset)) return nativeDecoder(charset, fatal);
  requireKnown(charset);
  return tables().getDecoder(charset);
}

function nativeDecoder(charset: string, fatal: boolean): Decoder {
  const decoder = new TextDecoder(charset, { fatal, ignoreBOM: true });
  const guarded = (decode: () => string): string => {
    try {
      return decode();
    } catch {
      throw unreadable(charset);
    }
  };
  return {
    write: (chunk) => guarded(() => decoder.decode(chunk, { stream: true })),
    end: () => guarded(() => decoder.decode()),
  };
}
