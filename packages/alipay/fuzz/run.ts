/** fuzz · run: feeds inputs to targets and holds every ending against what was promised. */
import { diceOf, inputOf } from './mutate.ts';
import type { Target } from './target.ts';
import { isRefusal, targets } from './targets.ts';

export interface FuzzPlan {
  readonly seed: number;
  /** The first input and one more than the last; every `step`-th of them. */
  readonly first: number;
  readonly last: number;
  readonly step?: number;
  /** Targets whose name contains it. */
  readonly only?: string;
  /** Told before each input, so that whoever watches knows which one never ended. */
  readonly onInput?: (index: number) => void;
}

export interface FuzzFailure {
  readonly index: number;
  readonly target: string;
  readonly what: string;
  readonly input: string;
}

export interface FuzzResult {
  /** Inputs by target: all, and those that were read as sound. */
  readonly counts: Readonly<Record<string, { inputs: number; read: number }>>;
  readonly failure?: FuzzFailure;
}

const pristine = Object.getOwnPropertyNames(Object.prototype).length;

/** What an input did to everybody else. */
const isPolluted = (): boolean =>
  Object.getOwnPropertyNames(Object.prototype).length !== pristine ||
  Reflect.get({}, 'polluted') !== undefined ||
  Reflect.get([], 'polluted') !== undefined;

function chosen(only: string, seed: number, index: number) {
  const possible = targets.filter(({ name }) => name.includes(only));
  if (possible.length === 0) {
    throw new Error(`No target is called ${only}: ${targets.map(({ name }) => name).join(', ')}`);
  }
  const dice = diceOf(Math.imul(seed, 2_654_435_761) ^ Math.imul(index + 1, 40_503));
  let left = dice(possible.reduce((sum, { weight }) => sum + weight, 0));
  const target = possible.find(({ weight }) => {
    left -= weight;
    return left < 0;
  }) as Target;
  return { target, input: inputOf(target.corpus, dice) };
}

async function judge(target: Target, input: Uint8Array): Promise<string | 'read' | 'refused'> {
  try {
    const found = await target.read(input);
    return target.objection(found, input) ?? 'read';
  } catch (error) {
    return isRefusal(error, target) ? 'refused' : `it fails with ${error}`;
  }
}

/** Runs a plan to its end, or to the first input that breaks a promise. */
export async function fuzz(plan: FuzzPlan): Promise<FuzzResult> {
  const { seed, first, last, step = 1, only = '', onInput } = plan;
  const counts: Record<string, { inputs: number; read: number }> = {};
  for (let index = first; index < last; index += step) {
    onInput?.(index);
    const { target, input } = chosen(only, seed, index);
    const count = counts[target.name] ?? { inputs: 0, read: 0 };
    counts[target.name] = count;
    count.inputs += 1;
    const ending = await judge(target, input);
    const what = isPolluted() ? 'a prototype is polluted' : ending;
    if (what === 'read') count.read += 1;
    else if (what !== 'refused') {
      const shown = Buffer.from(input).toString('base64');
      return { counts, failure: { index, target: target.name, what, input: shown } };
    }
  }
  return { counts };
}
