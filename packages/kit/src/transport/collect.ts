/** kit · transport: a streamed body as one piece of bytes, up to a cap. */
import { PolyrailError } from '@polyrail/core';

/**
 * Reads a body to its end. Leaves it at the first chunk that passes `maxBytes`.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` (doubt `unreadable-reply`) over the cap; whatever the body throws
 */
export async function collect(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new PolyrailError(
        'REPLY_UNREADABLE',
        `The body passes the limit of ${maxBytes} bytes`,
        {
          doubt: 'unreadable-reply',
        },
      );
    }
    chunks.push(chunk);
  }
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
