/** conformance · outcome in a storm: many orders, random faults, and the same laws after each step. */
import assert from 'node:assert/strict';
import type { Capabilities, Money, Ref } from '@polyrail/core';
import {
  type Attempt,
  askedToEnd,
  attempt,
  follow,
  orderFor,
  type PayRequest,
  pay,
  query,
  refund,
  sendingScene,
  sendingScenes,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import type { Law } from '../law.ts';
import { cutAt, type Intervention, interventions, served } from '../spy.ts';
import type { Stage } from '../stage.ts';
import type { Truth } from '../subject.ts';

/** One order of the storm: what the merchant has stored, and what must hold from now on. */
interface Order {
  readonly request: PayRequest;
  readonly id: string;
  readonly amount: Money;
  ref: Ref<'payment'>;
  /**
   * How often the payer had been charged when it was verifiably said that no money comes under this
   * id any more; `undefined` as long as nobody said so.
   */
  finalDebits: number | undefined;
}

interface Step {
  readonly deed: string;
  readonly weather: string;
  readonly ending: Attempt<unknown>;
  readonly before: Truth;
  readonly after: Truth;
}

const badGateway = served({ status: 502, headers: {}, body: new Uint8Array([0x3c]) });

const weathers: readonly (readonly [name: string, intervention: Intervention | undefined])[] = [
  ['calm', undefined],
  ['calm', undefined],
  ['calm', undefined],
  ['calm', undefined],
  ['refused', interventions.refuse],
  ['request lost', interventions.dropRequest],
  ['reply lost', interventions.dropReply],
  ['502', badGateway],
  ['cut', cutAt(9)],
];

type Deed = (stage: Stage, order: Order) => Promise<unknown>;

const client = (stage: Stage) => stage.client;
const cancelRequest = (stage: Stage, order: Order) => ({
  payment: order.ref,
  merchantCancelId: stage.freshId(),
});

/** What a merchant may do with an order, as far as the channel can. */
function deedsOf(stage: Stage): Readonly<Record<string, Deed>> {
  const { channel } = client(stage);
  const deeds: Record<string, Deed | undefined> = {
    pay: (at, { request }) => pay(client(at), request),
    query: channel.query && ((at, { ref }) => query(client(at), ref)),
    close: channel.close && ((at, { ref }) => verbOf(client(at).channel, 'close')(ref)),
    reverse: channel.reverse && ((at, { ref }) => verbOf(client(at).channel, 'reverse')(ref)),
    cancel:
      channel.cancel &&
      ((at, order) => verbOf(client(at).channel, 'cancel')(cancelRequest(at, order))),
    refund:
      channel.refund &&
      ((at, { ref, amount }) => {
        const part = { ...amount, amount: 1 + at.dice.below(amount.amount) };
        return refund(client(at), { payment: ref, merchantRefundId: at.freshId(), amount: part });
      }),
  };
  const there = Object.entries(deeds).filter(([, deed]) => deed !== undefined);
  return Object.fromEntries(there) as Record<string, Deed>;
}

/** Deeds whose `succeeded` or `failed` says that no money can come under the id any more. */
function ends(stage: Stage, { deed, ending }: Step): boolean {
  const { status } = (ending.result ?? {}) as { status?: string };
  if (deed === 'pay') return status === 'failed';
  if (deed !== 'close' || status !== 'succeeded') return false;
  return stage.client.channel.capabilities.closeProvesAbsence;
}

/** Given back whole on a channel that tells a reversed payment as if it had never been. */
const isErased = ({ reversalErases }: Capabilities, { paid, refunded }: Truth): boolean =>
  reversalErases === true && refunded === paid;

function checkStep(
  { order, capabilities }: { order: Order; capabilities: Capabilities },
  step: Step,
  log: readonly string[],
): void {
  const { deed, weather, ending, before, after } = step;
  const words = wordsOf(ending);
  const told = `${deed} in ${weather}: ${words}`;
  const where = `${told}\nBook before ${JSON.stringify(before)}\nafter ${JSON.stringify(after)}`;
  const path = `\nStorm so far:\n${log.join('\n')}`;
  const check = (holds: boolean, law: string) => assert.ok(holds, `${law}. ${where}${path}`);
  const { status } = (ending.result ?? {}) as { status?: string };
  check(after.debits <= 1, 'The payer was charged twice');
  check(after.refunded <= after.paid, 'More was given back than paid');
  if (ending.error !== undefined) {
    const same = JSON.stringify(before) === JSON.stringify(after);
    check(same, 'The verb threw, yet the book changed');
  }
  if (deed === 'query' || deed === 'close') {
    check(before.debits === after.debits, 'Money came by asking or closing');
  }
  if (status === 'succeeded' && (deed === 'pay' || deed === 'query')) {
    const paid = after.debits === 1 && after.paid === order.amount.amount;
    check(paid, 'It was said to be paid, and was not');
  }
  if (status === 'failed' && (deed === 'pay' || deed === 'query')) {
    check(
      isErased(capabilities, after) || after.debits === 0,
      'It was said to have failed, and the payer was charged',
    );
  }
  const { finalDebits = after.debits } = order;
  check(after.debits === finalDebits, 'Money came after it was said that none could');
}

/** The payer's own doing: it may be refused by the site, which is no matter. */
async function payerActs(stage: Stage, order: Order): Promise<string> {
  const deed = stage.dice.pick(['approve', 'approve', 'decline', 'abandon'] as const);
  const { error } = await attempt(() => stage.site.payer[deed](order.id));
  await stage.settled();
  return `payer ${deed}s${error === undefined ? '' : ' (refused)'}`;
}

async function placeOrder(stage: Stage): Promise<Order> {
  const scene = stage.dice.pick(sendingScenes(stage));
  const request = orderFor(stage, { scene });
  let ref: Ref<'payment'> | undefined;
  const [, intervention] = stage.dice.pick(weathers);
  if (intervention !== undefined) client(stage).spy.plan(intervention);
  const onPrepared = async (prepared: unknown) => {
    ref = prepared as Ref<'payment'>;
  };
  const started = await attempt(() => pay(client(stage), request, { onPrepared }));
  if (started.result !== undefined) await follow(stage, started.result);
  const { merchantPaymentId: id, amount } = request;
  assert.ok(ref !== undefined, `pay (${scene}) never called onPrepared`);
  const { status } = started.result ?? {};
  return { request, id, amount, ref, finalDebits: status === 'failed' ? 0 : undefined };
}

async function takeStep(stage: Stage, order: Order, log: string[]): Promise<void> {
  const deeds = deedsOf(stage);
  if (stage.dice.below(3) === 0) {
    const deed = await payerActs(stage, order);
    log.push(`${order.id} ${deed}`);
    const after = await truthOf(stage, order.id);
    const step = { deed, weather: 'calm', ending: { result: undefined as unknown }, after };
    checkStep(
      { order, capabilities: stage.client.channel.capabilities },
      { ...step, before: after },
      log,
    );
    return;
  }
  const deed = stage.dice.pick(Object.keys(deeds));
  const [weather, intervention] = stage.dice.pick(weathers);
  const before = await truthOf(stage, order.id);
  client(stage).spy.reset();
  if (intervention !== undefined) client(stage).spy.plan(intervention);
  const ending = await attempt(async () => deeds[deed]?.(stage, order));
  client(stage).spy.reset();
  await stage.settled();
  const after = await truthOf(stage, order.id);
  const step = { deed, weather, ending, before, after };
  log.push(`${order.id} ${deed} in ${weather}: ${wordsOf(ending)}`);
  const { capabilities } = stage.client.channel;
  checkStep({ order, capabilities }, step, log);
  if (ends(stage, step)) {
    // What came before went back whole: an order that was reversed is as closed as one never paid.
    const isLeft = after.refunded < after.paid;
    assert.ok(!isLeft, `It was said that no money can come, and it is there.\n${log.join('\n')}`);
    order.finalDebits ??= after.debits;
  }
  if (stage.dice.below(8) === 0) await stage.site.clock.advance(1000 * stage.dice.below(60));
}

/** In the end the weather is calm, and asking tells the truth about every order. */
async function requireTruth(stage: Stage, orders: readonly Order[], log: readonly string[]) {
  for (const order of orders) {
    const ending = await askedToEnd(stage, () => query(client(stage), order.ref));
    const truth = await truthOf(stage, order.id);
    const { debits } = truth;
    const { status } = (ending.result ?? {}) as { status?: string };
    const where = `query of ${order.id} after the storm: ${wordsOf(ending)}`;
    const path = `Storm:\n${log.filter((line) => line.startsWith(order.id)).join('\n')}`;
    const isVoid = status === 'failed' && isErased(stage.client.channel.capabilities, truth);
    const agrees = isVoid || (status === 'succeeded') === (debits === 1);
    assert.ok(agrees, `${where}, but the book knows ${debits} debits.\n${path}`);
  }
}

const ordersPerStorm = 12;
const stepsPerOrder = 9;

export const outcomeStormLaws: readonly Law[] = [
  {
    id: 'OUT-22',
    sentence: 'In a storm of faults the merchant is never told what the book contradicts',
    why: 'faults come in company: each was handled alone, and together they lost an order',
    level: 3,
    verbs: ['pay', 'query'],
    async run(stage) {
      sendingScene(stage);
      const log: string[] = [];
      const orders: Order[] = [];
      while (orders.length < ordersPerStorm) orders.push(await placeOrder(stage));
      client(stage).spy.reset();
      for (let step = 0; step < ordersPerStorm * stepsPerOrder; step += 1) {
        await takeStep(stage, stage.dice.pick(orders), log);
      }
      await requireTruth(stage, orders, log);
    },
  },
];
