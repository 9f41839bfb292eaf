/** alipay · trust: the keys of one configuration, parsed once, at first use, and checked together. */
import type { X509Certificate } from 'node:crypto';
import { isPolyrailError } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { certificateFacts, chainsTo, parseCertificates } from '@polyrail/kit/keys';
import type { Signer } from '@polyrail/kit/signer';
import {
  type Algorithm,
  algorithmOf,
  hashes,
  isSameKey,
  type PublicKey,
  rsaPublicKey,
} from './algorithm.ts';
import { rootSerialOf, serialOf } from './certificates.ts';
import type { AlipayCertificates, Settings } from './config.ts';

/** What certificate mode adds: names for requests, and who else may sign replies. */
export interface CertificateTrust {
  /** Serial numbers: two that requests name, and the one that replies usually name. */
  readonly serials: {
    readonly merchant: string;
    readonly root: string;
    readonly platform: string;
  };
  /** Alipay's certificate first, then those that signed it. */
  readonly platform: readonly [X509Certificate, ...X509Certificate[]];
  readonly roots: readonly X509Certificate[];
}

export interface Trust {
  readonly sign: Signer;
  readonly platformKey: PublicKey;
  /** The public half of what signs, where a key or a certificate tells it. */
  readonly merchantKey?: PublicKey | undefined;
  readonly certificates?: CertificateTrust;
  /** Earliest end of a certificate in use, in milliseconds since the epoch. */
  readonly validUntilMs: number;
}

/** Names the member of the configuration on what a parser has to say about a key. */
function blame<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isPolyrailError(error)) throw badConfig(member, 'cannot be read as a key or certificate');
    throw badConfig(member, `cannot be used: ${error.message}`);
  }
}

function requireBits(member: string, key: PublicKey, { signType, minimumBits }: Checks): void {
  const { bits = minimumBits } = key;
  if (bits >= minimumBits) return;
  throw badConfig(member, `has ${bits} bits; ${signType} needs at least ${minimumBits}`);
}

interface Checks {
  readonly signType: Settings['signType'];
  readonly minimumBits: number;
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

/** The key in a certificate; certificate mode is RSA's only. */
export const keyOf = (certificate: X509Certificate, { signType }: Settings): PublicKey =>
  rsaPublicKey(certificate.publicKey, signType === 'RSA' ? hashes.RSA : hashes.RSA2);

function openCertificates(given: AlipayCertificates, settings: Settings, nowMs: number) {
  const [merchant] = chain('certificates.merchant', given.merchant);
  const platform = chain('certificates.platform', given.platform);
  const roots = chain('certificates.root', given.root);
  const merchantEnd = requireDates('certificates.merchant', merchant, nowMs);
  const platformEnd = requireDates('certificates.platform', platform[0], nowMs);
  if (!blame('certificates.platform', () => chainsTo(platform, roots, nowMs))) {
    throw badConfig('certificates.platform', 'does not chain to certificates.root');
  }
  const serials = {
    merchant: serialOf(merchant),
    root: rootSerialOf(roots),
    platform: serialOf(platform[0]),
  };
  if (serials.root === '') throw badConfig('certificates.root', 'holds no root signed with RSA');
  const certificates: CertificateTrust = { serials, platform, roots };
  return {
    platformKey: blame('certificates.platform', () => keyOf(platform[0], settings)),
    merchantKey: blame('certificates.merchant', () => keyOf(merchant, settings)),
    certificates,
    validUntilMs: Math.min(merchantEnd, platformEnd),
  };
}

/** The halves of the merchant's key and of Alipay's must not have been mixed up. */
function requireSorted(own: PublicKey, told: Pick<Trust, 'platformKey' | 'merchantKey'>): void {
  const { platformKey, merchantKey } = told;
  if (merchantKey !== undefined && !isSameKey(merchantKey, own)) {
    throw badConfig('merchantKey', 'does not belong to certificates.merchant');
  }
  if (!isSameKey(platformKey, own)) return;
  const member = merchantKey === undefined ? 'platformKey' : 'certificates.platform';
  throw badConfig(member, "is the application's own key: Alipay's public key belongs there");
}

function build(settings: Settings, algorithm: Algorithm, nowMs: number): Trust {
  const { merchantKey: source, platformKey, certificates, signType } = settings;
  const checks = { signType, minimumBits: algorithm.minimumBits };
  const told =
    certificates === undefined
      ? {
          platformKey: blame('platformKey', () => algorithm.publicKey(platformKey ?? '')),
          merchantKey: undefined,
          validUntilMs: Number.POSITIVE_INFINITY,
        }
      : openCertificates(certificates, settings, nowMs);
  if (told.merchantKey) requireBits('certificates.merchant', told.merchantKey, checks);
  const platformMember = certificates ? 'certificates.platform' : 'platformKey';
  requireBits(platformMember, told.platformKey, checks);
  const own = blame('merchantKey', () => algorithm.publicHalf(source));
  if (own !== undefined) {
    requireBits('merchantKey', own, checks);
    requireSorted(own, told);
  }
  return { sign: blame('merchantKey', () => algorithm.signer(source)), ...told };
}

/**
 * Gives the trust of a configuration: parsed at the first call, then kept. An expired certificate
 * is refused from its last second on.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function trustOf(settings: Settings): (nowMs: number) => Promise<Trust> {
  let algorithm: Algorithm | undefined;
  let built: Trust | undefined;
  return async (nowMs) => {
    if (built !== undefined && nowMs <= built.validUntilMs) return built;
    algorithm ??= await algorithmOf(settings.signType);
    built = build(settings, algorithm, nowMs);
    return built;
  };
}
