/**
 * unionpay · trust: which certificates are UnionPay's - by chain, validity and the name they bear
 * (dossier §3.4).
 */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { isPolyrailError, PolyrailError } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import {
  certificateFacts,
  chainsTo,
  parseCertificate,
  parseCertificates,
} from '@polyrail/kit/keys';
import type { Settings } from './config.ts';
import { blame } from './credentials.ts';

/** The third part of the name, between `@`, of whoever signs for UnionPay. */
const platformName = '中国银联股份有限公司';
/** Quirk: the test platform signs with certificates of this name, too (§3.4). */
const testName = '00040000:SIGN';

const untrusted = (why: string, cause?: unknown): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', `The message's certificate is not UnionPay's: ${why}`, {
    doubt: 'unverified-reply',
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

/** Certificates change once in some years: more than a few are no rotation. */
const maxKnown = 8;

interface Known {
  /** Whether it was issued in the name of those who sign for UnionPay. */
  readonly isPlatform: boolean;
  readonly key: KeyObject;
  readonly serial: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Authorities {
  readonly roots: readonly X509Certificate[];
  readonly middles: readonly X509Certificate[];
}

type Judges = Authorities & Pick<Settings, 'environment'>;

/** Part `index` of the common name, which is split on `@`. */
function namePart(certificate: X509Certificate, index: number): string | undefined {
  const names = certificateFacts(certificate).subject.filter(([type]) => type === 'CN');
  return names.length === 1 ? names[0]?.[1].split('@')[index] : undefined;
}

/** Whether the name is one of those who sign for UnionPay. */
export function isPlatformName(certificate: X509Certificate, environment: string): boolean {
  const part = namePart(certificate, 2);
  return part === platformName || (environment === 'test' && part === testName);
}

/** The interval in which all of these are valid. */
function validityOf(certificates: readonly X509Certificate[]): { fromMs: number; untilMs: number } {
  const facts = certificates.map(certificateFacts);
  return {
    fromMs: Math.max(...facts.map(({ notBefore }) => notBefore)),
    untilMs: Math.min(...facts.map(({ notAfter }) => notAfter)),
  };
}

export interface Trust {
  /**
   * The key of UnionPay's certificate as it stands in a message.
   *
   * @throws PolyrailError `REPLY_UNVERIFIED` for any other certificate
   */
  signer(pem: string, nowMs: number): KeyObject;
  /** A certificate that only has to chain: those that hide, whose name no rule is known for. */
  chained(pem: string, nowMs: number): { readonly key: KeyObject; readonly serial: string };
  /** The key of a certificate of 5.0.0 by its serial number. */
  legacy(serial: string, nowMs: number): KeyObject;
  /** @throws PolyrailError `CONFIG_INVALID` for authorities that cannot be read */
  prove(): void;
}

function authoritiesOf({ certificates }: Settings): Authorities {
  if (certificates === undefined) throw badConfig('certificates', 'is required: { root, middle }');
  return {
    roots: blame('certificates.root', () => parseCertificates(certificates.root)),
    middles: blame('certificates.middle', () => parseCertificates(certificates.middle)),
  };
}

/** What came in a message blames the message, never the configuration. */
function readLeaf(pem: string) {
  try {
    const certificate = parseCertificate(pem);
    return { certificate, ...certificateFacts(certificate) };
  } catch {
    throw untrusted('it is no certificate');
  }
}

/** What a chain proves, and from when to when. */
function prove(pem: string, { roots, middles, environment }: Judges, nowMs: number): Known {
  const { certificate, publicKey, serialDecimal } = readLeaf(pem);
  if (publicKey?.asymmetricKeyType !== 'rsa') throw untrusted('its key is not RSA');
  if (!chainsTo([certificate, ...middles], roots, nowMs)) {
    throw untrusted('it does not chain to the configured authorities, or is not valid today');
  }
  const validity = validityOf([certificate, ...middles]);
  const isPlatform = isPlatformName(certificate, environment);
  return { isPlatform, key: publicKey, serial: serialDecimal, ...validity };
}

export function trustOf(settings: Settings): Trust {
  const { environment, legacyCertificates } = settings;
  const known = new Map<string, Known>();
  let authorities: Authorities | undefined;
  let legacies: readonly X509Certificate[] | undefined;

  const chainOf = (pem: string, nowMs: number): Known => {
    const found = known.get(pem);
    if (found !== undefined && found.fromMs <= nowMs && nowMs <= found.untilMs) return found;
    known.delete(pem);
    authorities ??= authoritiesOf(settings);
    const proven = prove(pem, { ...authorities, environment }, nowMs);
    known.set(pem, proven);
    const [oldest] = known.keys();
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
    return proven;
  };
  return {
    signer(pem, nowMs) {
      const { isPlatform, key } = chainOf(pem, nowMs);
      if (isPlatform) return key;
      throw untrusted('it was issued to somebody else');
    },
    chained: chainOf,
    legacy(serial, nowMs) {
      if (legacyCertificates === undefined)
        throw untrusted('no certificate of 5.0.0 is configured');
      legacies ??= blame('legacyCertificates', () => parseCertificates(legacyCertificates));
      const found = legacies.find((one) => certificateFacts(one).serialDecimal === serial);
      if (found === undefined) throw untrusted('it names a certificate that is not configured');
      const { publicKey, notBefore, notAfter } = certificateFacts(found);
      if (publicKey === undefined || nowMs < notBefore || nowMs > notAfter) {
        throw untrusted('it names a certificate that is not valid today');
      }
      return publicKey;
    },
    prove() {
      if (settings.certificates !== undefined) authorities ??= authoritiesOf(settings);
    },
  };
}
