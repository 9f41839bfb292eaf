/** wechatpay simulator · merchants: who takes part - the platform's keys, merchants, payers. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  type Authority,
  generateKeys,
  issueCertificate,
  type KeyPairPem,
  mintAuthority,
  type SeededRandom,
  type World,
} from '@polyrail/simulator';
import { letters, openIdOf } from './numbers.ts';
import { compactDay, dayMs } from './time.ts';

/** By what a merchant recognizes the platform; with `both` the certificate signs unless asked. */
export type KeyMode = 'certificate' | 'public-key' | 'both';

/** What a client of one merchant is configured with. Minted at start; PEM texts. */
export interface WechatPayCredentials {
  readonly mchId: string;
  readonly appId: string;
  /** PKCS#8. */
  readonly merchantPrivateKey: string;
  /** Also the client certificate of API v2's TLS listener. */
  readonly merchantCert: string;
  /** Upper-case hexadecimal. */
  readonly merchantCertSerial: string;
  /** 32 characters. */
  readonly apiV3Key: string;
  /** Of API v2, 32 characters. */
  readonly apiKey: string;
  /** The one that signs when these are handed out. */
  readonly platformCert: string;
  readonly platformCertSerial: string;
  /** SPKI. */
  readonly platformPublicKey: string;
  /** `PUB_KEY_ID_…` */
  readonly platformPublicKeyId: string;
  /** Whether this merchant has the public key only. */
  readonly usePublicKey: boolean;
  /** A merchant for whom this one may act as a service provider. */
  readonly subMchId: string;
  readonly subAppId: string;
  /** The authority of the platform's and the merchants' certificates. */
  readonly rootCert: string;
}

/** A key the platform signs with. */
export interface PlatformKey {
  /** What `Wechatpay-Serial` says. */
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKeyPem: string;
  /** Of a platform certificate. */
  readonly certificatePem?: string;
  readonly effectiveAt: number;
  readonly expiresAt: number;
}

export interface Merchant {
  /** Whose orders they are. */
  readonly mchid: string;
  readonly appid: string;
  /** Who signs and is signed for: another one when a service provider acts. */
  readonly signer: Signer;
  /** The merchant for whom a service provider may act. */
  readonly sub?: Merchant;
}

/** What a merchant holds to speak for itself. */
export interface Signer {
  readonly mchid: string;
  readonly appid: string;
  readonly keys: KeyPairPem;
  readonly publicKey: KeyObject;
  readonly certificatePem: string;
  readonly serial: string;
  readonly apiV3Key: string;
  readonly apiKey: string;
  readonly mode: KeyMode;
  readonly platformKey: PlatformKey;
  /** The clock its requests were last dated by: what it is told is dated by the same. */
  lives: 'wall' | 'virtual';
}

export interface Platform {
  readonly authority: Authority;
  /** The certificate that signs: the newest since the last rotation. */
  current(): PlatformKey;
  /** Certificates merchants can download, the newest first. */
  certificates(): readonly PlatformKey[];
  /** A further certificate signs from now on; those before stay downloadable. */
  rotate(): Promise<PlatformKey>;
  /** A key of nobody the merchant knows, for forgeries. */
  readonly foreign: PlatformKey;
  admit(mode: KeyMode): Promise<Merchant>;
  /** As before the first rotation. */
  reset(): void;
}

export interface Payer {
  readonly openid: string;
  /** `bank_type` */
  readonly bank: string;
}

const organization = 'Polyrail Simulator';
const rootName = {
  country: 'CN',
  organization,
  organizationalUnit: 'Tenpay.com CA Center',
  commonName: 'Polyrail Simulator Tenpay.com Root CA',
};
const certificateDays = 5 * 365;

let sharedKeys: Promise<KeyPairPem>[] = [];

/** Key pairs, made in parallel; shared ones are common to the sharing simulators of a process. */
function keySource(share: boolean) {
  let next = 0;
  return (): Promise<KeyPairPem> => {
    if (!share) return generateKeys();
    const index = next++;
    const pair = sharedKeys[index] ?? generateKeys();
    sharedKeys = Object.assign([...sharedKeys], { [index]: pair });
    return pair;
  };
}

const sharedIssues = new Map<string, Promise<unknown>>();

/** What sharing simulators issue alike is issued once: signing certificates is slow. */
function issuedOnce<T>(
  share: boolean,
  about: readonly unknown[],
  issue: () => Promise<T>,
): Promise<T> {
  if (!share) return issue();
  const key = JSON.stringify(about);
  const known = sharedIssues.get(key) ?? issue();
  sharedIssues.set(key, known);
  return known as Promise<T>;
}

/** Certificates are judged by wall time in TLS and by virtual time elsewhere: valid in both. */
function validity({ clock, wallNow }: World) {
  const [virtual, wall] = [clock.now(), wallNow()];
  const days = certificateDays + Math.ceil(Math.abs(virtual - wall) / dayMs);
  // From the beginning of a day: sharing simulators of one day issue the same ones.
  const now = Math.floor(Math.min(virtual, wall) / dayMs) * dayMs;
  return { now, days: days + 1 };
}

interface Minting {
  readonly authority: Authority;
  readonly world: World;
  readonly share: boolean;
}

async function platformCertificate(
  { authority, world, share }: Minting,
  keys: KeyPairPem,
): Promise<PlatformKey> {
  const commonName = 'Polyrail Simulator Tenpay.com sign';
  const subject = { country: 'CN', organization, organizationalUnit: 'Tenpay.com', commonName };
  const request = { subject, ...validity(world), keys };
  const about = [request.now, request.days, keys.publicKeyPem];
  const issued = await issuedOnce(share, about, () => issueCertificate(authority, request));
  const effectiveAt = Math.floor(world.clock.now() / 1000) * 1000;
  return {
    id: issued.serialHex.toUpperCase(),
    privateKey: createPrivateKey(keys.privateKeyPem),
    publicKeyPem: keys.publicKeyPem,
    certificatePem: issued.certificatePem,
    effectiveAt,
    expiresAt: effectiveAt + certificateDays * dayMs,
  };
}

const bareKey = (id: string, keys: KeyPairPem): PlatformKey => ({
  id,
  privateKey: createPrivateKey(keys.privateKeyPem),
  publicKeyPem: keys.publicKeyPem,
  effectiveAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
});

/** `PUB_KEY_ID_` and 28 digits: the merchant's number, the day, zeros. */
const publicKeyId = (mchid: string, now: number): string =>
  `PUB_KEY_ID_01${mchid}${compactDay(now)}`.padEnd(39, '0');

interface Draw {
  readonly numbers: SeededRandom;
  readonly key: () => Promise<KeyPairPem>;
}

/** Invented: ten digits, and `wx` with 16 hexadecimal characters. */
const person = (numbers: SeededRandom) => ({
  mchid: `16${numbers.digits(8)}`,
  appid: `wx${Buffer.from(numbers.bytes(8)).toString('hex')}`,
});

async function enrolled(
  { authority, world, share }: Minting,
  { numbers, key }: Draw,
  mode: KeyMode,
): Promise<Merchant> {
  const who = person(numbers);
  const [keys, platformKeys] = await Promise.all([key(), key()]);
  const subject = {
    country: 'CN',
    organization: `Merchant ${who.mchid}`,
    commonName: who.mchid,
  };
  const request = { subject, ...validity(world), keys, usage: 'client' } as const;
  const about = [request.now, request.days, who.mchid, keys.publicKeyPem];
  const issued = await issuedOnce(share, about, () => issueCertificate(authority, request));
  const signer: Signer = {
    ...who,
    keys,
    publicKey: createPublicKey(keys.publicKeyPem),
    certificatePem: issued.certificatePem,
    serial: issued.serialHex.toUpperCase(),
    apiV3Key: letters(numbers, 32),
    apiKey: letters(numbers, 32),
    mode,
    platformKey: bareKey(publicKeyId(who.mchid, world.clock.now()), platformKeys),
    lives: 'virtual',
  };
  return { ...who, signer, sub: { ...person(numbers), signer } };
}

/** Whose certificates there are, and which of them signs. */
function createSuccession(first: PlatformKey, mint: () => Promise<PlatformKey>) {
  let made: PlatformKey[] = [first];
  return {
    current: () => made[0] ?? first,
    certificates: () => made,
    async rotate() {
      const coming = await mint();
      made = [coming, ...made];
      return coming;
    },
    reset() {
      made = [first];
    },
  };
}

interface PlatformOptions {
  readonly world: World;
  /** Reuse this process's key pairs instead of minting new ones: for suites that start often. */
  readonly shareKeys: boolean;
}

/** Mints the authority, the platform's certificate and a stranger's key. */
export async function createPlatform({ world, shareKeys }: PlatformOptions): Promise<Platform> {
  const key = keySource(shareKeys);
  const numbers = world.random.fork('merchants');
  // All at once: the thread pool makes them side by side.
  const [rootKeys, platformKeys, foreignKeys] = await Promise.all([key(), key(), key()]);
  const request = { subject: rootName, ...validity(world), keys: rootKeys };
  const about = [request.now, request.days, 'root'];
  const authority = await issuedOnce(shareKeys, about, () => mintAuthority(request));
  const minting = { authority, world, share: shareKeys };
  const first = await platformCertificate(minting, platformKeys);
  const succession = createSuccession(first, async () => platformCertificate(minting, await key()));
  return {
    authority,
    ...succession,
    foreign: bareKey(first.id, foreignKeys),
    admit: (mode) => enrolled(minting, { numbers, key }, mode),
  };
}

/** Everyone whose orders there may be: each merchant, then the one it acts for. */
export const everyMerchant = (merchants: readonly Merchant[]): readonly Merchant[] =>
  merchants.flatMap((one) => (one.sub === undefined ? one : [one, one.sub]));

/** Everything a client of this merchant needs. */
export function credentialsOf(platform: Platform, { signer, sub }: Merchant): WechatPayCredentials {
  const { id, certificatePem = '' } = platform.current();
  return {
    mchId: signer.mchid,
    appId: signer.appid,
    merchantPrivateKey: signer.keys.privateKeyPem,
    merchantCert: signer.certificatePem,
    merchantCertSerial: signer.serial,
    apiV3Key: signer.apiV3Key,
    apiKey: signer.apiKey,
    platformCert: certificatePem,
    platformCertSerial: id,
    platformPublicKey: signer.platformKey.publicKeyPem,
    platformPublicKeyId: signer.platformKey.id,
    usePublicKey: signer.mode === 'public-key',
    subMchId: sub?.mchid ?? '',
    subAppId: sub?.appid ?? '',
    rootCert: platform.authority.certificatePem,
  };
}

const banks = ['OTHERS', 'CMC_CREDIT', 'CCB_DEBIT', 'ICBC_DEBIT'] as const;

/** A handful of payers with invented accounts. */
export function createPayers(random: SeededRandom): () => Payer {
  const numbers = random.fork('payers');
  const all = banks.map((bank) => ({ openid: openIdOf(numbers), bank }));
  return () => numbers.pick(all);
}
