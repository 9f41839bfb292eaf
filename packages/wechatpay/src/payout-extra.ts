/** wechatpay · payout-extra: what a transfer must say beside the contract: its scene and report (A10.2). */
import * as z from 'zod/mini';
import { text } from './extra.ts';

export interface WechatPayPayoutExtra {
  /** `transfer_scene_id`: 1000 marketing, 1005 commission … as granted. */
  readonly sceneId: string;
  /** What the scene demands, in its own words: `{ type: '活动名称', content: … }`. */
  readonly report: readonly { readonly type: string; readonly content: string }[];
  /** What the payee reads about why the money comes; enumerated for each scene. */
  readonly perception?: string;
  readonly style?: 'CONFIRM_PAGE' | 'RED_PACKET';
  readonly notifyUrl?: string;
}

export const payoutExtra = z.strictObject({
  sceneId: text(36),
  report: z
    .array(z.strictObject({ type: text(128), content: text(512) }))
    .check(z.minLength(1), z.maxLength(10)),
  perception: z.optional(text(128)),
  style: z.optional(z.enum(['CONFIRM_PAGE', 'RED_PACKET'])),
  notifyUrl: z.optional(text(255)),
});
