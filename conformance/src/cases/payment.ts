/** conformance · payment: laws of one order - asked for, paid once, and told as it is. */
import assert from 'node:assert/strict';
import { epochMsOf, instantOf, type NextAction, type Payment, type Scene } from '@polyrail/core';
import {
  amountFor,
  approve,
  arm,
  askedToEnd,
  attempt,
  follow,
  orderFor,
  paidOrder,
  pay,
  query,
  requireStatus,
  sendingScenes,
  struck,
  truthOf,
  wordsOf,
} from '../acts.ts';
import { requireUnknown } from '../calls.ts';
import { drillsOf, type Ready } from '../drills.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Client, Stage } from '../stage.ts';
import { paymentUndoLaws } from './payment-undo.ts';

const isWebAddress = (text: string): boolean => /^https?:\/\/[^/]+/.test(text);

/** What a next action must carry, so that a merchant can do something with it. */
const usable: { readonly [K in NextAction['kind']]: (action: never) => boolean } = {
  qr: ({ text }: { text: string }) => text.length > 0,
  redirect: ({ url }: { url: string }) => isWebAddress(url),
  form: ({ url, fields }: { url: string; fields: object }) =>
    isWebAddress(url) && Object.values(fields).every((value) => typeof value === 'string'),
  sdk: ({ parameters }: { parameters: object | string }) => Object.keys(parameters).length > 0,
  otp: () => true,
};

function requireUsable(payment: Payment, where: string): void {
  if (payment.status !== 'pending') return;
  const { waitingFor, nextAction, expiresAt, pollAfterMs } = payment;
  const parties = ['payer', 'payee', 'channel', 'merchant'];
  assert.ok(parties.includes(waitingFor), `${where}: nobody is waited for: ${waitingFor}`);
  if (nextAction !== undefined) {
    const fits = usable[nextAction.kind]?.(nextAction as never);
    assert.ok(fits, `${where}: the next action ${nextAction.kind} cannot be used`);
  }
  assert.ok(expiresAt === undefined || epochMsOf(expiresAt), `${where}: expiresAt ${expiresAt}`);
  assert.ok(pollAfterMs === undefined || pollAfterMs > 0, `${where}: pollAfterMs ${pollAfterMs}`);
}

/** From the order to the money, in one scene. */
async function requirePaid(stage: Stage, scene: Scene): Promise<void> {
  const where = `pay (${scene})`;
  const request = orderFor(stage, { scene });
  const { merchantPaymentId: id, amount } = request;
  const started = await pay(stage.client, request);
  requireStatus({ result: started }, ['pending', 'succeeded'], where);
  requireUsable(started, where);
  await approve(stage, started);
  const found = await query(stage.client, started.ref);
  requireStatus({ result: found }, ['succeeded'], `${where}, then query`);
  const told = found as Payment & { status: 'succeeded' };
  assert.deepEqual(told.amount, amount, `${where}: query tells another amount`);
  assert.equal(told.ref.merchantId, id, `${where}: query tells another id`);
  const { debits, paid } = await truthOf(stage, id);
  assert.deepEqual({ debits, paid }, { debits: 1, paid: amount.amount }, `${where}: the book`);
}

/** The payer has not acted: nobody may say how it ends. */
async function requireUndecided(stage: Stage, scene: Scene): Promise<boolean> {
  const started = await pay(stage.client, orderFor(stage, { scene }));
  // What waits for the channel alone is decided already, and told when it is done.
  if (started.status !== 'pending' || started.waitingFor === 'channel') return false;
  const before = await attempt(() => query(stage.client, started.ref));
  await follow(stage, started);
  const opened = await attempt(() => query(stage.client, started.ref));
  for (const ending of [before, opened]) {
    const words = wordsOf(ending);
    const open = words === 'pending' || words === 'unknown/not-found';
    assert.ok(open, `query of an order (${scene}) that the payer has not decided: ${words}`);
  }
  return true;
}

/** The same id with another amount, while the first order stands. */
async function requireOneContent(stage: Stage, scene: Scene): Promise<void> {
  const request = orderFor(stage, { scene });
  const { merchantPaymentId: id, amount } = request;
  const started = await pay(stage.client, request);
  const other = { ...request, amount: { ...amount, amount: amount.amount + 1 } };
  const ending = await attempt(() => pay(stage.connect(), other));
  const words = wordsOf(ending);
  const where = `pay (${scene}), the same id with another amount: ${words}`;
  assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), where);
  await approve(stage, started);
  const { debits, paid } = await truthOf(stage, id);
  assert.ok(debits <= 1, `${where}, and ${debits} debits`);
  assert.ok(paid === 0 || paid === amount.amount, `${where}, and ${paid} paid`);
}

async function requireDeclined(stage: Stage, scene: Scene): Promise<boolean> {
  const started = await pay(stage.client, orderFor(stage, { scene }));
  if (started.status !== 'pending') return false;
  await follow(stage, started);
  const { error } = await attempt(() => stage.site.payer.decline(started.ref.merchantId));
  if (error !== undefined) return false;
  await stage.settled();
  for (const time of ['once', 'twice']) {
    const ending = await askedToEnd(stage, () => query(stage.client, started.ref));
    const found = requireStatus(ending, ['failed'], `a declined order (${scene}), asked ${time}`);
    const { reason, retry } = found as { reason?: string; retry?: string };
    assert.ok(reason && retry, `a declined order (${scene}) tells no reason or no retry`);
  }
  return true;
}

/** Verbs whose answer names what it is about. */
const namers: ReadonlySet<string> = new Set([
  'pay',
  'query',
  'authorize',
  'queryAuthorization',
  'capture',
  'cancelAuthorization',
  'signUp',
  'querySignUp',
  'signOff',
  'payout',
  'queryPayout',
]);

/** How many replies of a call name what it is about. */
const namings = ({ spy }: Client, { about }: Ready): number =>
  spy.exchanges.filter(({ reply }) => {
    const text = Buffer.from(reply?.body ?? []).toString('latin1');
    return Object.values(about).some((id) => text.includes(`"${id}"`));
  }).length;

async function requireOtherOrderDoubted(stage: Stage): Promise<void> {
  let seen = 0;
  for (const drill of (await drillsOf(stage)).filter(({ verb }) => namers.has(verb))) {
    const honest = await drill.ready();
    const told = stage.connect();
    await attempt(() => honest.call(told));
    const ready = await drill.ready();
    const client = stage.connect();
    const operation = stage.subject.samples?.operations?.[drill.verb];
    arm(stage, 'wrong-order', operation ? { operation } : {});
    const ending = await attempt(() => ready.call(client));
    const hit = struck(stage, 'wrong-order');
    stage.site.faults.clear();
    // An answer that names nothing is about nothing else either.
    if (!hit || namings(client, ready) >= namings(told, honest)) continue;
    seen += 1;
    const where = `${drill.where} answered about another order`;
    if (drill.reading) assert.equal(wordsOf(ending), 'throws REPLY_UNVERIFIED', where);
    else requireUnknown(ending, where);
  }
  if (seen === 0) notApplicable('no answer of the site names an order');
}

/** After its time an order cannot be paid any more, and asking says so. */
async function requireExpired(stage: Stage, scene: Scene): Promise<boolean> {
  const minutes = 30;
  const expiresAt = instantOf(stage.site.clock.now() + minutes * 60_000);
  const request = orderFor(stage, { scene, members: { expiresAt } });
  const { result: started, error } = await attempt(() => pay(stage.client, request));
  // What has no deadline says so.
  const { code, field } = Object(error);
  if (code === 'REQUEST_INVALID' && field === 'expiresAt') return false;
  if (started === undefined) throw error;
  if (started.status !== 'pending') return false;
  await stage.site.clock.advance((minutes + 6) * 60_000);
  await attempt(() => follow(stage, started));
  await attempt(() => stage.site.payer.approve(started.ref.merchantId));
  const where = `an order (${scene}) that expired at ${expiresAt}`;
  const { debits } = await truthOf(stage, started.ref.merchantId);
  assert.equal(debits, 0, `${where} was paid after that`);
  const words = wordsOf(await attempt(() => query(stage.client, started.ref)));
  const over = words.startsWith('failed') || words === 'unknown/not-found';
  assert.ok(over, `${where}: query says ${words}`);
  return true;
}

/** Runs a check in each scene; not applicable where none of them had anything to see. */
async function inScenes(
  scenes: readonly Scene[],
  check: (scene: Scene) => Promise<boolean>,
  otherwise: string,
): Promise<void> {
  let seen = 0;
  for (const scene of scenes) if (await check(scene)) seen += 1;
  if (seen === 0) notApplicable(otherwise);
}

const allAtOnce = 'every scene pays at once';

const orderLaws: readonly Law[] = [
  {
    id: 'PAY-01',
    sentence: 'In every scene an order that the payer pays is paid once, and query tells it',
    why: 'this is what everybody is here for',
    level: 2,
    verbs: ['pay', 'query'],
    async run(stage) {
      for (const scene of stage.scenes) await requirePaid(stage, scene);
    },
  },
  {
    id: 'PAY-02',
    sentence: 'An order the payer has not decided is pending or not found, and never an end',
    why: 'failed too early is an order lost, succeeded too early is goods given away',
    level: 2,
    verbs: ['pay', 'query'],
    run: (stage) => inScenes(stage.scenes, (scene) => requireUndecided(stage, scene), allAtOnce),
  },
  {
    id: 'PAY-03',
    sentence: 'The same merchant payment id twice is one payment',
    why: 'a repeated call is how a merchant finds out, and must not charge anybody again',
    level: 2,
    verbs: ['pay', 'query'],
    async run(stage) {
      for (const scene of stage.scenes) {
        const request = orderFor(stage, { scene });
        const started = await pay(stage.client, request);
        const early = await attempt(() => pay(stage.connect(), request, { repeat: true }));
        await approve(stage, started);
        const late = await attempt(() => pay(stage.connect(), request, { repeat: true }));
        const id = request.merchantPaymentId;
        const { debits } = await truthOf(stage, id);
        const where = `pay (${scene}), three times under one id`;
        assert.equal(debits, 1, `${where}: ${debits} debits`);
        for (const ending of [early, late]) {
          const words = wordsOf(ending);
          assert.ok(!words.startsWith('failed'), `${where}: paid once, and told ${words}`);
        }
      }
    },
  },
  {
    id: 'PAY-04',
    sentence: 'The same id with another amount is refused or unknown, and never charged as well',
    why: 'two contents under one id are a mistake of the merchant: guessing which one costs money',
    level: 2,
    verbs: ['pay', 'query'],
    async run(stage) {
      for (const scene of sendingScenes(stage)) await requireOneContent(stage, scene);
      if (sendingScenes(stage).length === 0) notApplicable('no scene of pay talks to the channel');
    },
  },
  {
    id: 'PAY-05',
    sentence: 'An order the payer declined has failed, with a reason and what to do next',
    why: 'a shop that is not told no keeps the goods reserved',
    level: 2,
    verbs: ['pay', 'query'],
    run: (stage) =>
      inScenes(
        stage.scenes,
        (scene) => requireDeclined(stage, scene),
        'no payer of the site can decline',
      ),
  },
  {
    id: 'PAY-06',
    sentence: 'An answer about another order, hold, agreement or payout is not believed',
    why: 'somebody else paying must not ship this order',
    level: 3,
    verbs: ['pay', 'query'],
    run: requireOtherOrderDoubted,
  },
  {
    id: 'PAY-07',
    sentence: 'An order that expired cannot be paid any more, and query says so',
    why: 'stock that was given back is sold to somebody else',
    level: 2,
    verbs: ['pay', 'query'],
    alone: true,
    run: (stage) => inScenes(stage.scenes, (scene) => requireExpired(stage, scene), allAtOnce),
  },
  {
    id: 'PAY-08',
    sentence: 'A payment whose payer must confirm is pending until query tells its end',
    why: 'a password being typed is neither an error nor a payment',
    level: 3,
    verbs: ['pay', 'query'],
    async run(stage) {
      arm(stage, 'user-paying');
      for (const scene of ['barcode', 'card', 'agreement'] as const) {
        if (!stage.scenes.includes(scene)) continue;
        const started = await pay(stage.client, orderFor(stage, { scene }));
        if (!struck(stage, 'user-paying')) continue;
        const where = `pay (${scene}) whose payer must confirm`;
        requireStatus({ result: started }, ['pending'], where);
        assert.equal((await truthOf(stage, started.ref.merchantId)).debits, 0, `${where}: paid`);
        await stage.site.payer.approve(started.ref.merchantId);
        const ending = await attempt(() => query(stage.client, started.ref));
        requireStatus(ending, ['succeeded'], `${where}, once confirmed`);
        return;
      }
      notApplicable('no scene of the channel waits for a payer to confirm');
    },
  },
  {
    id: 'PAY-09',
    sentence: 'An id of the greatest length the channel states is taken, and found again',
    why: 'a capability that is not true fails in production, with real orders',
    level: 2,
    verbs: ['pay', 'query'],
    async run(stage) {
      const { maxLength, pattern } = stage.client.channel.capabilities.merchantPaymentId;
      const id = stage.freshId().padEnd(maxLength, '7').slice(0, maxLength);
      if (!new RegExp(`^(?:${pattern})$`, 'u').test(id)) notApplicable(`ids follow ${pattern}`);
      const { ref, amount } = await paidOrder(stage, { id, amount: amountFor(stage, 350) });
      const found = await query(stage.client, ref);
      requireStatus({ result: found }, ['succeeded'], `query of the id ${id}`);
      assert.deepEqual((found as { amount?: unknown }).amount, amount, `the amount of ${id}`);
    },
  },
  {
    id: 'PAY-10',
    sentence: 'A payment that was given back stays succeeded, and says what was undone',
    why: 'paid and returned is not the same as never paid: the books need both',
    level: 2,
    verbs: ['pay', 'query', 'refund'],
    async run(stage) {
      const { ref, amount } = await paidOrder(stage);
      const { refund } = stage.client.channel;
      const asked = { payment: ref, merchantRefundId: stage.freshId(), amount };
      await refund?.call(stage.client.channel, asked);
      const ending = await attempt(() => query(stage.client, ref));
      const found = requireStatus(ending, ['succeeded'], 'query of a payment refunded in full');
      const { undone } = found as { undone?: { amount: unknown } };
      assert.deepEqual(undone?.amount, amount, 'what query says was undone');
    },
  },
];

export const paymentLaws: readonly Law[] = [...orderLaws, ...paymentUndoLaws];
