/** kit · transport: a streamed body to its end, up to a cap - as one piece of bytes or in its pieces. */
import { PolyrailError } from '@polyrail/core';

/** Shorter pieces are put together in blocks: what arrives byte by byte must not cost objects. */
const shortBytes = 16 * 1024;
const blockBytes = 64 * 1024;

const tooLong = (maxBytes: number): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The body passes the limit of ${maxBytes} bytes`, {
    doubt: 'unreadable-reply',
  });

/**
 * Reads a body to its end and keeps it as it came. A large file in one piece would be in memory twice
 * while it is put together. Leaves it at the first chunk that passes `maxBytes`.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` (doubt `unreadable-reply`) over the cap; whatever the body throws
 */
export async function gather(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let block = new Uint8Array(0);
  let filled = 0;
  let length = 0;
  const endBlock = (): void => {
    if (filled > 0) pieces.push(block.subarray(0, filled));
    filled = 0;
  };
  for await (const chunk of body) {
    // An empty text would otherwise pass for an empty body.
    if (!ArrayBuffer.isView(chunk)) throw new TypeError('The body is not of bytes');
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLong(maxBytes);
    const isFirst = length === chunk.byteLength;
    if (isFirst || chunk.byteLength >= shortBytes) {
      endBlock();
      block = new Uint8Array(0);
      if (chunk.byteLength > 0) pieces.push(chunk);
      continue;
    }
    if (filled + chunk.byteLength > block.byteLength) {
      endBlock();
      block = new Uint8Array(blockBytes);
    }
    block.set(chunk, filled);
    filled += chunk.byteLength;
  }
  endBlock();
  return pieces;
}

/**
 * Reads a body to its end as one piece of bytes. Leaves it at the first chunk that passes `maxBytes`.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` (doubt `unreadable-reply`) over the cap; whatever the body throws
 */
export async function collect(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const pieces = await gather(body, maxBytes);
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
