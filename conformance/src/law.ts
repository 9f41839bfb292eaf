/** conformance · law: one numbered sentence about every channel, and when it applies. */
import type { Channel, Verb } from '@polyrail/core';
import type { Stage } from './stage.ts';

/** 1 pure: a channel and a spy suffice. 2 exchange: needs a site. 3 storm: needs faults. */
export type Level = 1 | 2 | 3;

export interface Law {
  /** `PAY-03`. Ids are API: waivers and reports name them. */
  readonly id: string;
  /** The law, as a sentence. */
  readonly sentence: string;
  /** What goes wrong where it is broken. */
  readonly why: string;
  readonly level: Level;
  /** Verbs without which there is nothing to observe. */
  readonly verbs?: readonly Verb[];
  /** A reason why the law has nothing to say about this channel, read from its capabilities. */
  readonly unless?: (channel: Channel) => string | undefined;
  /** Runs on a site of its own: the law counts everything the site did. */
  readonly alone?: boolean;
  run(stage: Stage): Promise<void>;
}

/** Thrown by a law that finds nothing to observe on this subject. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** Ends a law without a verdict: there is nothing to observe, and this is why. */
export function notApplicable(reason: string): never {
  throw new NotApplicable(reason);
}
