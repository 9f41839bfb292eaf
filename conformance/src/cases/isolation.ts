/** conformance · isolation: laws about calls, channels and merchants that must not touch each other. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { isSecret, type Money, type Payment, type Scene } from '@polyrail/core';
import {
  type Attempt,
  amountFor,
  attempt,
  neighbourOf,
  orderFor,
  type PayRequest,
  pay,
  query,
  refund,
  requireError,
  sendingScenes,
  truthOf,
  wordsOf,
} from '../acts.ts';
import { type Drill, drillsOf, type Ready, shareOf } from '../drills.ts';
import { turns } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import { type Intervention, interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';
import { sayings } from '../tape.ts';

/** The scenes that serve any merchant: an agreement belongs to one. */
const commonScenes = (stage: Stage): readonly Scene[] =>
  sendingScenes(stage).filter((scene) => scene !== 'agreement');

/** A payment and what it should be about. */
interface Expected {
  readonly client: Client;
  readonly request: PayRequest;
  readonly who: string;
}

function requireOwn({ request, who }: Expected, ending: Attempt<Payment>): Payment {
  const { merchantPaymentId: id, amount, scene } = request;
  const where = `${who} pays ${id} (${scene})`;
  const { result } = ending;
  const begun = result?.status === 'succeeded' || result?.status === 'pending';
  assert.ok(result !== undefined && begun, `${where}: ${wordsOf(ending)}`);
  const told = (result as { amount?: Money }).amount ?? amount;
  assert.deepEqual(told, amount, `${where}: the answer is about another amount`);
  assert.equal(result.ref.merchantId, id, `${where}: the reference names another payment`);
  assert.deepEqual(result.ref.amount, amount, `${where}: the reference names another amount`);
  return result;
}

/** What query says of a payment is what was asked for, whoever else asks at the same time. */
async function requireOwnAnswers(expected: Expected, { ref }: Payment): Promise<void> {
  const { client, request, who } = expected;
  if (client.channel.query === undefined) return;
  const asked = await query(client, ref);
  const where = `${who} asks for ${ref.merchantId}`;
  const told = (asked as { amount?: Money }).amount;
  // A payment that its payer has not seen yet may be unknown to the channel.
  if (told !== undefined) assert.deepEqual(told, request.amount, `${where}: another amount`);
  assert.equal(asked.ref.merchantId, request.merchantPaymentId, `${where}: another payment`);
}

const modest = (stage: Stage, minorUnits: number): Money => amountFor(stage, minorUnits);

/** The same ids, at the same time, for two merchants. */
async function requireNoMixing(stage: Stage): Promise<void> {
  const merchants = [stage.client, await neighbourOf(stage)];
  const scenes = commonScenes(stage);
  if (scenes.length === 0) notApplicable('no scene of pay serves any merchant');
  const orders = Array.from({ length: 10 }, (_, at): Expected[] => {
    const scene = scenes[at % scenes.length] as Scene;
    const id = stage.freshId();
    return merchants.map((client, which) => {
      const amount = modest(stage, 1000 + 100 * at + which);
      const who = `merchant ${which + 1}`;
      return { client, who, request: orderFor(stage, { scene, id, amount }) };
    });
  }).flat();
  const endings = await Promise.all(
    orders.map(({ client, request }) => attempt(() => pay(client, request))),
  );
  const started = endings.map((ending, at) => requireOwn(orders[at] as Expected, ending));
  await Promise.all(started.map((one, at) => requireOwnAnswers(orders[at] as Expected, one)));
  // Once more one after the other: what is remembered of one merchant must not answer the next.
  for (const [at, one] of started.entries()) await requireOwnAnswers(orders[at] as Expected, one);
  for (const [at, { request, who }] of orders.entries()) {
    if (who !== 'merchant 1' || started[at]?.status !== 'succeeded') continue;
    const { paid } = await truthOf(stage, request.merchantPaymentId);
    assert.equal(paid, request.amount.amount, `the book about ${who}'s payment`);
    await requireOwnRefund(
      stage,
      { mine: started[at], theirs: started[at + 1] as Payment },
      orders[at + 1] as Expected,
    );
  }
}

/** A refund of one merchant's payment leaves the other's of the same id as it was. */
async function requireOwnRefund(
  stage: Stage,
  { mine, theirs }: { mine: Payment; theirs: Payment },
  neighbour: Expected,
): Promise<void> {
  const { channel } = stage.client;
  if (channel.refund === undefined || channel.query === undefined || !mine.ref.amount) return;
  const before = sayings(await attempt(() => query(neighbour.client, theirs.ref)));
  const request = { payment: mine.ref, merchantRefundId: stage.freshId(), amount: mine.ref.amount };
  await refund(stage.client, request);
  const after = sayings(await attempt(() => query(neighbour.client, theirs.ref)));
  assert.equal(after, before, `a refund by merchant 1 changed ${neighbour.who}'s payment`);
}

/** Each merchant's notifications, opened by the other. */
async function requireForeignPushesRefused(stage: Stage): Promise<void> {
  const merchants = [stage.client, await neighbourOf(stage)] as const;
  const id = stage.freshId();
  let seen = 0;
  for (const [which, client] of merchants.entries()) {
    const other = merchants[1 - which] as Client;
    for (const scene of commonScenes(stage)) {
      const before = stage.heard.length;
      await pay(client, orderFor(stage, { scene, id: `${id}${scene.slice(0, 1)}` }));
      await stage.settled();
      for (const message of stage.heard.slice(before)) {
        const where = `a notification for merchant ${which + 1}`;
        const own = await attempt(async () => client.channel.receive?.(message));
        assert.ok(own.result !== undefined, `${where}, opened by itself: ${wordsOf(own)}`);
        const ending = await attempt(async () => other.channel.receive?.(message));
        requireError(
          ending,
          ['NOTIFICATION_FOREIGN', 'NOTIFICATION_UNVERIFIED'],
          `${where}, opened by the other`,
        );
        seen += 1;
      }
    }
  }
  if (seen === 0) notApplicable('no scene notifies by itself');
}

/** A client whose replies come in another order than its requests went out. */
function shuffled(stage: Stage): Client {
  const { transport } = stage.site;
  const late = {
    exchange: async (...given: Parameters<typeof transport.exchange>) => {
      const reply = await transport.exchange(...given);
      await turns(stage.dice.below(20));
      return reply;
    },
  };
  return stage.connect({ context: { transport: late } });
}

const deadlineMs = 5000;

/** A way for a call to end: what happens on the wire, and who gives up, if anybody. */
interface Ending {
  readonly what: string;
  readonly intervention?: Intervention;
  readonly givenUp?: 'abort' | 'deadline' | 'before';
}

const endings: readonly Ending[] = [
  { what: 'with an answer' },
  { what: 'with a refused connection', intervention: interventions.refuse },
  { what: 'with a lost reply', intervention: interventions.dropReply },
  { what: 'aborted beforehand', givenUp: 'before' },
  ...(['abort', 'deadline'] as const).flatMap((givenUp) => [
    {
      what: `by ${givenUp} before the first byte`,
      intervention: interventions.hangBefore,
      givenUp,
    },
    { what: `by ${givenUp} after it`, intervention: interventions.hangAfter, givenUp },
    { what: `by ${givenUp} inside the body`, intervention: interventions.hangInBody, givenUp },
  ]),
];

/** Ends one call in one way and looks for what it left behind. */
async function requireNothingLeft(stage: Stage, ready: Ready, ending: Ending): Promise<void> {
  const client = stage.connect();
  const controller = new AbortController();
  const { signal } = controller;
  const { what, intervention, givenUp } = ending;
  if (givenUp === 'before') controller.abort();
  if (intervention !== undefined) client.spy.plan(intervention);
  const hanging = client.spy.when('hanging');
  const call = attempt(() => ready.call(client, { signal, timeoutMs: deadlineMs }));
  if (givenUp === 'abort' || givenUp === 'deadline') await Promise.race([hanging, call]);
  if (givenUp === 'abort') controller.abort();
  if (givenUp === 'deadline') await stage.site.clock.advance(deadlineMs);
  const where = `${ready.where}, ended ${what} (${wordsOf(await call)})`;
  await turns();
  assert.equal(client.clock.pending(), 0, `${where}: timers are left behind`);
  const ears = getEventListeners(signal, 'abort').length;
  assert.equal(ears, 0, `${where}: listeners are left at the caller's signal`);
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value?.constructor === Object && !isSecret(value));

/** A deep copy of plain data; secrets are shared. */
function copyOf<T>(value: T): T {
  if (!isPlain(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)])) as T;
}

/** Changes every text and number inside, as a caller does who uses one object for all its calls. */
function spoil(value: object): void {
  for (const [name, item] of Object.entries(value)) {
    if (isPlain(item)) spoil(item);
    else if (typeof item === 'string') Reflect.set(value, name, `${item.slice(0, 4)}X`);
    else if (typeof item === 'number') Reflect.set(value, name, item + 1);
  }
}

const verbRunner =
  ({ verb }: Drill, { channel }: Client) =>
  (request: object): Promise<unknown> =>
    (channel[verb] as (given: object) => Promise<unknown>)(request);

/** The first request: what follows depends on what it found. */
const firstSent = ({ spy }: Client) => spy.exchanges[0]?.request;

/** The request is the caller's: it is read once, at the call, and never written. */
async function requireUntouched(stage: Stage, drill: Drill): Promise<void> {
  const { request: given } = await drill.ready();
  const seed = stage.dice.below(1e9);
  const request = copyOf(given);
  const twin = stage.connect({ seed });
  await attempt(() => verbRunner(drill, twin)(request));
  assert.deepEqual(request, given, `${drill.where}: the request was written to`);
  const hasty = stage.connect({ seed });
  const ending = attempt(() => verbRunner(drill, hasty)(request));
  spoil(request);
  await ending;
  const where = `${drill.where}, its request changed after the call`;
  assert.deepEqual(firstSent(hasty), firstSent(twin), `${where}: the change went out`);
}

/** A transport of one's own whose closing would show. */
async function requireQuietLife(stage: Stage): Promise<void> {
  const ready = await Promise.all((await drillsOf(stage)).map((drill) => drill.ready()));
  const other = stage.connect();
  const client = stage.connect();
  await turns();
  assert.equal(client.spy.exchanges.length, 0, 'making a channel sent something');
  assert.equal(client.clock.asked(), 0, 'making a channel set a timer');
  await client.channel[Symbol.asyncDispose]();
  await client.channel[Symbol.asyncDispose]();
  assert.equal(client.spy.exchanges.length, 0, 'disposing a channel sent something');
  assert.equal(client.spy.closed, 0, 'disposing a channel closed the transport it was given');
  assert.equal(client.clock.pending(), 0, 'disposing a channel left a timer');
  for (const { call, where } of ready) {
    requireError(await attempt(() => call(client)), ['NOT_SENT'], `${where} after disposal`);
    assert.equal(client.spy.exchanges.length, 0, `${where} after disposal sent something`);
  }
  const [first] = ready;
  const alive = first && (await attempt(() => first.call(other)));
  if (alive) assert.ok(alive.result, `${first.where} on another channel object: ${wordsOf(alive)}`);
}

export const isolationLaws: readonly Law[] = [
  {
    id: 'ISO-01',
    sentence: 'Two merchants with the same ids at the same time never get into each other',
    why: 'ids are unique to a merchant, not to a process: another shop has an order 1 as well',
    level: 2,
    verbs: ['pay'],
    run: requireNoMixing,
  },
  {
    id: 'ISO-02',
    sentence: 'A genuine notification for another merchant is refused',
    why: 'anybody may become a merchant of the channel and have it sign that an order was paid',
    level: 2,
    verbs: ['pay', 'receive'],
    run: requireForeignPushesRefused,
  },
  {
    id: 'ISO-03',
    sentence: 'Fifty calls at once on one channel object each get their own answer',
    why: "whatever a call keeps in the channel object is the next call's by the time it is read",
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const client = shuffled(stage);
      const scenes = sendingScenes(stage);
      if (scenes.length === 0) notApplicable('no scene of pay talks to the channel');
      const orders = Array.from({ length: 50 }, (_, at): Expected => {
        const scene = scenes[at % scenes.length] as Scene;
        const request = orderFor(stage, { scene, amount: modest(stage, 2000 + at) });
        return { client, who: 'one of fifty', request };
      });
      const all = orders.map(({ request }) => attempt(() => pay(client, request)));
      const started = (await Promise.all(all)).map((ending, at) =>
        requireOwn(orders[at] as Expected, ending),
      );
      await Promise.all(started.map((one, at) => requireOwnAnswers(orders[at] as Expected, one)));
    },
  },
  {
    id: 'ISO-04',
    sentence: 'However a call ends, it leaves no timer and no listener behind',
    why: 'one timer for each payment and a shutdown that never comes: leaks are found in production',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const [index, drill] of (await drillsOf(stage)).entries()) {
        const ready = await drill.ready();
        for (const ending of shareOf(stage, index, endings))
          await requireNothingLeft(stage, ready, ending);
      }
    },
  },
  {
    id: 'ISO-05',
    sentence: 'Making and disposing a channel sends nothing; a disposed one refuses with NOT_SENT',
    why: 'ten thousand merchants share one transport: none of them may close it or wake it up',
    level: 2,
    verbs: ['pay'],
    run: requireQuietLife,
  },
  {
    id: 'ISO-06',
    sentence: 'A request is never written to, and is read before the call returns',
    why: "the object a call was made with is the caller's: it may be stored, shared or used again",
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const drill of await drillsOf(stage)) {
        if (drill.verb !== 'balance') await requireUntouched(stage, drill);
      }
    },
  },
];
