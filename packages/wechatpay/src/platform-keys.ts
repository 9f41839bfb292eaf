/**
 * wechatpay · platform-keys: whose signature is WeChat Pay's - its public key's, those of its platform
 * certificates, or both during the change-over (dossier A4).
 */
import { type Clock, isPolyrailError, PolyrailError } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import type { PublicKey } from './algorithm.ts';
import type { Settings } from './config.ts';
import { type Certified, serialOf, type Trust } from './trust.ts';

/** A key of the platform with the name that messages call it by. */
export interface NamedKey {
  readonly serial: string;
  readonly key: PublicKey;
}

export interface PlatformKeys {
  /**
   * Sees to it that replies can be verified: downloads certificates that are missing or half a day
   * old. Called before anything is sent.
   */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * The key a message names.
   *
   * @throws PolyrailError `REPLY_UNVERIFIED` when it is none of WeChat Pay's
   */
  of(serial: string, signal: AbortSignal): Promise<PublicKey>;
  /** What sensitive fields are encrypted with. */
  forFields(signal: AbortSignal): Promise<NamedKey>;
}

/** A list of certificates, decrypted; its reply is not believed before `verify`. */
export interface Download {
  readonly certificates: readonly Certified[];
  /** @throws PolyrailError `REPLY_UNVERIFIED` unless one of these keys signed the reply */
  verify(keys: readonly NamedKey[]): void;
}

/** Clients refresh at least this often (A4.1). */
const refreshMs = 12 * 3_600_000;
/** Anybody can send a message that names a certificate: what that makes us ask for has a bound. */
const maxDownloadsPerMinute = 5;
const minuteMs = 60_000;
const publicKeyPrefix = 'PUB_KEY_ID_';

const untrusted = (why: string, cause?: unknown): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', `The message cannot be verified: ${why}`, {
    doubt: 'unverified-reply',
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

export interface PlatformKeyParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly trust: () => Promise<Trust>;
  readonly download: (signal: AbortSignal) => Promise<Download>;
}

/** The certificates of one merchant: kept, renewed, and looked up by serial number. */
function createStore({ clock, trust, download }: PlatformKeyParts) {
  let known: ReadonlyMap<string, Certified> | undefined;
  let refreshedAtMs = Number.NEGATIVE_INFINITY;
  let downloadedAtMs: readonly number[] = [];
  let underWay: Promise<void> | undefined;

  const bySerial = (list: readonly Certified[]) =>
    new Map(list.map((entry) => [entry.serial, entry]));
  const current = async (): Promise<readonly Certified[]> => {
    if (known === undefined) {
      const { given } = await trust();
      // Certificates of the configuration spare the first download.
      if (known === undefined && given.length > 0) refreshedAtMs = clock.now();
      known ??= bySerial(given);
    }
    const nowMs = clock.now();
    return [...known.values()].filter(({ notAfter }) => nowMs <= notAfter);
  };
  const requireBudget = (): void => {
    const nowMs = clock.now();
    const recent = downloadedAtMs.filter((atMs) => Math.abs(nowMs - atMs) < minuteMs);
    if (recent.length >= maxDownloadsPerMinute) throw untrusted('too many asked for just now');
    downloadedAtMs = [...recent, nowMs];
  };
  const learn = async (signal: AbortSignal): Promise<void> => {
    const { certificates, verify } = await download(signal);
    const { publicKey } = await trust();
    const before = await current();
    // Quirk: the first list can only be signed by a certificate that is in it. That it was encrypted
    // with the APIv3 key, which nobody else has, is what is believed.
    verify([...certificates, ...before, ...(publicKey ? [{ serial: '', key: publicKey }] : [])]);
    known = bySerial(certificates);
    refreshedAtMs = clock.now();
  };
  return {
    current,
    isStale: () => Math.abs(clock.now() - refreshedAtMs) > refreshMs,
    /** Calls at the same time wait for the same download. */
    refresh(signal: AbortSignal): Promise<void> {
      if (underWay !== undefined) return underWay;
      requireBudget();
      underWay = learn(signal).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    async find(serial: string): Promise<PublicKey | undefined> {
      return (await current()).find((entry) => entry.serial === serial)?.key;
    },
  };
}

export function createPlatformKeys(parts: PlatformKeyParts): PlatformKeys {
  const { settings, clock, trust } = parts;
  const { publicKey: named, certificates } = settings;
  const store = createStore(parts);

  async function ready(signal: AbortSignal): Promise<void> {
    const { publicKey } = await trust();
    if (!certificates.download) return;
    const kept = publicKey !== undefined || (await store.current()).length > 0;
    if (!store.isStale()) return;
    try {
      await store.refresh(signal);
    } catch (error) {
      // What is known goes on being good: a renewal that fails stops no payment.
      if (!kept) throw error;
    }
  }
  async function certified(serial: string, signal: AbortSignal): Promise<PublicKey> {
    const known = await store.find(serial);
    if (known !== undefined) return known;
    await store.refresh(signal).catch((error: unknown) => {
      throw untrusted('its certificate could not be downloaded', error);
    });
    const learned = await store.find(serial);
    if (learned !== undefined) return learned;
    throw untrusted('it names a certificate that is none of the platform');
  }
  return {
    ready,
    async of(serial, signal) {
      const { publicKey } = await trust();
      if (publicKey !== undefined && serial === named?.id) return publicKey;
      if (serial.startsWith(publicKeyPrefix)) {
        throw untrusted('it names a public key that is not the configured one');
      }
      if (!certificates.download) {
        throw untrusted('it names a certificate, and config.certificates is off');
      }
      if (!/^[0-9A-Fa-f]{8,40}$/.test(serial)) throw untrusted('its serial number is none');
      return certified(serialOf(serial), signal);
    },
    async forFields(signal) {
      const { publicKey } = await trust();
      if (publicKey !== undefined && named !== undefined) {
        return { serial: named.id, key: publicKey };
      }
      await ready(signal);
      const nowMs = clock.now();
      const valid = (await store.current()).filter(({ notBefore }) => notBefore <= nowMs);
      const [newest] = valid.toSorted((a, b) => b.notBefore - a.notBefore);
      if (newest !== undefined) return newest;
      throw badConfig('publicKey', 'is needed: no platform certificate is valid today');
    },
  };
}
