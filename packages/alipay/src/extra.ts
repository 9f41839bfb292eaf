/** alipay · extra: what pay and refund take beyond the contract, and its names on the wire. */
import { formatMoney, type Money, PolyrailError } from '@polyrail/core';
import * as z from 'zod/mini';

/** The scenes this channel takes. */
export type AlipayScene = 'qr' | 'barcode' | 'page' | 'h5' | 'app' | 'in-wallet' | 'agreement';

export interface AlipayGoods {
  readonly id: string;
  readonly name: string;
  readonly quantity: number;
  /** Price of one piece. */
  readonly price: Money;
  readonly category?: string;
  readonly showUrl?: string;
}

/** Lengths are those of the dossier §10.1; a member that a scene does not take is refused. */
export interface AlipayPayExtra {
  /** Longer text beside the description. */
  readonly body?: string;
  /** Overrides the product of scenes `qr`, `barcode` and `in-wallet`. */
  readonly productCode?: string;
  /** The merchant account that receives, when it is not the application's own. */
  readonly sellerId?: string;
  readonly storeId?: string;
  readonly terminalId?: string;
  readonly operatorId?: string;
  readonly goods?: readonly AlipayGoods[];
  /** `0` virtual, `1` physical. */
  readonly goodsType?: '0' | '1';
  readonly discountableAmount?: Money;
  readonly undiscountableAmount?: Money;
  /** Exclusive with `disablePayChannels`. */
  readonly enablePayChannels?: readonly string[];
  readonly disablePayChannels?: readonly string[];
  readonly subMerchant?: { readonly merchantId: string; readonly merchantType?: string };
  readonly extendParameters?: {
    readonly serviceProviderId?: string;
    readonly instalments?: string;
    readonly instalmentSellerPercent?: string;
    readonly industryRefluxInfo?: string;
    readonly cardType?: string;
  };
  /** JSON text, sent as it is. */
  readonly businessParameters?: string;
  readonly merchantOrderNo?: string;
  /** Where the payer goes on giving up; scene `h5` only. Default: the return URL. */
  readonly quitUrl?: string;
  /** How a QR code stands in the cashier page; scene `page` only. */
  readonly qrPayMode?: '0' | '1' | '2' | '3' | '4';
  readonly qrCodeWidth?: number;
  /** How the payer's browser gets there. Default: `form` for `page`, `redirect` for `h5`. */
  readonly handOver?: 'form' | 'redirect';
  /**
   * Has a deduction accepted now and made later; scene `agreement` only. Its end is told by
   * notification and by `query`.
   */
  readonly asynchronous?: {
    readonly type?: 'NORMAL_ASYNC' | 'NEAR_REAL_TIME_ASYNC';
    /** Quirk: `RETY` is how Alipay spells it. */
    readonly retry?: 'NONE' | 'NONE_AND_CLOSETRADE' | 'RETY';
  };
}

export interface AlipayRefundExtra {
  readonly operatorId?: string;
  readonly storeId?: string;
  readonly terminalId?: string;
  /** What of a bank card's refund comes back to the wallet instead is told in a message later. */
  readonly tellDepositBack?: boolean;
}

export const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));
export const yuan = z.strictObject({
  amount: z.number().check(z.int(), z.gte(0), z.lte(10_000_000_000)),
  currency: z.literal('CNY'),
});

/** Bounds of the wire that are narrower than the contract's. @throws PolyrailError `REQUEST_INVALID` */
export function requireLength(field: string, value: string | undefined, maximum: number): void {
  if (value === undefined || value.length <= maximum) return;
  const message = `${field} must have at most ${maximum} characters on the wire`;
  throw new PolyrailError('REQUEST_INVALID', message, { field });
}

const channels = z.array(text(32)).check(z.minLength(1), z.maxLength(32));
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(schema);

export const payExtra = z
  .strictObject({
    body: optional(text(128)),
    productCode: optional(text(64)),
    sellerId: optional(text(28)),
    storeId: optional(text(32)),
    terminalId: optional(text(32)),
    operatorId: optional(text(28)),
    goods: optional(
      z
        .array(
          z.strictObject({
            id: text(32),
            name: text(256),
            quantity: z.number().check(z.int(), z.gte(1), z.lte(9_999_999_999)),
            price: yuan,
            category: optional(text(24)),
            showUrl: optional(text(400)),
          }),
        )
        .check(z.minLength(1), z.maxLength(100)),
    ),
    goodsType: optional(z.enum(['0', '1'])),
    discountableAmount: optional(yuan),
    undiscountableAmount: optional(yuan),
    enablePayChannels: optional(channels),
    disablePayChannels: optional(channels),
    subMerchant: optional(
      z.strictObject({ merchantId: text(11), merchantType: optional(text(32)) }),
    ),
    extendParameters: optional(
      z.strictObject({
        serviceProviderId: optional(text(64)),
        instalments: optional(text(5)),
        instalmentSellerPercent: optional(text(3)),
        industryRefluxInfo: optional(text(512)),
        cardType: optional(text(32)),
      }),
    ),
    businessParameters: optional(text(512)),
    merchantOrderNo: optional(text(64)),
    quitUrl: optional(text(400)),
    qrPayMode: optional(z.enum(['0', '1', '2', '3', '4'])),
    qrCodeWidth: optional(z.number().check(z.int(), z.gte(1), z.lte(9999))),
    handOver: optional(z.enum(['form', 'redirect'])),
    asynchronous: optional(
      z.strictObject({
        type: optional(z.enum(['NORMAL_ASYNC', 'NEAR_REAL_TIME_ASYNC'])),
        retry: optional(z.enum(['NONE', 'NONE_AND_CLOSETRADE', 'RETY'])),
      }),
    ),
  })
  .check(
    z.refine((extra) => !(extra.enablePayChannels && extra.disablePayChannels), {
      error: 'takes enablePayChannels or disablePayChannels, not both',
    }),
  );

export const refundExtra = z.strictObject({
  operatorId: optional(text(30)),
  storeId: optional(text(32)),
  terminalId: optional(text(32)),
  tellDepositBack: optional(z.boolean()),
});

const everywhere: readonly AlipayScene[] = [
  'qr',
  'barcode',
  'page',
  'h5',
  'app',
  'in-wallet',
  'agreement',
];
/** The scenes whose orders are not a page of Alipay's. */
const atTheCounter: readonly AlipayScene[] = ['qr', 'barcode', 'in-wallet', 'agreement'];

type Entry<K extends keyof AlipayPayExtra> = readonly [
  name: string,
  scenes: readonly AlipayScene[],
  write?: (value: Required<AlipayPayExtra>[K]) => unknown,
];

const goodsOnWire = (goods: readonly AlipayGoods[]) =>
  goods.map((item) => ({
    goods_id: item.id,
    goods_name: item.name,
    quantity: item.quantity,
    price: formatMoney(item.price),
    goods_category: item.category,
    show_url: item.showUrl,
  }));

/** Member, its name on the wire, the scenes that take it (§10.1), and how its value is written. */
const entries: { readonly [K in keyof Required<AlipayPayExtra>]: Entry<K> } = {
  body: ['body', everywhere],
  productCode: ['product_code', atTheCounter],
  sellerId: ['seller_id', ['qr', 'barcode', 'h5', 'app', 'in-wallet', 'agreement']],
  storeId: ['store_id', everywhere],
  terminalId: ['terminal_id', atTheCounter],
  operatorId: ['operator_id', atTheCounter],
  goods: ['goods_detail', everywhere, goodsOnWire],
  goodsType: ['goods_type', ['page', 'h5', 'app']],
  discountableAmount: ['discountable_amount', atTheCounter, formatMoney],
  undiscountableAmount: ['undiscountable_amount', atTheCounter, formatMoney],
  enablePayChannels: [
    'enable_pay_channels',
    ['qr', 'page', 'h5', 'app', 'in-wallet'],
    (list) => list.join(','),
  ],
  disablePayChannels: ['disable_pay_channels', everywhere, (list) => list.join(',')],
  subMerchant: [
    'sub_merchant',
    everywhere,
    (merchant) => ({ merchant_id: merchant.merchantId, merchant_type: merchant.merchantType }),
  ],
  extendParameters: [
    'extend_params',
    everywhere,
    (given) => ({
      sys_service_provider_id: given.serviceProviderId,
      hb_fq_num: given.instalments,
      hb_fq_seller_percent: given.instalmentSellerPercent,
      industry_reflux_info: given.industryRefluxInfo,
      card_type: given.cardType,
    }),
  ],
  businessParameters: ['business_params', everywhere],
  merchantOrderNo: ['merchant_order_no', everywhere],
  quitUrl: ['quit_url', ['h5']],
  qrPayMode: ['qr_pay_mode', ['page']],
  qrCodeWidth: ['qrcode_width', ['page']],
  // Not a field of the channel: it says which next action the merchant wants.
  handOver: ['', ['page', 'h5']],
  asynchronous: [
    'pay_params',
    ['agreement'],
    (given) => ({ async_type: given.type, retry_type: given.retry }),
  ],
};

/** The extras as the channel's fields. @throws PolyrailError `REQUEST_INVALID` */
export function extraFields(extra: AlipayPayExtra | undefined, scene: AlipayScene) {
  const fields: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(extra ?? {})) {
    if (value === undefined) continue;
    const [name, scenes, write] = entries[member as keyof AlipayPayExtra] as Entry<never>;
    if (!scenes.includes(scene)) {
      const field = `extra.${member}`;
      const message = `${field} is not taken in scene ${scene}, only in ${scenes.join(', ')}`;
      throw new PolyrailError('REQUEST_INVALID', message, { field });
    }
    if (name !== '') fields[name] = write ? write(value as never) : value;
  }
  return fields;
}
