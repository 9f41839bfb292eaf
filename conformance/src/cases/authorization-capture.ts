/** conformance · authorization, captured: laws of taking what is held - exactly, once, at most. */
import assert from 'node:assert/strict';
import type { Authorization, Money, Ref } from '@polyrail/core';
import {
  type Attempt,
  attempt,
  query,
  refund,
  requireNo,
  requireStatus,
  truthOf,
  wordsOf,
} from '../acts.ts';
import { verbTarget } from '../aim.ts';
import { keeper, requireUnknown } from '../calls.ts';
import {
  cancelAuthorization,
  capture,
  captureOf,
  type Held,
  heldMoney,
  holdTruth,
  inParts,
  mostOf,
  queryAuthorization,
  releaseOf,
} from '../holds.ts';
import type { Law } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';

export const third = ({ amount }: Held): number => Math.max(1, Math.floor(amount.amount / 3));

/** What a capture leaves held, or sets free where a hold is captured once. */
const freedBeside = (stage: Stage, held: Held, captured: number): number =>
  inParts(stage) ? 0 : held.amount.amount - captured;

/** What became of a hold, in the book and as the query tells it. */
export async function requireParts(
  stage: Stage,
  held: Pick<Held, 'id' | 'ref' | 'amount'>,
  parts: { readonly captured: number; readonly released: number; readonly where: string },
): Promise<void> {
  const { captured, released, where } = parts;
  const truth = await holdTruth(stage, held.id);
  const found = { captured: truth.captured, released: truth.released };
  assert.deepEqual(found, { captured, released }, `${where}: the book`);
  if (stage.client.channel.queryAuthorization === undefined) return;
  const ending = await attempt(() => queryAuthorization(stage.connect(), held.ref));
  const told = requireStatus(ending, ['succeeded'], `${where}, then query`) as Authorization & {
    status: 'succeeded';
  };
  assert.deepEqual(told.amount, held.amount, `${where}: the amount of the hold`);
  const remaining = held.amount.amount - captured - released;
  for (const [name, expected] of Object.entries({ captured, released, remaining })) {
    const part = told[name as 'captured'] as Money | undefined;
    if (part !== undefined)
      assert.equal(part.amount, expected, `${where}: what query says ${name}`);
  }
}

/** A capture that must not be made: whatever it is called, no money moves. */
export async function requireNotCaptured(
  stage: Stage,
  { held, minorUnits }: { held: Held; minorUnits: number },
  where: string,
): Promise<void> {
  const request = captureOf(stage, held, minorUnits);
  const before = await holdTruth(stage, held.id);
  const ending = await attempt(() => capture(stage.client, request));
  const { debits } = await truthOf(stage, request.merchantPaymentId);
  const after = await holdTruth(stage, held.id);
  assert.equal(debits, 0, `${where}: ${wordsOf(ending)}, and money moved`);
  assert.equal(after.captured, before.captured, `${where}: ${wordsOf(ending)}, the book`);
  requireNo(ending, where);
}

/** The capture tells what it took, and so does its query. */
async function requireCaptured(stage: Stage, held: Held, minorUnits: number): Promise<void> {
  const request = captureOf(stage, held, minorUnits);
  const where = `a capture of ${minorUnits} of ${held.amount.amount}`;
  const made = requireStatus(
    await attempt(() => capture(stage.client, request)),
    ['succeeded', 'pending'],
    where,
  );
  const { debits, paid } = await truthOf(stage, request.merchantPaymentId);
  assert.deepEqual({ debits, paid }, { debits: 1, paid: minorUnits }, `${where}: the book`);
  if (stage.client.channel.query === undefined) return;
  const found = await attempt(() => query(stage.connect(), made.ref));
  const told = requireStatus(found, ['succeeded'], `${where}, then query`);
  assert.deepEqual((told as { amount?: unknown }).amount, request.amount, `${where}: told`);
}

/** Of captures that each take all there is to take at most one may say that it did, and truly. */
function requireOneTaker(seen: {
  readonly endings: readonly Attempt<{ status: string }>[];
  readonly where: string;
  readonly most: number;
  readonly captured: number;
}): void {
  const { endings, where, most, captured } = seen;
  const captures = endings.slice(0, 2).map(({ result }) => result?.status);
  const took = captures.filter((status) => status === 'succeeded').length;
  const taking = captures.filter((status) => status === 'pending').length;
  assert.ok(took + taking <= 1, `${where}: ${took + taking} captures of one hold`);
  assert.ok(captured === 0 || captured === most, `${where}: the book knows of ${captured}`);
  assert.ok(took * most <= captured, `${where}: the book knows of ${captured}`);
}

/** Captures and releases together, at once, each more than half of what is held. */
async function requireNeverTooMuch(stage: Stage): Promise<void> {
  const held = await heldMoney(stage);
  const most = Math.ceil(mostOf(stage, held) * 0.6);
  const captures = [1, 2].map(() => {
    const request = captureOf(stage, held, most);
    return () => capture(stage.connect(), request);
  });
  const freeing = stage.client.channel.cancelAuthorization === undefined ? [] : [1, 2];
  const releases = freeing.map(() => {
    const request = releaseOf(stage, held, most);
    return () => cancelAuthorization(stage.connect(), request);
  });
  const acts = [...captures, ...releases];
  const endings = await Promise.all(acts.map((act) => attempt<{ status: string }>(act)));
  const words = endings.map(wordsOf).join(', ');
  const { captured, released } = await holdTruth(stage, held.id);
  const sum = captured + released;
  const where = `captures and releases of ${most} of ${held.amount.amount} at once: ${words}`;
  assert.ok(sum <= held.amount.amount, `${where}: ${captured} taken and ${released} given free`);
  if (!inParts(stage)) return requireOneTaker({ endings, where, most, captured });
  const done = endings.filter(({ result }) => result?.status === 'succeeded').length;
  assert.equal(done * most, sum, `${where}: the book knows of ${sum}`);
}

export const captureLaws: readonly Law[] = [
  {
    id: 'AUTH-10',
    sentence: 'A capture takes exactly its amount, and is a payment that query tells',
    why: 'what was eaten is paid, not what was held',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const part = third(held);
      await requireCaptured(stage, held, part);
      const released = freedBeside(stage, held, part);
      await requireParts(stage, held, { captured: part, released, where: 'one capture' });
      const { held: again, holds } = await holdTruth(stage, held.id);
      const expected = { again: held.amount.amount, holds: 1 };
      assert.deepEqual({ again, holds }, expected, 'a capture holds nothing more');
    },
  },
  {
    id: 'AUTH-11',
    sentence: 'A capture that is not final leaves the rest to be captured',
    why: 'the bill of the second night comes when the first one is paid already',
    level: 2,
    verbs: ['authorize', 'capture'],
    unless: ({ capabilities }) =>
      capabilities.partialCaptures === false ? 'it captures a hold once' : undefined,
    async run(stage) {
      const held = await heldMoney(stage);
      const part = third(held);
      const rest = held.amount.amount - 2 * part;
      for (const share of [part, part, rest]) await requireCaptured(stage, held, share);
      const captured = held.amount.amount;
      await requireParts(stage, held, { captured, released: 0, where: 'captures of everything' });
      await requireNotCaptured(stage, { held, minorUnits: 1 }, 'a capture when nothing is left');
    },
  },
  {
    id: 'AUTH-12',
    sentence: 'A capture takes at most what is held',
    why: 'the payer agreed to a sum: everything above it is taken without asking',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const total = held.amount.amount;
      const where = (minorUnits: number) => `a capture of ${minorUnits} of ${total} held`;
      const more = mostOf(stage, held) + 1;
      await requireNotCaptured(stage, { held, minorUnits: more }, where(more));
      await requireCaptured(stage, held, third(held));
      const rest = `${where(total)}, ${third(held)} of it captured`;
      await requireNotCaptured(stage, { held, minorUnits: total }, rest);
    },
  },
  {
    id: 'AUTH-13',
    sentence: 'Captures and releases at once never exceed the hold together, and say what they did',
    why: 'the desk captures while the office releases: the payer is one and the same',
    level: 2,
    verbs: ['authorize', 'capture'],
    run: requireNeverTooMuch,
  },
  {
    id: 'AUTH-14',
    sentence: 'A final capture releases what it leaves over',
    why: 'money that nobody asks for any more stays blocked for weeks',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const part = third(held);
      const request = { ...captureOf(stage, held, part), final: true };
      const where = `a final capture of ${part} of ${held.amount.amount}`;
      const ending = await attempt(() => capture(stage.client, request));
      requireStatus(ending, ['succeeded', 'pending'], where);
      const { paid } = await truthOf(stage, request.merchantPaymentId);
      assert.equal(paid, part, `${where}: what was paid`);
      const released = held.amount.amount - part;
      await requireParts(stage, held, { captured: part, released, where });
      await requireNotCaptured(stage, { held, minorUnits: 1 }, `a capture after ${where}`);
    },
  },
  {
    id: 'AUTH-15',
    sentence: 'The same capture id twice is one capture',
    why: 'a repeated capture is how a merchant finds out, and must not take the rest as well',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const request = captureOf(stage, held, third(held));
      const endings = [];
      for (let time = 0; time < 3; time += 1) {
        endings.push(await attempt(() => capture(stage.connect(), request)));
      }
      const words = endings.map(wordsOf).join(', ');
      const where = `a capture three times under one id: ${words}`;
      assert.ok(!/failed|throws/.test(words), where);
      const captured = third(held);
      const released = freedBeside(stage, held, captured);
      await requireParts(stage, held, { captured, released, where });
      const { debits } = await truthOf(stage, request.merchantPaymentId);
      assert.equal(debits, 1, `${where}: ${debits} debits`);
    },
  },
  {
    id: 'AUTH-16',
    sentence: 'The same capture id with another amount is refused or unknown, and takes no more',
    why: 'two contents under one id are a mistake, and a mistake must not take money',
    level: 2,
    verbs: ['authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const request = captureOf(stage, held, 1);
      await capture(stage.client, request);
      const other = { ...request, amount: { ...request.amount, amount: 2 } };
      const words = wordsOf(await attempt(() => capture(stage.connect(), other)));
      const where = `a capture of 2 under the id of a capture of 1: ${words}`;
      await requireParts(stage, held, {
        captured: 1,
        released: freedBeside(stage, held, 1),
        where,
      });
      assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), where);
    },
  },
  {
    id: 'AUTH-17',
    sentence: 'A capture whose reply was lost is unknown, its query tells, repeated it takes once',
    why: 'captured and unheard: whoever captures again under a new id takes it twice',
    level: 2,
    verbs: ['authorize', 'capture', 'query'],
    async run(stage) {
      const at = await verbTarget(stage, 'capture');
      const { payment = '', authorization = '' } = at.ready.about;
      const { stored, onPrepared } = keeper();
      at.spoil(interventions.dropReply);
      const ending = await attempt(() => at.ready.call(at.client, { onPrepared }));
      const where = 'a capture whose reply was lost';
      requireUnknown(ending, where);
      const { debits, paid } = await truthOf(stage, payment);
      const ref = stored(where) as Ref<'payment'>;
      const found = await attempt(() => query(stage.connect(), ref));
      const told = found.result?.status === 'succeeded';
      assert.equal(told, debits === 1, `${where}: query says ${wordsOf(found)}, ${debits} debits`);
      await attempt(() => at.ready.call(stage.connect(), { repeat: true }));
      const { captured } = await holdTruth(stage, authorization);
      assert.equal(captured, paid, `${where}, repeated: ${captured} captured instead of ${paid}`);
    },
  },
  {
    id: 'AUTH-18',
    sentence: 'What was captured can be refunded, and never more than that',
    why: 'the rest of the hold was never paid: refunded it is a gift',
    level: 2,
    verbs: ['authorize', 'capture', 'refund'],
    async run(stage) {
      const held = await heldMoney(stage);
      const part = third(held);
      const { ref: payment } = await capture(stage.client, captureOf(stage, held, part));
      const refundOf = (minorUnits: number) => ({
        payment,
        merchantRefundId: stage.freshId(),
        amount: { ...held.amount, amount: minorUnits },
      });
      const more = await attempt(() => refund(stage.client, refundOf(part + 1)));
      const where = `a refund of ${part + 1} of a capture of ${part}`;
      assert.equal((await truthOf(stage, payment.merchantId)).refunded, 0, `${where}: the book`);
      requireNo(more, where);
      const whole = await attempt(() => refund(stage.client, refundOf(part)));
      requireStatus(whole, ['succeeded', 'pending'], `a refund of a capture of ${part}`);
      const { refunded } = await truthOf(stage, payment.merchantId);
      assert.equal(refunded, part, 'a refund of a capture: the book');
    },
  },
];
