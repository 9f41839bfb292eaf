/** conformance · drills: for every verb of a channel a call of it, for laws that speak of them all. */
import { dayOf, type Money, type Options, type Ref, type Scene, type Verb } from '@polyrail/core';
import {
  openOrder,
  orderFor,
  type Paid,
  paidOrder,
  pay,
  refundOf,
  sendingScenes,
  verbOf,
} from './acts.ts';
import type { Client, Stage } from './stage.ts';

/** One call that can be made, once or again, on any channel object of the merchant. */
export interface Ready {
  readonly verb: Verb;
  /** `pay (qr)`, for messages. */
  readonly where: string;
  readonly reading: boolean;
  /** The merchant's id of the payment it is about; empty where it is about none. */
  readonly id: string;
  /** First argument of the verb. */
  readonly request: object;
  call(client: Client, options?: Options): Promise<unknown>;
}

/** How the stage is set for a verb. Every call is about a payment of its own. */
export interface Drill {
  readonly verb: Verb;
  readonly where: string;
  readonly reading: boolean;
  ready(): Promise<Ready>;
}

const dayMs = 86_400_000;

/** The business day before today, in the channel's calendar. */
export function yesterday(stage: Stage): string {
  const { timeZone, dayEndsAt } = stage.client.channel.capabilities;
  return dayOf(stage.site.clock.now() - dayMs, timeZone, dayEndsAt);
}

/** All lines of a statement, in a frozen list. */
export async function linesOf(statement: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const lines: unknown[] = [];
  for await (const line of statement) lines.push(line);
  return Object.freeze(lines);
}

/** Some of the payment, so that a refund of it is a partial one where the amount allows. */
const partOf = ({ amount }: Paid): number => Math.max(1, Math.floor(amount.amount / 3));

type Subject = { readonly id: string; readonly request: object };

const byRef = ({ id, ref }: Paid): Subject => ({ id, request: ref });

const cancelOf = (stage: Stage, { id, ref }: Paid): Subject => ({
  id,
  request: { payment: ref, merchantCancelId: stage.freshId() },
});

/** The reference of an act that is then asked about. */
async function refAfter(
  stage: Stage,
  verb: 'refund' | 'cancel',
  options: DrillOptions,
): Promise<Subject> {
  const paid = await paidOrder(stage, options);
  const request =
    verb === 'refund' ? refundOf(stage, paid, partOf(paid)) : cancelOf(stage, paid).request;
  const { ref } = await verbOf(stage.client.channel, verb)(request as never);
  return { id: paid.id, request: ref as Ref<'refund' | 'cancellation'> };
}

/** What the payments of drills have in common. */
export interface DrillOptions {
  readonly amount?: Money;
}

type Setting = (stage: Stage, options: DrillOptions) => Promise<Subject>;

/** What each verb is called with; `pay` and `close` have an entry for each scene. */
const subjects: { readonly [V in Verb]?: Setting } = {
  query: async (stage, options) => byRef(await paidOrder(stage, options)),
  cancel: async (stage, options) => cancelOf(stage, await paidOrder(stage, options)),
  reverse: async (stage, options) => byRef(await paidOrder(stage, options)),
  queryCancellation: (stage, options) => refAfter(stage, 'cancel', options),
  async refund(stage, options) {
    const paid = await paidOrder(stage, options);
    return { id: paid.id, request: refundOf(stage, paid, partOf(paid)) };
  },
  queryRefund: (stage, options) => refAfter(stage, 'refund', options),
  async statement(stage) {
    const date = yesterday(stage);
    await stage.site.settle(date);
    const [kind] = Object.keys(stage.client.channel.capabilities.statements ?? {});
    return { id: '', request: { kind, date } };
  },
  balance: async () => ({ id: '', request: {} }),
};

const readers: ReadonlySet<Verb> = new Set([
  'query',
  'queryCancellation',
  'queryRefund',
  'statement',
  'balance',
]);

/** Makes the call of a verb on whichever channel object it is told to. */
async function call(
  verb: Verb,
  request: object,
  { client, options }: { client: Client; options: Options | undefined },
): Promise<unknown> {
  const { channel } = client;
  if (verb === 'balance') return verbOf(channel, verb)(options);
  if (verb === 'statement') {
    return linesOf(await verbOf(channel, verb)(request as never, options));
  }
  const made = verbOf(channel, verb) as (r: object, o?: Options) => Promise<unknown>;
  return made(request, options);
}

function drillOf(
  { verb, where }: { verb: Verb; where: string },
  subject: () => Promise<Subject>,
): Drill {
  const reading = readers.has(verb);
  return {
    verb,
    where,
    reading,
    async ready() {
      const { id, request } = await subject();
      return {
        verb,
        where,
        reading,
        id,
        request,
        call: (client, options) => call(verb, request, { client, options }),
      };
    },
  };
}

/** Scenes that leave a payment open to be closed, by site: found out once by paying. */
const openScenes = new WeakMap<object, readonly Scene[]>();

async function scenesLeftOpen(stage: Stage): Promise<readonly Scene[]> {
  const known = openScenes.get(stage.site);
  if (known !== undefined) return known;
  const found: Scene[] = [];
  for (const scene of sendingScenes(stage)) {
    const { status } = await pay(stage.connect(), orderFor(stage, { scene }));
    if (status === 'pending') found.push(scene);
  }
  openScenes.set(stage.site, found);
  return found;
}

/**
 * A drill for each verb that the channel has and that talks to it; `pay` and `close` once for each
 * scene that serves. Not for `receive`, `acknowledge`, and the verbs of authorizations, agreements
 * and payouts.
 */
export async function drillsOf(
  stage: Stage,
  options: DrillOptions = {},
): Promise<readonly Drill[]> {
  const { channel } = stage.client;
  if (channel.pay === undefined) return [];
  const paying = sendingScenes(stage).map((scene) =>
    drillOf({ verb: 'pay', where: `pay (${scene})` }, async () => {
      const request = orderFor(stage, { ...options, scene });
      return { id: request.merchantPaymentId, request };
    }),
  );
  const open = channel.close === undefined ? [] : await scenesLeftOpen(stage);
  const closing = open.map((scene) =>
    drillOf({ verb: 'close', where: `close (${scene})` }, async () =>
      byRef(await openOrder(stage, { ...options, scene })),
    ),
  );
  const others = Object.entries(subjects).flatMap(([name, subject]) => {
    const verb = name as Verb;
    if (channel[verb] === undefined) return [];
    return [drillOf({ verb, where: verb }, () => subject(stage, options))];
  });
  return [...paying, ...closing, ...others];
}
