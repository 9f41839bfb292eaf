/**
 * gateway · desk: what every part of one gateway shares, and the one way an entry changes - read again
 * under its lock, changed by a pure function, written with its history, events and jobs at once.
 */
import { createHash } from 'node:crypto';
import { type Channel, type Clock, PolyrailError, type Random, type Verb } from '@polyrail/core';
import type { Settings } from './config.ts';
import { entryOf, type Kept, keyOf } from './entry.ts';
import type { Health } from './health.ts';
import {
  type EntryKey,
  type EntryRow,
  EntryTaken,
  type Job,
  type JobKind,
  type Store,
  type Transaction,
} from './store.ts';
import type { Telemetry } from './telemetry.ts';
import type { Vault } from './vault.ts';
import type { Watchers } from './watch.ts';
import type { Change, Line } from './weigh.ts';

/**
 * Named points at which a process may die. A test's `checkpoint` option is called at each; one that
 * never settles is a process that died there.
 */
export const checkpoints = [
  'before-persist',
  'after-persist',
  'after-reply',
  'after-inbox-store',
  'between-dedupe-and-apply',
  'before-acknowledge',
  'in-resolver',
  'in-outbox',
] as const;
export type Checkpoint = (typeof checkpoints)[number];

export interface Desk {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly health: Health;
  readonly telemetry: Telemetry;
  readonly watchers: Watchers;
  /** Aborted when the gateway is closed: nothing is begun after that. */
  readonly closing: AbortSignal;
}

export const reach = async ({ settings }: Desk, checkpoint: Checkpoint): Promise<void> =>
  settings.checkpoint?.(checkpoint);

/** The channels of one merchant, by name. */
export function channelsOf(
  { settings }: Desk,
  merchant: string,
): Readonly<Record<string, Channel>> {
  const found = settings.channelsOf(merchant);
  if (found === undefined) {
    const message = `There is no merchant ${merchant}`;
    throw new PolyrailError('CONFIG_INVALID', message, { field: 'merchant' });
  }
  return found;
}

/** For work that goes on by itself: a merchant who has left has no channels. */
export function configuredChannel(
  { settings }: Desk,
  merchant: string,
  name: string,
): Channel | undefined {
  const channels = settings.channelsOf(merchant) ?? {};
  return Object.hasOwn(channels, name) ? channels[name] : undefined;
}

/** For whoever asks: there must be such a merchant. */
export function channelOf(desk: Desk, merchant: string, name: string): Channel | undefined {
  channelsOf(desk, merchant);
  return configuredChannel(desk, merchant, name);
}

/** The channel at which something was begun, for a verb about it: it must be there still, and take the verb. */
export function channelTaking(
  desk: Desk,
  { merchant, channel: name }: { readonly merchant: string; readonly channel: string },
  verb: Verb,
): Channel {
  const channel = channelOf(desk, merchant, name);
  if (channel === undefined) {
    const message = `Channel ${name}, where it was begun, is not configured`;
    throw new PolyrailError('CONFIG_INVALID', message, { field: 'channels', channel: name });
  }
  if (channel[verb as keyof Channel] !== undefined) return channel;
  const message = `Channel ${name} does not take ${verb}`;
  throw new PolyrailError('UNSUPPORTED', message, { verb, channel: name });
}

const placeOf = ({ merchant, noun, id }: EntryKey): string => JSON.stringify([merchant, noun, id]);
export const jobKeyOf = (key: EntryKey): string => placeOf(key);
export function entryKeyOf(text: string): EntryKey {
  const [merchant, noun, id] = JSON.parse(text) as [string, EntryKey['noun'], string];
  return { merchant, noun, id };
}

function rowOf(desk: Desk, kept: Kept): EntryRow {
  const key = keyOf(kept);
  return {
    ...key,
    state: kept.state,
    version: kept.version,
    createdAt: Date.parse(kept.createdAt),
    updatedAt: Date.parse(kept.updatedAt),
    body: desk.vault.seal(JSON.stringify(kept), placeOf(key)),
  };
}

export const keptOf = (desk: Desk, row: EntryRow): Kept =>
  JSON.parse(desk.vault.open(row.body, placeOf(keyOf(row)))) as Kept;

export async function find(desk: Desk, key: EntryKey): Promise<Kept | undefined> {
  const row = await desk.store.findEntry(keyOf(key));
  return row === undefined ? undefined : keptOf(desk, row);
}

/** Of an entry that was read or written before its version is enough. */
const isSeen = (key: EntryKey | Kept): key is Kept => 'version' in key && key.version > 0;

/** The entry as it is now, and nobody else's to change before the transaction ends. */
export async function lock(
  desk: Desk,
  transaction: Transaction,
  key: EntryKey | Kept,
): Promise<Kept | undefined> {
  const seen = isSeen(key) ? key : undefined;
  const row = await transaction.lockEntry(keyOf(key), seen?.version);
  if (row === 'unchanged') return seen;
  return row === undefined ? undefined : keptOf(desk, row);
}

export const sealFor = (desk: Desk, key: EntryKey, body: unknown): string =>
  desk.vault.seal(JSON.stringify(body ?? null), placeOf(key));

export const openFor = (desk: Desk, key: EntryKey, body: string): unknown =>
  JSON.parse(desk.vault.open(body, placeOf(key)));

/** The same event bears the same id on every delivery, and in every process. */
function eventIdOf({ merchant, noun, id }: EntryKey, occasion: string | number, kind: string) {
  const text = JSON.stringify([merchant, noun, id, occasion, kind]);
  return `evt_${createHash('sha256').update(text).digest('base64url').slice(0, 27)}`;
}

/** Something that happened to an entry. `occasion` tells it from the same happening again. */
export interface Happening {
  readonly key: EntryKey;
  /** Names after the noun, as handlers bear them. */
  readonly events: readonly string[];
  readonly occasion: string | number;
  readonly body: unknown;
}

/** Puts events in line for the handlers there are. */
export async function emit(
  desk: Desk,
  transaction: Transaction,
  { key, events, occasion, body }: Happening,
): Promise<void> {
  const kinds = events
    .map((name) => `${key.noun}.${name}`)
    .filter((kind) => desk.settings.handlers.has(kind));
  const now = desk.clock.now();
  for (const kind of kinds) {
    await transaction.insertEvent({
      ...keyOf(key),
      eventId: eventIdOf(key, occasion, kind),
      kind,
      at: now,
      body: sealFor(desk, key, body),
      deliveries: 0,
      status: 'waiting',
      notBefore: now,
    });
  }
  if (kinds.length > 0) await schedule(transaction, key, { kind: 'deliver', runAt: now });
}

export const schedule = (
  transaction: Transaction,
  key: EntryKey,
  { kind, runAt }: { readonly kind: JobKind; readonly runAt: number },
): Promise<void> => transaction.schedule({ kind, key: jobKeyOf(key), runAt } satisfies Job);

/** What else is written together with a change of an entry. */
export interface Writing extends Change {
  /** When the resolver looks at it next; `never` takes it off its list. */
  readonly resolveAt?: number | 'never';
}

/** Nothing changes but when the resolver looks at it next. */
export const lookAt = (kept: Kept, resolveAt: number | 'never'): Writing => ({
  kept,
  lines: [],
  events: [],
  resolveAt,
});

export async function appendLines(
  desk: Desk,
  transaction: Transaction,
  { key, lines }: { readonly key: EntryKey; readonly lines: readonly Line[] },
): Promise<void> {
  const at = desk.clock.now();
  for (const { kind, body } of lines) {
    await transaction.appendFact({ ...keyOf(key), at, kind, body: sealFor(desk, key, body) });
  }
}

async function plan(transaction: Transaction, { kept, resolveAt, decideAt }: Writing) {
  if (resolveAt === 'never') {
    await transaction.unschedule({ kind: 'resolve', key: jobKeyOf(kept) });
  } else if (resolveAt !== undefined) {
    await schedule(transaction, kept, { kind: 'resolve', runAt: resolveAt });
  }
  if (decideAt !== undefined) {
    await schedule(transaction, kept, { kind: 'decide', runAt: decideAt });
  }
}

/** Writes a change of a locked entry. The entry as it then stands. */
export async function write(desk: Desk, transaction: Transaction, writing: Writing): Promise<Kept> {
  const kept = { ...writing.kept, version: writing.kept.version + 1 };
  await transaction.updateEntry(rowOf(desk, kept));
  await appendLines(desk, transaction, { key: kept, lines: writing.lines });
  const { version: occasion } = kept;
  const happening = { key: kept, events: writing.events, occasion, body: entryOf(kept) };
  await emit(desk, transaction, happening);
  await plan(transaction, { ...writing, kept });
  return kept;
}

/** Writes an entry for the first time, and `more` together with it; `undefined` when its id is taken. */
export async function add(
  desk: Desk,
  writing: Writing,
  more: (transaction: Transaction) => Promise<void> = async () => undefined,
): Promise<Kept | undefined> {
  const kept = { ...writing.kept, version: writing.kept.version + 1 };
  try {
    await desk.store.transaction(async (transaction) => {
      await transaction.insertEntry(rowOf(desk, kept));
      await appendLines(desk, transaction, { key: kept, lines: writing.lines });
      await plan(transaction, { ...writing, kept });
      await more(transaction);
    });
    return kept;
  } catch (error) {
    if (error instanceof EntryTaken) return undefined;
    throw error;
  }
}

/** Tells those who watch, after the commit. */
export function tell(desk: Desk, kept: Kept): void {
  desk.watchers.changed(kept);
}

/** Changes an entry under its lock. `decide` may look at it and leave it alone. */
export async function change(
  desk: Desk,
  key: EntryKey | Kept,
  decide: (kept: Kept, transaction: Transaction) => Promise<Writing | undefined>,
): Promise<Kept> {
  const after = await desk.store.transaction(async (transaction) => {
    const kept = await lock(desk, transaction, key);
    if (kept === undefined) throw noSuch(key);
    const writing = await decide(kept, transaction);
    return writing === undefined
      ? { kept, changed: false }
      : { kept: await write(desk, transaction, writing), changed: true };
  });
  if (after.changed) tell(desk, after.kept);
  return after.kept;
}

export const noSuch = ({ noun, id }: EntryKey): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `There is no ${noun} ${id}`, { field: noun });
