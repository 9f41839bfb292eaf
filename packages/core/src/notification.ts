/** core · notification: the channel's push, verified, and our answer to it. */
import * as z from 'zod/mini';
import type { Agreement } from './agreement.ts';
import type { Authorization } from './authorization.ts';
import type { Instant } from './instant.ts';
import type { Cancellation, Payment } from './payment.ts';
import type { Payout } from './payout.ts';
import type { Refund } from './refund.ts';

/** What a notification may tell: ordinary nouns. */
export type Fact = Payment | Refund | Authorization | Agreement | Payout | Cancellation;

/** The request as the merchant's server received it: the body in raw bytes, not parsed. */
export interface Incoming {
  readonly method?: string;
  readonly url?: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** The answer the channel wants to hear, for the merchant's server to send. */
export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Only the guard makes one, and only of a message that passed key, algorithm, freshness, merchant
 * and application. The mark below is for the type checker; at run time the guard remembers them.
 */
export interface Notification {
  readonly '~received': 'by the guard';
  /** The channel's id of the event: the same on every repetition. */
  readonly eventId?: string;
  readonly receivedAt: Instant;
  readonly sentAt?: Instant;
  readonly facts: readonly [Fact, ...Fact[]];
}

/** What became of a message: stored durably, refused, or to be sent again later. */
export type Verdict =
  | { readonly stored: Notification }
  | { readonly refused: unknown }
  | { readonly again: unknown };

export const incomingSchema = z.strictObject({
  method: z.optional(z.string()),
  url: z.optional(z.string()),
  headers: z.record(z.string(), z.optional(z.string())),
  body: z.custom<Uint8Array>((value) => value instanceof Uint8Array, {
    error: 'must be the raw body as bytes (Uint8Array), not text and not a parsed object',
  }),
});
