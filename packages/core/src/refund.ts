/** core · refund: money back after the fact, partial and repeated. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import { type Money, moneySchema } from './money.ts';
import type { Outcome } from './outcome.ts';
import { merchantIdSchema } from './payment.ts';
import { type Ref, refSchema } from './ref.ts';

export interface RefundFacts {
  readonly amount: Money;
  readonly arrivedAt?: Instant;
  /** A refund that came back days later stays `succeeded` and gains this. */
  readonly returned?: { readonly amount: Money; readonly at: Instant };
}
export type Refund = Outcome<'refund', RefundFacts>;

/** `merchantRefundId` is the idempotency key: the same id twice is one refund. */
export interface RefundRequest {
  readonly payment: Ref<'payment'>;
  readonly merchantRefundId: string;
  readonly amount: Money;
  readonly note?: string;
  readonly startedAt?: Instant;
}

export const refundSchema = (extra: z.ZodMiniType | undefined) =>
  z.strictObject({
    payment: refSchema('payment'),
    merchantRefundId: merchantIdSchema,
    amount: moneySchema,
    note: z.optional(z.string().check(z.minLength(1), z.maxLength(1024))),
    startedAt: z.optional(instantSchema),
    ...(extra === undefined ? {} : { extra: z.optional(extra) }),
  });
