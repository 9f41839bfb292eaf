/**
 * wechatpay-v2 · extra: what verbs take beyond the contract, and its names on the wire (B4, B5, B9,
 * B10).
 */
import { type Money, PolyrailError } from '@polyrail/core';
import * as z from 'zod/mini';

/** The scenes this channel takes; `agreement` with `papay`. */
export type WechatPayV2Scene = 'qr' | 'in-wallet' | 'app' | 'h5' | 'barcode' | 'agreement';
/** The scenes in which a payer signs: a page inside the wallet, or an app that opens it. */
export type WechatPayV2SignUpScene = 'page' | 'app';

/** A member that a scene does not take is refused. */
export interface WechatPayV2PayExtra {
  readonly goodsTag?: string;
  /** Keeps credit cards out. */
  readonly noCredit?: boolean;
  /** Offers an electronic invoice. */
  readonly receipt?: boolean;
  readonly profitSharing?: boolean;
  /** The goods, as WeChat Pay documents `detail`: JSON text, sent as it is. */
  readonly detail?: string;
  /** Scene `qr`: the merchant's id of the product. Default: the payment's id. */
  readonly productId?: string;
  /** Where the order is made, the page of scene `h5` above all: JSON text of `scene_info`. */
  readonly sceneInfo?: string;
  /** Signs an agreement with the payment, with `papay`. Not in scene `barcode`. */
  readonly signUp?: {
    readonly merchantAgreementId: string;
    readonly displayAccount: string;
    readonly notifyUrl?: string;
  };
}

export interface WechatPayV2RefundExtra {
  readonly notifyUrl?: string;
  /** `RECHARGE`: of what lies on the account. `UNSETTLED`: of what was not settled, the default. */
  readonly source?: 'UNSETTLED' | 'RECHARGE';
}

export interface WechatPayV2SignUpExtra {
  /** The payer's account at the merchant, as the wallet shows it. */
  readonly displayAccount: string;
  /** The merchant's number of the request, at most 18 digits. Default: the moment it began. */
  readonly requestSerial?: string;
  /** Scene `page`: come back to the merchant's page afterwards. */
  readonly returnWeb?: boolean;
}

const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));
const flag = z.optional(z.boolean());

export const payExtra = z.strictObject({
  goodsTag: z.optional(text(32)),
  noCredit: flag,
  receipt: flag,
  profitSharing: flag,
  detail: z.optional(text(6000)),
  productId: z.optional(text(32)),
  sceneInfo: z.optional(text(256)),
  signUp: z.optional(
    z.strictObject({
      merchantAgreementId: text(32),
      displayAccount: text(32),
      notifyUrl: z.optional(text(256)),
    }),
  ),
});

export const refundExtra = z.strictObject({
  notifyUrl: z.optional(text(256)),
  source: z.optional(z.enum(['UNSETTLED', 'RECHARGE'])),
});

export const signUpExtra = z.strictObject({
  displayAccount: text(128),
  requestSerial: z.optional(
    z.string().check(z.refine((digits) => /^\d{1,18}$/.test(digits), { error: 'must be digits' })),
  ),
  returnWeb: flag,
});

export const wrong = (field: string, rule: string): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });

const ordered: readonly WechatPayV2Scene[] = ['qr', 'in-wallet', 'app', 'h5'];
const acquired: readonly WechatPayV2Scene[] = [...ordered, 'barcode'];

/** The scenes that take a member. */
const takenBy: {
  readonly [K in keyof Required<WechatPayV2PayExtra>]: readonly WechatPayV2Scene[];
} = {
  goodsTag: [...acquired, 'agreement'],
  noCredit: acquired,
  receipt: [...acquired, 'agreement'],
  profitSharing: acquired,
  detail: [...acquired, 'agreement'],
  productId: ['qr'],
  sceneInfo: acquired,
  signUp: ordered,
};

const answerOf = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? 'Y' : 'N';

/** The extras that every order may carry. @throws PolyrailError `REQUEST_INVALID` */
export function extraFields(extra: WechatPayV2PayExtra, scene: WechatPayV2Scene) {
  for (const [member, value] of Object.entries(extra)) {
    const scenes = takenBy[member as keyof WechatPayV2PayExtra];
    if (value === undefined || scenes.includes(scene)) continue;
    throw wrong(`extra.${member}`, `is not taken in scene ${scene}, only in ${scenes.join(', ')}`);
  }
  return {
    goods_tag: extra.goodsTag,
    limit_pay: extra.noCredit === true ? 'no_credit' : undefined,
    receipt: answerOf(extra.receipt),
    profit_sharing: answerOf(extra.profitSharing),
    detail: extra.detail,
  };
}

/** Fen as they are written. */
export const fenText = ({ amount }: Money): string => String(amount);
