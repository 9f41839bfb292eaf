/** conformance · pushes: what the channel tells by itself, and whether asking tells the same. */
import assert from 'node:assert/strict';
import type { Fact, Noun, Outcome } from '@polyrail/core';
import { attempt, gist, wordsOf } from './acts.ts';
import type { Stage } from './stage.ts';

/**
 * The last that was pushed about an id while something was done; `undefined` where the channel
 * pushed nothing at all. Where something came, one message must tell of it.
 */
export async function pushedAbout(
  stage: Stage,
  { noun, id }: { readonly noun: Noun; readonly id: string },
  act: () => Promise<unknown>,
): Promise<Fact | undefined> {
  const before = stage.heard.length;
  await act();
  await stage.settled();
  const messages = stage.heard.slice(before);
  const { channel } = stage.client;
  if (channel.receive === undefined || messages.length === 0) return undefined;
  const endings = [];
  for (const message of messages) {
    endings.push(await attempt(async () => channel.receive?.(message)));
  }
  const facts = endings.flatMap(({ result }) => result?.facts ?? []);
  const fact = facts.findLast((one) => one.noun === noun && one.ref.merchantId === id);
  const words = endings.map(wordsOf).join(', ');
  assert.ok(fact, `${messages.length} notifications came (${words}), none tells of ${noun} ${id}`);
  return fact;
}

/** Two tellings of the same agree in every member that both have. */
export function requireSameTelling(
  pushed: Outcome<Noun>,
  queried: Outcome<Noun>,
  where: string,
): void {
  const asked = gist(queried);
  for (const [member, told] of Object.entries(gist(pushed))) {
    const found = asked[member];
    if (told === undefined || found === undefined) continue;
    const words = `pushed ${JSON.stringify(told)}, queried ${JSON.stringify(found)}`;
    assert.deepEqual(told, found, `${where}: ${member}: ${words}`);
  }
}
