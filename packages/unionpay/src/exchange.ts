/** unionpay · exchange: one call to UnionPay, written down and not sent yet. */
import type { Call, Instant } from '@polyrail/core';
import type { Fields } from './envelope.ts';
import type { Transaction } from './transactions.ts';

/** One transaction, and under which key UnionPay keeps it. */
export interface Exchange {
  readonly transaction: Transaction;
  /** The merchant's number and the moment it began: together the key. A file has no number. */
  readonly order: { readonly id?: string; readonly startedAt: Instant };
  readonly fields: Fields;
  /** Becomes part of the reference before the first byte. */
  readonly handle?: string;
}

/** What of a call the wire needs; also a notification has it. */
export type Crossing = Pick<Call, 'signal' | 'prepared' | 'sent'>;
