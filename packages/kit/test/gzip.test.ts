import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip, isGzip } from '../src/gzip.ts';

const read = async (packed: Uint8Array, maxBytes = 1 << 20): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of gunzip(packed, { maxBytes })) pieces.push(piece);
  return Buffer.concat(pieces);
};
const code = async (packed: Uint8Array, maxBytes?: number): Promise<unknown> =>
  read(packed, maxBytes).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe('GZIP', () => {
  const plain = Buffer.from('一行\r\n'.repeat(50_000));
  const packed = gzipSync(plain);

  it('unpacks piece by piece', async () => {
    expect(isGzip(packed)).toBe(true);
    expect(isGzip(plain)).toBe(false);
    expect((await read(packed)).equals(plain)).toBe(true);
    expect(await read(gzipSync(''))).toHaveLength(0);
  });

  it.each([
    ['cut', packed.subarray(0, packed.length - 9)],
    ['cut before its checksum', packed.subarray(0, packed.length - 8)],
    ['damaged', Buffer.from(packed).fill(0xff, 100, 110)],
    ['no GZIP', plain],
    ['nothing', new Uint8Array()],
  ])('refuses a file that is %s', async (_what, broken) => {
    expect(await code(broken)).toBe('REPLY_UNREADABLE');
  });

  it('refuses a checksum that does not fit', async () => {
    const wrong = Buffer.from(packed);
    wrong[wrong.length - 8] = (wrong[wrong.length - 8] ?? 0) ^ 1;
    expect(await code(wrong)).toBe('REPLY_UNREADABLE');
  });

  it('stops at its cap', async () => {
    expect(await code(packed, plain.length)).toBeUndefined();
    expect(await code(packed, plain.length - 1)).toBe('REPLY_UNREADABLE');
  });

  it('stops when the reader does', async () => {
    for await (const piece of gunzip(packed, { maxBytes: 1 << 20 })) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
  });
});
