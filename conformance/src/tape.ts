/** conformance · tape: an honest exchange, recorded, and played again with another reply in it. */
import { isPolyrailError } from '@polyrail/core';
import { type Attempt, attempt, wordsOf } from './acts.ts';
import type { Drill, Ready } from './drills.ts';
import { type Reply, served } from './spy.ts';
import { hashOf, type Stage } from './stage.ts';

export interface Tape {
  readonly ready: Ready;
  readonly seed: number;
  readonly replies: readonly Reply[];
  /** What the honest replies made the call answer. */
  readonly honest: Attempt<unknown>;
}

/** Makes the call on a channel object of its own and keeps what came back. */
export async function record(stage: Stage, drill: Drill): Promise<Tape> {
  const ready = await drill.ready();
  const seed = hashOf(`${ready.where} ${stage.freshId()}`);
  const client = stage.connect({ seed });
  const honest = await attempt(() => ready.call(client));
  const replies = client.spy.exchanges.flatMap(({ reply }) => (reply ? [reply] : []));
  return { ready, seed, replies, honest };
}

/** A place in the recording, and what arrives there instead. */
export interface Splice {
  readonly at: number;
  readonly reply: Reply;
}

/**
 * The same call with the same randomness at the same time, answered from the tape; one reply is
 * another. The site hears nothing.
 */
export function replay(stage: Stage, tape: Tape, splice?: Splice): Promise<Attempt<unknown>> {
  const client = stage.connect({ seed: tape.seed });
  tape.replies.forEach((honest, at) => {
    client.spy.plan(served(at === splice?.at ? splice.reply : honest));
  });
  return attempt(() => tape.ready.call(client));
}

/** All that an ending says, but the channel's own words, which nobody decides by. */
export function sayings({ result, error }: Attempt<unknown>): string {
  if (error !== undefined) return `throws ${isPolyrailError(error) ? error.code : String(error)}`;
  return JSON.stringify(result, (name, value) => (name === 'raw' ? undefined : value));
}

/** Where two endings begin to say different things. */
function difference(found: string, honest: string): string {
  let at = 0;
  while (at < found.length && found[at] === honest[at]) at += 1;
  const near = (text: string) => text.slice(Math.max(0, at - 40), at + 40);
  return `…${near(found)}… instead of …${near(honest)}…`;
}

const disbelief: readonly unknown[] = ['REPLY_UNVERIFIED', 'REPLY_UNREADABLE', 'UNAVAILABLE'];

/**
 * What was believed of a reply that must not be, the one at this place of the tape: `undefined` when
 * the call is in doubt or says what the honest reply said.
 */
export function believed(tape: Tape, ending: Attempt<unknown>, at: number): string | undefined {
  const { result, error } = ending;
  if (sayings(ending) === sayings(tape.honest)) return undefined;
  const { status } = (result ?? {}) as { status?: unknown };
  if (!tape.ready.reading && status === 'unknown') return undefined;
  const code = isPolyrailError(error) ? error.code : undefined;
  // What goes before the exchange that moves may keep the call at home.
  const beforehand = at < tape.replies.length - 1;
  if (beforehand && code === 'NOT_SENT') return undefined;
  if (tape.ready.reading && disbelief.includes(code)) return undefined;
  return `${wordsOf(ending)}: ${difference(sayings(ending), sayings(tape.honest))}`;
}
