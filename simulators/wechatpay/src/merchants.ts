/** wechatpay simulator · merchants: who takes part - the platform's keys, merchants, payers. */
import { randomBytes } from 'node:crypto';
import {
  type Authority,
  type DistinguishedName,
  generateKeys,
  issueCertificate,
  type KeyPairPem,
  mintAuthority,
  type SeededRandom,
  type World,
} from '@polyrail/simulator';
import { letters, openIdOf } from './numbers.ts';
import { compactDay, dayMs } from './time.ts';
import {
  type Algorithm,
  type PrivateHalf,
  type PublicHalf,
  rsaSuite,
  rsaSuiteHere,
  type Suite,
} from './v3-suite.ts';

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
  readonly keys: KeyPairPem;
  readonly privateHalf: PrivateHalf;
  readonly publicHalf: PublicHalf;
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
  readonly publicHalf: PublicHalf;
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
  /** How API v3 is spoken here. */
  readonly suite: Suite;
  /** Of TLS clients, and with RSA of every certificate. */
  readonly authority: Authority;
  /** The root of the certificates that messages are signed by. */
  readonly rootPem: string;
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

interface Certificate {
  readonly certificatePem: string;
  readonly serialHex: string;
}

interface Order {
  readonly subject: DistinguishedName;
  readonly keys: KeyPairPem;
  readonly usage?: 'client';
}

interface Minting {
  readonly suite: Suite;
  readonly world: World;
  issue(order: Order): Promise<Certificate>;
}

const halvesOf = (suite: Suite, keys: KeyPairPem) => ({
  keys,
  privateHalf: suite.privateHalf(keys.privateKeyPem),
  publicHalf: suite.publicHalf(keys.publicKeyPem),
});

async function platformCertificate(minting: Minting, keys: KeyPairPem): Promise<PlatformKey> {
  const { suite, world } = minting;
  const commonName = 'Polyrail Simulator Tenpay.com sign';
  const subject = { country: 'CN', organization, organizationalUnit: 'Tenpay.com', commonName };
  const issued = await minting.issue({ subject, keys });
  const effectiveAt = Math.floor(world.clock.now() / 1000) * 1000;
  return {
    id: issued.serialHex.toUpperCase(),
    ...halvesOf(suite, keys),
    certificatePem: issued.certificatePem,
    effectiveAt,
    expiresAt: effectiveAt + certificateDays * dayMs,
  };
}

const bareKey = (id: string, keys: KeyPairPem, suite: Suite): PlatformKey => ({
  id,
  ...halvesOf(suite, keys),
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
  { suite, world, issue }: Minting,
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
  const issued = await issue({ subject, keys, usage: 'client' });
  const signer: Signer = {
    ...who,
    keys,
    publicHalf: suite.publicHalf(keys.publicKeyPem),
    certificatePem: issued.certificatePem,
    serial: issued.serialHex.toUpperCase(),
    apiV3Key: letters(numbers, 32),
    apiKey: letters(numbers, 32),
    mode,
    platformKey: bareKey(publicKeyId(who.mchid, world.clock.now()), platformKeys, suite),
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
  readonly algorithm: Algorithm;
}

interface Family {
  readonly suite: Suite;
  readonly rootPem: string;
  readonly key: () => Promise<KeyPairPem>;
  readonly issue: Minting['issue'];
}

interface Trusted {
  readonly authority: Authority;
  readonly world: World;
  readonly share: boolean;
  readonly key: () => Promise<KeyPairPem>;
}

function rsaFamily({ authority, world, share, key }: Trusted): Family {
  const issue = ({ subject, keys, ...usage }: Order) => {
    const request = { subject, ...validity(world), keys, ...usage };
    const about = [request.now, request.days, subject.commonName, keys.publicKeyPem];
    return issuedOnce(share, about, () => issueCertificate(authority, request));
  };
  const suite = world.clock.alone ? rsaSuiteHere : rsaSuite;
  return { suite, rootPem: authority.certificatePem, key, issue };
}

/** By invitation: keys and certificates of SM2, with a root of their own. */
async function smFamily({ world }: Trusted): Promise<Family> {
  const { smCertificate, smKeys, smSuite } = await import('./shangmi.ts');
  const issuer = rootName.commonName;
  const root = smKeys();
  const issue = async ({ subject, keys }: Pick<Order, 'subject' | 'keys'>) => {
    const { now, days } = validity(world);
    const serialHex = `4${randomBytes(16).toString('hex').slice(1)}`;
    const dates = { notBefore: now - dayMs, notAfter: now + days * dayMs };
    const { publicKeyPem } = keys;
    const request = { issuer, subject: subject.commonName, publicKeyPem, serialHex, ...dates };
    return { serialHex, certificatePem: smCertificate(request, root.privateKeyPem) };
  };
  const { certificatePem } = await issue({ subject: rootName, keys: root });
  return { suite: smSuite, rootPem: certificatePem, key: async () => smKeys(), issue };
}

/** Mints the authority, the platform's certificate and a stranger's key. */
export async function createPlatform(options: PlatformOptions): Promise<Platform> {
  const { world, shareKeys: share, algorithm } = options;
  const rsaKey = keySource(share);
  const numbers = world.random.fork('merchants');
  const rootKeys = await rsaKey();
  const request = { subject: rootName, ...validity(world), keys: rootKeys };
  const about = [request.now, request.days, 'root'];
  const authority = await issuedOnce(share, about, () => mintAuthority(request));
  const trusted = { authority, world, share, key: rsaKey };
  const family = algorithm === 'SM' ? await smFamily(trusted) : rsaFamily(trusted);
  const { suite, rootPem, key, issue } = family;
  const minting: Minting = { suite, world, issue };
  // All at once: the thread pool makes them side by side.
  const [platformKeys, foreignKeys] = await Promise.all([key(), key()]);
  const first = await platformCertificate(minting, platformKeys);
  const succession = createSuccession(first, async () => platformCertificate(minting, await key()));
  return {
    suite,
    authority,
    rootPem,
    ...succession,
    foreign: bareKey(first.id, foreignKeys, suite),
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
    platformPublicKey: signer.platformKey.keys.publicKeyPem,
    platformPublicKeyId: signer.platformKey.id,
    usePublicKey: signer.mode === 'public-key',
    subMchId: sub?.mchid ?? '',
    subAppId: sub?.appid ?? '',
    rootCert: platform.rootPem,
  };
}

const banks = ['OTHERS', 'CMC_CREDIT', 'CCB_DEBIT', 'ICBC_DEBIT'] as const;

/** A handful of payers with invented accounts. */
export function createPayers(random: SeededRandom): () => Payer {
  const numbers = random.fork('payers');
  const all = banks.map((bank) => ({ openid: openIdOf(numbers), bank }));
  return () => numbers.pick(all);
}
