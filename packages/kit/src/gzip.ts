/** kit · gzip: unpacks from memory as it is read, up to a cap and to the very end. */
import { createGunzip } from 'node:zlib';
import { PolyrailError } from '@polyrail/core';

const pieceBytes = 64 * 1024;

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

/** Whether bytes begin as RFC 1952 has it. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Unpacks. Ends normally only when the file was whole and its checksum fits; a file that unpacks past
 * `maxBytes` is stopped there.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` while it is read
 */
export async function* gunzip(
  packed: Uint8Array,
  { maxBytes }: { readonly maxBytes: number },
): AsyncGenerator<Uint8Array, undefined> {
  const stream = createGunzip({ chunkSize: pieceBytes });
  stream.end(packed);
  let size = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      size += piece.byteLength;
      if (size > maxBytes) break;
      yield piece;
    }
  } catch {
    throw unreadable('This is no whole GZIP file');
  } finally {
    stream.destroy();
  }
  if (size > maxBytes) throw unreadable(`The GZIP file unpacks to more than ${maxBytes} bytes`);
}
