/** wechatpay · config: one merchant at WeChat Pay, checked to the letter. */
import { isSecret, type Secret } from '@polyrail/core';
import { badConfig, requireConfig } from '@polyrail/kit/config';
import type { SignerFunction } from '@polyrail/kit/signer';
import * as z from 'zod/mini';

/** WeChat Pay's public key, from the merchant console. */
export interface WechatPayPublicKey {
  /** `PUB_KEY_ID_` and digits. */
  readonly id: string;
  /** PEM of the key (SPKI). */
  readonly key: string;
}

/** The merchant that a service provider acts for. */
export interface WechatPaySubMerchant {
  readonly mchId: string;
  /** The merchant's own application; with it `payerId` is an openid of that application. */
  readonly appId?: string;
}

/** `RSA` with SHA-256 and AES-256-GCM; `SM`: SM2 with SM3, and SM4-GCM, by invitation. */
export type WechatPayAlgorithm = 'RSA' | 'SM';

/** What a pay-score order secures, as the payer reads it; which of them a service may name is agreed. */
export type WechatPayRiskFund = 'DEPOSIT' | 'ADVANCE' | 'CASH_DEPOSIT' | 'ESTIMATE_ORDER_COST';

/** A service under the pay score (支付分), by the number that was granted. */
export interface WechatPayScoreService {
  readonly serviceId: string;
  /** Default `DEPOSIT`; `extra.riskFund` of an authorization goes before it. */
  readonly riskFund?: WechatPayRiskFund;
  /**
   * The key of API v2: it signs what the payer's device hands to WeChat. Without it the next action
   * carries what the answer to the order told, and whoever has the key must sign it.
   */
  readonly apiKey?: Secret;
}

export type WechatPayAccount = 'BASIC' | 'OPERATION' | 'FEES';

export interface WechatPayConfig {
  /** The merchant's number; of a service provider its own. */
  readonly mchId: string;
  /** The application (official account, mini program, app) that is bound to `mchId`. */
  readonly appId: string;
  /** The private key of the merchant's API certificate, or what signs with it. */
  readonly merchantKey: Secret | SignerFunction;
  /** Serial number of the merchant's API certificate, in hex. */
  readonly merchantSerial: string;
  /** The APIv3 key: 32 characters. */
  readonly apiV3Key: Secret;
  /** Public-key mode. Requests name its id, so that replies are signed with it. */
  readonly publicKey?: WechatPayPublicKey;
  /**
   * Certificate mode: platform certificates are downloaded, and renewed twice a day. Default: on
   * without `publicKey`, off with it; `true` beside `publicKey` during the change-over, when both
   * sign. PEM texts are believed from the start and spare the first download.
   */
  readonly certificates?: boolean | readonly string[];
  /**
   * Where payments are notified that name no address of their own: an https address without query.
   * WeChat Pay takes no order without one.
   */
  readonly notifyUrl?: string;
  /** Acting for another merchant, as a service provider does. */
  readonly subMerchant?: WechatPaySubMerchant;
  /** Default `https://api.mch.weixin.qq.com`; another origin for a simulator. */
  readonly baseUrl?: string;
  /** Asked when nothing could be sent to `baseUrl`. Default: WeChat's, without `baseUrl`. */
  readonly backupUrl?: string;
  /** Default `RSA`. Holds for requests, replies and notifications; no message can change it. */
  readonly algorithm?: WechatPayAlgorithm;
  /** Scene `barcode` over v3, and `reverse`: granted to some merchants only. */
  readonly codepay?: boolean;
  /** Entrusted deductions (委托代扣) over v3, by the plan that was granted. */
  readonly papay?: { readonly planId: number };
  /** Pay-score orders, as authorizations, and `reverse`: what the payer owes is told, and taken, at the end. */
  readonly payScore?: WechatPayScoreService;
  /** The accounts that `balance` asks about. Default `['BASIC']`. */
  readonly balanceAccounts?: readonly WechatPayAccount[];
  /** Cap of a downloaded statement, packed. Default 64 MiB. */
  readonly statementMaxBytes?: number;
}

/** The configuration with its defaults filled in. */
export interface Settings {
  readonly mchId: string;
  readonly appId: string;
  readonly merchantKey: Secret | SignerFunction;
  readonly merchantSerial: string;
  readonly apiV3Key: Secret;
  readonly publicKey: WechatPayPublicKey | undefined;
  readonly certificates: { readonly download: boolean; readonly given: readonly string[] };
  readonly notifyUrl: string | undefined;
  readonly subMerchant: WechatPaySubMerchant | undefined;
  readonly baseUrl: string;
  readonly backupUrl: string | undefined;
  readonly algorithm: WechatPayAlgorithm;
  readonly codepay: boolean;
  readonly papay: { readonly planId: number } | undefined;
  readonly payScore: WechatPayScoreService | undefined;
  readonly balanceAccounts: readonly WechatPayAccount[];
  readonly statementMaxBytes: number;
}

/** Whether `reverse` is offered: for payments by code, and for pay-score orders, which await their payer for ever. */
export const reverses = ({ codepay, payScore }: Settings): boolean =>
  codepay || payScore !== undefined;

const hosts = {
  main: 'https://api.mch.weixin.qq.com',
  backup: 'https://api2.mch.weixin.qq.com',
} as const;
const mebibyte = 1024 * 1024;

const rule = (pattern: RegExp, error: string) =>
  z.string({ error }).check(z.refine((text) => pattern.test(text), { error }));

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};
const origin = z
  .string({ error: 'must be an http or https origin' })
  .check(
    z.refine(isOrigin, { error: 'must be an http or https origin, without path and last slash' }),
  );
/** What is wrong with an address for notifications, if anything (A5.1). */
export function notifyFault(text: string): string | undefined {
  if (text.length > 255) return 'must have at most 255 characters';
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return 'must be an http or https address';
  return text.includes('?') ? 'must have no query: WeChat Pay refuses one' : undefined;
}
// Rejects what is surely wrong without parsing a key: making a channel costs nothing.
const publicPem = z.string({ error: 'must be PEM text' }).check(
  z.refine((text) => text.trim() !== '' && !text.includes('PRIVATE KEY'), {
    error: "must be PEM text of WeChat Pay's, not a private key",
  }),
);
const mchId = rule(/^\d{8,32}$/, 'must be the digits of a merchant number');
const appId = rule(/^[0-9A-Za-z_-]{1,32}$/, 'must be 1 to 32 letters and digits');
const secretSchema = z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(key)' });

export const riskFunds = ['DEPOSIT', 'ADVANCE', 'CASH_DEPOSIT', 'ESTIMATE_ORDER_COST'] as const;

const schema = z.strictObject({
  mchId,
  appId,
  merchantKey: z.custom<Secret | SignerFunction>(
    (value) => isSecret(value) || typeof value === 'function',
    { error: 'must be wrapped, secret(key), or a function that signs' },
  ),
  merchantSerial: rule(/^[0-9A-Fa-f]{8,40}$/, 'must be the hex digits of a serial number'),
  apiV3Key: secretSchema,
  publicKey: z.optional(
    z.strictObject({
      id: rule(/^PUB_KEY_ID_[0-9A-Za-z]{1,64}$/, 'must be PUB_KEY_ID_ and its digits'),
      key: publicPem,
    }),
  ),
  certificates: z.optional(
    z.union([z.boolean(), z.array(publicPem).check(z.minLength(1), z.maxLength(8))], {
      error: 'must be true, false, or PEM texts of platform certificates',
    }),
  ),
  notifyUrl: z.optional(
    z.string({ error: 'must be an address' }).check(
      z.refine((text) => notifyFault(text) === undefined, {
        error: 'must be an http or https address without query, of at most 255 characters',
      }),
    ),
  ),
  subMerchant: z.optional(z.strictObject({ mchId, appId: z.optional(appId) })),
  baseUrl: z.optional(origin),
  backupUrl: z.optional(origin),
  algorithm: z.optional(z.enum(['RSA', 'SM'], { error: 'must be RSA or SM' })),
  codepay: z.optional(z.boolean({ error: 'must be true or false' })),
  papay: z.optional(
    z.strictObject({
      planId: z.number({ error: 'must be the number of the plan' }).check(z.int(), z.gte(1)),
    }),
  ),
  payScore: z.optional(
    z.strictObject({
      serviceId: rule(/^[0-9A-Za-z]{1,32}$/, 'must be the 1 to 32 digits of the service'),
      riskFund: z.optional(z.enum(riskFunds, { error: `must be ${riskFunds.join(' or ')}` })),
      apiKey: z.optional(secretSchema),
    }),
  ),
  balanceAccounts: z.optional(
    z
      .array(z.enum(['BASIC', 'OPERATION', 'FEES'], { error: 'must be BASIC, OPERATION or FEES' }))
      .check(z.minLength(1), z.maxLength(3)),
  ),
  statementMaxBytes: z.optional(
    z
      .number({ error: 'must be a whole number of bytes' })
      .check(z.int(), z.gte(1024, { error: 'must be at least 1024' })),
  ),
});

function certificatesOf({ certificates, publicKey }: WechatPayConfig): Settings['certificates'] {
  const isOn = certificates ?? publicKey === undefined;
  if (isOn === false && publicKey === undefined) {
    throw badConfig('certificates', 'cannot be off without publicKey: nothing could be verified');
  }
  return typeof isOn === 'boolean'
    ? { download: isOn, given: [] }
    : { download: true, given: isOn };
}

/** Members that are sound each, but not together. */
function requireMeeting(config: WechatPayConfig): void {
  for (const name of ['papay', 'payScore'] as const) {
    if (config[name] === undefined) continue;
    if (config.subMerchant !== undefined) {
      throw badConfig(name, 'is not known for service providers');
    }
    if (config.algorithm === 'SM') throw badConfig(name, 'is not known with algorithm SM');
  }
}

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: WechatPayConfig): Settings {
  requireConfig(schema.safeParse(config));
  requireMeeting(config);
  const { baseUrl = hosts.main } = config;
  const backup = config.baseUrl === undefined ? hosts.backup : undefined;
  return Object.freeze({
    mchId: config.mchId,
    appId: config.appId,
    merchantKey: config.merchantKey,
    merchantSerial: config.merchantSerial.toUpperCase(),
    apiV3Key: config.apiV3Key,
    publicKey: config.publicKey,
    certificates: certificatesOf(config),
    notifyUrl: config.notifyUrl,
    subMerchant: config.subMerchant,
    baseUrl,
    backupUrl: config.backupUrl ?? backup,
    algorithm: config.algorithm ?? 'RSA',
    codepay: config.codepay ?? false,
    papay: config.papay,
    payScore: config.payScore,
    balanceAccounts: [...new Set(config.balanceAccounts ?? (['BASIC'] as const))],
    statementMaxBytes: config.statementMaxBytes ?? 64 * mebibyte,
  });
}
