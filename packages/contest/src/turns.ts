/** contest · turns: contestants measured in turn, round by round. */
import { median } from './median.ts';

export interface Turns<N extends string, M> {
  readonly names: readonly N[];
  readonly rounds: number;
  readonly measure: (name: N) => Promise<M> | M;
}

/** Gives the median of one member of what was measured of one contestant. */
export type Standing<N extends string, M> = (name: N, member: keyof M) => number;

/** Each round begins with another contestant: none always has the coolest machine. */
export async function takeTurns<N extends string, M extends object>({
  names,
  rounds,
  measure,
}: Turns<N, M>): Promise<Standing<N, M>> {
  const results = new Map<N, M[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round) % names.length] as N;
      results.get(name)?.push(await measure(name));
    }
  }
  return (name, member) =>
    median((results.get(name) ?? []).map((measured) => Number(measured[member])));
}
