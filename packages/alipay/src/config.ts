/** alipay · config: one merchant's application at Alipay, checked to the letter. */
import { isSecret, type Secret } from '@polyrail/core';
import { badConfig, requireConfig } from '@polyrail/kit/config';
import type { SignerFunction } from '@polyrail/kit/signer';
import * as z from 'zod/mini';
import { notificationLadderMs } from './capabilities.ts';

export interface AlipayCertificates {
  /** PEM of the application's certificate, `appCertPublicKey_<appid>.crt`. */
  readonly merchant: string;
  /** PEM of Alipay's certificate, `alipayCertPublicKey_RSA2.crt`, intermediates after the leaf. */
  readonly platform: string;
  /** PEM bundle of Alipay's roots, `alipayRootCert.crt`. */
  readonly root: string;
}

/** Whose signatures: RSA with SHA-256, RSA with SHA-1, or SM2 with SM3. */
export type SignType = 'RSA2' | 'RSA' | 'SM2';

/** A merchant that authorized this application to act for it. */
export interface AlipayAppAuth {
  /** The merchant's application id: notifications name it `auth_app_id`, others are refused. */
  readonly appId: string;
  /** `app_auth_token`, as Alipay gave it out for that merchant. */
  readonly token: Secret;
}

/** Exactly one of `platformKey` (key mode) and `certificates` (certificate mode) is given. */
export interface AlipayConfig {
  readonly appId: string;
  /** The merchant's own id, `2088` and 12 digits; notifications about another one are refused. */
  readonly sellerId?: string;
  /** The application's private key (PKCS#1 or PKCS#8, PEM or bare base64), or what signs with it. */
  readonly merchantKey: Secret | SignerFunction;
  /** Key mode: Alipay's public key - not the application's own, the usual mistake. */
  readonly platformKey?: string | Secret;
  readonly certificates?: AlipayCertificates;
  /** Default `production`. */
  readonly environment?: 'production' | 'sandbox';
  /** Whole address of another gateway, such as a simulator's; goes before `environment`. */
  readonly gatewayUrl?: string;
  /**
   * Default `gateway`: every call is a form to gateway.do. `v3`: calls are REST and JSON, the verbs
   * the same; pages for the payer still go to gateway.do, as in Alipay's own SDKs.
   */
  readonly protocol?: 'gateway' | 'v3';
  /** Origin of the REST calls. Default: that of the gateway. */
  readonly v3Url?: string;
  /**
   * Default `RSA2`. Holds for requests, replies and notifications; no message can change it. SM2
   * needs key mode and the gateway protocol.
   */
  readonly signType?: SignType;
  /** The application's AES key, base64. With it the content of calls and replies is encrypted. */
  readonly encryptionKey?: Secret;
  /** Acting for another merchant, as a service provider does. */
  readonly appAuth?: AlipayAppAuth;
  /** Default `utf-8`. */
  readonly charset?: 'utf-8' | 'gbk';
  /** Default 26 hours: the ladder of deliveries (24 h 24 min) and room for a slow inbox. */
  readonly notificationMaxAgeMs?: number;
  /** Cap of a downloaded statement, packed. Default 64 MiB. */
  readonly statementMaxBytes?: number;
}

/** The configuration with its defaults filled in. */
export interface Settings {
  readonly appId: string;
  readonly sellerId: string | undefined;
  readonly merchantKey: Secret | SignerFunction;
  readonly platformKey: string | Secret | undefined;
  readonly certificates: AlipayCertificates | undefined;
  readonly gatewayUrl: string;
  readonly protocol: 'gateway' | 'v3';
  readonly v3Url: string;
  readonly signType: SignType;
  readonly encryptionKey: Secret | undefined;
  readonly appAuth: AlipayAppAuth | undefined;
  readonly charset: 'utf-8' | 'gbk';
  readonly notificationMaxAgeMs: number;
  readonly statementMaxBytes: number;
}

const gateways = {
  production: 'https://openapi.alipay.com/gateway.do',
  sandbox: 'https://openapi-sandbox.dl.alipaydev.com/gateway.do',
} as const;

const ladderMs = notificationLadderMs.reduce((sum, gap) => sum + gap, 0);
const defaultMaxAgeMs = 26 * 3_600_000;
const mebibyte = 1024 * 1024;

const rule = (test: (value: string) => boolean, error: string) =>
  z.string({ error }).check(z.refine(test, { error }));

const isWebAddress = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash === '';
};
const isOrigin = (text: string): boolean =>
  isWebAddress(text) && new URL(text).pathname === '/' && !text.endsWith('/');
// Rejects what is surely wrong without parsing a key: making a channel costs nothing.
const isNoPrivateKey = (text: string): boolean =>
  text.trim() !== '' && !text.includes('PRIVATE KEY');
const certificate = rule(
  isNoPrivateKey,
  'must be the PEM text of a certificate, not of a private key',
);
const publicKey = rule(isNoPrivateKey, "must be Alipay's public key, not a private key");

const appId = rule(
  (text) => /^[0-9A-Za-z]{1,32}$/.test(text),
  'must be 1 to 32 letters and digits',
);

const schema = z.strictObject({
  appId,
  sellerId: z.optional(rule((text) => /^\d{16}$/.test(text), 'must be 16 digits (2088…)')),
  merchantKey: z.custom<Secret | SignerFunction>(
    (value) => isSecret(value) || typeof value === 'function',
    { error: 'must be wrapped, secret(key), or a function that signs' },
  ),
  platformKey: z.optional(
    z.union([publicKey, z.custom<Secret>(isSecret)], {
      error: "must be Alipay's public key as text or Secret, not a private key",
    }),
  ),
  certificates: z.optional(
    z.strictObject({ merchant: certificate, platform: certificate, root: certificate }),
  ),
  environment: z.optional(
    z.enum(['production', 'sandbox'], { error: 'must be production or sandbox' }),
  ),
  gatewayUrl: z.optional(
    rule(isWebAddress, 'must be an absolute http or https URL without query or fragment'),
  ),
  protocol: z.optional(z.enum(['gateway', 'v3'], { error: 'must be gateway or v3' })),
  v3Url: z.optional(rule(isOrigin, 'must be an http or https URL without path, query or fragment')),
  signType: z.optional(z.enum(['RSA2', 'RSA', 'SM2'], { error: 'must be RSA2, RSA or SM2' })),
  encryptionKey: z.optional(
    z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(base64)' }),
  ),
  appAuth: z.optional(
    z.strictObject({
      appId,
      token: z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(token)' }),
    }),
  ),
  charset: z.optional(z.enum(['utf-8', 'gbk'], { error: 'must be utf-8 or gbk' })),
  notificationMaxAgeMs: z.optional(
    z
      .number({ error: 'must be a whole number of milliseconds' })
      .check(z.int(), z.gte(ladderMs, { error: `must cover the ladder: at least ${ladderMs}` })),
  ),
  statementMaxBytes: z.optional(
    z
      .number({ error: 'must be a whole number of bytes' })
      .check(z.int(), z.gte(1024, { error: 'must be at least 1024' })),
  ),
});

/** Members that are sound each, but not together. */
function requireMeeting({ signType = 'RSA2', protocol, certificates, v3Url }: AlipayConfig): void {
  if (protocol === 'v3' && signType !== 'RSA2') {
    throw badConfig('signType', 'must be RSA2 with protocol v3, whose one scheme it is');
  }
  // The runtime checks no signature that an SM2 authority put on a certificate.
  if (signType === 'SM2' && certificates !== undefined) {
    throw badConfig('signType', 'SM2 needs platformKey: SM2 certificates cannot be checked here');
  }
  if (v3Url !== undefined && protocol !== 'v3') {
    throw badConfig('v3Url', 'is for protocol v3 only');
  }
}

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: AlipayConfig): Settings {
  requireConfig(schema.safeParse(config));
  const { platformKey, certificates, environment = 'production', signType = 'RSA2' } = config;
  if ((platformKey === undefined) === (certificates === undefined)) {
    const given = platformKey === undefined ? 'neither is given' : 'both are given';
    throw badConfig('platformKey', `or certificates: exactly one is needed, ${given}`);
  }
  requireMeeting(config);
  const gatewayUrl = config.gatewayUrl ?? gateways[environment];
  return Object.freeze({
    appId: config.appId,
    sellerId: config.sellerId,
    merchantKey: config.merchantKey,
    platformKey,
    certificates,
    gatewayUrl,
    protocol: config.protocol ?? 'gateway',
    v3Url: config.v3Url ?? new URL(gatewayUrl).origin,
    signType,
    encryptionKey: config.encryptionKey,
    appAuth: config.appAuth,
    charset: config.charset ?? 'utf-8',
    notificationMaxAgeMs: config.notificationMaxAgeMs ?? defaultMaxAgeMs,
    statementMaxBytes: config.statementMaxBytes ?? 64 * mebibyte,
  });
}
