/** core · authorization: a hold on the payer's money, its captures and its release. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import { type Money, moneySchema } from './money.ts';
import type { Outcome } from './outcome.ts';
import { merchantIdSchema } from './payment.ts';
import { type Ref, refSchema } from './ref.ts';

export interface AuthorizationFacts {
  readonly amount: Money;
  readonly remaining?: Money;
  readonly captured?: Money;
  readonly released?: Money;
  readonly holdUntil?: Instant;
}
export type Authorization = Outcome<'authorization', AuthorizationFacts>;

/** `final: true` releases what this capture leaves over. */
export interface CaptureRequest {
  readonly authorization: Ref<'authorization'>;
  readonly merchantPaymentId: string;
  readonly amount: Money;
  readonly final: boolean;
  readonly description: string;
  readonly startedAt?: Instant;
}
/** Without `amount` the whole remainder is released. */
export interface CancelAuthorizationRequest {
  readonly authorization: Ref<'authorization'>;
  readonly merchantCancelId: string;
  readonly amount?: Money;
  readonly startedAt?: Instant;
}
export interface CancelCaptureRequest {
  readonly payment: Ref<'payment'>;
  readonly merchantCancelId: string;
  readonly startedAt?: Instant;
}

export const captureSchema = z.strictObject({
  authorization: refSchema('authorization'),
  merchantPaymentId: merchantIdSchema,
  amount: moneySchema,
  final: z.boolean(),
  description: z.string().check(z.minLength(1), z.maxLength(1024)),
  startedAt: z.optional(instantSchema),
});

export const cancelAuthorizationSchema = z.strictObject({
  authorization: refSchema('authorization'),
  merchantCancelId: merchantIdSchema,
  amount: z.optional(moneySchema),
  startedAt: z.optional(instantSchema),
});

export const cancelCaptureSchema = z.strictObject({
  payment: refSchema('payment'),
  merchantCancelId: merchantIdSchema,
  startedAt: z.optional(instantSchema),
});
