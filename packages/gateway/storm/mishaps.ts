/**
 * gateway storm · mishaps: what befalls the merchant's own machines - a process that dies or is replaced, a
 * store that fails.
 */
import { createSeededRandom, type SeededRandom } from '@polyrail/simulator';
import { checkpoints } from '../src/index.ts';
import type { Deed } from './deeds.ts';

const second = 1000;
const minute = 60 * second;

/** Points at which a process may die: the gateway's own, and those that only the storm can reach. */
export const crashPoints = [...checkpoints, 'after-send', 'before-commit', 'after-commit'] as const;
export type CrashPoint = (typeof crashPoints)[number];

export interface Crash {
  readonly point: CrashPoint;
  /** It strikes when the payment comes to that point for the so-many-th time, from 1 on. */
  readonly pass: number;
  /** How long the process stays away, in ms. */
  readonly downMs: number;
}

/** The store fails once: before a transaction, or once that is committed and nobody can tell. */
export interface Trouble {
  readonly when: 'before' | 'after';
  /** It strikes the so-many-th transaction about the payment, from 1 on. */
  readonly pass: number;
}

export function drawCrashes(random: SeededRandom): readonly Crash[] {
  const draw = random.integer(1000);
  const count = draw < 35 ? 1 : draw < 45 ? 2 : 0;
  return Array.from({ length: count }, () => ({
    point: random.pick(crashPoints),
    pass: 1 + random.integer(3),
    downMs: random.pick([0, 1, 500, 2 * second, 20 * second, 3 * minute]),
  }));
}

/** Now and then a process of the gateway is replaced, while a payment is on its way. */
export function deployDeeds(seed: number, number: number): readonly Deed[] {
  const random = createSeededRandom(`${seed}/${number}/deploy`);
  return random.chance(0.02) ? [{ kind: 'deploy', atMs: random.integer(10 * second) }] : [];
}

export function drawTroubles(seed: number, number: number): readonly Trouble[] {
  const random = createSeededRandom(`${seed}/${number}/store`);
  const count = random.chance(0.03) ? 1 + random.integer(2) : 0;
  return Array.from({ length: count }, () => ({
    when: random.pick(['before', 'after'] as const),
    pass: 1 + random.integer(6),
  }));
}
