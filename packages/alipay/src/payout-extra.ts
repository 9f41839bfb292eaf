/** alipay · payout-extra: what payout takes beyond the contract (dossier §13.1). */
import * as z from 'zod/mini';
import { text } from './extra.ts';

export interface AlipayPayoutExtra {
  /** Default `TRANS_ACCOUNT_NO_PWD` to wallets, `TRANS_BANKCARD_NO_PWD` to banks. */
  readonly productCode?: 'TRANS_ACCOUNT_NO_PWD' | 'TRANS_BANKCARD_NO_PWD' | 'STD_RED_PACKET';
  /** Default `DIRECT_TRANSFER`. */
  readonly bizScene?: 'DIRECT_TRANSFER' | 'PERSONAL_COLLECTION';
  /** What the payee's bill calls it. Default: the purpose. */
  readonly title?: string;
  /** The scene agreed upon with Alipay, which newer merchants must report. */
  readonly sceneName?: string;
  readonly sceneReports?: readonly { readonly type: string; readonly content: string }[];
  /** JSON text, sent as it is: `{"payer_show_name_use_alias":"true"}`. */
  readonly businessParameters?: string;
  readonly originalOrderId?: string;
  /** Returned as it was sent. */
  readonly passbackParameters?: string;
  /** How `payee.id` is to be read, where its shape would mislead. */
  readonly identityType?: 'ALIPAY_USER_ID' | 'ALIPAY_LOGON_ID' | 'ALIPAY_OPEN_ID';
  /** To a bank only. */
  readonly bank?: {
    /** Default `personal`. */
    readonly account?: 'personal' | 'corporate';
    readonly province?: string;
    readonly city?: string;
    readonly branch?: string;
    readonly code?: string;
  };
}

export const payoutExtra = z.strictObject({
  productCode: z.optional(
    z.enum(['TRANS_ACCOUNT_NO_PWD', 'TRANS_BANKCARD_NO_PWD', 'STD_RED_PACKET']),
  ),
  bizScene: z.optional(z.enum(['DIRECT_TRANSFER', 'PERSONAL_COLLECTION'])),
  title: z.optional(text(128)),
  sceneName: z.optional(text(64)),
  sceneReports: z.optional(
    z
      .array(z.strictObject({ type: text(64), content: text(256) }))
      .check(z.minLength(1), z.maxLength(20)),
  ),
  businessParameters: z.optional(text(1024)),
  originalOrderId: z.optional(text(64)),
  passbackParameters: z.optional(text(512)),
  identityType: z.optional(z.enum(['ALIPAY_USER_ID', 'ALIPAY_LOGON_ID', 'ALIPAY_OPEN_ID'])),
  bank: z.optional(
    z.strictObject({
      account: z.optional(z.enum(['personal', 'corporate'])),
      province: z.optional(text(64)),
      city: z.optional(text(64)),
      branch: z.optional(text(128)),
      code: z.optional(text(64)),
    }),
  ),
});

/** The extras that stand beside the payee, as the channel's fields. */
export const payoutFields = (extra: AlipayPayoutExtra): Record<string, unknown> => ({
  transfer_scene_name: extra.sceneName,
  transfer_scene_report_infos: extra.sceneReports?.map(({ type, content }) => ({
    info_type: type,
    info_content: content,
  })),
  business_params: extra.businessParameters,
  original_order_id: extra.originalOrderId,
  passback_params: extra.passbackParameters,
});
