/** kit · zip: reads archives from memory, unpacked as they are read and checked as they unpack. */
import { once } from 'node:events';
import { crc32, createInflateRaw } from 'node:zlib';
import { isPolyrailError, PolyrailError } from '@polyrail/core';
import yauzl from 'yauzl';
import { decodeText } from './charset.ts';

export interface ZipLimits {
  /** Directory entries included. Default 64. */
  readonly maxEntries?: number;
  /** Unpacked size of one entry. Default 256 MiB. */
  readonly maxEntryBytes?: number;
  /** Unpacked size of all. Default 512 MiB. */
  readonly maxTotalBytes?: number;
  /** Names that are not marked as UTF-8. Default: UTF-8 where it is that, else GBK. */
  readonly decodeName?: (raw: Uint8Array) => string;
}

export interface ZipEntry {
  /** As it stands in the archive: never to be used as a path. */
  readonly name: string;
  /** Unpacked size as announced; `stream` proves it. */
  readonly size: number;
  /**
   * Unpacks. Ends normally only when size and CRC-32 are those announced.
   *
   * @throws PolyrailError `REPLY_UNREADABLE` while it is read
   */
  stream(): AsyncIterable<Uint8Array>;
}

const mebibyte = 1024 * 1024;
const pieceBytes = 64 * 1024;
const utf8Flag = 0x800;
const methods = { stored: 0, deflated: 8 } as const;

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

const broken = (error: unknown): PolyrailError =>
  isPolyrailError(error) ? error : unreadable('This is no whole ZIP archive');

/** Quirk: Chinese banks and wallets pack GBK names and leave the UTF-8 flag off; some pack UTF-8. */
function guessName(raw: Uint8Array): string {
  try {
    return decodeText(raw, 'utf-8', { fatal: true });
  } catch {
    return decodeText(raw, 'gbk');
  }
}

type Archive = yauzl.ZipFile;

const openArchive = (bytes: Buffer): Promise<Archive> =>
  new Promise((resolve, reject) => {
    const options = { lazyEntries: true, decodeStrings: false, validateEntrySizes: true } as const;
    yauzl.fromBuffer(bytes, options, (error, archive) =>
      error ? reject(error) : resolve(archive),
    );
  });

/** The central directory, entry by entry. */
async function directoryOf(archive: Archive): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  archive.on('entry', (entry: yauzl.Entry) => {
    entries.push(entry);
    archive.readEntry();
  });
  const end = once(archive, 'end');
  archive.readEntry();
  await end;
  return entries;
}

const dataStart = (archive: Archive, entry: yauzl.Entry): Promise<number> =>
  new Promise((resolve, reject) => {
    archive.readLocalFileHeader(entry, { minimal: true }, (error, header) =>
      error ? reject(error) : resolve(header.fileDataStart),
    );
  });

function* sliced(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
  }
}

async function* inflated(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  const inflate = createInflateRaw({ chunkSize: pieceBytes });
  inflate.end(bytes);
  yield* inflate as AsyncIterable<Uint8Array>;
}

interface Place {
  readonly bytes: Buffer;
  readonly archive: Archive;
  readonly entry: yauzl.Entry;
}

async function* unpack({ bytes, archive, entry }: Place): AsyncGenerator<Uint8Array, undefined> {
  const { compressedSize, compressionMethod, uncompressedSize } = entry;
  let size = 0;
  let checksum = 0;
  try {
    const start = await dataStart(archive, entry);
    const packed = bytes.subarray(start, start + compressedSize);
    const pieces = compressionMethod === methods.stored ? sliced(packed) : inflated(packed);
    for await (const piece of pieces) {
      size += piece.byteLength;
      if (size > uncompressedSize) throw unreadable('A ZIP entry is larger than it announces');
      checksum = crc32(piece, checksum);
      yield piece;
    }
  } catch (error) {
    throw broken(error);
  }
  if (size !== uncompressedSize) throw unreadable('A ZIP entry is smaller than it announces');
  if (checksum !== entry.crc32) throw unreadable('The checksum of a ZIP entry does not fit');
}

function requireReadable(entry: yauzl.Entry): void {
  if (entry.isEncrypted()) throw unreadable('The ZIP archive is encrypted');
  const method = entry.compressionMethod;
  if (method === methods.stored || method === methods.deflated) return;
  throw unreadable(`A ZIP entry is packed with method ${method}; only deflate is read`);
}

function requireWithin(entries: readonly yauzl.Entry[], limits: ZipLimits): void {
  const { maxEntryBytes = 256 * mebibyte, maxTotalBytes = 512 * mebibyte } = limits;
  let total = 0;
  for (const { uncompressedSize } of entries) {
    total += uncompressedSize;
    if (uncompressedSize > maxEntryBytes) {
      throw unreadable(`A ZIP entry unpacks to more than ${maxEntryBytes} bytes`);
    }
    if (total > maxTotalBytes) {
      throw unreadable(`The ZIP archive unpacks to more than ${maxTotalBytes} bytes`);
    }
  }
}

/**
 * The files of an archive in directory order. Folders are left out. An entry whose data are larger
 * than it announces is stopped at that size, so no archive unpacks past the caps.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` when it is no archive, encrypted, or past a cap
 */
export async function openZip(
  bytes: Uint8Array,
  limits: ZipLimits = {},
): Promise<readonly ZipEntry[]> {
  const { maxEntries = 64, decodeName = guessName } = limits;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const archive = await openArchive(whole);
    if (archive.entryCount > maxEntries) {
      throw unreadable(`The ZIP archive has more than ${maxEntries} entries`);
    }
    const entries = await directoryOf(archive);
    requireWithin(entries, limits);
    entries.forEach(requireReadable);
    const named = entries.map((entry) => {
      const raw = entry.fileNameRaw;
      const isUtf8 = (entry.generalPurposeBitFlag & utf8Flag) !== 0;
      const name = isUtf8 ? decodeText(raw, 'utf-8') : decodeName(raw);
      const stream = () => unpack({ bytes: whole, archive, entry });
      return Object.freeze({ name, size: entry.uncompressedSize, stream });
    });
    return named.filter(({ name }) => !name.endsWith('/'));
  } catch (error) {
    throw broken(error);
  }
}
