/** core · payment: one attempt to move money to the merchant, its closure and its cancellation. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import { type Money, moneySchema } from './money.ts';
import type { Outcome } from './outcome.ts';
import { type Ref, refSchema } from './ref.ts';
import { isSecret, type Secret } from './secret.ts';

/** `amount` is what was asked for; the others are told by the channel when it tells them. */
export interface PaymentFacts {
  readonly amount: Money;
  readonly paidAt?: Instant;
  readonly payerAmount?: Money;
  readonly receivedAmount?: Money;
  readonly fee?: Money;
  /** A day of the channel's business calendar. */
  readonly settledOn?: string;
  readonly payer?: { readonly id?: string; readonly account?: string };
  /** A paid payment stays `succeeded` when it is undone; what was given back stands here. */
  readonly undone?: { readonly by: 'cancel' | 'refund' | 'reversal'; readonly amount: Money };
}
export type Payment = Outcome<'payment', PaymentFacts>;

/** `succeeded`: no money can come any more. `failed` with `already-paid`: query, it is late money. */
export type Closure = Outcome<'closure', object>;

/** What a cancellation or reversal did: money back, hold released, order closed, or nothing there. */
export interface CancellationFacts {
  readonly effect: 'refunded' | 'released' | 'closed' | 'nothing-there';
  readonly amount?: Money;
}
export type Cancellation = Outcome<'cancellation', CancellationFacts>;

/** Card data. Wrapped before it gets here, kept nowhere after the call. */
export interface Card {
  readonly number: Secret;
  readonly expiry?: Secret;
  readonly securityCode?: Secret;
  readonly holder?: Secret;
  readonly phone?: Secret;
  readonly identity?: Secret;
}

/** How the payer pays, and what that way needs. */
export interface Scenes {
  qr: object;
  barcode: { authCode: string };
  page: { returnUrl?: string };
  h5: { returnUrl?: string };
  app: object;
  'in-wallet': { payerId: string };
  agreement: { agreement: Ref<'agreement'> };
  card: { card: Card };
}
export type Scene = keyof Scenes;

export interface PayerContext {
  readonly ip?: string;
  readonly locale?: string;
  readonly deviceId?: string;
}

/** `merchantPaymentId` is the idempotency key: required, minted by the caller, never generated. */
export interface OrderFields {
  readonly merchantPaymentId: string;
  readonly amount: Money;
  readonly description: string;
  readonly startedAt?: Instant;
  readonly expiresAt?: Instant;
  readonly notifyUrl?: string;
  /** Returned by the channel as it was sent. */
  readonly attachment?: string;
  readonly payer?: PayerContext;
}

/** A request of one of the scenes `S`, with the channel's own `extra` of type `X`. */
export type Request<S extends Scene, X, B> = {
  [K in S]: B & { readonly scene: K } & Readonly<Scenes[K]> &
    ([X] extends [never] ? object : { readonly extra?: X });
}[S];

export interface ConfirmPayRequest {
  readonly payment: Ref<'payment'>;
  readonly otp: Secret;
  readonly card?: Card;
}
export interface CancelRequest {
  readonly payment: Ref<'payment'>;
  readonly merchantCancelId: string;
  readonly startedAt?: Instant;
}

/** Said of a value whose every character may be a secret: no message shows any of it. */
export const secretRule = 'must be wrapped: secret(value)';
export const secretSchema = z.custom<Secret>(isSecret, { error: secretRule });

export const cardSchema = z.strictObject({
  number: secretSchema,
  expiry: z.optional(secretSchema),
  securityCode: z.optional(secretSchema),
  holder: z.optional(secretSchema),
  phone: z.optional(secretSchema),
  identity: z.optional(secretSchema),
});

const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));

/** The URL parser drops and mends what the wire would carry as it is: blanks, one slash, `\`. */
const webAddressPattern = /^https?:\/\/[^\s\p{Cc}#\\]+$/iu;

function isWebAddress(value: string): boolean {
  const url = webAddressPattern.test(value) ? URL.parse(value) : null;
  return url !== null && url.username === '' && url.password === '';
}

export const webAddressSchema = z
  .string()
  .check(
    z.maxLength(2048),
    z.refine(isWebAddress, { error: 'must be an http or https URL without fragment or user info' }),
  );

export const merchantIdSchema = text(256);

const order = {
  merchantPaymentId: merchantIdSchema,
  amount: moneySchema,
  description: text(1024),
  startedAt: z.optional(instantSchema),
  expiresAt: z.optional(instantSchema),
  notifyUrl: z.optional(webAddressSchema),
  attachment: z.optional(text(2048)),
  payer: z.optional(
    z.strictObject({
      ip: z.optional(text(64)),
      locale: z.optional(text(35)),
      deviceId: z.optional(text(256)),
    }),
  ),
};

const sceneMembers: Record<Scene, z.core.$ZodLooseShape> = {
  qr: {},
  barcode: { authCode: text(1024) },
  page: { returnUrl: z.optional(webAddressSchema) },
  h5: { returnUrl: z.optional(webAddressSchema) },
  app: {},
  'in-wallet': { payerId: text(256) },
  agreement: { agreement: refSchema('agreement') },
  card: { card: cardSchema },
};

export const sceneNames = Object.keys(sceneMembers) as readonly Scene[];

/** The strict schema of `pay` or `authorize` in one scene; `extra` is the channel's own. */
export const orderSchema = (scene: Scene, extra: z.ZodMiniType | undefined) =>
  z.strictObject({
    ...order,
    scene: z.literal(scene),
    ...sceneMembers[scene],
    ...(extra === undefined ? {} : { extra: z.optional(extra) }),
  });

export const confirmPaySchema = z.strictObject({
  payment: refSchema('payment'),
  otp: secretSchema,
  card: z.optional(cardSchema),
});

export const cancelSchema = z.strictObject({
  payment: refSchema('payment'),
  merchantCancelId: merchantIdSchema,
  startedAt: z.optional(instantSchema),
});
