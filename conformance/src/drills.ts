/** conformance · drills: for every verb of a channel a call of it, for laws that speak of them all. */
import {
  dayOf,
  type Money,
  type Noun,
  type Options,
  type Outcome,
  type Scene,
  type Verb,
} from '@polyrail/core';
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
import { openSignUp, signedAgreement, signUpFor } from './agreements.ts';
import type { About } from './book.ts';
import { foundOn } from './found.ts';
import { captureOf, type Held, heldMoney, holdFor, releaseOf } from './holds.ts';
import { payeesOf, payoutFor } from './payouts.ts';
import type { Client, Stage } from './stage.ts';
import type { PayeeSample } from './subject.ts';

/** One call that can be made, once or again, on any channel object of the merchant. */
export interface Ready {
  readonly verb: Verb;
  /** `pay (qr)`, for messages. */
  readonly where: string;
  readonly reading: boolean;
  /** What the channel's books are asked about when this call is looked at. */
  readonly about: About;
  /** First argument of the verb. */
  readonly request: object;
  call(client: Client, options?: Options): Promise<unknown>;
}

/** How the stage is set for a verb. Every call is about a payment, hold or payout of its own. */
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

/** Some of what was paid or is held, so that undoing it is partial where the amount allows. */
const partOf = ({ amount }: { readonly amount: Money }): number =>
  Math.max(1, Math.floor(amount.amount / 3));

type Subject = { readonly about: About; readonly request: object };

const byRef = ({ id, ref }: Paid): Subject => ({ about: { payment: id }, request: ref });

const cancelOf = (stage: Stage, { id, ref }: Paid): Subject => ({
  about: { payment: id },
  request: { payment: ref, merchantCancelId: stage.freshId() },
});

/** The reference of an act that is then asked about. */
async function refAfter(
  stage: Stage,
  verb: 'refund' | 'cancel' | 'cancelAuthorization' | 'payout',
  { about, request }: Subject,
): Promise<Subject> {
  const call = verbOf(stage.client.channel, verb) as (r: object) => Promise<Outcome<Noun>>;
  const { ref } = await call(request);
  return { about, request: ref };
}

/** What the payments of drills have in common. */
export interface DrillOptions {
  readonly amount?: Money;
}

type Setting = (stage: Stage, options: DrillOptions) => Promise<Subject>;

async function refundSubject(stage: Stage, options: DrillOptions): Promise<Subject> {
  const paid = await paidOrder(stage, options);
  return { about: { payment: paid.id }, request: refundOf(stage, paid, partOf(paid)) };
}

const holdSubject = ({ id, ref }: Held): Subject => ({
  about: { authorization: id },
  request: ref,
});

async function releaseSubject(stage: Stage, options: DrillOptions): Promise<Subject> {
  const held = await heldMoney(stage, options);
  return { about: { authorization: held.id }, request: releaseOf(stage, held, partOf(held)) };
}

const payoutSubject: Setting = async (stage, options) => {
  const request = payoutFor(stage, options);
  return { about: { payout: request.merchantPayoutId }, request };
};

/** Asked about is what the channel undoes: a payment, or else a hold. */
async function cancellationSubject(stage: Stage, options: DrillOptions): Promise<Subject> {
  if (stage.client.channel.cancel === undefined) {
    return refAfter(stage, 'cancelAuthorization', await releaseSubject(stage, options));
  }
  return refAfter(stage, 'cancel', cancelOf(stage, await paidOrder(stage, options)));
}

/** What each verb is called with; those of several scenes have their drills below. */
const subjects: { readonly [V in Verb]?: Setting } = {
  query: async (stage, options) => byRef(await paidOrder(stage, options)),
  cancel: async (stage, options) => cancelOf(stage, await paidOrder(stage, options)),
  reverse: async (stage, options) => byRef(await paidOrder(stage, options)),
  queryCancellation: cancellationSubject,
  refund: refundSubject,
  queryRefund: async (stage, options) =>
    refAfter(stage, 'refund', await refundSubject(stage, options)),
  queryAuthorization: async (stage, options) => holdSubject(await heldMoney(stage, options)),
  async capture(stage, options) {
    const held = await heldMoney(stage, options);
    const request = captureOf(stage, held, partOf(held));
    return { about: { authorization: held.id, payment: request.merchantPaymentId }, request };
  },
  cancelAuthorization: releaseSubject,
  async querySignUp(stage) {
    const { id, ref } = await openSignUp(stage);
    return { about: { agreement: id }, request: ref };
  },
  async signOff(stage) {
    const { id, ref } = await signedAgreement(stage);
    return { about: { agreement: id }, request: ref };
  },
  queryPayout: async (stage, options) =>
    refAfter(stage, 'payout', await payoutSubject(stage, options)),
  balance: async () => ({ about: {}, request: {} }),
};

const readers: ReadonlySet<Verb> = new Set([
  'query',
  'queryCancellation',
  'queryRefund',
  'queryAuthorization',
  'querySignUp',
  'queryPayout',
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
      const { about, request } = await subject();
      return {
        verb,
        where,
        reading,
        about,
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

/** A verb called in one scene, for one kind of payee, or about one kind of statement. */
interface Variant {
  readonly verb: Verb;
  readonly which: string;
  readonly subject: () => Promise<Subject>;
}

/** The verbs that set out from scenes, each once in every scene that talks to the channel. */
async function scenic(stage: Stage, options: DrillOptions): Promise<readonly Variant[]> {
  const found = foundOn(stage.site);
  const open = stage.client.channel.close === undefined ? [] : await scenesLeftOpen(stage);
  return [
    ...found.pay.map((scene): Variant => {
      const subject = async () => {
        const request = orderFor(stage, { ...options, scene });
        return { about: { payment: request.merchantPaymentId }, request };
      };
      return { verb: 'pay', which: scene, subject };
    }),
    ...open.map((scene): Variant => {
      const subject = async () => byRef(await openOrder(stage, { ...options, scene }));
      return { verb: 'close', which: scene, subject };
    }),
    ...found.authorize.map((scene): Variant => {
      const subject = async () => {
        const request = holdFor(stage, { ...options, scene });
        return { about: { authorization: request.merchantPaymentId }, request };
      };
      return { verb: 'authorize', which: scene, subject };
    }),
    ...found.signUp.map((scene): Variant => {
      const subject = async () => {
        const request = signUpFor(stage, scene);
        return { about: { agreement: request.merchantAgreementId }, request };
      };
      return { verb: 'signUp', which: scene, subject };
    }),
  ];
}

function onePayeeOfEachKind(stage: Stage): readonly PayeeSample[] {
  const payees = payeesOf(stage);
  const kinds = new Set(payees.map(({ payee }) => payee.kind));
  return [...kinds].flatMap((kind) => payees.find(({ payee }) => payee.kind === kind) ?? []);
}

/** The verbs that come in kinds otherwise. */
function kindly(stage: Stage, options: DrillOptions): readonly Variant[] {
  const { channel } = stage.client;
  const { samples } = stage.subject;
  const payees = channel.payout && samples?.payees ? onePayeeOfEachKind(stage) : [];
  const kinds = channel.statement ? Object.keys(channel.capabilities.statements ?? {}) : [];
  const isUndoable = channel.reverse !== undefined && foundOn(stage.site).authorize.length > 0;
  return [
    ...payees.map((payee): Variant => {
      const subject = async () => {
        const request = payoutFor(stage, { ...options, payee });
        return { about: { payout: request.merchantPayoutId }, request };
      };
      return { verb: 'payout', which: payee.payee.kind, subject };
    }),
    ...kinds.map((kind): Variant => {
      const subject = async () => {
        const date = yesterday(stage);
        await stage.site.settle(date);
        return { about: {}, request: { kind, date } };
      };
      return { verb: 'statement', which: kind, subject };
    }),
    ...(isUndoable ? ['authorization'] : []).map((which): Variant => {
      const subject = async () => holdSubject(await heldMoney(stage, options));
      return { verb: 'reverse', which, subject };
    }),
  ];
}

/** Whether the samples and the site give a verb something to be called with. */
function isCallable(stage: Stage, verb: Verb): boolean {
  const { site, subject } = stage;
  if (verb === 'queryPayout') return subject.samples?.payees !== undefined;
  if (verb === 'signOff') return site.agreement !== undefined;
  const aboutHolds: readonly Verb[] = ['queryAuthorization', 'capture', 'cancelAuthorization'];
  return !aboutHolds.includes(verb) || site.authorization !== undefined;
}

/**
 * A drill for each verb that the channel has and that talks to it; once for each scene, kind of
 * payee and kind of statement. Not for `receive` and `acknowledge`, nor for the verbs that confirm
 * by a code that was sent to a phone.
 */
export async function drillsOf(
  stage: Stage,
  options: DrillOptions = {},
): Promise<readonly Drill[]> {
  const { channel } = stage.client;
  if (channel.pay === undefined) return [];
  const variants = [...(await scenic(stage, options)), ...kindly(stage, options)].map(
    ({ verb, which, subject }) => drillOf({ verb, where: `${verb} (${which})` }, subject),
  );
  const others = Object.entries(subjects).flatMap(([name, subject]) => {
    const verb = name as Verb;
    if (channel[verb] === undefined || !isCallable(stage, verb)) return [];
    return [drillOf({ verb, where: verb }, () => subject(stage, options))];
  });
  return [...variants, ...others];
}

/** Fewest ways that are tried on each drill. */
const leastWays = 4;

/** A payout to each kind of payee, also of channels that do nothing else. */
export const payoutDrills = (stage: Stage): readonly Drill[] =>
  kindly(stage, {})
    .filter(({ verb }) => verb === 'payout')
    .map(({ verb, which, subject }) => drillOf({ verb, where: `${verb} (${which})` }, subject));

/**
 * Of many ways to spoil a call all for the first drill and some for each other: together they try
 * every way, on one verb or another, and other seeds try others.
 */
export function shareOf<T>({ dice }: Stage, index: number, ways: readonly T[]): readonly T[] {
  if (index === 0) return ways;
  const count = Math.max(leastWays, Math.ceil(ways.length / 3));
  return dice.sample(count, ways.length).map((at) => ways[at] as T);
}
