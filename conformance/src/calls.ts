/** conformance · calls: how the calls of drills are given up, and what they must never do. */
import assert from 'node:assert/strict';
import type { Noun, Ref } from '@polyrail/core';
import { type Attempt, attempt, wordsOf } from './acts.ts';
import type { Target } from './aim.ts';
import { type Drill, drillsOf } from './drills.ts';
import { later } from './instruments.ts';
import { notApplicable } from './law.ts';
import type { Intervention } from './spy.ts';
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

/** Makes a call with its exchange spoilt. */
export function spoilt(at: Target, intervention: Intervention): Promise<Attempt<unknown>> {
  at.spoil(intervention);
  return settledOf(
    attempt(() => at.ready.call(at.client)),
    at.ready.where,
  );
}

export type GivingUp = 'deadline' | 'abort';
export const waysToGiveUp: readonly GivingUp[] = ['deadline', 'abort'];

/** What a call is given up with, and the moment to do so. */
export function givingUp(stage: Stage, how: GivingUp) {
  const timeoutMs = 5_000;
  const controller = new AbortController();
  return {
    options: how === 'abort' ? { signal: controller.signal } : { timeoutMs },
    async now(): Promise<void> {
      if (how === 'abort') controller.abort();
      else await stage.site.clock.advance(timeoutMs);
    },
  };
}

/** Starts a call that will hang, waits until it does, and gives it up. */
export async function giveUp(
  stage: Stage,
  { at, how }: { at: Target; how: GivingUp },
  where: string,
): Promise<Attempt<unknown>> {
  const { options, now } = givingUp(stage, how);
  const hanging = at.client.spy.when('hanging');
  const ending = attempt(() => at.ready.call(at.client, options));
  const hangs = await Promise.race([hanging.then(() => true), ending.then(() => false)]);
  if (hangs) await now();
  return settledOf(ending, where);
}

/** A call that may have been received and was not answered must be in doubt: nothing else. */
export function requireUnknown(ending: Attempt<unknown>, where: string): void {
  const { status } = (ending.result ?? {}) as { status?: unknown };
  assert.equal(status, 'unknown', `${where}: ${wordsOf(ending)} instead of unknown`);
}

/** How many of a client's requests left. */
export const sentBy = ({ spy }: Client): number => spy.exchanges.filter(({ sent }) => sent).length;

/** An `onPrepared` that keeps what it is given as JSON, as a database would. */
export function keeper() {
  const kept: string[] = [];
  return {
    kept,
    onPrepared: async (ref: Ref<Noun>): Promise<void> => {
      kept.push(JSON.stringify(ref));
    },
    /** What was stored, read back. */
    stored(where: string): Ref<Noun> {
      assert.equal(kept.length, 1, `${where}: onPrepared was called ${kept.length} times`);
      return JSON.parse(kept[0] ?? '');
    },
  };
}
