/** contest · cpu: what one call costs, in CPU time of this process. */
import { takeTurns } from './turns.ts';

export interface CpuRounds<T> {
  /** Each must say that it found its case genuine. */
  readonly contestants: Readonly<Record<string, (one: T) => Promise<boolean> | boolean>>;
  readonly cases: readonly T[];
  readonly rounds: number;
  readonly perRound: number;
}

async function measure<T>(name: string, { contestants, cases, perRound }: CpuRounds<T>) {
  const work = contestants[name];
  const begun = process.cpuUsage();
  for (let at = 0; at < perRound; at += 1) {
    const isGood = await work?.(cases[at % cases.length] as T);
    if (isGood !== true) throw new Error(`${name} does not believe what is genuine`);
  }
  const { user, system } = process.cpuUsage(begun);
  return { microseconds: (user + system) / perRound };
}

/** The median microseconds of each contestant, after one round that does not count. */
export async function cpuRounds<T>(task: CpuRounds<T>): Promise<(name: string) => number> {
  const names = Object.keys(task.contestants);
  for (const name of names) await measure(name, task);
  const { rounds } = task;
  const of = await takeTurns({ names, rounds, measure: (name) => measure(name, task) });
  return (name) => of(name, 'microseconds');
}
