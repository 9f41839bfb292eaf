/** conformance · outcome of reading verbs: they change nothing, and invent no answer. */
import assert from 'node:assert/strict';
import { instantOf, isPolyrailError } from '@polyrail/core';
import { amountFor, attempt, query, truthOf, wordsOf } from '../acts.ts';
import { giveUp, readingDrills, settledOf } from '../calls.ts';
import type { Law } from '../law.ts';
import { cutAt, type Intervention, interventions, served } from '../spy.ts';

/** What a reading verb may throw when no answer can be had. */
const unanswered = ['UNAVAILABLE', 'REPLY_UNVERIFIED', 'REPLY_UNREADABLE'];

const page = new TextEncoder().encode('<html>Bad Gateway</html>');
const ways: Readonly<Record<string, Intervention>> = {
  'its request lost': interventions.dropRequest,
  'its reply lost': interventions.dropReply,
  'HTTP 502': served({ status: 502, headers: {}, body: page }),
  'HTTP 404 from in front of the channel': served({ status: 404, headers: {}, body: page }),
  'an empty reply': served({ status: 200, headers: {}, body: new Uint8Array() }),
  'a page instead of a reply': served({ status: 200, headers: {}, body: page }),
  'a reply cut short': cutAt(5),
};

function requireNoAnswer(ending: Awaited<ReturnType<typeof attempt>>, where: string): void {
  const code = isPolyrailError(ending.error) ? ending.error.code : undefined;
  const expected = unanswered.join(' or ');
  assert.ok(
    code !== undefined && unanswered.includes(code),
    `${where}: ${wordsOf(ending)} instead of throwing ${expected}`,
  );
}

export const outcomeReadingLaws: readonly Law[] = [
  {
    id: 'OUT-18',
    sentence: 'A reading verb that gets no answer throws, and never says failed or not-found',
    why: 'an answer made up of silence is the one that writes off an order that was paid',
    level: 2,
    async run(stage) {
      for (const drill of await readingDrills(stage)) {
        for (const [what, intervention] of Object.entries(ways)) {
          const ready = await drill.ready();
          const before = await truthOf(stage, ready.id);
          const client = stage.connect();
          client.spy.plan(intervention);
          const where = `${ready.where} with ${what}`;
          requireNoAnswer(
            await settledOf(
              attempt(() => ready.call(client)),
              where,
            ),
            where,
          );
          assert.deepEqual(await truthOf(stage, ready.id), before, `${where}: the book changed`);
        }
      }
    },
  },
  {
    id: 'OUT-19',
    sentence: 'A reading verb given up while it waits throws at once',
    why: 'whoever asks under a deadline has something else to do afterwards',
    level: 2,
    async run(stage) {
      for (const drill of await readingDrills(stage)) {
        for (const how of ['deadline', 'abort'] as const) {
          const ready = await drill.ready();
          const client = stage.connect();
          client.spy.plan(interventions.hangAfter);
          const where = `${ready.where}, ${how} while waiting`;
          requireNoAnswer(await giveUp(stage, { ready, client, how }, where), where);
        }
      }
    },
  },
  {
    id: 'OUT-20',
    sentence: 'A reading verb changes nothing, however often it is called',
    why: 'who must be afraid of asking does not ask',
    level: 2,
    async run(stage) {
      for (const drill of await readingDrills(stage)) {
        const ready = await drill.ready();
        const before = await truthOf(stage, ready.id);
        const first = await attempt(() => ready.call(stage.client));
        for (let time = 2; time <= 3; time += 1) {
          const again = await attempt(() => ready.call(stage.connect()));
          const where = `${ready.where}, asked ${time} times`;
          assert.equal(wordsOf(again), wordsOf(first), where);
          assert.deepEqual(await truthOf(stage, ready.id), before, `${where}: the book changed`);
        }
      }
    },
  },
  {
    id: 'OUT-21',
    sentence: 'What the channel does not know is returned as unknown/not-found, with its evidence',
    why: 'not found is a reading, not a failure, and only the gateway may conclude anything from it',
    level: 2,
    verbs: ['query'],
    async run(stage) {
      const startedAt = instantOf(stage.site.clock.now());
      const merchantId = stage.freshId();
      const amount = amountFor(stage);
      const ref = { noun: 'payment', merchantId, amount, startedAt } as const;
      const ending = await attempt(() => query(stage.client, ref));
      assert.equal(wordsOf(ending), 'unknown/not-found', 'a payment nobody ever made');
      const { evidence } = ending.result as { evidence: string };
      assert.notEqual(evidence, 'none', 'not-found without evidence is no answer');
    },
  },
];
