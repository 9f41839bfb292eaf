/** alipay · trust: the keys of one configuration, parsed once, at first use, and checked together. */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { isPolyrailError, isSecret } from '@polyrail/core';
import {
  certificateFacts,
  chainsTo,
  matches,
  parseCertificates,
  parsePrivateKey,
  parsePublicKey,
  rsaBits,
} from '@polyrail/kit/keys';
import { type Signer, signerOf } from '@polyrail/kit/signer';
import { rootSerialOf, serialOf } from './certificates.ts';
import { type AlipayCertificates, badConfig, type Settings } from './config.ts';

/** Serial numbers for requests, and the one that replies may name. */
export interface Serials {
  readonly merchant: string;
  readonly platform: string;
  readonly root: string;
}

export interface Trust {
  readonly sign: Signer;
  readonly platformKey: KeyObject;
  /** The public half of what signs, where a certificate tells it. */
  readonly merchantKey?: KeyObject;
  /** In certificate mode only. */
  readonly serials?: Serials;
  /** Earliest end of a certificate in use, in milliseconds since the epoch. */
  readonly validUntilMs: number;
}

/** RSA2 asks for 2048 bits (dossier §2); the older RSA is met with 1024. */
const minimumBits = { RSA2: 2048, RSA: 1024 } as const;

/** Names the member of the configuration on what a parser has to say about a key. */
function blame<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isPolyrailError(error)) throw badConfig(member, 'cannot be read as a key or certificate');
    throw badConfig(member, `cannot be used: ${error.message}`);
  }
}

function requireBits(member: string, key: KeyObject, settings: Settings): void {
  const bits = blame(member, () => rsaBits(key));
  const minimum = minimumBits[settings.signType];
  if (bits >= minimum) return;
  throw badConfig(member, `has ${bits} bits; ${settings.signType} needs at least ${minimum}`);
}

function requireDates(member: string, certificate: X509Certificate, nowMs: number): number {
  const { notBefore, notAfter } = certificateFacts(certificate);
  if (nowMs < notBefore) throw badConfig(member, 'is not valid yet');
  if (nowMs > notAfter) throw badConfig(member, 'has expired');
  return notAfter;
}

const chain = (member: string, text: string): [X509Certificate, ...X509Certificate[]] => {
  const [leaf, ...rest] = blame(member, () => parseCertificates(text));
  if (leaf === undefined) throw badConfig(member, 'holds no certificate');
  return [leaf, ...rest];
};

function certificateTrust(given: AlipayCertificates, settings: Settings, nowMs: number) {
  const [merchant] = chain('certificates.merchant', given.merchant);
  const platform = chain('certificates.platform', given.platform);
  const roots = chain('certificates.root', given.root);
  const merchantEnd = requireDates('certificates.merchant', merchant, nowMs);
  const platformEnd = requireDates('certificates.platform', platform[0], nowMs);
  if (!blame('certificates.platform', () => chainsTo(platform, roots, nowMs))) {
    throw badConfig('certificates.platform', 'does not chain to certificates.root');
  }
  requireBits('certificates.merchant', merchant.publicKey, settings);
  const serials = {
    merchant: serialOf(merchant),
    platform: serialOf(platform[0]),
    root: rootSerialOf(roots),
  };
  if (serials.root === '') throw badConfig('certificates.root', 'holds no root signed with RSA');
  return {
    platformKey: platform[0].publicKey,
    merchant,
    serials,
    validUntilMs: Math.min(merchantEnd, platformEnd),
  };
}

function build(settings: Settings, nowMs: number): Trust {
  const { merchantKey, platformKey, certificates, hash } = settings;
  const told =
    certificates === undefined
      ? {
          platformKey: blame('platformKey', () => parsePublicKey(platformKey ?? '')),
          validUntilMs: Number.POSITIVE_INFINITY,
        }
      : certificateTrust(certificates, settings, nowMs);
  const platformMember = certificates ? 'certificates.platform' : 'platformKey';
  requireBits(platformMember, told.platformKey, settings);
  if (isSecret(merchantKey)) {
    const key = blame('merchantKey', () => parsePrivateKey(merchantKey));
    requireBits('merchantKey', key, settings);
    if ('merchant' in told && !matches(key, told.merchant)) {
      throw badConfig('merchantKey', 'does not belong to certificates.merchant');
    }
    if (matches(key, told.platformKey)) {
      const message = "is the application's own key: Alipay's public key belongs there";
      throw badConfig(platformMember, message);
    }
  }
  return {
    sign: blame('merchantKey', () => signerOf(merchantKey, hash)),
    platformKey: told.platformKey,
    validUntilMs: told.validUntilMs,
    ...('serials' in told ? { serials: told.serials, merchantKey: told.merchant.publicKey } : {}),
  };
}

/**
 * Gives the trust of a configuration: parsed at the first call, then kept. An expired certificate
 * is refused from its last second on.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function trustOf(settings: Settings): (nowMs: number) => Trust {
  let built: Trust | undefined;
  return (nowMs) => {
    if (built === undefined || nowMs > built.validUntilMs) built = build(settings, nowMs);
    return built;
  };
}
