/**
 * alipay · platform-keys: whose signature is Alipay's - the configured key's, and in certificate
 * mode that of a certificate which took its place while we were running (dossier §5.3).
 */
import type { X509Certificate } from 'node:crypto';
import { type Clock, isPolyrailError, PolyrailError } from '@polyrail/core';
import { certificateFacts, chainsTo, parseCertificates } from '@polyrail/kit/keys';
import type { PublicKey } from './algorithm.ts';
import { serialOf } from './certificates.ts';
import type { Settings } from './config.ts';
import { type CertificateTrust, keyOf, type Trust } from './trust.ts';

export interface PlatformKeys {
  /**
   * The keys that may have signed a message: the one of the certificate it names, fetched when it
   * is not known yet, or all known ones when it names none. Never empty.
   *
   * @throws PolyrailError `REPLY_UNVERIFIED` when the certificate cannot be had or trusted
   */
  of(serial: string | undefined, signal: AbortSignal): Promise<readonly PublicKey[]>;
}

/** A certificate as the channel hands it out, in a reply that nothing vouches for yet. */
export interface Download {
  /** PEM text. */
  readonly content: string;
  /** @throws PolyrailError `REPLY_UNVERIFIED` unless one of these keys signed the reply */
  verify(keys: readonly PublicKey[]): void;
}

interface Learned {
  readonly key: PublicKey;
  readonly validUntilMs: number;
}

/** Certificates change once in some years: more than a few new ones are no rotation. */
const maxLearned = 4;
/** Anybody can send a message that names a certificate: what that makes us ask for has a bound. */
const maxDownloadsPerMinute = 5;
const minuteMs = 60_000;

const untrusted = (why: string, cause?: unknown): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', `The message names another Alipay certificate: ${why}`, {
    doubt: 'unverified-reply',
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

const subjectOf = (certificate: X509Certificate): string =>
  JSON.stringify(certificateFacts(certificate).subject);

/**
 * Quirk: the authorities that sign Alipay's certificate sign those of applications as well, so that
 * a chain alone proves little: anybody with an application has a certificate that chains. What takes
 * the place of Alipay's certificate must bear the same name.
 */
function requireSuccessor(
  chain: readonly X509Certificate[],
  { trust, serial, nowMs }: { trust: CertificateTrust; serial: string; nowMs: number },
): X509Certificate {
  const [leaf, ...rest] = chain;
  const [configured, ...intermediates] = trust.platform;
  if (leaf === undefined || serialOf(leaf) !== serial) throw untrusted('the download is another');
  if (subjectOf(leaf) !== subjectOf(configured)) throw untrusted('it was issued to somebody else');
  if (chainsTo([leaf, ...rest, ...intermediates], trust.roots, nowMs)) return leaf;
  throw untrusted('it does not chain to certificates.root, or is not valid today');
}

function readChain(content: string): readonly X509Certificate[] {
  try {
    return parseCertificates(content);
  } catch {
    throw untrusted('the download holds no certificate');
  }
}

export interface PlatformKeyParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly trust: () => Promise<Trust>;
  readonly download: (serial: string, signal: AbortSignal) => Promise<Download>;
}

export function createPlatformKeys(parts: PlatformKeyParts): PlatformKeys {
  const { settings, clock, trust, download } = parts;
  const learned = new Map<string, Learned>();
  let downloadedAtMs: readonly number[] = [];
  const underWay = new Map<string, Promise<PublicKey>>();

  const remember = (serial: string, entry: Learned): void => {
    learned.set(serial, entry);
    const [oldest] = learned.keys();
    if (learned.size > maxLearned && oldest !== undefined) learned.delete(oldest);
  };
  const requireBudget = (): void => {
    const nowMs = clock.now();
    const recent = downloadedAtMs.filter((atMs) => nowMs - atMs < minuteMs);
    if (recent.length >= maxDownloadsPerMinute) throw untrusted('too many were asked for just now');
    downloadedAtMs = [...recent, nowMs];
  };
  const current = (): readonly PublicKey[] => {
    const nowMs = clock.now();
    for (const [serial, { validUntilMs }] of learned) {
      if (validUntilMs < nowMs) learned.delete(serial);
    }
    return Array.from(learned.values(), ({ key }) => key);
  };

  async function learn(serial: string, signal: AbortSignal): Promise<PublicKey> {
    const { certificates, platformKey } = await trust();
    if (certificates === undefined) throw untrusted('none is configured');
    const reply = await download(serial, signal).catch((error: unknown) => {
      throw untrusted('it could not be downloaded', error);
    });
    const nowMs = clock.now();
    const chain = readChain(reply.content);
    const leaf = requireSuccessor(chain, { trust: certificates, serial, nowMs });
    const key = keyOf(leaf, settings);
    reply.verify([platformKey, ...current(), key]);
    remember(serial, { key, validUntilMs: certificateFacts(leaf).notAfter });
    return key;
  }

  function fetchOnce(serial: string, signal: AbortSignal): Promise<PublicKey> {
    const known = underWay.get(serial);
    if (known !== undefined) return known;
    requireBudget();
    const attempt = learn(serial, signal).finally(() => underWay.delete(serial));
    underWay.set(serial, attempt);
    return attempt;
  }

  async function ofCertificate(
    serial: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly PublicKey[]> {
    const { platformKey, certificates } = await trust();
    const others = current();
    if (serial === undefined) return [platformKey, ...others];
    if (serial === certificates?.serials.platform) return [platformKey];
    const known = learned.get(serial);
    if (known !== undefined) return [known.key];
    if (!/^[0-9a-f]{32}$/.test(serial)) throw untrusted('its serial number is none');
    return [await fetchOnce(serial, signal)];
  }

  // A configured key stays what it is, also one that cannot be used: all messages wait for one promise.
  let configured: Promise<readonly PublicKey[]> | undefined;
  const ofKey = (): Promise<readonly PublicKey[]> => {
    configured ??= trust().then(({ platformKey }) => [platformKey]);
    return configured;
  };
  return { of: settings.certificates === undefined ? ofKey : ofCertificate };
}
