/** conformance · payment, undone: laws of closing, cancelling and reversing. */
import assert from 'node:assert/strict';
import {
  type Cancellation,
  dayOf,
  instantOf,
  type Noun,
  type Ref,
  type Scene,
} from '@polyrail/core';
import {
  type Attempt,
  amountFor,
  attempt,
  openOrder,
  orderFor,
  type Paid,
  paidOrder,
  pay,
  query,
  refund,
  refundOf,
  requireNo,
  requireStatus,
  sendingScene,
  sendingScenes,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Law, NotApplicable, notApplicable } from '../law.ts';
import { edited, type Intervention, interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';

const close = (stage: Stage, ref: Ref<'payment'>) =>
  attempt(() => verbOf(stage.client.channel, 'close')(ref));
const reverse = (stage: Stage, ref: Ref<'payment'>) =>
  attempt(() => verbOf(stage.client.channel, 'reverse')(ref));
const cancel = (stage: Stage, payment: Ref<'payment'>, merchantCancelId = stage.freshId()) =>
  attempt(() => {
    const startedAt = instantOf(stage.site.clock.now());
    return verbOf(stage.client.channel, 'cancel')({ payment, merchantCancelId, startedAt });
  });

/** A cancellation to its end: one that was only taken on is asked about once it had its time. */
async function concluded(
  stage: Stage,
  ending: Attempt<Cancellation>,
): Promise<Attempt<Cancellation>> {
  const { channel } = stage.client;
  if (ending.result?.status !== 'pending' || channel.queryCancellation === undefined) return ending;
  const { ref } = ending.result;
  await stage.settled();
  return attempt(() => verbOf(channel, 'queryCancellation')(ref));
}

const minuteMs = 60_000;
const minutesOfADay = 24 * 60;

/** How long until the business day of the channel ends. */
function untilDayEnds({ client, site }: Stage): number {
  const { timeZone, dayEndsAt } = client.channel.capabilities;
  const nowMs = site.clock.now();
  const dayAt = (ms: number) => dayOf(ms, timeZone, dayEndsAt);
  const startOfMinute = nowMs - (nowMs % minuteMs);
  const today = dayAt(nowMs);
  for (let minute = 1; minute <= minutesOfADay; minute += 1) {
    const at = startOfMinute + minute * minuteMs;
    if (dayAt(at) !== today) return at - nowMs;
  }
  return notApplicable('the business day of the channel has no end');
}

/** Cancelled in the last minutes of the day it is undone; after that it is refunded, or nothing. */
async function requireCutOff(stage: Stage): Promise<void> {
  const early = Math.max(0, untilDayEnds(stage) - 5 * minuteMs);
  await stage.site.clock.advance(early);
  const today = await paidOrder(stage);
  const within = 'cancelling just before the day ends';
  requireStatus(await concluded(stage, await cancel(stage, today.ref)), ['succeeded'], within);
  await requireGivenBack(stage, today.id, within);
  const kept = await paidOrder(stage);
  await stage.site.clock.advance(untilDayEnds(stage) + minuteMs);
  const after = 'cancelling a minute after the day ended';
  const ending = await concluded(stage, await cancel(stage, kept.ref));
  const { refunded } = await truthOf(stage, kept.id);
  assert.equal(refunded, 0, `${after}: ${wordsOf(ending)}, and ${refunded} was given back`);
  requireNo(ending, after);
  if (stage.client.channel.refund === undefined) return;
  const where = 'refunding what could not be cancelled any more';
  const back = await attempt(() => refund(stage.client, refundOf(stage, kept, kept.amount.amount)));
  requireStatus(back, ['succeeded', 'pending'], where);
  await stage.settled();
  await requireGivenBack(stage, kept.id, where);
}

/** Open orders, one in each scene that leaves one. */
async function openOrders(stage: Stage): Promise<readonly Paid[]> {
  const orders: Paid[] = [];
  for (const scene of sendingScenes(stage)) {
    const order = await openOrder(stage, { scene }).catch((error: unknown) => {
      if (error instanceof NotApplicable) return undefined;
      throw error;
    });
    if (order !== undefined) orders.push(order);
  }
  return orders.length > 0 ? orders : notApplicable('no scene leaves an order open');
}

/** The book says that everything paid went back, in one piece. */
async function requireGivenBack(stage: Stage, id: string, where: string): Promise<void> {
  const { paid, refunded, refunds } = await truthOf(stage, id);
  assert.equal(refunded, paid, `${where}: ${refunded} of ${paid} was given back`);
  assert.ok(refunds <= 1, `${where}: given back ${refunds} times`);
}

async function requirePaidStill(stage: Stage, ref: Ref<'payment'>, where: string): Promise<void> {
  const found = await attempt(() => query(stage.client, ref));
  requireStatus(found, ['succeeded'], `${where}: query afterwards`);
}

const effectOf = (ending: Attempt<Cancellation>): string | undefined =>
  (ending.result as { effect?: string } | undefined)?.effect;

/** The payer pays at the very moment before the request reaches the channel. */
const payingFirst =
  (stage: Stage, id: string): Intervention =>
  async (crossing) => {
    await stage.site.payer.approve(id);
    return edited(() => ({}))(crossing);
  };

/** What was stored about a payment whose reply was lost. */
async function unheardPayment(stage: Stage, scene: Scene): Promise<Ref<'payment'>> {
  let stored: Ref<Noun> | undefined;
  const client = stage.connect();
  client.spy.plan(interventions.dropReply);
  const onPrepared = async (ref: Ref<Noun>) => {
    stored = ref;
  };
  await attempt(() => pay(client, orderFor(stage, { scene }), { onPrepared }));
  assert.ok(stored, `pay (${scene}) never called onPrepared`);
  return stored as Ref<'payment'>;
}

export const paymentUndoLaws: readonly Law[] = [
  {
    id: 'PAY-11',
    sentence: 'After an order was closed no money comes any more, where the channel promises that',
    why: 'a closed order that is paid after all has no goods left to ship',
    level: 2,
    verbs: ['pay', 'close'],
    unless: ({ capabilities }) =>
      capabilities.closeProvesAbsence ? undefined : 'its close proves nothing',
    async run(stage) {
      let closed = 0;
      for (const { id, ref, request } of await openOrders(stage)) {
        const where = `closing an open order (${request.scene})`;
        const ending = await close(stage, ref);
        const { status } = requireStatus(ending, ['succeeded', 'unknown'], where);
        if (status !== 'succeeded') continue;
        closed += 1;
        await attempt(() => stage.site.payer.approve(id));
        const { debits } = await truthOf(stage, id);
        assert.equal(debits, 0, `${where}: it was paid afterwards`);
        requireStatus(await close(stage, ref), ['succeeded', 'unknown'], `${where} again`);
      }
      assert.ok(closed > 0, 'no open order could be closed in any scene');
    },
  },
  {
    id: 'PAY-12',
    sentence: 'Closing a paid order does not succeed, and the payment stays what it is',
    why: 'late money is a fact: dropped, the payer has paid for nothing',
    level: 2,
    verbs: ['pay', 'query', 'close'],
    async run(stage) {
      for (const scene of sendingScenes(stage)) {
        const { id, ref } = await paidOrder(stage, { scene });
        const ending = await close(stage, ref);
        const words = wordsOf(ending);
        const where = `closing a paid order (${scene}): ${words}`;
        assert.ok(words === 'failed/already-paid' || words.startsWith('unknown'), where);
        await requirePaidStill(stage, ref, where);
        const { debits, refunded } = await truthOf(stage, id);
        assert.deepEqual({ debits, refunded }, { debits: 1, refunded: 0 }, `${where}: the book`);
      }
    },
  },
  {
    id: 'PAY-13',
    sentence: 'A payer who pays while the order is being closed is not lost',
    why: 'between our decision and the channel lies a moment in which people press buttons',
    level: 2,
    verbs: ['pay', 'query', 'close'],
    async run(stage) {
      for (const { id, ref, request } of await openOrders(stage)) {
        stage.client.spy.reset();
        stage.client.spy.plan(payingFirst(stage, id));
        const words = wordsOf(await close(stage, ref));
        const where = `closing (${request.scene}) just after the payer paid: ${words}`;
        assert.ok(words === 'failed/already-paid' || words.startsWith('unknown'), where);
        await requirePaidStill(stage, ref, where);
      }
    },
  },
  {
    id: 'PAY-14',
    sentence: 'Cancelling a payment gives the whole amount back once, however often it is asked',
    why: 'the second cancellation of a nervous clerk must not come out of the till',
    level: 2,
    verbs: ['pay', 'query', 'cancel'],
    async run(stage) {
      for (const scene of sendingScenes(stage)) {
        const { id, ref } = await paidOrder(stage, { scene });
        const cancelId = stage.freshId();
        const where = `cancelling a payment (${scene})`;
        const first = await concluded(stage, await cancel(stage, ref, cancelId));
        requireStatus(first, ['succeeded'], where);
        assert.equal(effectOf(first), 'refunded', `${where}: its effect`);
        await requireGivenBack(stage, id, where);
        await cancel(stage, ref, cancelId);
        await requireGivenBack(stage, id, `${where} twice`);
        await requirePaidStill(stage, ref, where);
      }
    },
  },
  {
    id: 'PAY-15',
    sentence: 'Reversing a paid order gives the money back once, however often it is asked',
    why: 'a reversal is repeated until it is heard: each repetition must be harmless',
    level: 2,
    verbs: ['pay', 'query', 'reverse'],
    async run(stage) {
      for (const scene of sendingScenes(stage)) {
        const { id, ref } = await paidOrder(stage, { scene });
        const where = `reversing a paid order (${scene})`;
        const first = await reverse(stage, ref);
        requireStatus(first, ['succeeded'], where);
        assert.equal(effectOf(first), 'refunded', `${where}: its effect`);
        await requireGivenBack(stage, id, where);
        await reverse(stage, ref);
        await requireGivenBack(stage, id, `${where} twice`);
      }
    },
  },
  {
    id: 'PAY-16',
    sentence: 'Reversing what was never there, or never paid, moves nothing and is never failed',
    why: 'it is called exactly when nobody knows whether anything happened',
    level: 2,
    verbs: ['pay', 'reverse'],
    async run(stage) {
      const startedAt = instantOf(stage.site.clock.now());
      const merchantId = stage.freshId();
      const never = { noun: 'payment', merchantId, amount: amountFor(stage), startedAt } as const;
      const nothing = await reverse(stage, never);
      requireStatus(nothing, ['succeeded', 'pending', 'unknown'], 'reversing a never-seen id');
      if (nothing.result?.status === 'succeeded') {
        const effects = ['nothing-there', 'closed'];
        assert.ok(effects.includes(effectOf(nothing) ?? ''), `its effect: ${effectOf(nothing)}`);
      }
      for (const { id, ref, request } of await openOrders(stage)) {
        const where = `reversing an open order (${request.scene})`;
        const ending = await reverse(stage, ref);
        const { status } = requireStatus(ending, ['succeeded', 'pending', 'unknown'], where);
        await attempt(() => stage.site.payer.approve(id));
        const { debits } = await truthOf(stage, id);
        if (status !== 'succeeded') continue;
        assert.equal(debits, 0, `${where}: it was paid afterwards`);
      }
    },
  },
  {
    id: 'PAY-17',
    sentence: 'A payment whose reply was lost is undone by reversing what was stored about it',
    why: 'the counter cannot wait: what may have been charged must be given back by one call',
    level: 2,
    verbs: ['pay', 'reverse'],
    async run(stage) {
      sendingScene(stage);
      for (const scene of sendingScenes(stage)) {
        const ref = await unheardPayment(stage, scene);
        const where = `reversing a payment (${scene}) whose reply was lost`;
        const ending = await reverse(stage, ref);
        requireStatus(ending, ['succeeded', 'pending', 'unknown'], where);
        const { paid } = await truthOf(stage, ref.merchantId);
        if (paid > 0 || ending.result?.status === 'succeeded') {
          await requireGivenBack(stage, ref.merchantId, where);
        }
      }
    },
  },
  {
    id: 'PAY-18',
    sentence: 'What is cancelled after its window is not said to be cancelled',
    why: 'a clerk who reads cancelled hands the money out of the drawer',
    level: 2,
    verbs: ['pay', 'cancel'],
    alone: true,
    unless: ({ capabilities }) =>
      capabilities.windows?.cancelMs === undefined ? 'it states no window' : undefined,
    async run(stage) {
      const { id, ref } = await paidOrder(stage);
      const { cancelMs = 0 } = stage.client.channel.capabilities.windows ?? {};
      await stage.site.clock.advance(cancelMs + 60_000);
      const ending = await cancel(stage, ref);
      const { refunded } = await truthOf(stage, id);
      const told = ending.result?.status === 'succeeded';
      assert.equal(told, refunded > 0, `${wordsOf(ending)}, and ${refunded} given back`);
      assert.equal(refunded, 0, 'the site gave money back after the window');
    },
  },
  {
    id: 'PAY-19',
    sentence: 'What is paid can be cancelled until its day ends, and after that only refunded',
    why: 'a cancellation undoes what was not cleared yet: the day after it would give back twice',
    level: 2,
    verbs: ['pay', 'cancel'],
    alone: true,
    unless: ({ capabilities }) =>
      capabilities.windows?.cancelUntilDayEnds === true ? undefined : 'its day ends no window',
    run: requireCutOff,
  },
];
