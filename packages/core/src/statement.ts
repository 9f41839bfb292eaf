/** core · statement: the channel's bill for a day, as lines to iterate. */
import * as z from 'zod/mini';
import { type Day, daySchema, type Instant } from './instant.ts';
import type { Money } from './money.ts';

/** `trade`: what was bought and returned (information). `funds`: what moved on the account. */
export const statementKinds = ['trade', 'funds'] as const;
export type StatementKind = (typeof statementKinds)[number];

export interface StatementRequest {
  readonly kind: StatementKind;
  readonly date: Day;
}

/** `amount` is positive; `direction` says which way, seen from the merchant. */
export interface StatementLine {
  readonly kind: 'payment' | 'refund' | 'cancellation' | 'payout' | 'fee' | 'settlement' | 'other';
  readonly merchantId?: string;
  /** The payment a refund or cancellation belongs to, by the merchant's id. */
  readonly merchantPaymentId?: string;
  readonly channelId?: string;
  readonly amount: Money;
  readonly direction: 'in' | 'out';
  readonly fee?: Money;
  readonly occurredAt: Instant;
  readonly settledOn?: Day;
  readonly raw: unknown;
}

/**
 * Iterates once. Ends normally only if the file was whole: a file that is cut, corrupt or
 * contradicts its own totals rejects with `REPLY_UNREADABLE`. No business that day is zero lines.
 */
export interface Statement extends AsyncIterable<StatementLine> {
  readonly kind: StatementKind;
  readonly date: Day;
}

export const statementSchema = z.strictObject({
  kind: z.enum(statementKinds),
  date: daySchema,
});
