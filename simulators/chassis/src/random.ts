/**
 * simulator · random: seeded randomness in independent streams. A draw in one stream shifts no
 * other, so a seed replays a run even after a simulator learned to draw something new elsewhere.
 */
import { createHash, hash } from 'node:crypto';
import type { Random } from '@polyrail/core';

export interface SeededRandom extends Random {
  /** The stream of that label: the same label gives the same stream, continued. */
  fork(label: string): SeededRandom;
  /** A whole number from 0 up to, not including, `below` (at most 2^48). */
  integer(below: number): number;
  /** True with probability `p`, from 0 (never) to 1 (always). */
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `n` decimal digits; the first may be 0. */
  digits(n: number): string;
}

const range = 2 ** 48;

/** Not for secrets: whoever knows the seed knows every draw. */
export function createSeededRandom(seed: number | string): SeededRandom {
  return stream(
    createHash('sha256')
      .update(`polyrail ${typeof seed} ${seed}`)
      .digest(),
  );
}

function stream(key: Uint8Array): SeededRandom {
  const forks = new Map<string, SeededRandom>();
  let block: Uint8Array = new Uint8Array(0);
  let used = 0;
  let counter = 0;
  const keyText = Buffer.from(key).toString('latin1');

  const refill = (): void => {
    block = hash('sha256', Buffer.from(`${keyText}:${counter++}`, 'latin1'), 'buffer');
    used = 0;
  };
  const bytes = (length: number): Uint8Array => {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError('length: a whole number');
    const drawn = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (used === block.length) refill();
      const part = block.subarray(used, used + length - filled);
      drawn.set(part, filled);
      filled += part.length;
      used += part.length;
    }
    return drawn;
  };
  const nextByte = (): number => {
    if (used === block.length) refill();
    return block[used++] as number;
  };
  /** 48 bits, the most significant byte first. */
  const wide = (): number => {
    let drawn = 0;
    for (let count = 0; count < 6; count += 1) drawn = drawn * 256 + nextByte();
    return drawn;
  };
  const integer = (below: number): number => {
    if (!Number.isSafeInteger(below) || below < 1 || below > range) {
      throw new RangeError('below: a whole number from 1 to 2^48');
    }
    // Draws past the last whole multiple are thrown away: the rest is without bias.
    const limit = range - (range % below);
    let drawn = wide();
    while (drawn >= limit) drawn = wide();
    return drawn % below;
  };

  return {
    bytes,
    integer,
    fork(label) {
      const known = forks.get(label);
      if (known !== undefined) return known;
      const made = stream(createHash('sha256').update(key).update(`/${label}`).digest());
      forks.set(label, made);
      return made;
    },
    chance: (p) => wide() / range < p,
    pick(list) {
      if (list.length === 0) throw new RangeError('list: at least one item to pick from');
      return list[integer(list.length)] as (typeof list)[number];
    },
    digits: (n) => Array.from({ length: n }, () => integer(10)).join(''),
  };
}
