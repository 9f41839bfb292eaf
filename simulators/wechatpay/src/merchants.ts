/** wechatpay simulator · merchants: who takes part - the platform's keys, merchants, payers. */
import { randomBytes } from 'node:crypto';
import {
  type Authority,
  createMint,
  type DistinguishedName,
  issueCertificate,
  type KeyOptions,
  type KeyPairPem,
  type Mint,
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
  readonly world: World;
  readonly suite: Suite;
  readonly rootPem: string;
  /** The next pair that stays here. */
  readonly ownKey: () => Promise<KeyPairPem>;
  /** The next pair that is handed out. */
  readonly merchantKey: () => Promise<KeyPairPem>;
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

/** Invented: ten digits, and `wx` with 16 hexadecimal characters. */
const person = (numbers: SeededRandom) => ({
  mchid: `16${numbers.digits(8)}`,
  appid: `wx${Buffer.from(numbers.bytes(8)).toString('hex')}`,
});

async function enrolled(
  { suite, world, issue, ownKey, merchantKey }: Minting,
  numbers: SeededRandom,
  mode: KeyMode,
): Promise<Merchant> {
  const who = person(numbers);
  const [keys, platformKeys] = await Promise.all([merchantKey(), ownKey()]);
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

interface PlatformOptions extends KeyOptions {
  readonly algorithm?: Algorithm;
}

function rsaMinting(mint: Mint, authority: Authority): Minting {
  const { world, ownKey, merchantKey, validity } = mint;
  const issue = ({ subject, keys, ...usage }: Order) => {
    const request = { subject, ...validity, keys, ...usage };
    const about = [validity, subject.commonName, keys.publicKeyPem];
    return mint.once(about, () => issueCertificate(authority, request));
  };
  const suite = world.clock.alone ? rsaSuiteHere : rsaSuite;
  return { world, suite, rootPem: authority.certificatePem, ownKey, merchantKey, issue };
}

/** By invitation: keys and certificates of SM2, with a root of their own. */
async function smMinting({ world, validity: { now, days } }: Mint): Promise<Minting> {
  const { smCertificate, smKeys, smSuite } = await import('./shangmi.ts');
  const issuer = rootName.commonName;
  const root = smKeys();
  const issue = async ({ subject, keys }: Pick<Order, 'subject' | 'keys'>) => {
    const serialHex = `4${randomBytes(16).toString('hex').slice(1)}`;
    const dates = { notBefore: now - dayMs, notAfter: now + days * dayMs };
    const { publicKeyPem } = keys;
    const request = { issuer, subject: subject.commonName, publicKeyPem, serialHex, ...dates };
    return { serialHex, certificatePem: smCertificate(request, root.privateKeyPem) };
  };
  const { certificatePem } = await issue({ subject: rootName, keys: root });
  const key = async () => smKeys();
  const rootPem = certificatePem;
  return { world, suite: smSuite, rootPem, ownKey: key, merchantKey: key, issue };
}

/** Mints the authority, the platform's certificate and a stranger's key. */
export async function createPlatform(world: World, options: PlatformOptions): Promise<Platform> {
  const mint = createMint(world, options);
  const numbers = world.random.fork('merchants');
  const rootKeys = await mint.ownKey();
  const request = { subject: rootName, ...mint.validity, keys: rootKeys };
  const about = [mint.validity, 'root', rootKeys.publicKeyPem];
  const authority = await mint.once(about, () => mintAuthority(request));
  const isSm = options.algorithm === 'SM';
  const minting = isSm ? await smMinting(mint) : rsaMinting(mint, authority);
  const { suite, rootPem, ownKey } = minting;
  // All at once: the thread pool makes them side by side.
  const [platformKeys, foreignKeys] = await Promise.all([ownKey(), ownKey()]);
  const first = await platformCertificate(minting, platformKeys);
  const succession = createSuccession(first, async () =>
    platformCertificate(minting, await ownKey()),
  );
  return {
    suite,
    authority,
    rootPem,
    ...succession,
    foreign: bareKey(first.id, foreignKeys, suite),
    admit: (mode) => enrolled(minting, numbers, mode),
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
