/** core · payout: money to a payee. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import { type Money, moneySchema } from './money.ts';
import type { Outcome } from './outcome.ts';
import { merchantIdSchema, secretSchema } from './payment.ts';
import type { Reason } from './reason.ts';
import type { Secret } from './secret.ts';

export interface PayoutFacts {
  readonly amount: Money;
  readonly fee?: Money;
  readonly arrivedAt?: Instant;
  /** A payout the payee's bank sent back stays `succeeded` and gains this. */
  readonly returned?: { readonly at: Instant; readonly reason: Reason };
}
export type Payout = Outcome<'payout', PayoutFacts>;

export interface Payee {
  readonly payee:
    | { readonly kind: 'wallet'; readonly id: string; readonly name?: Secret }
    | {
        readonly kind: 'bank';
        readonly account: Secret;
        readonly name: Secret;
        readonly bank?: string;
      };
}
export interface PayoutRequest extends Payee {
  readonly merchantPayoutId: string;
  readonly amount: Money;
  readonly purpose: string;
  readonly startedAt?: Instant;
}

const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));

const payeeSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('wallet'),
      id: text(256),
      name: z.optional(secretSchema),
    }),
    z.strictObject({
      kind: z.literal('bank'),
      account: secretSchema,
      name: secretSchema,
      bank: z.optional(text(256)),
    }),
  ],
  { error: 'must be of kind wallet or bank' },
);

export const payoutSchema = (extra: z.ZodMiniType | undefined) =>
  z.strictObject({
    merchantPayoutId: merchantIdSchema,
    amount: moneySchema,
    purpose: text(1024),
    startedAt: z.optional(instantSchema),
    payee: payeeSchema,
    ...(extra === undefined ? {} : { extra: z.optional(extra) }),
  });
