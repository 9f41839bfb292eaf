/** gateway · create: assembles a gateway from its options. */
import { instantOf } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { begin, confirm } from './begin.ts';
import { type GatewayOptions, onlyMerchant, settingsOf } from './config.ts';
import { channelsOf, type Desk, find, keptOf, noSuch, openFor } from './desk.ts';
import { type Entry, entryOf } from './entry.ts';
import { type FollowOptions, follow } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { createHealth } from './health.ts';
import { applyStored, handlerOf, receive } from './inbox.ts';
import { decideDue, decideLate } from './late.ts';
import { type BeginOptions, invalid, requireId } from './order.ts';
import { deliver, readEvent, replay } from './outbox.ts';
import { look, resolve } from './resolver.ts';
import { type EntryKey, type EntryNoun, entryNouns, type Job, type JobKind } from './store.ts';
import { createTelemetry } from './telemetry.ts';
import { createUnderWay } from './under-way.ts';
import { createVault } from './vault.ts';
import type { BeginVerb } from './verbs.ts';
import { createWatchers, watch } from './watch.ts';

/** A job still under way after this long is taken up by another process, in ms. */
const jobLeaseMs = 2 * 60_000;
const mostListed = 1000;

function limitOf(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostListed) return limit;
  throw invalid('limit', `must be a whole number from 1 to ${mostListed}`);
}

function deskOf(options: GatewayOptions, closing: AbortSignal): Desk {
  const { store, clock = systemClock, random = systemRandom, logger } = options;
  const { breaker, limit, encryption = [] } = options;
  return {
    settings: settingsOf(options),
    store,
    clock,
    random,
    vault: createVault(encryption, random),
    health: createHealth({ breaker, limit, clock }),
    telemetry: createTelemetry(logger),
    watchers: createWatchers(),
    closing,
  };
}

const jobs: Readonly<Record<JobKind, (desk: Desk, key: string) => Promise<void>>> = {
  resolve,
  deliver,
  apply: applyStored,
  decide: decideDue,
};

const runJob = (desk: Desk, job: Job): Promise<void> => jobs[job.kind](desk, job.key);

function startWorker(desk: Desk) {
  const { concurrency } = desk.settings;
  if (concurrency === 0) return undefined;
  return desk.store.startWorker((job) => runJob(desk, job), {
    clock: desk.clock,
    concurrency,
    leaseMs: jobLeaseMs,
    onFailure: (error) => desk.telemetry.failed('polyrail.gateway.job', error),
  });
}

function keyOf(noun: EntryNoun, id: unknown, merchant: string = onlyMerchant): EntryKey {
  if (!entryNouns.includes(noun)) throw invalid('noun', `must be one of ${entryNouns.join(', ')}`);
  return { merchant, noun, id: requireId('id', id) };
}

function beginnings(desk: Desk) {
  const of =
    <N extends EntryNoun>(verb: BeginVerb) =>
    (request: object, options?: BeginOptions): Promise<Entry<N>> =>
      begin(desk, verb, { request, options }) as Promise<Entry<N>>;
  return {
    pay: of<'payment'>('pay'),
    capture: of<'payment'>('capture'),
    refund: of<'refund'>('refund'),
    cancel: of<'cancellation'>('cancel'),
    cancelCapture: of<'cancellation'>('cancelCapture'),
    cancelAuthorization: of<'cancellation'>('cancelAuthorization'),
    authorize: of<'authorization'>('authorize'),
    signUp: of<'agreement'>('signUp'),
    payout: of<'payout'>('payout'),
  };
}

type Following<N extends EntryNoun> = (id: string, options?: FollowOptions) => Promise<Entry<N>>;

function followings(desk: Desk) {
  const byId =
    <N extends EntryNoun>(verb: 'close' | 'signOff' | 'cancelPayout'): Following<N> =>
    (id, options) =>
      follow(desk, verb, { id, options }) as Promise<Entry<N>>;
  return {
    closePayment: byId<'payment'>('close'),
    signOff: byId<'agreement'>('signOff'),
    cancelPayout: byId<'payout'>('cancelPayout'),
    reverse: ((id, { noun, ...options } = {}) =>
      follow(desk, 'reverse', {
        id,
        options,
        ...(noun === undefined ? {} : { noun }),
      })) as Gateway['reverse'],
    confirmPay: (({ payment, ...members }, options) =>
      follow(desk, 'confirmPay', { id: payment, members, options })) as Gateway['confirmPay'],
    confirmSignUp: (({ agreement, ...members }, options) =>
      follow(desk, 'confirmSignUp', {
        id: agreement,
        members,
        options,
      })) as Gateway['confirmSignUp'],
  };
}

async function told(desk: Desk, key: EntryKey): Promise<Entry | undefined> {
  const kept = await find(desk, key);
  return kept && entryOf(kept);
}

/** What is asked of the gateway, or told to it, about what it has begun. */
function answerings(desk: Desk) {
  return {
    confirm: async (noun, id, { verdict, merchant }) =>
      confirm(desk, keyOf(noun, id, merchant), verdict),
    decide: (async (id, { decision, merchant, noun }) =>
      decideLate(desk, keyOf(noun ?? 'payment', id, merchant), decision)) as Gateway['decide'],
    receive: ({ channel, merchant = onlyMerchant }, message) =>
      receive(desk, { channel, merchant }, message),
    replay: (eventId) => replay(desk, eventId),
    resolve: (async (noun: EntryNoun, id: string, options: { merchant?: string } = {}) => {
      const key = keyOf(noun, id, options.merchant);
      await look(desk, key);
      return told(desk, key);
    }) as Gateway['resolve'],
  } satisfies Partial<Gateway>;
}

function readings(desk: Desk) {
  return {
    find: (async (noun, id, options) =>
      told(desk, keyOf(noun, id, options?.merchant))) as Gateway['find'],
    async list({ limit = 100, ...filter } = {}) {
      const { before } = filter;
      const wanted = { ...filter, limit: limitOf(limit) };
      if (before !== undefined && (await find(desk, before)) === undefined) throw noSuch(before);
      // Whose entries they are is no question then, and an index answers it.
      const of = desk.settings.servesMany ? {} : { merchant: onlyMerchant };
      const rows = await desk.store.listEntries({ ...of, ...wanted });
      return rows.map((row) => entryOf(keptOf(desk, row)));
    },
    async history(noun, id, options) {
      const key = keyOf(noun, id, options?.merchant);
      const facts = await desk.store.listFacts(key);
      return facts.map(({ at, kind, body }) => ({
        at: instantOf(at),
        kind,
        body: openFor(desk, key, body),
      }));
    },
    watch(id, { merchant, signal } = {}) {
      const { clock, watchers } = desk;
      const watched = { clock, watchers, find: (key: EntryKey) => find(desk, key) };
      return watch(watched, keyOf('payment', id, merchant), signal);
    },
    async deadLetters({ merchant, limit = 100 } = {}) {
      const filter = { ...(merchant === undefined ? {} : { merchant }), limit: limitOf(limit) };
      return (await desk.store.listDeadEvents(filter)).map((row) => readEvent(desk, row));
    },
    quality({ merchant = onlyMerchant } = {}) {
      const names = Object.keys(channelsOf(desk, merchant));
      return Object.fromEntries(names.map((name) => [name, desk.health.quality(merchant, name)]));
    },
    async backlog(kind) {
      const now = desk.clock.now();
      const { due, oldest } = await desk.store.backlog(kind, now);
      return { due, lateMs: oldest === undefined ? 0 : Math.max(0, now - oldest) };
    },
  } satisfies Partial<Gateway>;
}

/**
 * Opens the store and starts the work behind the verbs: resolving, delivering, deciding. Throws
 * `CONFIG_INVALID` naming the option that is wrong.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const closing = new AbortController();
  const desk = deskOf(options, closing.signal);
  await desk.store.open();
  const worker = startWorker(desk);
  const underWay = createUnderWay(desk.clock);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort();
      await Promise.all([worker?.stop(), underWay.ended()]);
      await desk.store.close();
    })();
    return closed;
  };
  return Object.freeze({
    ...readings(desk),
    ...underWay.allCounted({ ...beginnings(desk), ...followings(desk), ...answerings(desk) }),
    handler: (place) => underWay.counted(handlerOf(desk, place)),
    close,
    [Symbol.asyncDispose]: close,
  } satisfies Gateway);
}
