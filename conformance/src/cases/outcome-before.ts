/** conformance · outcome, before the first byte: what is thrown there happened nowhere. */
import assert from 'node:assert/strict';
import type { Noun, Ref, Scene } from '@polyrail/core';
import {
  attempt,
  orderFor,
  pay,
  query,
  requireError,
  sendingScene,
  sendingScenes,
  truthOf,
} from '../acts.ts';
import { giveUp, movingDrills, settledOf } from '../calls.ts';
import { drillsOf, type Ready } from '../drills.ts';
import { moment } from '../instruments.ts';
import type { Law } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

/** Nothing of a call may have reached the channel: no byte announced, no change in its book. */
async function requireNothingSent(
  stage: Stage,
  seen: { readonly client: Client; readonly before: unknown; readonly ready: Ready },
  where: string,
): Promise<void> {
  await moment();
  const { spy } = seen.client;
  assert.ok(!spy.moments.includes('first-byte'), `${where}: something was sent all the same`);
  const after = await truthOf(stage, seen.ready.id);
  assert.deepEqual(after, seen.before, `${where}: the channel's book changed`);
}

/** Broken ways to store a reference: each must keep the call at home. */
const badKeepers: Readonly<Record<string, () => Promise<void>>> = {
  rejects: () => Promise.reject(new Error('the database is down')),
  'throws at once': () => {
    throw new TypeError('no database');
  },
  'rejects later': async () => {
    await moment();
    throw new Error('the transaction was rolled back');
  },
};

async function requirePreparedFirst(stage: Stage, ready: Ready): Promise<void> {
  const client = stage.connect();
  const kept: Ref<Noun>[] = [];
  const onPrepared = async (ref: Ref<Noun>) => {
    kept.push(ref);
    await moment();
    client.spy.mark('stored');
  };
  await attempt(() => ready.call(client, { onPrepared }));
  const { where } = ready;
  assert.equal(kept.length, 1, `${where}: onPrepared was called ${kept.length} times`);
  const { moments } = client.spy;
  const sentAt = moments.indexOf('first-byte');
  if (sentAt < 0) return;
  const storedAt = moments.indexOf('stored');
  assert.ok(storedAt >= 0 && storedAt < sentAt, `${where}: sent before onPrepared had ended`);
}

/** A payment whose reply was lost, looked up with nothing but what was stored before it left. */
async function requireRefSuffices(stage: Stage, scene: Scene): Promise<void> {
  const client = stage.connect();
  const request = orderFor(stage, { scene });
  let stored = '';
  client.spy.plan(interventions.dropReply);
  const ending = await attempt(() =>
    pay(client, request, {
      onPrepared: async (ref) => {
        stored = JSON.stringify(ref);
      },
    }),
  );
  const { status } = ending.result ?? { status: 'thrown' };
  assert.equal(status, 'unknown', `pay (${scene}) with a lost reply`);
  const found = await query(stage.connect(), JSON.parse(stored));
  const { debits } = await truthOf(stage, request.merchantPaymentId);
  const told = found.status === 'succeeded';
  assert.equal(
    told,
    debits === 1,
    `pay (${scene}): query says ${found.status}, the book ${debits}`,
  );
}

export const outcomeBeforeLaws: readonly Law[] = [
  {
    id: 'OUT-01',
    sentence: 'A refused connection throws NOT_SENT and changes nothing',
    why: 'what surely never left may be tried elsewhere at once; what may have left may not',
    level: 2,
    async run(stage) {
      for (const drill of await drillsOf(stage)) {
        const ready = await drill.ready();
        const before = await truthOf(stage, ready.id);
        const client = stage.connect();
        client.spy.plan(interventions.refuse);
        const ending = await attempt(() => ready.call(client));
        requireError(ending, ['NOT_SENT'], `${ready.where}, connection refused`);
        await requireNothingSent(stage, { client, before, ready }, ready.where);
      }
    },
  },
  {
    id: 'OUT-02',
    sentence: 'A call given up before its first byte throws, and sends nothing afterwards either',
    why: 'a payment that leaves after the merchant gave it up is one nobody waits for',
    level: 2,
    async run(stage) {
      const codes = { deadline: 'NOT_SENT', abort: 'ABORTED' } as const;
      for (const drill of await drillsOf(stage)) {
        for (const how of ['deadline', 'abort'] as const) {
          const ready = await drill.ready();
          const before = await truthOf(stage, ready.id);
          const client = stage.connect();
          client.spy.plan(interventions.hangBefore);
          const where = `${ready.where}, ${how} before the first byte`;
          const ending = await giveUp(stage, { ready, client, how }, where);
          requireError(ending, [codes[how]], where);
          await requireNothingSent(stage, { client, before, ready }, where);
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
        const before = await truthOf(stage, ready.id);
        const client = stage.connect();
        const signal = AbortSignal.abort();
        const where = `${ready.where} with a signal that had fired`;
        const ending = await settledOf(
          attempt(() => ready.call(client, { signal })),
          where,
        );
        requireError(ending, ['ABORTED'], where);
        await requireNothingSent(stage, { client, before, ready }, where);
      }
    },
  },
  {
    id: 'OUT-04',
    sentence: 'The reference is given to onPrepared once, and stored before the first byte leaves',
    why: 'a process that dies in between must find what to ask about',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        await requirePreparedFirst(stage, await drill.ready());
      }
      for (const scene of stage.scenes) {
        const kept: Ref<Noun>[] = [];
        const onPrepared = async (ref: Ref<Noun>) => {
          kept.push(ref);
        };
        const started = await pay(stage.connect(), orderFor(stage, { scene }), { onPrepared });
        assert.equal(kept.length, 1, `pay (${scene}): onPrepared was called ${kept.length} times`);
        const [stored] = kept;
        assert.equal(stored?.merchantId, started.ref.merchantId, `pay (${scene}): another id`);
      }
    },
  },
  {
    id: 'OUT-05',
    sentence: 'If onPrepared fails, the verb throws NOT_SENT and nothing is sent',
    why: 'a payment that could not be stored must not be made',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        for (const [what, onPrepared] of Object.entries(badKeepers)) {
          const ready = await drill.ready();
          const before = await truthOf(stage, ready.id);
          const client = stage.connect();
          const where = `${ready.where}, onPrepared ${what}`;
          const ending = await attempt(() => ready.call(client, { onPrepared }));
          requireError(ending, ['NOT_SENT'], where);
          await requireNothingSent(stage, { client, before, ready }, where);
        }
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
      sendingScene(stage);
      for (const scene of sendingScenes(stage)) await requireRefSuffices(stage, scene);
    },
  },
];
