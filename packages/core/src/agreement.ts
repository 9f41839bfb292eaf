/** core · agreement: the payer's standing consent to be charged. */
import * as z from 'zod/mini';
import { type Instant, instantSchema } from './instant.ts';
import type { Outcome } from './outcome.ts';
import {
  type Card,
  cardSchema,
  merchantIdSchema,
  secretSchema,
  webAddressSchema,
} from './payment.ts';
import { type Ref, refSchema } from './ref.ts';
import type { Secret } from './secret.ts';

export interface AgreementFacts {
  readonly standing: 'active' | 'suspended' | 'ended';
  readonly validUntil?: Instant;
  /** Masked: `6222 **** 1234`. */
  readonly instrument?: string;
}
export type Agreement = Outcome<'agreement', AgreementFacts>;

export interface SignUp {
  readonly merchantAgreementId: string;
  readonly startedAt?: Instant;
  readonly returnUrl?: string;
  readonly notifyUrl?: string;
}
export interface SignUpScenes {
  page: object;
  qr: object;
  app: object;
  otp: { card: Card };
  /** The factors of a card alone stand for the consent: no code, and nobody to wait for. */
  card: { card: Card };
}
export type SignUpScene = keyof SignUpScenes;

export type SignUpRequest<S extends SignUpScene> = {
  [K in S]: SignUp & { readonly scene: K } & Readonly<SignUpScenes[K]>;
}[S];
export interface ConfirmSignUpRequest {
  readonly agreement: Ref<'agreement'>;
  readonly otp: Secret;
  readonly card?: Card;
}

export const signUpSceneNames = ['page', 'qr', 'app', 'otp', 'card'] as const;

/** In these the card goes with the request. */
const cardScenes: ReadonlySet<SignUpScene> = new Set(['otp', 'card']);

export const signUpSchema = (scene: SignUpScene, extra: z.ZodMiniType | undefined) =>
  z.strictObject({
    scene: z.literal(scene),
    merchantAgreementId: merchantIdSchema,
    startedAt: z.optional(instantSchema),
    returnUrl: z.optional(webAddressSchema),
    notifyUrl: z.optional(webAddressSchema),
    ...(cardScenes.has(scene) ? { card: cardSchema } : {}),
    ...(extra === undefined ? {} : { extra: z.optional(extra) }),
  });

export const confirmSignUpSchema = z.strictObject({
  agreement: refSchema('agreement'),
  otp: secretSchema,
  card: z.optional(cardSchema),
});
