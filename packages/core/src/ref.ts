/** core · ref: how a later verb names an earlier one. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import { type Money, moneySchema } from './money.ts';

export const nouns = [
  'payment',
  'closure',
  'cancellation',
  'refund',
  'authorization',
  'agreement',
  'payout',
] as const;
export type Noun = (typeof nouns)[number];

/** Upper bound of an id, in UTF-16 code units. */
export const maxIdLength = 256;

/** Upper bound of a `handle`, in UTF-16 code units. */
export const maxHandleLength = 1024;

/**
 * All that a later verb needs about an earlier one: plain JSON, stored by the caller before the
 * first byte leaves. `merchantId` is minted by the caller, `channelId` by the channel. `startedAt`
 * is the caller's: two attempts at the same call carry the same. `handle` is the adapter's own
 * opaque, versioned string; it holds no secret.
 */
export interface Ref<N extends Noun> {
  readonly noun: N;
  readonly merchantId: string;
  readonly channelId?: string;
  readonly amount?: Money;
  readonly startedAt: Instant;
  readonly handle?: string;
}

const idText = z.string().check(z.minLength(1), z.maxLength(maxIdLength));

export const refSchema = <N extends Noun>(...allowed: readonly [N, ...N[]]) =>
  z.strictObject({
    noun: z.literal(allowed as readonly [N, ...N[]], {
      error: `must be a reference of noun ${allowed.join(' or ')}`,
    }),
    merchantId: idText,
    channelId: z.optional(idText),
    amount: z.optional(moneySchema),
    startedAt: instantSchema,
    handle: z.optional(z.string().check(z.maxLength(maxHandleLength))),
  });
