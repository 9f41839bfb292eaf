/** wechatpay · extra: what pay and refund take beyond the contract, and its names on the wire. */
import { isSecret, type Money, PolyrailError, revealText, type Secret } from '@polyrail/core';
import * as z from 'zod/mini';

/** The scenes this channel takes; `barcode` with `codepay`, `agreement` with `papay`. */
export type WechatPayScene = 'qr' | 'in-wallet' | 'app' | 'h5' | 'barcode' | 'agreement';

export interface WechatPayGoods {
  readonly id: string;
  /** WeChat Pay's own number of the goods. */
  readonly wechatpayId?: string;
  readonly name?: string;
  readonly quantity: number;
  /** Price of one piece. */
  readonly price: Money;
}

/** Lengths are those of the dossier A5.1; a member that a scene does not take is refused. */
export interface WechatPayPayExtra {
  readonly goodsTag?: string;
  /** Offers an electronic invoice. */
  readonly supportFapiao?: boolean;
  readonly limitPay?: readonly ('no_balance' | 'no_credit' | 'no_debit' | 'balance_only')[];
  readonly profitSharing?: boolean;
  readonly goods?: readonly WechatPayGoods[];
  /** Price before discounts. */
  readonly costPrice?: Money;
  readonly invoiceId?: string;
  /** `outId` in scene `barcode` only, where a store is required. */
  readonly store?: {
    readonly id?: string;
    readonly outId?: string;
    readonly name?: string;
    readonly areaCode?: string;
    readonly address?: string;
  };
  /** Where the page of scene `h5` is opened. Default `{ type: 'Wap' }`. */
  readonly h5?: {
    readonly type: 'Wap' | 'iOS' | 'Android';
    readonly appName?: string;
    readonly appUrl?: string;
    readonly bundleId?: string;
    readonly packageName?: string;
  };
  /** Only this person may pay. Sent encrypted. */
  readonly identity?: { readonly type: string; readonly number: Secret; readonly name: Secret };
}

export interface WechatPayRefundExtra {
  readonly notifyUrl?: string;
  /** `AVAILABLE`: of what was settled. `UNSETTLED`: of what was not, the default. */
  readonly fundsAccount?: 'AVAILABLE' | 'UNSETTLED';
}

export const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));
export const yuanSchema = z.strictObject({
  amount: z.number().check(z.int(), z.gte(0), z.lte(10_000_000_000)),
  currency: z.literal('CNY'),
});
const wrapped = z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(value)' });
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(schema);

export const wrong = (field: string, rule: string): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });

export const payExtra = z.strictObject({
  goodsTag: optional(text(32)),
  supportFapiao: optional(z.boolean()),
  limitPay: optional(
    z
      .array(z.enum(['no_balance', 'no_credit', 'no_debit', 'balance_only']))
      .check(z.minLength(1), z.maxLength(4)),
  ),
  profitSharing: optional(z.boolean()),
  goods: optional(
    z
      .array(
        z.strictObject({
          id: text(32),
          wechatpayId: optional(text(32)),
          name: optional(text(256)),
          quantity: z.number().check(z.int(), z.gte(1), z.lte(9_999_999)),
          price: yuanSchema,
        }),
      )
      .check(z.minLength(1), z.maxLength(100)),
  ),
  costPrice: optional(yuanSchema),
  invoiceId: optional(text(32)),
  store: optional(
    z.strictObject({
      id: optional(text(32)),
      outId: optional(text(32)),
      name: optional(text(256)),
      areaCode: optional(text(32)),
      address: optional(text(512)),
    }),
  ),
  h5: optional(
    z.strictObject({
      type: z.enum(['Wap', 'iOS', 'Android']),
      appName: optional(text(64)),
      appUrl: optional(text(128)),
      bundleId: optional(text(128)),
      packageName: optional(text(128)),
    }),
  ),
  identity: optional(z.strictObject({ type: text(32), number: wrapped, name: wrapped })),
});

export const refundExtra = z.strictObject({
  notifyUrl: optional(text(255)),
  fundsAccount: optional(z.enum(['AVAILABLE', 'UNSETTLED'])),
});

const ordered: readonly WechatPayScene[] = ['qr', 'in-wallet', 'app', 'h5'];
const acquired: readonly WechatPayScene[] = [...ordered, 'barcode'];

/** The scenes that take a member. */
const takenBy: { readonly [K in keyof Required<WechatPayPayExtra>]: readonly WechatPayScene[] } = {
  goodsTag: [...acquired, 'agreement'],
  supportFapiao: acquired,
  limitPay: ordered,
  profitSharing: acquired,
  goods: acquired,
  costPrice: acquired,
  invoiceId: acquired,
  store: acquired,
  h5: ['h5'],
  identity: ordered,
};

/** @throws PolyrailError `REQUEST_INVALID` for a member that the scene does not take */
function requireTaken(extra: WechatPayPayExtra, scene: WechatPayScene): void {
  for (const [member, value] of Object.entries(extra)) {
    const scenes = takenBy[member as keyof WechatPayPayExtra];
    if (value === undefined || scenes.includes(scene)) continue;
    throw wrong(`extra.${member}`, `is not taken in scene ${scene}, only in ${scenes.join(', ')}`);
  }
}

function detailOf({ goods, costPrice, invoiceId }: WechatPayPayExtra, scene: WechatPayScene) {
  if (goods === undefined && costPrice === undefined && invoiceId === undefined) return undefined;
  // Quirk: payments by code name the platform's number differently (A5.2).
  const own = scene === 'barcode' ? 'wxpay_goods_id' : 'wechatpay_goods_id';
  return {
    cost_price: costPrice?.amount,
    invoice_id: invoiceId,
    goods_detail: goods?.map((item) => ({
      merchant_goods_id: item.id,
      [own]: item.wechatpayId,
      goods_name: item.name,
      quantity: item.quantity,
      unit_price: item.price.amount,
    })),
  };
}

/** The extras that every order may carry. @throws PolyrailError `REQUEST_INVALID` */
export function extraFields(extra: WechatPayPayExtra, scene: WechatPayScene) {
  requireTaken(extra, scene);
  return {
    goods_tag: extra.goodsTag,
    support_fapiao: extra.supportFapiao,
    limit_pay: extra.limitPay,
    detail: detailOf(extra, scene),
    settle_info:
      extra.profitSharing === undefined ? undefined : { profit_sharing: extra.profitSharing },
  };
}

/** Where an order is paid: the payer's address, the device, the store, and the page of `h5`. */
export function sceneFields(
  extra: WechatPayPayExtra,
  scene: WechatPayScene,
  payer: { readonly ip?: string; readonly deviceId?: string } = {},
) {
  const { store, h5 = { type: 'Wap' } } = extra;
  if (scene === 'barcode') {
    if (store?.id === undefined && store?.outId === undefined) {
      throw wrong('extra.store', 'is required in scene barcode, with id or outId');
    }
    return {
      device_id: payer.deviceId,
      device_ip: payer.ip,
      store_info: { id: store.id, out_id: store.outId },
    };
  }
  if (store !== undefined && (store.id === undefined || store.outId !== undefined)) {
    throw wrong('extra.store', `needs id, and takes no outId, in scene ${scene}`);
  }
  if (payer.ip === undefined) {
    if (scene === 'h5') throw wrong('payer.ip', 'is required in scene h5');
    if (payer.deviceId === undefined && store === undefined) return undefined;
    throw wrong('payer.ip', 'is required beside payer.deviceId and extra.store');
  }
  return {
    payer_client_ip: payer.ip,
    device_id: payer.deviceId,
    store_info: store && {
      id: store.id,
      name: store.name,
      area_code: store.areaCode,
      address: store.address,
    },
    h5_info:
      scene === 'h5'
        ? {
            type: h5.type,
            app_name: h5.appName,
            app_url: h5.appUrl,
            bundle_id: h5.bundleId,
            package_name: h5.packageName,
          }
        : undefined,
  };
}

/** The only person who may pay, hidden with the platform's key. */
export const identityFields = (
  identity: WechatPayPayExtra['identity'],
  hide: (plain: string) => string,
) =>
  identity && {
    type: identity.type,
    number: hide(revealText(identity.number)),
    name: hide(revealText(identity.name)),
  };
