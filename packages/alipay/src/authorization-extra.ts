/** alipay · authorization-extra: what authorize takes beyond the contract (dossier §11.1). */
import { formatMoney, type Money } from '@polyrail/core';
import * as z from 'zod/mini';
import { text, yuan } from './extra.ts';

/** The scenes in which money is frozen: the payer's code, or a code to scan. */
export type AlipayAuthorizeScene = 'barcode' | 'qr';

/** Members called JSON text are sent as they are. */
export interface AlipayAuthorizeExtra {
  /** Default `PRE_AUTH` in scene `barcode`, `PRE_AUTH_ONLINE` in scene `qr`. Captures name the same. */
  readonly productCode?: 'PRE_AUTH' | 'PRE_AUTH_ONLINE' | 'PREAUTH_PAY';
  /** The account that receives; one of the two is needed for payments by Huabei. */
  readonly payeeLogonId?: string;
  readonly payeeUserId?: string;
  readonly sceneCode?: string;
  readonly depositProductMode?: 'POSTPAY' | 'POSTPAY_UNCERTAIN' | 'DEPOSIT_ONLY';
  /** What will be charged for, as the payer is shown it. */
  readonly postPayments?: readonly {
    readonly name: string;
    readonly amount?: Money;
    readonly description?: string;
  }[];
  /** JSON text. */
  readonly enablePayChannels?: string;
  /** JSON text. */
  readonly disablePayChannels?: string;
  /** JSON text. */
  readonly businessParameters?: string;
  /** JSON text. */
  readonly identityParameters?: string;
  /** JSON text. */
  readonly terminalParameters?: string;
  /** JSON text of members agreed upon with Alipay; at most 300 characters. */
  readonly extraParameters?: string;
}

export const authorizeExtra = z.strictObject({
  productCode: z.optional(z.enum(['PRE_AUTH', 'PRE_AUTH_ONLINE', 'PREAUTH_PAY'])),
  payeeLogonId: z.optional(text(100)),
  payeeUserId: z.optional(text(32)),
  sceneCode: z.optional(text(64)),
  depositProductMode: z.optional(z.enum(['POSTPAY', 'POSTPAY_UNCERTAIN', 'DEPOSIT_ONLY'])),
  postPayments: z.optional(
    z
      .array(
        z.strictObject({
          name: text(64),
          amount: z.optional(yuan),
          description: z.optional(text(256)),
        }),
      )
      .check(z.minLength(1), z.maxLength(10)),
  ),
  enablePayChannels: z.optional(text(512)),
  disablePayChannels: z.optional(text(512)),
  businessParameters: z.optional(text(512)),
  identityParameters: z.optional(text(512)),
  terminalParameters: z.optional(text(2048)),
  extraParameters: z.optional(text(300)),
});

/** The extras as the channel's fields. The product is the request's to choose. */
export const authorizeFields = (extra: AlipayAuthorizeExtra = {}): Record<string, unknown> => ({
  payee_logon_id: extra.payeeLogonId,
  payee_user_id: extra.payeeUserId,
  scene_code: extra.sceneCode,
  deposit_product_mode: extra.depositProductMode,
  post_payments: extra.postPayments?.map(({ name, amount, description }) => ({
    name,
    amount: amount && formatMoney(amount),
    description,
  })),
  enable_pay_channels: extra.enablePayChannels,
  disable_pay_channels: extra.disablePayChannels,
  business_params: extra.businessParameters,
  identity_params: extra.identityParameters,
  terminal_params: extra.terminalParameters,
  extra_param: extra.extraParameters,
});
