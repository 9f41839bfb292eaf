/** wechatpay · authorization-extra: what a pay-score order takes beyond the contract (A11.5). */
import { epochMsOf, type Instant, type Money } from '@polyrail/core';
import * as z from 'zod/mini';
import { riskFunds, type WechatPayRiskFund } from './config.ts';
import { text, wrong, yuanSchema } from './extra.ts';
import { compactTime } from './time.ts';

/** Where the payer agrees: in a mini program or a page of the wallet, or in an app that opens it. */
export type WechatPayAuthorizeScene = 'in-wallet' | 'app';

/** A line of what the payer is shown; how a line must be named is agreed by industry. */
export interface WechatPayScoreItem {
  readonly name: string;
  readonly amount?: Money;
  readonly description?: string;
  readonly count?: number;
}

export interface WechatPayAuthorizeExtra {
  /** Default what the configuration says. */
  readonly riskFund?: WechatPayRiskFund;
  readonly riskFundDescription?: string;
  /** `false`: the payer agreed to such orders before, and only in scene `in-wallet`. Default `true`. */
  readonly needUserConfirm?: boolean;
  /** When the service begins. Default: when the payer agrees. */
  readonly startsAt?: Instant;
  readonly endsAt?: Instant;
  readonly location?: { readonly start?: string; readonly end?: string };
  /** What will be charged for. */
  readonly items?: readonly WechatPayScoreItem[];
  readonly discounts?: readonly WechatPayScoreItem[];
}

const items = z
  .array(
    z.strictObject({
      name: text(20),
      amount: z.optional(yuanSchema),
      description: z.optional(text(30)),
      count: z.optional(z.number().check(z.int(), z.gte(1), z.lte(100))),
    }),
  )
  .check(z.minLength(1), z.maxLength(100));
const instant = z
  .string()
  .check(
    z.refine((value) => epochMsOf(value) !== undefined, { error: 'must be an RFC 3339 time' }),
  );

export const authorizeExtra = z.strictObject({
  riskFund: z.optional(z.enum(riskFunds)),
  riskFundDescription: z.optional(text(30)),
  needUserConfirm: z.optional(z.boolean()),
  startsAt: z.optional(instant),
  endsAt: z.optional(instant),
  location: z.optional(z.strictObject({ start: z.optional(text(50)), end: z.optional(text(50)) })),
  items: z.optional(items),
  discounts: z.optional(items),
});

export const scoreTime = (value: Instant | undefined): string | undefined => {
  const epochMs = value === undefined ? undefined : epochMsOf(value);
  return epochMs === undefined ? undefined : compactTime(epochMs);
};

const itemFields = (list: readonly WechatPayScoreItem[] | undefined) =>
  list?.map(({ name, amount, description, count }) => ({
    name,
    amount: amount?.amount,
    description,
    count,
  }));

/** The extras as the channel's fields. @throws PolyrailError `REQUEST_INVALID` */
export function authorizeFields(extra: WechatPayAuthorizeExtra, scene: WechatPayAuthorizeScene) {
  const { needUserConfirm = true, startsAt, endsAt, location } = extra;
  if (!needUserConfirm && scene === 'app') {
    throw wrong('extra.needUserConfirm', 'must be true in scene app: its payer is not named');
  }
  return {
    post_payments: itemFields(extra.items),
    post_discounts: itemFields(extra.discounts),
    time_range: { start_time: scoreTime(startsAt) ?? 'OnAccept', end_time: scoreTime(endsAt) },
    location: location && { start_location: location.start, end_location: location.end },
    need_user_confirm: needUserConfirm,
  };
}
