/** conformance · shape-results: laws about what verbs answer with, and about references. */
import assert from 'node:assert/strict';
import {
  doubts,
  evidences,
  isPolyrailError,
  maxHandleLength,
  type Noun,
  nouns,
  type Outcome,
  type Ref,
  type Verb,
} from '@polyrail/core';
import {
  attempt,
  gist,
  orderFor,
  paidOrder,
  pay,
  query,
  sendingScenes,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Drill, drillsOf, type Ready } from '../drills.ts';
import type { Law } from '../law.ts';
import { requirePlain } from '../plain.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const statuses = ['succeeded', 'pending', 'failed', 'unknown'];
const waiters = ['payer', 'payee', 'channel', 'merchant'];

const known = (words: readonly string[], word: unknown): boolean => words.includes(word as string);

function requireRef(ref: Ref<Noun>, where: string): void {
  assert.ok(known(nouns, ref?.noun), `${where}.ref names no noun: ${ref?.noun}`);
  assert.ok(typeof ref.merchantId === 'string' && ref.merchantId !== '', `${where}.ref: no id`);
  assert.match(String(ref.startedAt), instant, `${where}.ref.startedAt`);
  const { handle } = ref;
  if (handle === undefined) return;
  const short = typeof handle === 'string' && handle.length <= maxHandleLength;
  assert.ok(short, `${where}.ref.handle is longer than ${maxHandleLength} characters`);
}

/** The envelope of every outcome, and what each status must say beside. */
function requireEnvelope(outcome: Outcome<Noun>, where: string): void {
  const { noun, status, ref, evidence, observedAt } = outcome;
  requireRef(ref, where);
  assert.ok(known(statuses, status), `${where}: the status is ${status}`);
  assert.equal(noun, ref.noun, `${where}: the noun of outcome and reference`);
  assert.ok(known(evidences, evidence), `${where}: the evidence is ${evidence}`);
  assert.match(String(observedAt), instant, `${where}.observedAt`);
  const told = outcome as unknown as Record<string, unknown>;
  if (status === 'pending') {
    assert.ok(known(waiters, told['waitingFor']), `${where} waits for ${told['waitingFor']}`);
  }
  if (status === 'unknown') {
    assert.ok(known(doubts, told['doubt']), `${where} doubts for ${told['doubt']}`);
    assert.ok(told['cause'] === undefined || isPolyrailError(told['cause']), `${where}.cause`);
  }
  if (status === 'failed') {
    assert.ok(typeof told['reason'] === 'string', `${where} failed without a reason`);
    assert.ok(known(['same-id', 'new-id', 'never'], told['retry']), `${where}.retry`);
  }
}

const isOutcome = (result: unknown): result is Outcome<Noun> =>
  typeof result === 'object' && result !== null && 'status' in result;

function requireResult(result: unknown, where: string): void {
  requirePlain(result, where);
  if (isOutcome(result)) requireEnvelope(result, where);
}

/** The noun a verb answers with. */
const nounOf: { readonly [V in Verb]?: Noun } = {
  pay: 'payment',
  query: 'payment',
  close: 'closure',
  cancel: 'cancellation',
  reverse: 'cancellation',
  queryCancellation: 'cancellation',
  refund: 'refund',
  queryRefund: 'refund',
  authorize: 'authorization',
  queryAuthorization: 'authorization',
  capture: 'payment',
  cancelAuthorization: 'cancellation',
  signUp: 'agreement',
  querySignUp: 'agreement',
  signOff: 'agreement',
  payout: 'payout',
  queryPayout: 'payout',
};

/** What the suite cannot call without an exchange is called with one that is lost, too. */
async function walk(stage: Stage, drill: Drill): Promise<void> {
  const { where, verb, reading } = drill;
  const honest = await drill.ready();
  const result = await honest.call(stage.client);
  requireResult(result, where);
  if (isOutcome(result)) assert.equal(result.noun, nounOf[verb], `${where}: the noun`);
  if (reading) return;
  const lost = await drill.ready();
  stage.client.spy.plan(interventions.dropReply);
  requireResult((await attempt(() => lost.call(stage.client))).result ?? null, `${where}, unheard`);
}

/** Verbs that name no earlier call; what they are given may hold what is never stored. */
const withoutReference: ReadonlySet<Verb> = new Set([
  'pay',
  'authorize',
  'signUp',
  'payout',
  'statement',
  'balance',
]);

const stored = <N extends Noun>(ref: Ref<N>): Ref<N> => JSON.parse(JSON.stringify(ref));

/** A drill whose references went through JSON. */
const fromStore = (ready: Ready, client: Stage['client']): Promise<unknown> => {
  const request = JSON.parse(JSON.stringify(ready.request));
  const verb = verbOf(client.channel, ready.verb) as (r: object) => Promise<unknown>;
  return verb(request);
};

export const resultLaws: readonly Law[] = [
  {
    id: 'SHAPE-04',
    sentence: 'Every result is plain data, frozen throughout, with reference, evidence and time',
    why: 'results are stored as JSON and compared later: what JSON changes cannot be relied on',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      let ref: Ref<'payment'> | undefined;
      for (const scene of stage.scenes) {
        const handed = await pay(stage.client, orderFor(stage, { scene }));
        requireResult(handed, `pay (${scene})`);
        ref = handed.ref;
      }
      for (const drill of await drillsOf(stage)) await walk(stage, drill);
      if (ref === undefined || stage.client.channel.query === undefined) return;
      const { channelId: _none, ...nobody } = { ...ref, merchantId: stage.freshId() };
      const ending = await attempt(() => query(stage.client, nobody));
      const reading = ending.result ?? null;
      requireResult(reading, 'query about an id nobody used');
    },
  },
  {
    id: 'SHAPE-05',
    sentence: 'A reference survives JSON and serves any channel object of the same merchant',
    why: 'between two calls lie a database and a restart: the next call is made by another object',
    level: 2,
    verbs: ['pay', 'query'],
    async run(stage) {
      for (const scene of stage.scenes) {
        let prepared: Ref<Noun> | undefined;
        const onPrepared = async (ref: Ref<Noun>) => {
          prepared = ref;
        };
        const request = orderFor(stage, { scene });
        const { ref } = await pay(stage.client, request, { onPrepared });
        assert.ok(prepared !== undefined, `pay (${scene}) never called onPrepared`);
        for (const [kept, what] of [
          [prepared, 'as prepared'],
          [ref, 'as answered'],
        ] as const) {
          const where = `pay (${scene}), the reference ${what}`;
          requireRef(kept, where);
          requirePlain(kept, where);
          assert.equal(kept.merchantId, request.merchantPaymentId, `${where}: the id`);
          assert.deepEqual(kept.amount, request.amount, `${where}: the amount`);
        }
      }
      if (sendingScenes(stage).length === 0) return;
      const { ref } = await paidOrder(stage);
      const own = await query(stage.client, ref);
      const other = await query(stage.connect(), stored(ref));
      assert.deepEqual(gist(other), gist(own), 'query with a stored reference by another object');
      for (const drill of await drillsOf(stage)) {
        if (withoutReference.has(drill.verb)) continue;
        const usual = await drill.ready();
        const own = wordsOf(await attempt(() => usual.call(stage.client)));
        const ready = await drill.ready();
        const other = wordsOf(await attempt(() => fromStore(ready, stage.connect())));
        assert.equal(other, own, `${drill.where} with a stored reference by another object`);
      }
    },
  },
];
