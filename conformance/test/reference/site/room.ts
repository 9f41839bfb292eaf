/** reference site · room: what every part of the site is handed, and what an operation is. */
import type { Exchange, World } from '@polyrail/simulator';
import type { Book } from './book.ts';
import type { Fields } from './fields.ts';
import type { createMerchants, ReferenceCredentials } from './merchants.ts';
import type { Agreement, Hold, Payout } from './records.ts';
import type { Shelf } from './shelf.ts';

export interface Room {
  readonly world: World;
  readonly book: Book;
  readonly agreements: Shelf<Agreement>;
  readonly holds: Shelf<Hold>;
  readonly payouts: Shelf<Payout>;
  readonly merchants: ReturnType<typeof createMerchants>;
  /** Days whose statement is ready before its time. */
  readonly settled: Set<string>;
  /** What was only taken on so far, by merchant and id. */
  readonly waiting: Set<string>;
  /** Notifications that leave once the answer to the call that caused them is made. */
  readonly outbox: (() => void)[];
}

export interface Call {
  readonly merchant: ReferenceCredentials;
  readonly fields: Fields;
  readonly exchange: Exchange;
}

/** One operation; a statement answers with lines, everything else with members. */
export type Operation = (call: Call, room: Room) => Fields | string;
