/**
 * gateway · inbox: notifications of the channels. Each is verified, stored, compared with what was heard
 * before, applied and then acknowledged - in this order, so that nothing acknowledged is ever lost.
 */
import { createHash } from 'node:crypto';
import {
  type Channel,
  epochMsOf,
  type Incoming,
  type Notification,
  type Outgoing,
  PolyrailError,
} from '@polyrail/core';
import { onlyMerchant } from './config.ts';
import {
  appendLines,
  channelOf,
  configuredChannel,
  type Desk,
  emit,
  lock,
  reach,
  tell,
  write,
} from './desk.ts';
import type { Kept } from './entry.ts';
import { settleIn } from './settle.ts';
import type { EntryKey, EntryNoun, MessageRow, Transaction } from './store.ts';
import type { AnyOutcome } from './verbs.ts';
import { lineOf } from './weigh.ts';

/** Where a message came in. */
export interface InboxPlace {
  readonly merchant: string;
  readonly channel: string;
}

/** A message as it is stored: only what its notification said. */
interface Stored {
  readonly eventId?: string;
  readonly sentAt?: string;
  readonly receivedAt: string;
  readonly facts: readonly AnyOutcome[];
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** What a fact says, without when and how it was heard. */
function contentOf(fact: AnyOutcome): unknown {
  const { noun, status, ref, amount, reason, undone, returned, standing, effect } = fact;
  const { remaining, captured, released } = fact;
  return [
    [noun, ref.merchantId, status, amount, reason],
    [undone, returned, standing, effect],
    [remaining, captured, released],
  ];
}

/** How long another process waits before it applies what was stored, in ms. */
const applyLeaseMs = 30_000;

const placeOf = ({ merchant, channel, messageId }: Omit<MessageRow, 'receivedAt' | 'body'>) =>
  JSON.stringify([merchant, channel, messageId]);

function rowOf(desk: Desk, place: InboxPlace, notification: Notification): MessageRow {
  const { eventId, sentAt, receivedAt, facts } = notification;
  const told = facts as unknown as readonly AnyOutcome[];
  const content = digestOf(told.map(contentOf));
  const names = { ...place, messageId: eventId === undefined ? content : `${eventId} ${content}` };
  const stored: Stored = {
    ...(eventId === undefined ? {} : { eventId }),
    ...(sentAt === undefined ? {} : { sentAt }),
    receivedAt,
    facts: told,
  };
  const body = desk.vault.seal(JSON.stringify(stored), placeOf(names));
  return { ...names, receivedAt: epochMsOf(receivedAt) ?? desk.clock.now(), body };
}

const jobOf = (row: MessageRow) => ({ kind: 'apply' as const, key: placeOf(row) });

/** `false` when this very message is stored already. */
const store = (desk: Desk, row: MessageRow): Promise<boolean> =>
  desk.store.transaction(async (transaction) => {
    if (!(await transaction.insertMessage(row))) return false;
    await transaction.schedule({ ...jobOf(row), runAt: desk.clock.now() + applyLeaseMs });
    return true;
  });

/** A fact about something this gateway never began: told to whoever wants to know, and kept. */
async function unmatched(desk: Desk, transaction: Transaction, fact: AnyOutcome & InboxPlace) {
  const { merchant, channel, ...outcome } = fact;
  const key: EntryKey = { merchant, noun: fact.noun as EntryNoun, id: fact.ref.merchantId };
  desk.telemetry.alarm({ ...key, channel, why: 'unmatched' });
  const body = { channel, ...outcome };
  await appendLines(desk, transaction, { key, lines: [{ kind: 'unmatched', body }] });
  const occasion = digestOf(contentOf(fact));
  await emit(desk, transaction, { key, events: ['unmatched'], occasion, body });
}

/** A repetition of the same event that says something else: an alarm, never an update. */
async function contradiction(
  desk: Desk,
  transaction: Transaction,
  told: { kept: Kept; fact: AnyOutcome },
) {
  const { kept, fact } = told;
  const { merchant, noun, id } = kept;
  desk.telemetry.alarm({ merchant, noun, id, why: 'contradictory repetition' });
  const line = lineOf('alarm', fact, { why: 'the same event said something else before' });
  return write(desk, transaction, { kept, lines: [line], events: ['alarm'] });
}

interface Applying {
  readonly place: InboxPlace;
  /** The channel's id of the event, or the content itself where it has none. */
  readonly channelEventId: string;
}

async function applyFact(
  desk: Desk,
  transaction: Transaction,
  { fact, place, channelEventId }: Applying & { readonly fact: AnyOutcome },
): Promise<readonly Kept[]> {
  const noun = fact.noun as EntryNoun;
  const attemptId = fact.ref.merchantId;
  const digest = digestOf(contentOf(fact));
  const key = await transaction.findAttempt({ ...place, noun, attemptId });
  const names = { ...place, channelEventId, noun, id: attemptId };
  const former = await transaction.claimEvent({ ...names, digest });
  await reach(desk, 'between-dedupe-and-apply');
  const kept = key && (await lock(desk, transaction, key));
  const attempt = kept?.attempts.find((one) => one.attemptId === attemptId);
  if (kept === undefined || attempt?.channel !== place.channel) {
    await unmatched(desk, transaction, { ...fact, ...place });
    return [];
  }
  if (former !== digest) return [await contradiction(desk, transaction, { kept, fact })];
  const finding = { source: 'notification' as const, attemptId, outcome: fact };
  // What it said stands when it is no longer configured.
  const channel = configuredChannel(desk, place.merchant, place.channel);
  return settleIn(desk, transaction, { kept, finding, capabilities: channel?.capabilities });
}

/** Applies a stored message. Applying it twice changes nothing. */
async function apply(desk: Desk, row: MessageRow): Promise<void> {
  const { merchant, channel: name, messageId } = row;
  const place = { merchant, channel: name };
  const stored = JSON.parse(desk.vault.open(row.body, placeOf(row))) as Stored;
  const channelEventId = stored.eventId ?? messageId;
  // One order for all: two messages about the same entries wait for each other in turn.
  const facts = stored.facts.toSorted((one, other) => (jobNameOf(one) < jobNameOf(other) ? -1 : 1));
  const changed = await desk.store.transaction(async (transaction) => {
    const all: Kept[] = [];
    for (const fact of facts) {
      all.push(...(await applyFact(desk, transaction, { fact, place, channelEventId })));
    }
    await transaction.unschedule(jobOf(row));
    return all;
  });
  for (const kept of changed) tell(desk, kept);
  const sentAt = epochMsOf(stored.sentAt ?? '');
  if (sentAt !== undefined) {
    const lagMs = Math.max(0, desk.clock.now() - sentAt);
    desk.telemetry.notified({ ...place, verb: 'receive' }, lagMs);
  }
}

const jobNameOf = ({ noun, ref }: AnyOutcome): string => `${noun} ${ref.merchantId}`;

/** Applies what a process stored and did not live to apply. */
export async function applyStored(desk: Desk, jobKey: string): Promise<void> {
  const [merchant, channelName, messageId] = JSON.parse(jobKey) as [string, string, string];
  const names = { merchant, channel: channelName, messageId };
  const row = await desk.store.transaction((transaction) => transaction.findMessage(names));
  if (row !== undefined) await apply(desk, row);
}

function listening(
  desk: Desk,
  place: InboxPlace,
): Required<Pick<Channel, 'receive' | 'acknowledge'>> & Channel {
  const channel = channelOf(desk, place.merchant, place.channel);
  if (channel?.receive === undefined || channel.acknowledge === undefined) {
    const message = `Merchant ${place.merchant} has no channel ${place.channel} that notifies`;
    throw new PolyrailError('CONFIG_INVALID', message, { field: 'channel' });
  }
  return channel as ReturnType<typeof listening>;
}

/** Takes in one message of a channel. The answer is what the channel wants to hear. */
export async function receive(desk: Desk, place: InboxPlace, message: Incoming): Promise<Outgoing> {
  const channel = listening(desk, place);
  if (desk.closing.aborted) {
    return channel.acknowledge({ again: new PolyrailError('NOT_SENT', 'The gateway was closed') });
  }
  let notification: Notification;
  try {
    notification = await channel.receive(message);
  } catch (error) {
    desk.telemetry.failed('polyrail.gateway.refused-notification', error);
    return channel.acknowledge({ refused: error });
  }
  const row = rowOf(desk, place, notification);
  let added: boolean;
  try {
    added = await store(desk, row);
  } catch (error) {
    desk.telemetry.failed('polyrail.gateway.inbox', error);
    return channel.acknowledge({ again: error });
  }
  await reach(desk, 'after-inbox-store');
  if (added) {
    // It is stored: should applying fail now, the job does it later.
    await apply(desk, row).catch((error: unknown) =>
      desk.telemetry.failed('polyrail.gateway.apply', error),
    );
  }
  await reach(desk, 'before-acknowledge');
  return channel.acknowledge({ stored: notification });
}

/** Largest notification taken in, in bytes. */
const maximumBodyBytes = 1024 * 1024;

async function bytesOf(request: Request): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > maximumBodyBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The web-standard handler of one channel's notifications. */
export function handlerOf(desk: Desk, options: { merchant?: string; channel: string }) {
  const place = { merchant: options.merchant ?? onlyMerchant, channel: options.channel };
  listening(desk, place);
  return async (request: Request): Promise<Response> => {
    const body = await bytesOf(request);
    if (body === undefined) return new Response('The body is too large', { status: 413 });
    const { pathname, search } = new URL(request.url);
    const {
      status,
      headers,
      body: answer,
    } = await receive(desk, place, {
      method: request.method,
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      body,
    });
    const bodyless = status === 204 || answer.byteLength === 0;
    return new Response(bodyless ? null : Buffer.from(answer), { status, headers });
  };
}
