/** conformance · authorization: laws of money that is held - granted, captured, and never too much. */
import assert from 'node:assert/strict';
import type { Authorization, Balance, Scene } from '@polyrail/core';
import {
  type Attempt,
  approve,
  askedToEnd,
  attempt,
  follow,
  neighbourOf,
  requireNo,
  requireStatus,
  truthOf,
  wordsOf,
} from '../acts.ts';
import { foundOn } from '../found.ts';
import {
  askedHold,
  authorize,
  cancelAuthorization,
  capture,
  captureOf,
  type Held,
  heldMoney,
  holdFor,
  holdScenes,
  holdTruth,
  queryAuthorization,
  releaseOf,
} from '../holds.ts';
import { type Law, notApplicable } from '../law.ts';
import { pushedAbout, requireSameTelling } from '../pushes.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';
import { captureLaws } from './authorization-capture.ts';
import { authorizationUndoLaws } from './authorization-undo.ts';

const asked = (stage: Stage, { ref }: Held): Promise<Attempt<Authorization>> =>
  attempt(() => queryAuthorization(stage.connect(), ref));

/** Asked for, granted, held once, and told exactly. */
async function requireHeld(stage: Stage, scene: Scene): Promise<void> {
  const where = `authorize (${scene})`;
  const held = await askedHold(stage, { scene });
  requireStatus({ result: held.started }, ['pending', 'succeeded'], where);
  await approve(stage, held.started);
  const found = requireStatus(await asked(stage, held), ['succeeded'], `${where}, then query`);
  const told = found as Authorization & { status: 'succeeded' };
  assert.deepEqual(told.amount, held.amount, `${where}: the amount that is told`);
  if (told.remaining) assert.deepEqual(told.remaining, held.amount, `${where}: what is left`);
  const { holds, held: amount } = await holdTruth(stage, held.id);
  const expected = { holds: 1, held: held.amount.amount };
  assert.deepEqual({ holds, held: amount }, expected, `${where}: the book`);
}

/** The payer has not decided: nothing is held, and nothing can be taken. */
async function requireUndecided(stage: Stage, scene: Scene): Promise<boolean> {
  const held = await askedHold(stage, { scene });
  if (held.started.status !== 'pending') return false;
  const where = `an authorization (${scene}) that the payer has not decided`;
  for (let look = 0; look < 2; look += 1) {
    const words = wordsOf(await asked(stage, held));
    assert.ok(words === 'pending' || words === 'unknown/not-found', `${where}: ${words}`);
    await follow(stage, held.started);
  }
  const request = captureOf(stage, held, 1);
  requireNo(await attempt(() => capture(stage.client, request)), `a capture of ${where}`);
  const { holds } = await holdTruth(stage, held.id);
  const { debits } = await truthOf(stage, request.merchantPaymentId);
  assert.deepEqual({ holds, debits }, { holds: 0, debits: 0 }, `${where}: the book`);
  return true;
}

async function requireDeclined(stage: Stage, scene: Scene): Promise<boolean> {
  const held = await askedHold(stage, { scene });
  if (held.started.status !== 'pending') return false;
  await follow(stage, held.started);
  const { error } = await attempt(() => stage.site.payer.decline(held.id));
  if (error !== undefined) return false;
  const where = `an authorization (${scene}) that the payer declined`;
  const ending = await askedToEnd(stage, () => queryAuthorization(stage.client, held.ref));
  const found = requireStatus(ending, ['failed'], where);
  const { reason, retry } = found as { reason?: string; retry?: string };
  assert.ok(reason && retry, `${where} tells no reason or no retry`);
  assert.equal((await holdTruth(stage, held.id)).holds, 0, `${where}: the book`);
  return true;
}

async function requireOneHold(stage: Stage, scene: Scene): Promise<void> {
  const held = await askedHold(stage, { scene });
  const { request, started, id } = held;
  const again = () => attempt(() => authorize(stage.connect(), request, { repeat: true }));
  const early = await again();
  await approve(stage, started);
  const endings = [early, await again(), await again()];
  const words = endings.map(wordsOf).join(', ');
  const where = `authorize (${scene}), four times under one id: ${words}`;
  const { holds, held: amount } = await holdTruth(stage, id);
  const expected = { holds: 1, held: held.amount.amount };
  assert.deepEqual({ holds, held: amount }, expected, `${where}: the book`);
  assert.ok(!words.includes('failed'), `${where}, and yet the money is held`);
}

async function requireOneContent(stage: Stage, scene: Scene): Promise<void> {
  // Handing a form to the payer sends nothing: nobody can tell one content from the other yet.
  if (!foundOn(stage.site).authorize.includes(scene)) return;
  const { request, started, id, amount } = await askedHold(stage, { scene });
  const other = { ...request, amount: { ...amount, amount: amount.amount + 1 } };
  const ending = await attempt(() => authorize(stage.connect(), other));
  const where = `authorize (${scene}), the same id with another amount`;
  const words = wordsOf(ending);
  assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), `${where}: ${words}`);
  await approve(stage, started);
  const { holds, held } = await holdTruth(stage, id);
  const expected = { holds: 1, held: amount.amount };
  assert.deepEqual({ holds, held }, expected, `${where}: ${words}, the book`);
}

const sumOf = (balances: readonly Balance[], currency: string): number =>
  balances
    .filter(({ available }) => available.currency === currency)
    .reduce((sum, { available, pending }) => sum + available.amount + (pending?.amount ?? 0), 0);

/** Runs a check in each scene; not applicable where none of them had anything to see. */
async function inScenes(
  stage: Stage,
  check: (stage: Stage, scene: Scene) => Promise<boolean>,
  otherwise: string,
): Promise<void> {
  let seen = 0;
  for (const scene of holdScenes(stage.client)) if (await check(stage, scene)) seen += 1;
  if (seen === 0) notApplicable(otherwise);
}

const holdLaws: readonly Law[] = [
  {
    id: 'AUTH-01',
    sentence: 'In every scene money that the payer lets be held is held once, and query tells it',
    why: 'a deposit that is held twice or not at all is found out at the counter',
    level: 2,
    verbs: ['authorize', 'queryAuthorization'],
    async run(stage) {
      for (const scene of holdScenes(stage.client)) await requireHeld(stage, scene);
    },
  },
  {
    id: 'AUTH-02',
    sentence: 'Before the payer has decided nothing is held and nothing can be captured',
    why: 'the keys of the car are handed over for a deposit that is not there',
    level: 2,
    verbs: ['authorize', 'queryAuthorization', 'capture'],
    run: (stage) => inScenes(stage, requireUndecided, 'every scene holds the money at once'),
  },
  {
    id: 'AUTH-03',
    sentence: 'An authorization the payer declined has failed, with a reason and what to do next',
    why: 'a hotel that is not told no keeps the room',
    level: 2,
    verbs: ['authorize', 'queryAuthorization'],
    run: (stage) => inScenes(stage, requireDeclined, 'no payer of the site can decline'),
  },
  {
    id: 'AUTH-04',
    sentence: 'The same authorization id twice is one hold',
    why: 'two deposits for one room leave the guest without money for dinner',
    level: 2,
    verbs: ['authorize', 'queryAuthorization'],
    async run(stage) {
      for (const scene of holdScenes(stage.client)) await requireOneHold(stage, scene);
    },
  },
  {
    id: 'AUTH-05',
    sentence: 'The same authorization id with another amount is refused or unknown, never held too',
    why: 'two contents under one id are a mistake of the merchant: guessing which one costs money',
    level: 2,
    verbs: ['authorize', 'queryAuthorization'],
    async run(stage) {
      for (const scene of holdScenes(stage.client)) await requireOneContent(stage, scene);
    },
  },
  {
    id: 'AUTH-06',
    sentence: 'A hold moves no money to the merchant, and is no payment',
    why: 'what is held is the payer’s still: spent or booked as revenue it must be given back',
    level: 2,
    verbs: ['authorize'],
    async run(stage) {
      const { channel } = stage.client;
      const balances = async () => (await channel.balance?.()) ?? [];
      const before = await balances();
      const held = await heldMoney(stage);
      const after = await balances();
      const { currency } = held.amount;
      const [was, is] = [sumOf(before, currency), sumOf(after, currency)];
      assert.equal(is, was, `a hold of ${held.amount.amount}: the balance rose by ${is - was}`);
      const { captured } = await holdTruth(stage, held.id);
      const { debits } = await truthOf(stage, held.id);
      assert.deepEqual({ captured, debits }, { captured: 0, debits: 0 }, 'a hold: the book');
    },
  },
  {
    id: 'AUTH-07',
    sentence: 'What is pushed about a hold and what is queried tell the same',
    why: 'two truths about one deposit: the desk says held, the books say no',
    level: 2,
    verbs: ['authorize', 'queryAuthorization', 'receive'],
    async run(stage) {
      let seen = 0;
      for (const scene of holdScenes(stage.client)) {
        const request = holdFor(stage, { scene });
        const id = request.merchantPaymentId;
        let started: Authorization | undefined;
        const fact = await pushedAbout(stage, { noun: 'authorization', id }, async () => {
          started = await authorize(stage.client, request);
          await approve(stage, started);
        });
        if (fact === undefined || started === undefined) continue;
        seen += 1;
        const where = `a hold (${scene})`;
        requireStatus({ result: fact }, ['succeeded'], `${where}, as it is pushed`);
        const { ref } = started;
        requireSameTelling(fact, await queryAuthorization(stage.client, ref), where);
      }
      if (seen === 0) notApplicable('nothing is pushed about authorizations');
    },
  },
  {
    id: 'AUTH-08',
    sentence: 'Another merchant’s hold is neither captured nor released',
    why: 'a number that was guessed must not open a stranger’s purse',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const client = await neighbourOf(stage);
      const held = await heldMoney(stage);
      const taken = await attempt(() => capture(client, captureOf(stage, held, 1)));
      if (client.channel.cancelAuthorization !== undefined) {
        const freed = await attempt(() => cancelAuthorization(client, releaseOf(stage, held, 1)));
        requireNo(freed, 'a release of what another merchant holds');
      }
      const { captured, released } = await holdTruth(stage, held.id);
      const nothing = { captured: 0, released: 0 };
      const where = 'what another merchant holds';
      assert.deepEqual({ captured, released }, nothing, `${where}: the book`);
      requireNo(taken, `a capture of ${where}`);
    },
  },
  {
    id: 'AUTH-09',
    sentence: 'An authorization whose request was lost is not found, and is not captured',
    why: 'not found is a reading: taken for held, the goods are gone',
    level: 2,
    verbs: ['authorize', 'queryAuthorization', 'capture'],
    async run(stage) {
      const request = holdFor(stage);
      const client = stage.connect();
      client.spy.plan(interventions.dropRequest);
      const lost = await attempt(() => authorize(client, request));
      const { ref } = requireStatus(lost, ['unknown'], 'authorize whose request was lost');
      const { merchantPaymentId: id, amount } = request;
      const never = { id, request, amount, started: lost.result as Authorization, ref };
      const words = wordsOf(await asked(stage, never));
      assert.equal(words, 'unknown/not-found', 'queryAuthorization of what never reached anybody');
      const taking = captureOf(stage, never, 1);
      const where = 'a capture of an authorization that never reached anybody';
      const ending = await attempt(() => capture(stage.client, taking));
      const { debits } = await truthOf(stage, taking.merchantPaymentId);
      assert.equal(debits, 0, `${where}: ${wordsOf(ending)}, and money moved`);
      requireNo(ending, where);
    },
  },
];

export const authorizationLaws: readonly Law[] = [
  ...holdLaws,
  ...captureLaws,
  ...authorizationUndoLaws,
];
