/** alipay · agreement-extra: what signUp takes beyond the contract (dossier §12.1). */
import { type Day, formatMoney, isDay, type Money, PolyrailError } from '@polyrail/core';
import * as z from 'zod/mini';
import { text, yuan } from './extra.ts';

/** The scenes in which a payer signs: a page, a code to scan, or the merchant's app. */
export type AlipaySignUpScene = 'page' | 'qr' | 'app';

/** When and how much may be deducted: every so many days or months, from a day on. */
export interface AlipayPeriodRule {
  readonly periodType: 'DAY' | 'MONTH';
  /** Days or months between two deductions; at least 7 days. */
  readonly period: number;
  /** The first deduction; for months a day up to the 28th. */
  readonly executeOn: Day;
  /** The most that one deduction takes. */
  readonly singleAmount: Money;
  /** The most that all deductions take together. */
  readonly totalAmount?: Money;
  /** The most deductions there are. */
  readonly totalPayments?: number;
}

export interface AlipaySignUpExtra {
  /**
   * Required by Alipay beside an id of the merchant's: the scene agreed upon in the merchant's own
   * contract, such as `INDUSTRY|DIGITAL_MEDIA`.
   */
  readonly signScene: string;
  /** Makes the agreement periodic. Without it deductions are made on demand. */
  readonly periodRule?: AlipayPeriodRule;
  /** Default `CYCLE_PAY_AUTH_P` with a period rule, otherwise `GENERAL_WITHHOLDING_P`. */
  readonly personalProductCode?: string;
  /** Default: the personal product's code without `_P`. */
  readonly productCode?: string;
  /** Default: `QRCODEORSMS` for a page, `QRCODE` for a code, `ALIPAYAPP` for an app. */
  readonly accessChannel?: 'ALIPAYAPP' | 'QRCODE' | 'QRCODEORSMS';
  /** The payer's account at the merchant, shown on the page. */
  readonly externalLogonId?: string;
  /** How long the agreement holds: `2m`, `1y`. Default: for good. */
  readonly validity?: string;
  /** How long the page may be signed, in seconds; at most a day. */
  readonly effectSeconds?: number;
  readonly effectType?: string;
  readonly thirdPartyType?: string;
  readonly subMerchantId?: string;
  /** JSON text, sent as it is. */
  readonly productParameters?: string;
  /** JSON text, sent as it is. */
  readonly deviceParameters?: string;
  /** JSON text, sent as it is. */
  readonly identityParameters?: string;
  /** Where the page leads on from. */
  readonly merchantProcessUrl?: string;
  /** Returned as it was sent. */
  readonly passParameters?: string;
  readonly allowHuazhiDegrade?: boolean;
  /** How the payer's browser gets there; scene `page` only. Default `form`. */
  readonly handOver?: 'form' | 'redirect';
}

const day = z
  .string()
  .check(z.refine(isDay, { error: 'must be an existing day written YYYY-MM-DD' }));

const periodRule = z
  .strictObject({
    periodType: z.enum(['DAY', 'MONTH']),
    period: z.number().check(z.int(), z.gte(1), z.lte(9999)),
    executeOn: day,
    singleAmount: yuan,
    totalAmount: z.optional(yuan),
    totalPayments: z.optional(z.number().check(z.int(), z.gte(1), z.lte(99_999))),
  })
  .check(
    z.refine((rule) => rule.periodType !== 'DAY' || rule.period >= 7, {
      error: 'must span at least 7 days',
    }),
    z.refine((rule) => rule.periodType !== 'MONTH' || Number(rule.executeOn.slice(8)) <= 28, {
      error: 'must name a day up to the 28th where it counts months',
    }),
  );

const productCode = z.string().check(z.regex(/^[A-Z0-9_]{1,64}$/));

export const signUpExtra = z.strictObject({
  signScene: text(64),
  periodRule: z.optional(periodRule),
  personalProductCode: z.optional(productCode),
  productCode: z.optional(productCode),
  accessChannel: z.optional(z.enum(['ALIPAYAPP', 'QRCODE', 'QRCODEORSMS'])),
  externalLogonId: z.optional(text(100)),
  validity: z.optional(
    z.string().check(z.regex(/^[1-9]\d{0,6}[dmy]$/, { error: 'must be such as 2m or 1y' })),
  ),
  effectSeconds: z.optional(z.number().check(z.int(), z.gte(0), z.lte(86_400))),
  effectType: z.optional(text(64)),
  thirdPartyType: z.optional(text(32)),
  subMerchantId: z.optional(text(32)),
  productParameters: z.optional(text(2048)),
  deviceParameters: z.optional(text(2048)),
  identityParameters: z.optional(text(2048)),
  merchantProcessUrl: z.optional(text(256)),
  passParameters: z.optional(text(512)),
  allowHuazhiDegrade: z.optional(z.boolean()),
  handOver: z.optional(z.enum(['form', 'redirect'])),
});

const periodFields = (rule: AlipayPeriodRule) => ({
  period_type: rule.periodType,
  period: rule.period,
  execute_time: rule.executeOn,
  single_amount: formatMoney(rule.singleAmount),
  total_amount: rule.totalAmount && formatMoney(rule.totalAmount),
  total_payments: rule.totalPayments,
});

const accessChannels = { page: 'QRCODEORSMS', qr: 'QRCODE', app: 'ALIPAYAPP' } as const;

const requireExtra = (extra: AlipaySignUpExtra | undefined): AlipaySignUpExtra => {
  if (extra !== undefined) return extra;
  const message = 'extra.signScene is required: the scene of your contract with Alipay';
  throw new PolyrailError('REQUEST_INVALID', message, { field: 'extra.signScene' });
};

/**
 * The extras as the channel's fields, with the products they stand for.
 *
 * @throws PolyrailError `REQUEST_INVALID`
 */
export function signUpFields(given: AlipaySignUpExtra | undefined, scene: AlipaySignUpScene) {
  const extra = requireExtra(given);
  if (extra.handOver !== undefined && scene !== 'page') {
    const message = `extra.handOver is not taken in scene ${scene}, only in page`;
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'extra.handOver' });
  }
  const usual = extra.periodRule ? 'CYCLE_PAY_AUTH_P' : 'GENERAL_WITHHOLDING_P';
  const personalProductCode = extra.personalProductCode ?? usual;
  const { signScene } = extra;
  const fields = {
    personal_product_code: personalProductCode,
    product_code: extra.productCode ?? personalProductCode.replace(/_P$/, ''),
    sign_scene: signScene,
    access_params: { channel: extra.accessChannel ?? accessChannels[scene] },
    period_rule_params: extra.periodRule && periodFields(extra.periodRule),
    external_logon_id: extra.externalLogonId,
    sign_validity_period: extra.validity,
    effect_time: extra.effectSeconds,
    agreement_effect_type: extra.effectType,
    third_party_type: extra.thirdPartyType,
    sub_merchant: extra.subMerchantId && { sub_merchant_id: extra.subMerchantId },
    prod_params: extra.productParameters,
    device_params: extra.deviceParameters,
    identity_params: extra.identityParameters,
    merchant_process_url: extra.merchantProcessUrl,
    pass_params: extra.passParameters,
    allow_huazhi_degrade: extra.allowHuazhiDegrade,
  };
  return { fields, personalProductCode, signScene, effectSeconds: extra.effectSeconds };
}
