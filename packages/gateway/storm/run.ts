/** gateway storm · run: many payments as worlds of some hundred, and what all of them came to. */
import { createHash } from 'node:crypto';
import { addCounts, type Counts, sometimes } from './chronicle.ts';
import type { Violation } from './judge.ts';
import type { Shard } from './options.ts';
import { paymentsPerWorld } from './terms.ts';
import { runWorld, type WorldResult } from './world.ts';

/** The numbers of the payments of one world; the last world may have fewer. */
export const worldNumbers = (world: number, payments: number): readonly number[] => {
  const first = world * paymentsPerWorld;
  const count = Math.min(paymentsPerWorld, payments - first);
  return Array.from({ length: count }, (_, index) => first + index);
};

const worldsOf = (payments: number): number => Math.ceil(payments / paymentsPerWorld);

/** The worlds of a part: every so manieth. */
export const worldsIn = (payments: number, { part, parts }: Shard): readonly number[] =>
  Array.from({ length: worldsOf(payments) }, (_, world) => world).filter(
    (world) => world % parts === part - 1,
  );

/** What one world came to, as it is sent between processes. */
export interface WorldReport {
  readonly world: number;
  readonly payments: number;
  readonly hash: string;
  readonly counts: Counts;
  readonly violations: readonly Violation[];
  /** What it cost, in ms of all cores together. */
  readonly cpuMs: number;
}

const cpuMsSoFar = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

export async function reportWorld(
  { seed, payments }: { readonly seed: number; readonly payments: number },
  world: number,
): Promise<WorldReport> {
  const numbers = worldNumbers(world, payments);
  const before = cpuMsSoFar();
  const result: WorldResult = await runWorld({ seed, payments: numbers });
  const { hash, counts, violations } = result;
  const cpuMs = Math.round(cpuMsSoFar() - before);
  return { world, payments: numbers.length, hash, counts, violations, cpuMs };
}

export interface StormReport {
  readonly payments: number;
  readonly hash: string;
  readonly counts: Counts;
  readonly cpuMs: number;
  readonly failed: readonly WorldReport[];
  /** What should have happened somewhere and did not. */
  readonly missing: readonly string[];
}

/** All worlds together; their order is that of their numbers, whoever ran them. */
export function summarize(reports: readonly WorldReport[]): StormReport {
  const inOrder = reports.toSorted((one, other) => one.world - other.world);
  const hash = createHash('sha256');
  for (const report of inOrder) hash.update(`${report.world} ${report.hash}\n`);
  const counts = inOrder.reduce<Counts>((sum, report) => addCounts(sum, report.counts), {});
  return {
    payments: inOrder.reduce((sum, { payments }) => sum + payments, 0),
    hash: hash.digest('hex').slice(0, 32),
    counts,
    cpuMs: inOrder.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    failed: inOrder.filter(({ violations }) => violations.length > 0),
    missing: sometimes.filter((name) => (counts[name] ?? 0) === 0),
  };
}
