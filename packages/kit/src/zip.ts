/** kit · zip: reads archives from memory, unpacked as they are read and checked as they unpack. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { isPolyrailError, PolyrailError } from '@polyrail/core';
import yauzl from 'yauzl';
import { decodeText } from './charset.ts';
import { createStore, type Store } from './zip/store.ts';

export interface ZipLimits {
  /** Directory entries included. Default 64. */
  readonly maxEntries?: number;
  /** Unpacked size of one entry. Default 256 MiB. */
  readonly maxEntryBytes?: number;
  /** Unpacked size of all. Default 512 MiB. */
  readonly maxTotalBytes?: number;
  /**
   * Unpacked size of all over the size of the archive, where more than 16 MiB are unpacked. Default
   * 200: text packs to a tenth or twentieth, and deflate cannot pass 1032.
   */
  readonly maxRatio?: number;
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
/**
 * What lives while a piece is read is copied at every collection of the youngest objects, and the more is
 * copied, the more room the runtime makes for them: of pieces twice as large, or half, it takes 12 MiB more.
 */
const pieceBytes = 32 * 1024;
/** Not worth a bomb. */
const freeBytes = 16 * mebibyte;
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

const openArchive = ({ reader, byteLength }: Store): Promise<Archive> =>
  new Promise((resolve, reject) => {
    const options = {
      autoClose: false,
      lazyEntries: true,
      decodeStrings: false,
      validateEntrySizes: true,
    } as const;
    yauzl.fromRandomAccessReader(reader, byteLength, options, (error, archive) =>
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

function* sliced(packed: Iterable<Uint8Array>): Generator<Uint8Array, undefined> {
  for (const bytes of packed) {
    for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
      yield bytes.subarray(start, start + pieceBytes);
    }
  }
}

async function* inflated(packed: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const inflate = createInflateRaw({ chunkSize: pieceBytes });
  const source = Readable.from(packed);
  source.once('error', (error) => inflate.destroy(error));
  source.pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}

interface Place {
  readonly store: Store;
  readonly archive: Archive;
  readonly entry: yauzl.Entry;
}

async function* unpack({ store, archive, entry }: Place): AsyncGenerator<Uint8Array, undefined> {
  const { compressedSize, compressionMethod, uncompressedSize } = entry;
  let size = 0;
  let checksum = 0;
  try {
    const start = await dataStart(archive, entry);
    const packed = store.range(start, start + compressedSize);
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

function requireWithin(entries: readonly yauzl.Entry[], store: Store, limits: ZipLimits): void {
  const { maxEntryBytes = 256 * mebibyte, maxTotalBytes = 512 * mebibyte, maxRatio = 200 } = limits;
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
  // Over the whole archive, since entries may share what they are packed in.
  if (total > freeBytes && total > store.byteLength * maxRatio) {
    throw unreadable(`The ZIP archive unpacks to more than ${maxRatio} times its size`);
  }
}

/**
 * The files of an archive in directory order. Folders are left out. An entry whose data are larger
 * than it announces is stopped at that size, so no archive unpacks past the caps. A large archive
 * may be given in the pieces it arrived in.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` when it is no archive, encrypted, or past a cap
 */
export async function openZip(
  bytes: Uint8Array | readonly Uint8Array[],
  limits: ZipLimits = {},
): Promise<readonly ZipEntry[]> {
  const { maxEntries = 64, decodeName = guessName } = limits;
  const store = createStore(bytes instanceof Uint8Array ? [bytes] : bytes);
  try {
    const archive = await openArchive(store);
    if (archive.entryCount > maxEntries) {
      throw unreadable(`The ZIP archive has more than ${maxEntries} entries`);
    }
    const entries = await directoryOf(archive);
    requireWithin(entries, store, limits);
    entries.forEach(requireReadable);
    const named = entries.map((entry) => {
      const raw = entry.fileNameRaw;
      const isUtf8 = (entry.generalPurposeBitFlag & utf8Flag) !== 0;
      const name = isUtf8 ? decodeText(raw, 'utf-8') : decodeName(raw);
      const stream = () => unpack({ store, archive, entry });
      return Object.freeze({ name, size: entry.uncompressedSize, stream });
    });
    return named.filter(({ name }) => !name.endsWith('/'));
  } catch (error) {
    throw broken(error);
  }
}
