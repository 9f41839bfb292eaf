/** unionpay · extra: what this channel takes beyond the contract, typed and strict. */
import { isSecret, PolyrailError, type Secret } from '@polyrail/core';
import * as z from 'zod/mini';

export type UnionPayScene = 'page' | 'h5' | 'app' | 'qr' | 'barcode' | 'card' | 'agreement';
export type UnionPayAuthorizeScene = 'page' | 'app';
export type UnionPaySignUpScene = 'otp' | 'page';

export interface UnionPayPayExtra {
  /** Scene `barcode`, required: the terminal's number, eight letters and digits. */
  readonly termId?: string;
  /**
   * Scenes `card` and `agreement`: whether a code is sent to the payer's phone first, which
   * `confirmPay` then passes on. Default: with a card yes, with an agreement no. A mandate is
   * charged without.
   */
  readonly otp?: boolean;
  /**
   * Scene `card` without `otp`: `collection` takes it as 代收, for merchants who were granted that. By a
   * mandate it is always taken so.
   */
  readonly product?: 'collection';
  /** Scene `card` without `otp`: the card's PIN, hidden as a block. */
  readonly pin?: Secret;
  /** Scenes `page` and `h5`: the number the cashier shows, and whether the payer may change it. */
  readonly card?: { readonly number: Secret; readonly locked?: boolean };
  /** Scene `page`: a company pays (B2B). */
  readonly business?: boolean;
  /** Scenes `page` and `h5`: the bank whose own page opens, as UnionPay abbreviates it. */
  readonly bank?: string;
  /** Scene `page`: how many instalments the issuer is to be paid back in, 2 to 99. */
  readonly instalments?: number;
}

export interface UnionPayAuthorizeExtra {
  /** Scene `page`: as with payments. */
  readonly card?: { readonly number: Secret; readonly locked?: boolean };
}

export interface UnionPaySignUpExtra {
  /** Scene `page`: the number that UnionPay's page shows. */
  readonly cardNumber?: Secret;
}

const wrapped = z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(value)' });
const shownCard = z.strictObject({ number: wrapped, locked: z.optional(z.boolean()) });
const matching = (pattern: RegExp, error: string) =>
  z.string({ error }).check(z.refine((text) => pattern.test(text), { error }));

export const payExtra = z.strictObject({
  termId: z.optional(matching(/^[0-9A-Za-z]{8}$/, 'must be 8 letters and digits')),
  otp: z.optional(z.boolean()),
  product: z.optional(z.literal('collection')),
  pin: z.optional(wrapped),
  card: z.optional(shownCard),
  business: z.optional(z.boolean()),
  bank: z.optional(matching(/^[0-9A-Z]{1,20}$/, 'must be 1 to 20 capital letters and digits')),
  instalments: z.optional(
    z.number({ error: 'must be a whole number' }).check(z.int(), z.gte(2), z.lte(99)),
  ),
});

export const authorizeExtra = z.strictObject({ card: z.optional(shownCard) });

export const signUpExtra = z.strictObject({ cardNumber: z.optional(wrapped) });

export const wrong = (field: string, rule: string): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });

/** In which scenes each member means anything. */
const scenesOf: { readonly [M in keyof UnionPayPayExtra]-?: readonly UnionPayScene[] } = {
  termId: ['barcode'],
  otp: ['card', 'agreement'],
  product: ['card'],
  pin: ['card'],
  card: ['page', 'h5'],
  business: ['page'],
  bank: ['page', 'h5'],
  instalments: ['page'],
};

/** A member that the scene does not know would be dropped in silence: it is refused. */
export function requireFitting(extra: UnionPayPayExtra, scene: UnionPayScene): void {
  for (const name of Object.keys(extra) as (keyof UnionPayPayExtra)[]) {
    if (extra[name] === undefined || scenesOf[name].includes(scene)) continue;
    throw wrong(`extra.${name}`, `means nothing in scene ${scene}`);
  }
  const direct = extra.product !== undefined || extra.pin !== undefined;
  if (direct && extra.otp !== false) {
    const name = extra.pin === undefined ? 'product' : 'pin';
    throw wrong(`extra.${name}`, 'goes with otp: false only');
  }
}
