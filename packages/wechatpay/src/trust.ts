/** wechatpay · trust: the keys of one configuration, parsed once, at first use, and checked together. */
import { createSecretKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { isPolyrailError, revealBytes } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { certificateFacts, parseCertificates } from '@polyrail/kit/keys';
import type { Signer } from '@polyrail/kit/signer';
import { type Algorithm, algorithmOf, type PublicKey } from './algorithm.ts';
import type { Settings } from './config.ts';

/** A platform certificate in use. */
export interface Certified {
  /** Upper-case hex, without leading zeros. */
  readonly serial: string;
  readonly key: PublicKey;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Trust {
  readonly algorithm: Algorithm;
  readonly sign: Signer;
  /** Of 32 bytes. */
  readonly apiV3Key: KeyObject;
  /** Public-key mode. */
  readonly publicKey: PublicKey | undefined;
  /** Certificates of the configuration. */
  readonly given: readonly Certified[];
  /** The public half of what signs, where it is here. */
  readonly merchantKey: PublicKey | undefined;
}

const apiV3KeyBytes = 32;

/** As serial numbers are compared: the wire and X.509 differ in leading zeros, people in case. */
export const serialOf = (text: string): string => text.toUpperCase().replace(/^0+(?=.)/, '');

/** Names the member of the configuration on what a parser has to say about a key. */
function blame<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isPolyrailError(error)) throw badConfig(member, 'cannot be read as a key or certificate');
    throw badConfig(member, `cannot be used: ${error.message}`);
  }
}

export function certifiedOf(certificate: X509Certificate, algorithm: Algorithm): Certified {
  const { serialHex, notBefore, notAfter } = certificateFacts(certificate);
  return { serial: serialHex, key: algorithm.certified(certificate), notBefore, notAfter };
}

function requireBits(member: string, key: PublicKey, { minimumBits }: Algorithm): void {
  const { bits = minimumBits } = key;
  if (bits >= minimumBits) return;
  throw badConfig(member, `has ${bits} bits; WeChat Pay needs at least ${minimumBits}`);
}

function apiV3KeyOf({ apiV3Key }: Settings): KeyObject {
  const bytes = revealBytes(apiV3Key);
  if (bytes.byteLength === apiV3KeyBytes) return createSecretKey(bytes);
  throw badConfig('apiV3Key', `must be ${apiV3KeyBytes} characters, not ${bytes.byteLength}`);
}

function build(settings: Settings, algorithm: Algorithm): Trust {
  const { merchantKey: source, publicKey: told, certificates } = settings;
  const apiV3Key = apiV3KeyOf(settings);
  const merchantKey = blame('merchantKey', () => algorithm.publicHalf(source));
  if (merchantKey !== undefined) requireBits('merchantKey', merchantKey, algorithm);
  const publicKey = told && blame('publicKey.key', () => algorithm.publicKey(told.key));
  if (publicKey !== undefined) requireBits('publicKey.key', publicKey, algorithm);
  const given = certificates.given.flatMap((pem) =>
    blame('certificates', () =>
      parseCertificates(pem).map((certificate) => certifiedOf(certificate, algorithm)),
    ),
  );
  for (const { key } of given) requireBits('certificates', key, algorithm);
  const platform = [...(publicKey ? [publicKey] : []), ...given.map(({ key }) => key)];
  if (platform.some(({ id }) => id === merchantKey?.id)) {
    const member = publicKey === undefined ? 'certificates' : 'publicKey.key';
    throw badConfig(member, "is the merchant's own: WeChat Pay's belongs there");
  }
  const sign = blame('merchantKey', () => algorithm.signer(source));
  return { algorithm, sign, apiV3Key, publicKey, given, merchantKey };
}

/**
 * Gives the trust of a configuration: parsed at the first call, then kept.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function trustOf(settings: Settings): () => Promise<Trust> {
  let built: Trust | undefined;
  return async () => {
    built ??= build(settings, await algorithmOf(settings.algorithm));
    return built;
  };
}
