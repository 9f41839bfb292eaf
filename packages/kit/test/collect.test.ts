import { gather } from '@polyrail/kit/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rejection } from './support/errors.ts';

describe('a body in its pieces', () => {
  async function* stream(chunks: readonly Uint8Array[]) {
    yield* chunks;
  }

  it('has its bytes, whatever the chunks, in few pieces', async () => {
    const size = fc.oneof(fc.nat(50), fc.nat(40_000));
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 30 }), async (sizes) => {
        const chunks = sizes.map((length, at) => new Uint8Array(length).fill(at));
        const whole = Buffer.concat(chunks);
        const pieces = await gather(stream(chunks), whole.length);
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        const longest = 2 + 2 * chunks.filter((chunk) => chunk.length >= 16_384).length;
        expect(pieces.length).toBeLessThanOrEqual(longest + whole.length / 65_536);
        if (whole.length === 0) return;
        const late = await rejection(gather(stream(chunks), whole.length - 1));
        expect(late.code).toBe('REPLY_UNREADABLE');
      }),
      { numRuns: 60 },
    );
  });
});

it.each(['', 'text', 5])('does not take %j for bytes', async (chunk) => {
  async function* body() {
    yield chunk as unknown as Uint8Array;
  }
  await expect(gather(body(), 100)).rejects.toThrow(TypeError);
});
