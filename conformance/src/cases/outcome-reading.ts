/** conformance · outcome of reading verbs: they change nothing, and invent no answer. */
import assert from 'node:assert/strict';
import { instantOf, isPolyrailError } from '@polyrail/core';
import { type Attempt, amountFor, attempt, query, struck, wordsOf } from '../acts.ts';
import { readingTargets, type Target } from '../aim.ts';
import { pictureOf } from '../book.ts';
import { giveUp, readingDrills, settledOf, spoilt, waysToGiveUp } from '../calls.ts';
import { type Drill, shareOf } from '../drills.ts';
import type { Law } from '../law.ts';
import { cutAt, edited, type Intervention, interventions, served } from '../spy.ts';
import type { Stage } from '../stage.ts';

/** What a reading verb may throw when no answer can be had. */
const unanswered = ['UNAVAILABLE', 'REPLY_UNVERIFIED', 'REPLY_UNREADABLE'];
/** The same where the exchange that answers was never reached, or something is broken. */
const unanswerable = [...unanswered, 'NOT_SENT', 'INTERNAL'];
/** The same where the channel itself turned the request away. */
const turnedAway = [...unanswered, 'REFUSED'];

const page = new TextEncoder().encode('<html>Bad Gateway</html>');
const nothing = new Uint8Array();
const front = [401, 403, 404, 429, 500, 502, 503].map(
  (status) =>
    [
      `HTTP ${status} from in front of the channel`,
      served({ status, headers: {}, body: page }),
    ] as const,
);

const ways: Readonly<Record<string, Intervention>> = {
  'its request lost': interventions.dropRequest,
  'its reply lost': interventions.dropReply,
  ...Object.fromEntries(front),
  'HTTP 204': served({ status: 204, headers: {}, body: nothing }),
  'a redirect': served({
    status: 302,
    headers: { location: 'http://elsewhere.invalid/' },
    body: nothing,
  }),
  'an empty reply': served({ status: 200, headers: {}, body: nothing }),
  'a page instead of a reply': served({ status: 200, headers: {}, body: page }),
  'a reply cut short': cutAt(5),
  'a server error with its answer': edited(() => ({ status: 502 })),
};

const rejecting =
  (thrown: unknown): Intervention =>
  async ({ forward }) => {
    await forward();
    throw thrown;
  };

/** What is broken on our side of the wire. */
const defects: Readonly<Record<string, Intervention>> = {
  'a transport that rejects with a TypeError': rejecting(new TypeError('socket is undefined')),
  'a transport that rejects with nothing': rejecting(undefined),
  'a transport that answers with nothing': async ({ forward }) => {
    await forward();
    return undefined as never;
  },
};

/** Faults with which the channel's side gives no answer, and those with which it turns away. */
const faults: Readonly<Record<string, readonly string[]>> = {
  'server-error': unanswered,
  'garbage-body': unanswered,
  'truncate-body': unanswered,
  'rate-limit': turnedAway,
  maintenance: turnedAway,
};

function requireCode(ending: Attempt<unknown>, codes: readonly string[], where: string): void {
  const code = isPolyrailError(ending.error) ? ending.error.code : undefined;
  assert.ok(
    code !== undefined && codes.includes(code),
    `${where}: ${wordsOf(ending)} instead of throwing ${codes.join(' or ')}`,
  );
}

/** Each exchange of the call spoilt in one way. */
async function requireNoAnswer(
  stage: Stage,
  drill: Drill,
  fault: { what: string; intervention: Intervention; codes: readonly string[] },
): Promise<void> {
  const targets = await readingTargets(stage, drill);
  for (const [index, at] of targets.entries()) {
    const before = await pictureOf(stage, at.ready.about);
    const where = `${drill.where} with ${fault.what}`;
    const answering = index === targets.length - 1;
    const codes = answering ? fault.codes : [...fault.codes, 'NOT_SENT'];
    requireCode(await spoilt(at, fault.intervention), codes, where);
    assert.deepEqual(await pictureOf(stage, at.ready.about), before, `${where}: the book changed`);
  }
}

/** A fault of the site, if it knows it: whatever the verb throws, it makes up no answer. */
async function requireNoneMadeUp(stage: Stage, at: Target, fault: string): Promise<void> {
  const { ready, client } = at;
  const operation = stage.subject.samples?.operations?.[ready.verb];
  try {
    stage.site.faults.arm({ fault, ...(operation ? { operation } : {}) });
  } catch {
    return;
  }
  const where = `${ready.where} with ${fault}`;
  const ending = await settledOf(
    attempt(() => ready.call(client)),
    where,
  );
  const hit = struck(stage, fault);
  stage.site.faults.clear();
  if (hit) requireCode(ending, faults[fault] ?? [], where);
}

export const outcomeReadingLaws: readonly Law[] = [
  {
    id: 'OUT-18',
    sentence: 'A reading verb that gets no answer throws, and never says failed or not-found',
    why: 'an answer made up of silence is the one that writes off an order that was paid',
    level: 2,
    async run(stage) {
      for (const [index, drill] of (await readingDrills(stage)).entries()) {
        for (const [what, intervention] of shareOf(stage, index, Object.entries(ways))) {
          await requireNoAnswer(stage, drill, { what, intervention, codes: unanswered });
        }
        for (const [what, intervention] of Object.entries(defects)) {
          await requireNoAnswer(stage, drill, { what, intervention, codes: unanswerable });
        }
        for (const fault of Object.keys(faults)) {
          const [at] = await readingTargets(stage, drill);
          if (at !== undefined) await requireNoneMadeUp(stage, at, fault);
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
      const { hangAfter, hangInBody, deafAfter } = interventions;
      for (const drill of await readingDrills(stage)) {
        for (const intervention of [hangAfter, hangInBody, deafAfter]) {
          for (const how of waysToGiveUp) {
            const at = (await readingTargets(stage, drill)).at(-1);
            if (at === undefined) continue;
            at.spoil(intervention);
            const where = `${drill.where}, ${how} while waiting`;
            requireCode(await giveUp(stage, { at, how }, where), unanswered, where);
          }
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
        const before = await pictureOf(stage, ready.about);
        const first = await attempt(() => ready.call(stage.client));
        for (let time = 2; time <= 3; time += 1) {
          const again = await attempt(() => ready.call(stage.connect()));
          const where = `${ready.where}, asked ${time} times`;
          assert.equal(wordsOf(again), wordsOf(first), where);
          assert.deepEqual(
            await pictureOf(stage, ready.about),
            before,
            `${where}: the book changed`,
          );
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
