/** conformance · calls: how the calls of drills are given up, and what they must never do. */
import assert from 'node:assert/strict';
import { type Attempt, attempt, wordsOf } from './acts.ts';
import { type Drill, drillsOf, type Ready } from './drills.ts';
import { later } from './instruments.ts';
import { notApplicable } from './law.ts';
import type { Client, Stage } from './stage.ts';

/** Drills of verbs that move or change something. */
export async function movingDrills(stage: Stage): Promise<readonly Drill[]> {
  const moving = (await drillsOf(stage)).filter(({ reading }) => !reading);
  return moving.length > 0 ? moving : notApplicable('no verb of the suite moves anything here');
}

export async function readingDrills(stage: Stage): Promise<readonly Drill[]> {
  const reading = (await drillsOf(stage)).filter((drill) => drill.reading);
  return reading.length > 0 ? reading : notApplicable('no verb of the suite reads anything here');
}

/** Wall time after which a call that must end by itself counts as hanging. */
const patienceMs = 3_000;

/** How a call ended that nothing holds up any more; a call that hangs breaks the law. */
export async function settledOf<T>(
  ending: Promise<Attempt<T>>,
  where: string,
): Promise<Attempt<T>> {
  const over = later(patienceMs);
  const first = await Promise.race([ending, over.done]);
  over.cancel();
  assert.ok(first, `${where}: the call does not end`);
  return first;
}

export type GivingUp = 'deadline' | 'abort';

/** Starts a call that will hang, waits until it does, and gives it up. */
export async function giveUp(
  stage: Stage,
  { ready, client, how }: { ready: Ready; client: Client; how: GivingUp },
  where: string,
): Promise<Attempt<unknown>> {
  const timeoutMs = 5_000;
  const controller = new AbortController();
  const options = how === 'abort' ? { signal: controller.signal } : { timeoutMs };
  const hanging = client.spy.when('hanging');
  const ending = attempt(() => ready.call(client, options));
  await Promise.race([hanging, ending]);
  if (how === 'abort') controller.abort();
  else await stage.site.clock.advance(timeoutMs);
  return settledOf(ending, where);
}

/** A call that may have been received and was not answered must be in doubt: nothing else. */
export function requireUnknown(ending: Attempt<unknown>, where: string): void {
  const { status } = (ending.result ?? {}) as { status?: unknown };
  assert.equal(status, 'unknown', `${where}: ${wordsOf(ending)} instead of unknown`);
}

/** How many of a client's requests left. */
export const sentBy = ({ spy }: Client): number => spy.exchanges.filter(({ sent }) => sent).length;
