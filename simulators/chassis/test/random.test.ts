import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSeededRandom } from '../src/index.ts';

test('the same seed draws the same, another seed another', () => {
  const draw = (seed: number | string) =>
    Buffer.from(createSeededRandom(seed).bytes(64)).toString('hex');
  expect(draw(7)).toBe(draw(7));
  expect(draw(7)).not.toBe(draw(8));
  expect(draw(7)).not.toBe(draw('7'));
});

test('bytes do not depend on how they are asked for', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(70), { maxLength: 8 }), (seed, parts) => {
      const whole = parts.reduce((sum, part) => sum + part, 0);
      const once = createSeededRandom(seed).bytes(whole);
      const random = createSeededRandom(seed);
      expect(Buffer.concat(parts.map((part) => random.bytes(part)))).toEqual(Buffer.from(once));
    }),
  );
});

test('a draw in one stream shifts no other', () => {
  const quiet = createSeededRandom(1);
  const busy = createSeededRandom(1);
  busy.digits(100);
  busy.fork('elsewhere').bytes(1_000);
  expect(busy.fork('ids').digits(20)).toBe(quiet.fork('ids').digits(20));
});

test('a label names one stream: asking again continues it', () => {
  const random = createSeededRandom(1);
  const first = random.fork('ids').digits(20);
  expect(random.fork('ids').digits(20)).not.toBe(first);
  expect(random.fork('ids')).not.toBe(random.fork('keys'));
});

test('integers stay in range and reach every value', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 48 }), (seed, below) => {
      const drawn = createSeededRandom(seed).integer(below);
      expect(Number.isSafeInteger(drawn) && drawn >= 0 && drawn < below).toBe(true);
    }),
  );
  const random = createSeededRandom(3);
  const counts = Array.from({ length: 6 }, () => 0);
  for (let draw = 0; draw < 6_000; draw += 1) counts[random.integer(6)]! += 1;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('chance 0 never, 1 always, between them about as often', () => {
  const random = createSeededRandom(4);
  const hits = (p: number) => Array.from({ length: 2_000 }, () => random.chance(p)).filter(Boolean);
  expect(hits(0)).toHaveLength(0);
  expect(hits(1)).toHaveLength(2_000);
  expect(Math.abs(hits(0.25).length - 500)).toBeLessThan(100);
});

test('pick and integer refuse what has no answer', () => {
  const random = createSeededRandom(5);
  expect(() => random.pick([])).toThrow(RangeError);
  expect(() => random.integer(0)).toThrow(RangeError);
  expect(() => random.integer(1.5)).toThrow(RangeError);
  expect(['a', 'b']).toContain(random.pick(['a', 'b']));
  expect(random.digits(12)).toMatch(/^\d{12}$/);
});
