/** gateway storm kill · killing: which processes die, and when, and that they come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '@polyrail/simulator';
import { type Scene, stores } from './scene.ts';
import type { Victims } from './victims.ts';

/**
 * Between two rounds of kills the processes answer and tell up to so many times: on a busy machine they
 * would else be killed before they did anything. Then some ms more, so that nothing is in step with it.
 */
const mostReplies = 14;
const mostMoreMs = 400;
const longestRoundMs = 60_000;

/** One mostly, sometimes two, sometimes all: some of them before they were quite there. */
function chooseThose(victims: Victims, random: SeededRandom): readonly number[] {
  const there = [...victims.live(), ...(random.chance(0.03) ? victims.starting() : [])];
  const shuffled = there
    .map((index) => ({ index, at: random.integer(1_000_000) }))
    .sort((one, other) => one.at - other.at)
    .map(({ index }) => index);
  const drawn = random.integer(100);
  return shuffled.slice(0, drawn < 80 ? 1 : drawn < 93 ? 2 : shuffled.length);
}

export interface Killed {
  /** Two or all at once. */
  readonly together: number;
  /** Before they took requests. */
  readonly early: number;
}

/** Lets the processes work for a while. */
async function underLoad({
  random,
  victims,
  signal,
}: Pick<Scene, 'random' | 'victims' | 'signal'>) {
  const enough = victims.replies() + random.integer(mostReplies);
  const until = performance.now() + longestRoundMs;
  while (victims.replies() < enough && performance.now() < until) {
    await sleep(20, undefined, { signal });
  }
  await sleep(random.integer(mostMoreMs), undefined, { signal });
}

/** Kills so many, and has each started again; what was killed together is counted apart. */
export async function killThem(scene: Scene, say: (text: string) => void): Promise<Killed> {
  const { store, kills, random, victims, load, signal } = scene;
  const { pauseMs } = stores[store];
  const counts = { together: 0, early: 0 };
  const starts = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const startAgain = async (index: number): Promise<void> => {
    await sleep(random.integer(pauseMs), undefined, { signal });
    await victims.start(index);
  };
  let count = 0;
  while (count < kills && failure === undefined) {
    await underLoad({ random, victims, signal });
    const those = chooseThose(victims, random).slice(0, kills - count);
    if (those.length === 0) continue;
    counts.early += those.filter((index) => !victims.live().includes(index)).length;
    if (those.length > 1) counts.together += those.length;
    await victims.kill(those);
    for (const index of those) {
      const start = startAgain(index).catch((error: unknown) => {
        failure = { error };
      });
      starts.add(start);
    }
    const tens = Math.floor(count / 10);
    count += those.length;
    if (Math.floor(count / 10) > tens)
      say(`${count} of ${kills} kills, ${load.orders.length} payments`);
  }
  await Promise.all(starts);
  if (failure !== undefined) throw failure.error;
  return counts;
}
