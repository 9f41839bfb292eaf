/** wechatpay · agreement-extra: what signing an entrusted deduction needs beyond the contract (A11.3). */
import { type Day, isDay, type Money } from '@polyrail/core';
import * as z from 'zod/mini';
import { text, yuanSchema } from './extra.ts';

/** The scenes in which a payer signs: a page in a browser, or an app that opens the wallet. */
export type WechatPaySignUpScene = 'page' | 'app';

export interface WechatPaySignUpExtra {
  /** The payer's account at the merchant, as the wallet shows it. */
  readonly displayAccount: string;
  /** The first deduction as it is planned. */
  readonly schedule: {
    readonly date: Day;
    readonly amount: Money;
    readonly description: string;
  };
  /** The payer's id in scene `page`, where the merchant knows it. */
  readonly payerId?: string;
  /** The merchant's own code of the payer. */
  readonly userCode?: string;
}

export const signUpExtra = z.strictObject({
  displayAccount: text(32),
  schedule: z.strictObject({
    date: z
      .string()
      .check(z.refine(isDay, { error: 'must be an existing day written YYYY-MM-DD' })),
    amount: yuanSchema,
    description: text(127),
  }),
  payerId: z.optional(text(128)),
  userCode: z.optional(text(32)),
});
