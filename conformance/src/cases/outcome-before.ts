/** conformance · outcome, before the first byte: what is thrown there happened nowhere. */
import assert from 'node:assert/strict';
import type { Noun, Ref } from '@polyrail/core';
import { attempt, orderFor, pay, requireError } from '../acts.ts';
import { movingTarget, readingTargets, type Target } from '../aim.ts';
import { type Picture, pictureOf } from '../book.ts';
import {
  type GivingUp,
  giveUp,
  givingUp,
  keeper,
  movingDrills,
  sentBy,
  settledOf,
  spoilt,
  waysToGiveUp,
} from '../calls.ts';
import { type Drill, drillsOf } from '../drills.ts';
import { askedAbout, canAsk } from '../inquiry.ts';
import { gate, moment } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';

/** The targets of every drill: of a call that moves the exchange that moves, else each. */
async function targetsOf(stage: Stage, drill: Drill): Promise<readonly Target[]> {
  return drill.reading ? readingTargets(stage, drill) : [await movingTarget(stage, drill)];
}

/** The exchange may not have reached the channel: no byte announced, no change in its book. */
async function requireNothingSent(
  stage: Stage,
  { at, before }: { readonly at: Target; readonly before: Picture },
  where: string,
): Promise<void> {
  await moment();
  assert.equal(at.sent(), 0, `${where}: something was sent all the same`);
  const after = await pictureOf(stage, at.ready.about);
  assert.deepEqual(after, before, `${where}: the channel's book changed`);
}

/** What a call given up before its first byte throws. */
const codes = { deadline: 'NOT_SENT', abort: 'ABORTED' } as const;

/** Broken ways to store a reference: each must keep the call at home. */
const badKeepers: Readonly<Record<string, () => Promise<void>>> = {
  rejects: () => Promise.reject(new Error('the database is down')),
  'rejects with nothing': () => Promise.reject(undefined),
  'throws at once': () => {
    throw new TypeError('no database');
  },
  'rejects later': async () => {
    await moment();
    throw new Error('the transaction was rolled back');
  },
};

/** Members of a reference that were stored stand in the result as well. */
function requireSameRef(stored: Ref<Noun>, result: unknown, where: string): void {
  if (result === undefined) return;
  const { ref } = result as { ref: Ref<Noun> };
  for (const name of ['noun', 'merchantId', 'channelId', 'amount', 'startedAt'] as const) {
    if (stored[name] === undefined) continue;
    assert.deepEqual(ref[name], stored[name], `${where}: ${name} of the result and as stored`);
  }
}

async function requirePreparedFirst(stage: Stage, drill: Drill): Promise<void> {
  const at = await movingTarget(stage, drill);
  const store = keeper();
  const over = gate();
  let sentBefore = 0;
  const onPrepared = async (ref: Ref<Noun>) => {
    await store.onPrepared(ref);
    await moment();
    sentBefore = at.sent();
    over.open();
  };
  const { result } = await attempt(() => at.ready.call(at.client, { onPrepared }));
  const { where } = drill;
  const stored = store.stored(where);
  await over.opened;
  assert.equal(sentBefore, 0, `${where}: sent before onPrepared had ended`);
  requireSameRef(stored, result, where);
}

/** The call is given up while the reference is still being stored, which then succeeds. */
async function requireKeptAtHome(
  stage: Stage,
  { drill, how }: { drill: Drill; how: GivingUp },
): Promise<void> {
  const at = await movingTarget(stage, drill);
  const before = await pictureOf(stage, at.ready.about);
  const { options, now } = givingUp(stage, how);
  const where = `${drill.where}, ${how} while onPrepared stores`;
  const [begun, stored] = [gate(), gate()];
  const onPrepared = () => {
    begun.open();
    return stored.opened;
  };
  const ending = attempt(() => at.ready.call(at.client, { ...options, onPrepared }));
  await Promise.race([begun.opened, ending]);
  await now();
  requireError(await settledOf(ending, where), [codes[how]], where);
  stored.open();
  await requireNothingSent(stage, { at, before }, where);
}

/** A call whose request or reply was lost, asked about with nothing but what was stored before. */
async function requireRefSuffices(stage: Stage, drill: Drill): Promise<void> {
  const { dropReply, dropRequest } = interventions;
  for (const [what, intervention] of Object.entries({ dropReply, dropRequest })) {
    const at = await movingTarget(stage, drill);
    const { ready } = at;
    const before = await pictureOf(stage, ready.about);
    const where = `${drill.where}, ${what === 'dropReply' ? 'reply' : 'request'} lost`;
    const store = keeper();
    at.spoil(intervention);
    await attempt(() => ready.call(at.client, { onPrepared: store.onPrepared }));
    const after = await pictureOf(stage, ready.about);
    const stored = store.stored(where);
    const found = await askedAbout({ client: stage.connect(), ready, stored }, { before, after });
    assert.equal(found, undefined, `${where}: ${found}`);
  }
}

export const outcomeBeforeLaws: readonly Law[] = [
  {
    id: 'OUT-01',
    sentence: 'A refused connection throws NOT_SENT and changes nothing',
    why: 'what surely never left may be tried elsewhere at once; what may have left may not',
    level: 2,
    async run(stage) {
      for (const drill of await drillsOf(stage)) {
        for (const at of await targetsOf(stage, drill)) {
          const before = await pictureOf(stage, at.ready.about);
          const ending = await spoilt(at, interventions.refuse);
          requireError(ending, ['NOT_SENT'], `${drill.where}, connection refused`);
          await requireNothingSent(stage, { at, before }, drill.where);
        }
      }
    },
  },
  {
    id: 'OUT-02',
    sentence: 'A call given up before its first byte throws, and sends nothing afterwards either',
    why: 'a payment that leaves after the merchant gave it up is one nobody waits for',
    level: 2,
    async run(stage) {
      const { hangBefore, deafBefore } = interventions;
      const ways = { 'before the first byte': hangBefore, 'on a deaf transport': deafBefore };
      for (const drill of await drillsOf(stage)) {
        for (const [what, intervention] of Object.entries(ways)) {
          for (const how of waysToGiveUp) {
            const [at] = await targetsOf(stage, drill);
            if (at === undefined) continue;
            const before = await pictureOf(stage, at.ready.about);
            at.spoil(intervention);
            const where = `${drill.where}, ${how} ${what}`;
            requireError(await giveUp(stage, { at, how }, where), [codes[how]], where);
            await requireNothingSent(stage, { at, before }, where);
          }
        }
      }
    },
  },
  {
    id: 'OUT-03',
    sentence: 'With a signal that fired before the call, nothing is sent',
    why: 'who cancelled already has promised somebody that nothing happens',
    level: 2,
    async run(stage) {
      for (const drill of await drillsOf(stage)) {
        const ready = await drill.ready();
        const before = await pictureOf(stage, ready.about);
        const client = stage.connect();
        const signal = AbortSignal.abort();
        const where = `${ready.where} with a signal that had fired`;
        const ending = await settledOf(
          attempt(() => ready.call(client, { signal })),
          where,
        );
        requireError(ending, ['ABORTED'], where);
        await moment();
        assert.equal(sentBy(client), 0, `${where}: something was sent all the same`);
        assert.deepEqual(await pictureOf(stage, ready.about), before, `${where}: the book changed`);
      }
    },
  },
  {
    id: 'OUT-04',
    sentence: 'The reference is given to onPrepared once, and stored before the first byte leaves',
    why: 'a process that dies in between must find what to ask about',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) await requirePreparedFirst(stage, drill);
      for (const scene of stage.scenes) {
        const { stored, onPrepared } = keeper();
        const started = await pay(stage.connect(), orderFor(stage, { scene }), { onPrepared });
        requireSameRef(stored(`pay (${scene})`), started, `pay (${scene})`);
      }
    },
  },
  {
    id: 'OUT-05',
    sentence:
      'If onPrepared fails, or the call is given up meanwhile, it throws and nothing is sent',
    why: 'a payment that could not be stored must not be made',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        for (const [what, onPrepared] of Object.entries(badKeepers)) {
          const at = await movingTarget(stage, drill);
          const before = await pictureOf(stage, at.ready.about);
          const where = `${drill.where}, onPrepared ${what}`;
          const ending = await attempt(() => at.ready.call(at.client, { onPrepared }));
          requireError(ending, ['NOT_SENT'], where);
          await requireNothingSent(stage, { at, before }, where);
        }
        for (const how of waysToGiveUp) await requireKeptAtHome(stage, { drill, how });
      }
    },
  },
  {
    id: 'OUT-06',
    sentence: 'What onPrepared was given is enough to ask what became of the call',
    why: 'after a crash the stored reference is all there is',
    level: 3,
    verbs: ['pay', 'query'],
    async run(stage) {
      const asked = (await movingDrills(stage)).filter(({ verb }) => canAsk(stage.client, verb));
      if (asked.length === 0) notApplicable('no verb answers what became of a call');
      for (const drill of asked) await requireRefSuffices(stage, drill);
    },
  },
];
