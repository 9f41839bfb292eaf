/** wechatpay-v2 · config: one merchant at WeChat Pay, checked to the letter. */
import { isSecret, revealBytes, type Secret } from '@polyrail/core';
import { requireConfig } from '@polyrail/kit/config';
import * as z from 'zod/mini';

/** How requests, replies and notifications are sealed with the API key. */
export type WechatPayV2SignType = 'MD5' | 'HMAC-SHA256';

/** The merchant's API certificate: the issued .p12 file, or its two PEM files. */
export type WechatPayV2Certificate =
  | {
      /** The bytes of `apiclient_cert.p12`, or base64 of them. */
      readonly pfx: Secret;
      /** Default: the merchant's number, as WeChat Pay packs the file. */
      readonly passphrase?: Secret;
    }
  | {
      /** PEM of `apiclient_cert.pem`. */
      readonly cert: string;
      /** `apiclient_key.pem`. */
      readonly key: Secret;
    };

export interface WechatPayV2Config {
  /** The merchant's number. */
  readonly mchId: string;
  /** The application (official account, mini program, app) that is bound to `mchId`. */
  readonly appId: string;
  /** The API key of v2: 32 characters. Not the APIv3 key. */
  readonly apiKey: Secret;
  /**
   * Default `HMAC-SHA256`. Holds for requests, replies and notifications; no message can change it.
   * Some exchanges know one algorithm only and keep it: see the README.
   */
  readonly signType?: WechatPayV2SignType;
  /** Gives `refund`, `reverse`, `payout`, `queryPayout` and statements of funds: they need it. */
  readonly clientCertificate?: WechatPayV2Certificate;
  /** PEM of authorities to trust instead of the machine's: for a simulator behind TLS. */
  readonly ca?: string;
  /** Where payments are notified that name no address of their own. */
  readonly notifyUrl?: string;
  /** Entrusted deductions (委托代扣), by the plan that was granted. */
  readonly papay?: { readonly planId: number };
  /** Told as the payer's address where a request names none. Default `127.0.0.1`. */
  readonly hostIp?: string;
  /** Default `https://api.mch.weixin.qq.com`; another origin for a simulator. */
  readonly baseUrl?: string;
  /** Asked when nothing could be sent to `baseUrl`. Default: WeChat's, without `baseUrl`. */
  readonly backupUrl?: string;
  /** How old what a notification tells of may be. Default 26 h: its ladder takes 24 h 4 min. */
  readonly notificationMaxAgeMs?: number;
  /** Cap of a downloaded statement, packed. Default 64 MiB. */
  readonly statementMaxBytes?: number;
}

/** The configuration with its defaults filled in. */
export interface Settings {
  readonly mchId: string;
  readonly appId: string;
  readonly apiKey: Secret;
  readonly signType: WechatPayV2SignType;
  readonly clientCertificate: WechatPayV2Certificate | undefined;
  readonly ca: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly papay: { readonly planId: number } | undefined;
  readonly hostIp: string;
  readonly baseUrl: string;
  readonly backupUrl: string | undefined;
  readonly notificationMaxAgeMs: number;
  readonly statementMaxBytes: number;
}

const hosts = {
  main: 'https://api.mch.weixin.qq.com',
  backup: 'https://api2.mch.weixin.qq.com',
} as const;
const mebibyte = 1024 * 1024;
const hourMs = 3_600_000;
const apiKeyBytes = 32;

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

/** What is wrong with an address for notifications, if anything (B4.1). */
export function notifyFault(text: string): string | undefined {
  if (text.length > 256) return 'must have at most 256 characters';
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return 'must be an http or https address';
  return text.includes('?') ? 'must have no query: WeChat Pay refuses one' : undefined;
}

const wrapped = z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(value)' });
const certificatePem = z.string({ error: 'must be PEM text' }).check(
  z.refine((text) => text.trim() !== '' && !text.includes('PRIVATE KEY'), {
    error: 'must be PEM text of certificates, not a private key',
  }),
);

const schema = z.strictObject({
  mchId: rule(/^\d{8,32}$/, 'must be the digits of a merchant number'),
  appId: rule(/^[0-9A-Za-z_-]{1,32}$/, 'must be 1 to 32 letters and digits'),
  apiKey: z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(key)' }).check(
    z.refine((key) => !isSecret(key) || revealBytes(key).byteLength === apiKeyBytes, {
      error: `must be ${apiKeyBytes} characters`,
    }),
  ),
  signType: z.optional(z.enum(['MD5', 'HMAC-SHA256'], { error: 'must be MD5 or HMAC-SHA256' })),
  clientCertificate: z.optional(
    z.union(
      [
        z.strictObject({ pfx: wrapped, passphrase: z.optional(wrapped) }),
        z.strictObject({ cert: certificatePem, key: wrapped }),
      ],
      { error: 'must be { pfx, passphrase? } or { cert, key }, what is secret wrapped' },
    ),
  ),
  ca: z.optional(certificatePem),
  notifyUrl: z.optional(
    z.string({ error: 'must be an address' }).check(
      z.refine((text) => notifyFault(text) === undefined, {
        error: 'must be an http or https address without query, of at most 256 characters',
      }),
    ),
  ),
  papay: z.optional(
    z.strictObject({
      planId: z.number({ error: 'must be the number of the plan' }).check(z.int(), z.gte(1)),
    }),
  ),
  hostIp: z.optional(rule(/^[0-9A-Fa-f.:]{2,64}$/, 'must be an IP address')),
  baseUrl: z.optional(origin),
  backupUrl: z.optional(origin),
  notificationMaxAgeMs: z.optional(
    z
      .number({ error: 'must be a whole number of milliseconds' })
      .check(z.int(), z.gte(60_000, { error: 'must be at least 60000' })),
  ),
  statementMaxBytes: z.optional(
    z
      .number({ error: 'must be a whole number of bytes' })
      .check(z.int(), z.gte(1024, { error: 'must be at least 1024' })),
  ),
});

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: WechatPayV2Config): Settings {
  requireConfig(schema.safeParse(config));
  const { baseUrl = hosts.main } = config;
  const backup = config.baseUrl === undefined ? hosts.backup : undefined;
  return Object.freeze({
    mchId: config.mchId,
    appId: config.appId,
    apiKey: config.apiKey,
    signType: config.signType ?? 'HMAC-SHA256',
    clientCertificate: config.clientCertificate,
    ca: config.ca,
    notifyUrl: config.notifyUrl,
    papay: config.papay,
    hostIp: config.hostIp ?? '127.0.0.1',
    baseUrl,
    backupUrl: config.backupUrl ?? backup,
    notificationMaxAgeMs: config.notificationMaxAgeMs ?? 26 * hourMs,
    statementMaxBytes: config.statementMaxBytes ?? 64 * mebibyte,
  });
}
