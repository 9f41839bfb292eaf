/**
 * gateway storm · planted: gateways with one bug each, that prove the judge. A bug is put between the
 * gateway and what it is given - its store, its channels, its handlers - so that the product itself has no
 * seam for it.
 */
import type { Channel, Notification } from '@polyrail/core';
import type { GatewayOptions, Risk, Store } from '../src/index.ts';
import type { EntryRow, Transaction } from '../src/store.ts';
import type { AnyOutcome, AnyVerb } from '../src/verbs.ts';
import type { Sabotage } from './stage.ts';
import { paymentsPerWorld } from './terms.ts';
import { runWorld } from './world.ts';

export interface Planted {
  readonly name: string;
  /** It is caught within so many payments of seed 1, from the `from`-th on. */
  readonly within: number;
  /** The first payment of a world in which it can show; default 0. */
  readonly from?: number;
  readonly sabotage: () => Sabotage;
}

type Verbs = Readonly<Record<string, AnyVerb>>;

/** Some verbs of every channel, done wrongly. */
const inChannels =
  (wrong: (channel: Verbs) => object) =>
  (options: GatewayOptions): GatewayOptions => {
    const channels = Object.entries(options.channels as Readonly<Record<string, Channel>>);
    const spoilt = channels.map(([name, channel]) => {
      const verbs = wrong(channel as unknown as Verbs);
      return [name, { ...channel, ...verbs } as Channel] as const;
    });
    return { ...options, channels: Object.fromEntries(spoilt) };
  };

/** Some statements of every transaction, done wrongly. */
const inStore =
  (wrong: (transaction: Transaction) => Partial<Transaction>) =>
  (store: Store): Store => ({
    ...store,
    transaction: (work) =>
      store.transaction((transaction) => work({ ...transaction, ...wrong(transaction) })),
  });

const instead =
  (verb: AnyVerb, change: (outcome: AnyOutcome) => object | undefined): AnyVerb =>
  async (request, options) => {
    const outcome = await verb(request, options);
    return { ...outcome, ...change(outcome) };
  };

const failure = { status: 'failed', reason: 'other', retry: 'never' } as const;

/** Does the same once more under another id. */
const twice =
  (verb: AnyVerb, name: string, when: (outcome: AnyOutcome) => boolean): AnyVerb =>
  async (request, options) => {
    const outcome = await verb(request, options);
    if (!when(outcome)) return outcome;
    const again = request as Readonly<Record<string, unknown>>;
    return verb({ ...again, [name]: `${String(again[name])}x` }).catch(() => outcome);
  };

/** Takes an id for burnt that was refused, and asks again under another. */
function renaming(verb: AnyVerb, name: string): AnyVerb {
  const refused = new Set<string>();
  return async (request, options) => {
    const asked = request as Readonly<Record<string, unknown>>;
    const id = String(asked[name]);
    const isAgain = refused.has(id);
    refused.add(id);
    const outcome = await verb(isAgain ? { ...asked, [name]: `${id}x` } : asked, options);
    refused.delete(id);
    return outcome;
  };
}

/** Takes whatever was refused for absent, and asks nobody. */
function believing({ pay, query }: Verbs) {
  const refused = new Set<string>();
  return {
    async pay(request: object, options: object) {
      const { merchantPaymentId: id } = request as { merchantPaymentId: string };
      refused.add(id);
      const outcome = await (pay as AnyVerb)(request, options);
      refused.delete(id);
      return outcome;
    },
    query: instead(query as AnyVerb, ({ ref }) =>
      refused.has(ref.merchantId ?? '') ? { status: 'unknown', doubt: 'not-found' } : undefined,
    ),
  };
}

/** Sends first and stores then. */
const storesLate =
  (pay: AnyVerb): AnyVerb =>
  async (request, given) => {
    const options = given as { onPrepared?: (ref: unknown) => Promise<void> };
    let prepared: unknown;
    const onPrepared = async (ref: unknown) => {
      prepared = ref;
    };
    const outcome = await pay(request, { ...options, onPrepared });
    await options.onPrepared?.(prepared);
    return outcome;
  };

function withoutLock(store: Store): Store {
  const seen = new Map<string, EntryRow>();
  const nameOf = ({ noun, id }: { noun: string; id: string }) => `${noun} ${id}`;
  const spoilt = inStore((transaction) => ({
    lockEntry: async (key) => seen.get(nameOf(key)) ?? transaction.lockEntry(key),
  }))(store);
  return {
    ...spoilt,
    async findEntry(key) {
      const row = await store.findEntry(key);
      if (row !== undefined) seen.set(nameOf(key), row);
      return row;
    },
  };
}

/** What is final looks as if it were open. */
function reopened<Row extends EntryRow | string | undefined>(row: Row): Row | EntryRow {
  if (typeof row !== 'object' || !['succeeded', 'failed'].includes(row.state)) return row;
  const body = JSON.parse(row.body) as { attempts: object[] };
  const attempts = body.attempts.map((attempt) => ({ ...attempt, fate: 'pending' }));
  return {
    ...row,
    state: 'pending',
    body: JSON.stringify({ ...body, state: 'pending', attempts }),
  };
}

/** Hears no amounts. */
function deaf(channel: Verbs) {
  const genuine = new WeakMap<object, unknown>();
  const receive = channel['receive'] as unknown as (message: unknown) => Promise<Notification>;
  const acknowledge = channel['acknowledge'] as unknown as (verdict: object) => unknown;
  return {
    async receive(message: unknown) {
      const heard = await receive(message);
      const facts = heard.facts.map((fact) => {
        const { amount, undone, ...rest } = fact as unknown as Record<string, unknown>;
        return rest;
      });
      const told = { ...heard, facts };
      genuine.set(told, heard);
      return told;
    },
    acknowledge: (verdict: { stored?: object }) =>
      acknowledge('stored' in verdict ? { stored: genuine.get(verdict.stored ?? {}) } : verdict),
  };
}

/** Says yes to whatever it refused. */
function polite(channel: Verbs) {
  const receive = channel['receive'] as unknown as (message: unknown) => Promise<unknown>;
  const acknowledge = channel['acknowledge'] as unknown as (verdict: object) => unknown;
  let latest: unknown;
  return {
    async receive(message: unknown) {
      latest = await receive(message);
      return latest;
    },
    acknowledge: (verdict: object) =>
      acknowledge('refused' in verdict && latest !== undefined ? { stored: latest } : verdict),
  };
}

/** Takes what does not verify for what came last, about whomever it names. */
function credulous(channel: Verbs) {
  const receive = channel['receive'] as unknown as (message: {
    body: Uint8Array;
  }) => Promise<object>;
  const acknowledge = channel['acknowledge'] as unknown as (verdict: object) => unknown;
  let latest: object | undefined;
  return {
    async receive(message: { body: Uint8Array }) {
      try {
        latest = await receive(message);
        return latest;
      } catch (error) {
        const id = /st0\d{7}/.exec(Buffer.from(message.body).toString('latin1'))?.[0];
        if (latest === undefined) throw error;
        const text = JSON.stringify(latest);
        return JSON.parse(id === undefined ? text : text.replaceAll(/st0\d{7}/g, id));
      }
    },
    acknowledge: (verdict: object) =>
      acknowledge('stored' in verdict ? { stored: latest } : verdict),
  };
}

/** Lets everything pass that its merchant has not blocked. */
function heedless(options: GatewayOptions): GatewayOptions {
  const { risk } = options;
  if (risk === undefined) return options;
  const assess: Risk['assess'] = async (question) =>
    (await risk.assess(question)) === 'block' ? 'block' : 'pass';
  return { ...options, risk: { ...risk, assess, otherwise: 'pass' } };
}

/** Calls the merchant's handlers while it still may be rolled back. */
function early(options: GatewayOptions): GatewayOptions {
  const store = inStore((transaction) => ({
    async insertEvent(row) {
      await transaction.insertEvent(row);
      const [noun = '', name = ''] = row.kind.split('.');
      const named = options.on?.[row.noun] as Readonly<Record<string, unknown>> | undefined;
      const handler = noun === row.noun ? named?.[name] : undefined;
      const event = { eventId: row.eventId, kind: row.kind, entry: JSON.parse(row.body) };
      if (typeof handler === 'function') await handler(event);
    },
  }))(options.store);
  return { ...options, store };
}

/** What was handed out inside a transaction is noted only the second time. */
function forgetful(): (store: Store) => Store {
  const noted = new Set<string>();
  return inStore((transaction) => ({
    async updateEvent(row) {
      const isFirst = row.status === 'delivered' && !noted.has(row.eventId);
      noted.add(row.eventId);
      if (!isFirst) await transaction.updateEvent(row);
    },
  }));
}

const channelBug = (name: string, within: number, wrong: (channel: Verbs) => object): Planted => ({
  name,
  within,
  sabotage: () => ({ options: inChannels(wrong) }),
});
const storeBug = (
  name: string,
  within: number,
  wrong: (transaction: Transaction) => Partial<Transaction>,
): Planted => ({ name, within, sabotage: () => ({ store: inStore(wrong) }) });

export const planted: readonly Planted[] = [
  storeBug('acknowledges before it stores', 20, () => ({ insertMessage: async () => true })),
  channelBug('takes a time-out for a failure', 40, ({ pay }) => ({
    pay: instead(pay as AnyVerb, ({ status }) => (status === 'unknown' ? failure : undefined)),
  })),
  {
    name: 'changes what it read before the lock',
    within: 20,
    sabotage: () => ({ store: withoutLock }),
  },
  storeBug('forgets to apply what it stored, when it dies in between', 200, (transaction) => ({
    schedule: async (job) => (job.kind === 'apply' ? undefined : transaction.schedule(job)),
  })),
  channelBug('stores an attempt once it is sent', 20, ({ pay }) => ({
    pay: storesLate(pay as AnyVerb),
  })),
  channelBug('pays again under another id when it hears nothing', 40, ({ pay }) => ({
    pay: twice(pay as AnyVerb, 'merchantPaymentId', ({ status }) => status === 'unknown'),
  })),
  channelBug('pays out again under another id when it hears nothing', 60, ({ payout }) => ({
    payout: twice(payout as AnyVerb, 'merchantPayoutId', ({ status }) => status === 'unknown'),
  })),
  channelBug('takes a payout that is not over for a failure', 20, ({ queryPayout }) => ({
    queryPayout: instead(queryPayout as AnyVerb, ({ status }) =>
      status === 'pending' ? failure : undefined,
    ),
  })),
  channelBug('takes a hold that its payer has not looked at for a failure', 100, (channel) => ({
    queryAuthorization: instead(channel['queryAuthorization'] as AnyVerb, ({ status }) =>
      status === 'pending' ? failure : undefined,
    ),
  })),
  channelBug('captures again under another id when it hears nothing', 220, ({ capture }) => ({
    capture: twice(capture as AnyVerb, 'merchantPaymentId', ({ status }) => status === 'unknown'),
  })),
  channelBug('takes a consent that its payer has not given for a refusal', 80, (channel) => ({
    querySignUp: instead(channel['querySignUp'] as AnyVerb, ({ status }) =>
      status === 'pending' ? failure : undefined,
    ),
  })),
  channelBug('takes not-found for a failure', 120, ({ query }) => ({
    query: instead(query as AnyVerb, ({ doubt }) => (doubt === 'not-found' ? failure : undefined)),
  })),
  storeBug('drops late money', 600, (transaction) => ({
    updateEntry: async (row) =>
      row.state === 'late-success' ? undefined : transaction.updateEntry(row),
  })),
  {
    ...storeBug('forgets what was paid twice', 20, ({ updateEntry }) => ({
      updateEntry: async ({ body, ...row }) => {
        const { surplus, ...rest } = JSON.parse(body) as { surplus?: object };
        await updateEntry({ ...row, body: JSON.stringify(rest) });
      },
    })),
    // A world whose channels refuse what they have taken.
    from: 5 * paymentsPerWorld,
  },
  {
    ...channelBug('pays out again under another id what was refused', 160, ({ payout }) => ({
      payout: renaming(payout as AnyVerb, 'merchantPayoutId'),
    })),
    from: 5 * paymentsPerWorld,
  },
  {
    ...channelBug('never asks about what was refused', 40, believing),
    from: 5 * paymentsPerWorld,
  },
  storeBug('overwrites what is final', 20, (transaction) => ({
    lockEntry: async (key) => reopened(await transaction.lockEntry(key)),
  })),
  channelBug('does not look at amounts', 40, deaf),
  channelBug('says yes to what it refused', 20, polite),
  channelBug('believes what does not verify', 20, credulous),
  {
    name: 'sends what its merchant has not let pass',
    within: 260,
    sabotage: () => ({ options: heedless }),
  },
  { name: 'hands out before it commits', within: 20, sabotage: () => ({ options: early }) },
  storeBug('skips dead letters', 20, (transaction) => ({
    updateEvent: async (row) =>
      transaction.updateEvent(row.status === 'dead' ? { ...row, status: 'delivered' } : row),
  })),
  {
    name: 'hands out in a transaction, and notes it in another',
    within: 20,
    sabotage: () => ({ store: forgetful() }),
  },
  channelBug('gives back twice under two ids', 40, ({ refund }) => ({
    refund: twice(refund as AnyVerb, 'merchantRefundId', () => true),
  })),
  storeBug('never asks', 20, (transaction) => ({
    schedule: async (job) => (job.kind === 'resolve' ? undefined : transaction.schedule(job)),
  })),
];

/** Payments that are run together until a bug is caught. */
const step = 20;

export interface Catch {
  readonly name: string;
  /** Within so many payments; `undefined` when it was not caught. */
  readonly after: number | undefined;
  readonly what: string;
}

/** Runs payments of a seed with a planted bug, from the `start`-th on, until the judge catches it. */
export async function catchPlanted(
  { name, within, from = 0, sabotage }: Planted,
  { seed = 1, start = 0 }: { readonly seed?: number; readonly start?: number } = {},
): Promise<Catch> {
  for (let first = start; first < within; first += step) {
    const payments = Array.from({ length: step }, (_, index) => from + first + index);
    const { violations } = await runWorld({ seed, payments, sabotage: sabotage() });
    const what = violations[0]?.what;
    if (what !== undefined) return { name, after: first + step, what };
  }
  return { name, after: undefined, what: '' };
}
