/** conformance · authorization, undone: laws of giving free what is held, and of reversing a hold. */
import assert from 'node:assert/strict';
import { type Cancellation, instantOf, type Ref, type Scene } from '@polyrail/core';
import {
  type Attempt,
  amountFor,
  askedToEnd,
  attempt,
  follow,
  requireNo,
  requireStatus,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { verbTarget } from '../aim.ts';
import { keeper, requireUnknown } from '../calls.ts';
import {
  askedHold,
  authorize,
  cancelAuthorization,
  capture,
  captureOf,
  freesParts,
  type Held,
  heldMoney,
  holdFor,
  holdScenes,
  holdTruth,
  inParts,
  queryAuthorization,
  releaseOf,
} from '../holds.ts';
import { type Law, notApplicable } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';
import { requireNotCaptured, requireParts, third } from './authorization-capture.ts';

const effectOf = (ending: Attempt<Cancellation>): string | undefined =>
  (ending.result as { effect?: string } | undefined)?.effect;

const reverse = (stage: Stage, ref: Ref<'authorization'>) =>
  attempt(() => verbOf(stage.client.channel, 'reverse')(ref));

/** Whether the channel reverses authorizations at all: some only payments. */
async function reversal(stage: Stage, ref: Ref<'authorization'>): Promise<Attempt<Cancellation>> {
  const ending = await reverse(stage, ref);
  if (wordsOf(ending) === 'throws UNSUPPORTED') notApplicable('no authorization is reversed');
  return ending;
}

const release = (stage: Stage, held: Held, minorUnits?: number) =>
  attempt(() => cancelAuthorization(stage.client, releaseOf(stage, held, minorUnits)));

function requireReleased(ending: Attempt<Cancellation>, where: string): void {
  requireStatus(ending, ['succeeded', 'pending'], where);
  if (ending.result?.status !== 'succeeded') return;
  assert.equal(effectOf(ending), 'released', `${where}: its effect`);
}

/** What was stored about a hold whose reply was lost. */
async function unheardHold(stage: Stage, scene: Scene): Promise<Ref<'authorization'>> {
  const { stored, onPrepared } = keeper();
  const client = stage.connect();
  client.spy.plan(interventions.dropReply);
  await attempt(() => authorize(client, holdFor(stage, { scene }), { onPrepared }));
  return stored(`authorize (${scene})`) as Ref<'authorization'>;
}

/** Nothing is held under this id, and nothing can be any more. */
async function requireFree(stage: Stage, id: string, where: string): Promise<void> {
  await attempt(() => stage.site.payer.approve(id));
  const { held, captured, released } = await holdTruth(stage, id);
  const left = held - captured - released;
  assert.equal(left, 0, `${where}: ${left} of ${held} is held still`);
  assert.equal(captured, 0, `${where}: ${captured} was taken`);
}

/** A release that must not be made: whatever it is called, the book does not move. */
async function requireNotReleased(
  stage: Stage,
  { held, minorUnits }: { held: Held; minorUnits: number },
  where: string,
): Promise<void> {
  const before = await holdTruth(stage, held.id);
  const ending = await release(stage, held, minorUnits);
  const after = await holdTruth(stage, held.id);
  assert.deepEqual(after, before, `${where}: ${wordsOf(ending)}, and the book changed`);
  requireNo(ending, where);
}

export const authorizationUndoLaws: readonly Law[] = [
  {
    id: 'AUTH-19',
    sentence: 'A partial release gives free exactly its amount and leaves the rest to be captured',
    why: 'the guest goes home a day early: one night is given back, the other is paid',
    level: 2,
    verbs: ['authorize', 'capture', 'cancelAuthorization'],
    unless: ({ capabilities }) =>
      capabilities.partialReleases === false ? 'it releases as a whole only' : undefined,
    async run(stage) {
      const held = await heldMoney(stage);
      const part = third(held);
      const where = `a release of ${part} of ${held.amount.amount}`;
      requireReleased(await release(stage, held, part), where);
      await requireParts(stage, held, { captured: 0, released: part, where });
      const rest = held.amount.amount - part;
      const more = `a capture of ${rest + 1} after ${where}`;
      await requireNotCaptured(stage, { held, minorUnits: rest + 1 }, more);
      const request = captureOf(stage, held, rest);
      const ending = await attempt(() => capture(stage.client, request));
      requireStatus(ending, ['succeeded', 'pending'], `a capture of ${rest} after ${where}`);
      await requireParts(stage, held, { captured: rest, released: part, where });
    },
  },
  {
    id: 'AUTH-20',
    sentence:
      'A release without an amount gives free all that is left, and nothing is captured then',
    why: 'a deposit that was given back and is charged after all is a fraud on the guest',
    level: 2,
    verbs: ['authorize', 'capture', 'cancelAuthorization'],
    async run(stage) {
      const whole = await heldMoney(stage);
      requireReleased(await release(stage, whole), 'a release of everything');
      const released = whole.amount.amount;
      const everything = { captured: 0, released, where: 'a release of everything' };
      await requireParts(stage, whole, everything);
      const where = 'a capture after everything was released';
      await requireNotCaptured(stage, { held: whole, minorUnits: 1 }, where);
      // Captured once, a hold leaves no rest that could be released.
      if (!inParts(stage)) return;
      const rest = await heldMoney(stage);
      const part = third(rest);
      await capture(stage.client, captureOf(stage, rest, part));
      const after = `a release of the rest after a capture of ${part}`;
      requireReleased(await release(stage, rest), after);
      const left = { captured: part, released: rest.amount.amount - part, where: after };
      await requireParts(stage, rest, left);
    },
  },
  {
    id: 'AUTH-21',
    sentence: 'The same cancel id twice releases once',
    why: 'a release is repeated when nobody heard the answer: the second must free nothing more',
    level: 2,
    verbs: ['authorize', 'cancelAuthorization'],
    async run(stage) {
      const held = await heldMoney(stage);
      const request = releaseOf(stage, held, third(held));
      const endings = [];
      for (let time = 0; time < 3; time += 1) {
        endings.push(await attempt(() => cancelAuthorization(stage.connect(), request)));
      }
      const words = endings.map(wordsOf).join(', ');
      const where = `a release three times under one id: ${words}`;
      const released = freesParts(stage) ? third(held) : held.amount.amount;
      await requireParts(stage, held, { captured: 0, released, where });
      assert.ok(!/failed|throws/.test(words), where);
    },
  },
  {
    id: 'AUTH-22',
    sentence: 'No more is released than is held',
    why: 'what is given free beyond the hold is somebody else’s money',
    level: 2,
    verbs: ['authorize', 'cancelAuthorization'],
    unless: ({ capabilities }) =>
      capabilities.partialReleases === false ? 'it releases as a whole only' : undefined,
    async run(stage) {
      const held = await heldMoney(stage);
      const total = held.amount.amount;
      const where = `a release of ${total + 1} of ${total}`;
      await requireNotReleased(stage, { held, minorUnits: total + 1 }, where);
      if (stage.client.channel.capture === undefined) return;
      await capture(stage.client, captureOf(stage, held, third(held)));
      const rest = `a release of ${total} of ${total}, ${third(held)} of it captured`;
      await requireNotReleased(stage, { held, minorUnits: total }, rest);
    },
  },
  {
    id: 'AUTH-23',
    sentence:
      'A release whose reply was lost is unknown, what is left tells, repeated it frees once',
    why: 'the payer asks for the deposit at the counter, and the desk must know where it is',
    level: 2,
    verbs: ['authorize', 'cancelAuthorization', 'queryAuthorization'],
    async run(stage) {
      const at = await verbTarget(stage, 'cancelAuthorization');
      at.spoil(interventions.dropReply);
      const where = 'a release whose reply was lost';
      requireUnknown(await attempt(() => at.ready.call(at.client)), where);
      const { authorization, amount: part } = at.ready.request as ReturnType<typeof releaseOf>;
      const { amount: whole } = authorization;
      const amount = part ?? whole;
      assert.ok(amount !== undefined && whole !== undefined);
      const held = { id: authorization.merchantId, ref: authorization, amount: whole };
      const { released } = await holdTruth(stage, held.id);
      await requireParts(stage, held, { captured: 0, released, where });
      await attempt(() => at.ready.call(stage.connect(), { repeat: true }));
      const again = `${where}, repeated`;
      await requireParts(stage, held, { captured: 0, released: amount.amount, where: again });
    },
  },
  {
    id: 'AUTH-24',
    sentence:
      'Reversing an authorization that never was, or was not granted, holds and moves nothing',
    why: 'it is called exactly when nobody knows whether anything happened',
    level: 2,
    verbs: ['authorize', 'reverse'],
    async run(stage) {
      const startedAt = instantOf(stage.site.clock.now());
      const merchantId = stage.freshId();
      const amount = amountFor(stage);
      const never = { noun: 'authorization', merchantId, amount, startedAt } as const;
      const nothing = await reversal(stage, never);
      const unseen = 'reversing an authorization nobody asked for';
      requireStatus(nothing, ['succeeded', 'pending', 'unknown'], unseen);
      if (nothing.result?.status === 'succeeded') {
        const effects = ['nothing-there', 'closed'];
        assert.ok(effects.includes(effectOf(nothing) ?? ''), `its effect: ${effectOf(nothing)}`);
      }
      for (const scene of holdScenes(stage.client)) {
        const held = await askedHold(stage, { scene });
        if (held.started.status !== 'pending') continue;
        await follow(stage, held.started);
        const where = `reversing an authorization (${scene}) that nobody granted`;
        const ending = await reverse(stage, held.ref);
        const { status } = requireStatus(ending, ['succeeded', 'pending', 'unknown'], where);
        if (status === 'succeeded') await requireFree(stage, held.id, where);
      }
    },
  },
  {
    id: 'AUTH-25',
    sentence: 'A hold whose reply was lost is given free by reversing what was stored about it',
    why: 'the guest at the next desk pays again: what may be held here must be free',
    level: 2,
    verbs: ['authorize', 'reverse'],
    async run(stage) {
      for (const scene of holdScenes(stage.client)) {
        const ref = await unheardHold(stage, scene);
        const where = `reversing an authorization (${scene}) whose reply was lost`;
        const { held } = await holdTruth(stage, ref.merchantId);
        const ending = await reversal(stage, ref);
        const { status } = requireStatus(ending, ['succeeded', 'pending', 'unknown'], where);
        if (status !== 'succeeded') continue;
        if (held > 0) assert.equal(effectOf(ending), 'released', `${where}: its effect`);
        await requireFree(stage, ref.merchantId, where);
      }
    },
  },
  {
    id: 'AUTH-26',
    sentence:
      'Reversing a hold gives it free once, and the hold says so, however often it is asked',
    why: 'a reversal is repeated until it is heard: each repetition must be harmless',
    level: 2,
    verbs: ['authorize', 'reverse', 'queryAuthorization'],
    async run(stage) {
      const held = await heldMoney(stage);
      const where = 'reversing what is held';
      for (const time of ['once', 'twice']) {
        const ending = await reversal(stage, held.ref);
        requireStatus(ending, ['succeeded', 'pending', 'unknown'], `${where}, ${time}`);
        if (time === 'once') requireReleased(ending, where);
        const { released } = await holdTruth(stage, held.id);
        assert.equal(released, held.amount.amount, `${where}, ${time}: the book`);
      }
      const found = await askedToEnd(stage, () => queryAuthorization(stage.connect(), held.ref));
      const { remaining } = (found.result ?? {}) as { remaining?: { amount: number } };
      const words = `${where}: query says ${wordsOf(found)}, ${remaining?.amount} left`;
      const free = found.result?.status === 'succeeded' ? remaining?.amount === 0 : true;
      assert.ok(free && /^(succeeded|failed)/.test(wordsOf(found)), words);
    },
  },
];
