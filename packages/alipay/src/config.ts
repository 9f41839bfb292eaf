/** alipay · config: one merchant's application at Alipay, checked to the letter. */
import { isSecret, PolyrailError, type Secret } from '@polyrail/core';
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
  /** Default `RSA2`. Holds for requests, replies and notifications; no message can change it. */
  readonly signType?: 'RSA2' | 'RSA';
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
  readonly signType: 'RSA2' | 'RSA';
  readonly hash: 'sha256' | 'sha1';
  readonly charset: 'utf-8' | 'gbk';
  readonly notificationMaxAgeMs: number;
  readonly statementMaxBytes: number;
}

const gateways = {
  production: 'https://openapi.alipay.com/gateway.do',
  sandbox: 'https://openapi-sandbox.dl.alipaydev.com/gateway.do',
} as const;

const hashes = { RSA2: 'sha256', RSA: 'sha1' } as const;

const ladderMs = notificationLadderMs.reduce((sum, gap) => sum + gap, 0);
const defaultMaxAgeMs = 26 * 3_600_000;
const mebibyte = 1024 * 1024;

const rule = (test: (value: string) => boolean, error: string) =>
  z.string({ error }).check(z.refine(test, { error }));

const isWebAddress = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash === '';
};
// Rejects what is surely wrong without parsing a key: making a channel costs nothing.
const isNoPrivateKey = (text: string): boolean =>
  text.trim() !== '' && !text.includes('PRIVATE KEY');
const certificate = rule(
  isNoPrivateKey,
  'must be the PEM text of a certificate, not of a private key',
);
const publicKey = rule(isNoPrivateKey, "must be Alipay's public key, not a private key");

const schema = z.strictObject({
  appId: rule((text) => /^[0-9A-Za-z]{1,32}$/.test(text), 'must be 1 to 32 letters and digits'),
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
  signType: z.optional(z.enum(['RSA2', 'RSA'], { error: 'must be RSA2 or RSA' })),
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

/** A rule that the configuration breaks, with the member to blame. Never quotes a value. */
export const badConfig = (member: string, message: string): PolyrailError => {
  const field = member === '' ? 'config' : `config.${member}`;
  return new PolyrailError('CONFIG_INVALID', `${field} ${message}`, { field });
};

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: AlipayConfig): Settings {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const member = [...(issue?.path ?? []), ...unknown].map(String).join('.');
    throw badConfig(
      member,
      unknown.length > 0 ? 'is not known here: mind the spelling' : `${issue?.message}`,
    );
  }
  const { platformKey, certificates, environment = 'production', signType = 'RSA2' } = config;
  if ((platformKey === undefined) === (certificates === undefined)) {
    const given = platformKey === undefined ? 'neither is given' : 'both are given';
    throw badConfig('platformKey', `or certificates: exactly one is needed, ${given}`);
  }
  return Object.freeze({
    appId: config.appId,
    sellerId: config.sellerId,
    merchantKey: config.merchantKey,
    platformKey,
    certificates,
    gatewayUrl: config.gatewayUrl ?? gateways[environment],
    signType,
    hash: hashes[signType],
    charset: config.charset ?? 'utf-8',
    notificationMaxAgeMs: config.notificationMaxAgeMs ?? defaultMaxAgeMs,
    statementMaxBytes: config.statementMaxBytes ?? 64 * mebibyte,
  });
}
