/** conformance · outcome of what was only taken on: accepted is not succeeded. */
import assert from 'node:assert/strict';
import type { Noun, Ref, Verb } from '@polyrail/core';
import { arm, attempt, struck, wordsOf } from '../acts.ts';
import { movesOf, type Picture, pictureOf, repeated } from '../book.ts';
import { keeper } from '../calls.ts';
import { type Drill, drillsOf } from '../drills.ts';
import { askedAbout } from '../inquiry.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Stage } from '../stage.ts';
import type { Acceptance } from '../subject.ts';

const movedBy = (picture: Picture): string => JSON.stringify(movesOf(picture));

/**
 * While it is only accepted nobody says more; once it is done, asking says what the books say.
 * Whether it came to that: some orders wait for a payer all the same.
 */
async function requirePendingUntilDone(
  stage: Stage,
  drill: Drill,
  { order, doneAfterMs }: Acceptance,
): Promise<boolean> {
  const ready = await drill.ready();
  const before = await pictureOf(stage, ready.about);
  const { stored, onPrepared } = keeper();
  const operation = stage.subject.samples?.operations?.[drill.verb];
  arm(stage, order.fault, { ...(operation ? { operation } : {}), ...order });
  const ending = await attempt(() => ready.call(stage.client, { onPrepared }));
  const hit = struck(stage, order.fault);
  stage.site.faults.clear();
  const early = await pictureOf(stage, ready.about);
  if (!hit) return false;
  const where = `${drill.where} that the channel only took on`;
  const { status } = (ending.result ?? {}) as { status?: string };
  assert.equal(status, 'pending', `${where}: ${wordsOf(ending)}`);
  const ref: Ref<Noun> = stored(where);
  const ask = (after: Picture) =>
    askedAbout({ client: stage.connect(), ready, stored: ref }, { before, after });
  // Some ledgers set the money aside at once: then they cannot be held against the answer.
  const isSetAside = movedBy(early) !== movedBy(before);
  const told = isSetAside ? undefined : await ask(early);
  assert.ok(told === undefined, `${where}, asked about at once: ${told}`);
  await stage.site.clock.advance(doneAfterMs + 1000);
  await stage.settled();
  const done = await pictureOf(stage, ready.about);
  const often = repeated(before, done, ready.request);
  assert.ok(often === undefined, `${where} was done more than once: ${often}`);
  const found = await ask(done);
  assert.ok(found === undefined, `${where}, asked about when its time had come: ${found}`);
  return movedBy(done) !== movedBy(before);
}

export const acceptedLaw: Law = {
  id: 'OUT-25',
  sentence: 'What was only taken on is pending, and succeeded once the channel says it was done',
  why: 'who ships on “received” ships what is refused a minute later',
  level: 3,
  verbs: ['pay'],
  alone: true,
  async run(stage) {
    const { acceptance } = stage.subject.samples ?? {};
    if (acceptance === undefined) notApplicable('the site does at once what it takes on');
    const seen = new Map<Verb, boolean>();
    for (const drill of await drillsOf(stage)) {
      const { verb } = drill;
      const how = acceptance[verb];
      if (how === undefined) continue;
      const shown = await requirePendingUntilDone(stage, drill, how);
      seen.set(verb, shown || seen.get(verb) === true);
    }
    if (seen.size === 0) notApplicable('no verb of the suite is only taken on');
    const missing = [...seen].flatMap(([verb, shown]) => (shown ? [] : [verb]));
    assert.deepEqual(missing, [], 'setting the stage: what is taken on must be done in the end');
  },
};
