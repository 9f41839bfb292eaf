/** kit · test: bytes that nobody can guess, drawn ahead. */
import { describe, expect, it } from 'vitest';
import { nonce, systemRandom, uuid } from '../src/random.ts';

describe('random bytes of the machine', () => {
  it('are as many as were asked for, whatever the number', () => {
    const lengths = [0, 1, 12, 255, 256, 257, 4096, 5000];
    expect(lengths.map((length) => systemRandom.bytes(length).length)).toEqual(lengths);
  });

  it('are never handed out twice, and are whoever asked to keep', () => {
    const drawn = Array.from({ length: 2000 }, () => systemRandom.bytes(16));
    const kept = drawn.map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(new Set(kept).size).toBe(2000);
    expect(drawn.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(kept);
    expect(kept.some((hex) => hex.includes('00000000'))).toBe(false);
  });

  it('share their memory with nobody', () => {
    const [one, other] = [systemRandom.bytes(8), systemRandom.bytes(8)];
    const before = Buffer.from(other).toString('hex');
    one.fill(255);
    expect(Buffer.from(other).toString('hex')).toBe(before);
    expect(one.buffer.byteLength).toBe(8);
  });

  it('spread over the whole byte', () => {
    const counts = new Uint32Array(256);
    for (let draw = 0; draw < 4096; draw += 1) {
      for (const byte of systemRandom.bytes(16)) counts[byte] = (counts[byte] ?? 0) + 1;
    }
    // 256 each on average, with a deviation of 16.
    expect(Math.min(...counts)).toBeGreaterThan(256 - 112);
    expect(Math.max(...counts)).toBeLessThan(256 + 112);
  });

  it('make identifiers of version 4, and nonces of plain symbols', () => {
    expect(uuid(systemRandom)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(nonce(systemRandom, 32)).toMatch(/^[A-Z2-7]{32}$/);
  });
});
