/**
 * gateway · store: what keeps the gateway's entries, facts, messages, events and jobs. One contract
 * for every database: all that must happen together happens in one transaction or not at all.
 */
import type { Clock } from '@polyrail/core';

/** The nouns the gateway keeps an entry of. A closure is part of the payment it closes. */
export const entryNouns = [
  'payment',
  'refund',
  'cancellation',
  'authorization',
  'agreement',
  'payout',
] as const;
export type EntryNoun = (typeof entryNouns)[number];

/** Whose entry, of what, under which id of the merchant. */
export interface EntryKey {
  readonly merchant: string;
  readonly noun: EntryNoun;
  readonly id: string;
}

/** One entry as a row. `body` is JSON, sealed when the gateway was given a key. */
export interface EntryRow extends EntryKey {
  readonly state: string;
  /** Grows by one with every change. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly body: string;
}

/** Under which id a channel knows an attempt: how a notification finds its entry. */
export interface AttemptRow extends EntryKey {
  readonly channel: string;
  readonly attemptId: string;
}

/** One line of an entry's history. Lines are only ever added. */
export interface FactRow extends EntryKey {
  readonly at: number;
  readonly kind: string;
  readonly body: string;
}

/** A verified message of a channel, as it came in. */
export interface MessageRow {
  readonly merchant: string;
  readonly channel: string;
  /** The same for every byte-identical repetition. */
  readonly messageId: string;
  readonly receivedAt: number;
  readonly body: string;
}

/** What a channel's event says of one noun: `digest` tells a repetition from a contradiction. */
export interface EventClaim extends EntryKey {
  readonly channel: string;
  readonly channelEventId: string;
  readonly digest: string;
}

/** A change of state on its way to the merchant's handlers. */
export interface EventRow extends EntryKey {
  /** Stable over every delivery of this event. */
  readonly eventId: string;
  readonly kind: string;
  readonly at: number;
  readonly body: string;
  readonly deliveries: number;
  readonly status: 'waiting' | 'delivered' | 'dead';
  /** Not before then, in ms since the epoch: growing intervals, and the lease of a delivery. */
  readonly notBefore: number;
}

/** `resolve`: ask a channel. `deliver`: hand out events. `apply`: a message. `decide`: late money. */
export const jobKinds = ['resolve', 'deliver', 'apply', 'decide'] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * Work that must be done at a moment. There is at most one job of a kind and key: scheduling it
 * again moves it. A job runs at least once; one scheduled again while it runs, runs again.
 */
export interface Job {
  readonly kind: JobKind;
  /** Any text; the gateway writes JSON of an entry's key or of a message's. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly runAt: number;
}

/** Why a transaction came to nothing: somebody has inserted this entry before. */
export class EntryTaken extends Error {
  override readonly name = 'EntryTaken';
}

/** Inside one transaction. Everything is undone when its work rejects. */
export interface Transaction {
  /** The database's own handle, for what the merchant wants to happen together with an event. */
  readonly native: unknown;
  /** Where the key is taken the transaction rejects with `EntryTaken`, here or at its end. */
  insertEntry(row: EntryRow): Promise<void>;
  /**
   * The row as it is now; nobody else changes it before this transaction ends. To whoever has seen a
   * version of it a store may say `unchanged` without looking: where it has changed, that is a conflict.
   */
  lockEntry(key: EntryKey, seen?: number): Promise<EntryRow | 'unchanged' | undefined>;
  updateEntry(row: EntryRow): Promise<void>;
  /** Naming it again changes nothing: the first stands. */
  nameAttempt(row: AttemptRow): Promise<void>;
  findAttempt(row: Omit<AttemptRow, 'id'>): Promise<EntryKey | undefined>;
  appendFact(row: FactRow): Promise<void>;
  /** `false` when this very message was stored before. */
  insertMessage(row: MessageRow): Promise<boolean>;
  findMessage(
    row: Pick<MessageRow, 'merchant' | 'channel' | 'messageId'>,
  ): Promise<MessageRow | undefined>;
  /** The digest that stands under the claim's names: its own when it is the first. */
  claimEvent(claim: EventClaim): Promise<string>;
  insertEvent(row: EventRow): Promise<void>;
  /** The first event of an entry that is still waiting, locked; events are numbered as inserted. */
  lockNextEvent(key: EntryKey): Promise<EventRow | undefined>;
  lockEvent(eventId: string): Promise<EventRow | undefined>;
  updateEvent(row: EventRow): Promise<void>;
  schedule(job: Job): Promise<void>;
  unschedule(job: Omit<Job, 'runAt'>): Promise<void>;
}

export interface EntryFilter {
  readonly merchant?: string;
  readonly noun?: EntryNoun;
  readonly state?: string;
  /** Entries older than this one, for the next page: those of one moment stand in the order they were stored. */
  readonly before?: EntryKey;
  /** 1 to 1000. */
  readonly limit: number;
}

export interface WorkerOptions {
  readonly clock: Clock;
  /** Jobs under way at once. */
  readonly concurrency: number;
  /** How long a job may run before another process takes it up, in ms. */
  readonly leaseMs: number;
  /** A job that rejected runs again later; this hears of it, and of a database that fails. */
  readonly onFailure: (error: unknown, job?: Job) => void;
}

export interface Worker {
  /** Takes no further job and settles once those under way have ended. */
  stop(): Promise<void>;
}

export interface Store {
  readonly name: string;
  /** Brings the tables up to date. Forward only; twice or by several processes at once is safe. */
  open(): Promise<void>;
  /**
   * Runs `work` to its end or not at all; rejects with what it rejected with. After a conflict in the
   * database a store runs it again: it does nothing that lasts but through its transaction, and is
   * over with that. A database lost at the very commit rejects too, and may have committed.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  findEntry(key: EntryKey): Promise<EntryRow | undefined>;
  /** Newest first. */
  listEntries(filter: EntryFilter): Promise<readonly EntryRow[]>;
  /** The history of an entry, oldest first. */
  listFacts(key: EntryKey): Promise<readonly FactRow[]>;
  /** Events no handler took, oldest first. */
  listDeadEvents(filter: {
    readonly merchant?: string;
    readonly limit: number;
  }): Promise<readonly EventRow[]>;
  /** Waiting jobs of a kind that are due, and the time of the oldest: how far work lags behind. */
  backlog(kind: JobKind, now: number): Promise<{ readonly due: number; readonly oldest?: number }>;
  startWorker(run: (job: Job) => Promise<void>, options: WorkerOptions): Worker;
  close(): Promise<void>;
}
