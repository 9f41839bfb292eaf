/** alipay simulator · merchants: who takes part - the platform's identity, apps, and payers. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { generateSm2KeyPair, sm2PrivateKeyPem, sm2PublicKeyPem } from '@polyrail/kit/sm2';
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
import { certificateSn, type PrivateKeys, type PublicKeys, rootCertificateSn } from './seal.ts';
import { dayMs, dayText } from './time.ts';

/** What a client of one merchant is configured with. Minted at start; PEM texts. */
export interface AlipayCredentials {
  readonly appId: string;
  /** The merchant's account: 2088 and 12 digits. */
  readonly sellerId: string;
  /** PKCS#8. */
  readonly merchantPrivateKey: string;
  /** SPKI. */
  readonly merchantPublicKey: string;
  readonly merchantCert: string;
  /** SPKI. */
  readonly platformPublicKey: string;
  /** The one that signs in certificate mode when these are handed out. */
  readonly platformCert: string;
  readonly rootCert: string;
  /** With `/gateway.do`. */
  readonly gatewayUrl: string;
  /** The origin under which the V3 paths lie. */
  readonly v3Endpoint: string;
  /** For content encryption: Base64 of 16 bytes. */
  readonly encryptKey: string;
  /** PKCS#8, for `sign_type=SM2`. */
  readonly merchantSm2PrivateKey: string;
  /** SPKI. */
  readonly platformSm2PublicKey: string;
  /** The token of a merchant for whom this app may act. */
  readonly appAuthToken: string;
  /** What notifications of that merchant's orders name as `auth_app_id`. */
  readonly authAppId: string;
  /** That merchant's account. */
  readonly authSellerId: string;
}

export interface Merchant {
  /** Of the app that calls. */
  readonly appId: string;
  /** Of the merchant whose orders they are: another one when the app acts for him. */
  readonly authAppId: string;
  readonly sellerId: string;
  readonly keys: KeyPairPem;
  readonly sm2PrivateKeyPem: string;
  readonly publicKey: PublicKeys;
  readonly certificatePem: string;
  readonly certificateSn: string;
  /** AES, Base64. */
  readonly encryptKey: string;
  /** The merchant who authorized this app, and the token that says so. */
  readonly actsFor?: { readonly token: string; readonly merchant: Merchant };
  /** Day from which bills exist. */
  readonly registeredOn: string;
}

/** A key the platform signs with. */
export interface Identity {
  readonly privateKey: PrivateKeys;
  readonly publicKeyPem: string;
  readonly sm2PublicKeyPem: string;
  readonly certificatePem: string;
  readonly sn: string;
}

export interface Platform {
  readonly rootPem: string;
  readonly rootSn: string;
  /** Signs in key mode, where clients hold the bare key and nothing announces another one. */
  readonly identity: Identity;
  /** Signs in certificate mode: the newest since the last rotation. */
  current(): Identity;
  /** A further certificate of the same root signs from now on; those before stay downloadable. */
  rotate(): Promise<Identity>;
  /** A key that clients in key mode do not hold, for the answers a `key-rotation` strikes. */
  successor(): Promise<Identity>;
  /** A key of nobody the merchant knows, for forgeries. */
  readonly foreignKey: PrivateKeys;
  /** Every one that has signed so far or may sign next, the one of key mode first. */
  identities(): Promise<readonly Identity[]>;
  /** The PEM text of a certificate the platform signed with, signs with, or signs with next. */
  certificateOf(sn: string): Promise<string | undefined>;
  admit(): Promise<Merchant>;
  /** As before the first rotation. */
  reset(): void;
}

export interface Payer {
  readonly userId: string;
  readonly logonId: string;
  /** As statements print it: name and account, masked. */
  readonly account: string;
}

const unit = 'Certification Authority';
const organization = 'Polyrail Simulator';
const authorityName = {
  country: 'CN',
  organization,
  organizationalUnit: unit,
  commonName: 'Polyrail Simulator Authority R1',
};
const yearMs = 365 * dayMs;

interface Minting {
  readonly authority: Authority;
  readonly mint: Mint;
}

/** A certificate of the platform's own authority. */
function issued({ authority, mint }: Minting, subject: DistinguishedName, keys: KeyPairPem) {
  const about = [authority.serialHex, subject, mint.validity, keys.publicKeyPem];
  const request = { subject, ...mint.validity, keys };
  return mint.once(about, () => issueCertificate(authority, request));
}

const mintSm2 = ({ random }: World) => generateSm2KeyPair(random.fork('sm2').bytes(32));

async function identify(minting: Minting, keys: KeyPairPem): Promise<Identity> {
  const commonName = 'Polyrail Simulator Alipay RSA2';
  const subject = { country: 'CN', organization, organizationalUnit: 'Alipay', commonName };
  const { certificatePem } = await issued(minting, subject, keys);
  const { privateKeyPem, publicKeyPem } = keys;
  const sm2 = mintSm2(minting.mint.world);
  return {
    privateKey: { rsa: createPrivateKey(privateKeyPem), sm2 },
    publicKeyPem,
    sm2PublicKeyPem: sm2PublicKeyPem(sm2.publicKey),
    certificatePem,
    sn: certificateSn(certificatePem),
  };
}

/** Whose certificates there are, and which of them signs. */
function createSuccession(first: Identity, mint: () => Promise<Identity>) {
  const made: Promise<Identity>[] = [];
  let next: Promise<Identity> | undefined;
  let current = first;
  const successor = (): Promise<Identity> => {
    if (next !== undefined) return next;
    next = mint();
    made.push(next);
    return next;
  };
  const identities = async (): Promise<readonly Identity[]> => [
    first,
    ...(await Promise.all(made)),
  ];
  return {
    identity: first,
    current: () => current,
    successor,
    async rotate() {
      const coming = successor();
      next = undefined;
      current = await coming;
      return current;
    },
    identities,
    async certificateOf(sn: string) {
      const known = await identities();
      return known.find((one) => one.sn === sn)?.certificatePem;
    },
    reset() {
      current = first;
    },
  };
}

interface Person {
  readonly appId: string;
  readonly sellerId: string;
}

/** Invented, the way the sandbox numbers apps and accounts. */
const person = (numbers: SeededRandom): Person => ({
  appId: `9021${numbers.digits(12)}`,
  sellerId: `2088${numbers.digits(12)}`,
});

async function enrolled(minting: Minting, who: Person, keys: KeyPairPem) {
  const { appId, sellerId } = who;
  const { world } = minting.mint;
  const now = world.clock.now();
  const subject = {
    country: 'CN',
    organization: `Merchant ${sellerId}`,
    organizationalUnit: 'Alipay',
    commonName: `${sellerId}-${appId}`,
  };
  const { certificatePem } = await issued(minting, subject, keys);
  const sm2 = mintSm2(world);
  const secrets = world.random.fork('secrets');
  const own = {
    ...who,
    authAppId: appId,
    keys,
    sm2PrivateKeyPem: sm2PrivateKeyPem(sm2),
    publicKey: { rsa: createPublicKey(keys.publicKeyPem), sm2: sm2.publicKey },
    certificatePem,
    certificateSn: certificateSn(certificatePem),
    encryptKey: Buffer.from(secrets.bytes(16)).toString('base64'),
    registeredOn: dayText(now - yearMs),
  };
  // His app is another, his orders are his own; the calls are the acting app's.
  const other = person(secrets);
  const merchant = { ...own, authAppId: other.appId, sellerId: other.sellerId };
  const token = `${dayText(now).slice(0, 7).replace('-', '')}BB${secrets.digits(32)}`;
  return { ...own, actsFor: { token, merchant } };
}

/** Mints the authority, the platform's certificate and a stranger's key. */
export async function createPlatform(world: World, options: KeyOptions): Promise<Platform> {
  const mint = createMint(world, options);
  const numbers = world.random.fork('merchants');
  const { ownKey, validity } = mint;
  // All at once: the thread pool makes them side by side.
  const [keys, platformKeys, foreignKeys] = await Promise.all([ownKey(), ownKey(), ownKey()]);
  const authority = await mint.once([authorityName, validity, keys.publicKeyPem], () =>
    mintAuthority({ subject: authorityName, ...validity, keys }),
  );
  const minting = { authority, mint };
  const first = await identify(minting, platformKeys);
  return {
    // An empty line between PEM blocks: some clients split the bundle there.
    rootPem: `${authority.certificatePem.trim()}\n\n`,
    rootSn: rootCertificateSn(authority.certificatePem),
    ...createSuccession(first, async () => identify(minting, await ownKey())),
    foreignKey: { rsa: createPrivateKey(foreignKeys.privateKeyPem), sm2: mintSm2(world) },
    admit: async () => enrolled(minting, person(numbers), await mint.merchantKey()),
  };
}

/** Everyone whose orders there may be: each merchant, then the one he acts for. */
export const everyMerchant = (merchants: readonly Merchant[]): readonly Merchant[] =>
  merchants.flatMap((one) => (one.actsFor === undefined ? one : [one, one.actsFor.merchant]));

/** Everything a client of this merchant needs. */
export function credentialsOf(
  platform: Platform,
  merchant: Merchant,
  baseUrl: string,
): AlipayCredentials {
  return {
    appId: merchant.appId,
    sellerId: merchant.sellerId,
    merchantPrivateKey: merchant.keys.privateKeyPem,
    merchantPublicKey: merchant.keys.publicKeyPem,
    merchantCert: merchant.certificatePem,
    platformPublicKey: platform.identity.publicKeyPem,
    platformCert: platform.current().certificatePem,
    rootCert: platform.rootPem,
    gatewayUrl: `${baseUrl}/gateway.do`,
    v3Endpoint: baseUrl,
    encryptKey: merchant.encryptKey,
    merchantSm2PrivateKey: merchant.sm2PrivateKeyPem,
    platformSm2PublicKey: platform.identity.sm2PublicKeyPem,
    appAuthToken: merchant.actsFor?.token ?? '',
    authAppId: merchant.actsFor?.merchant.authAppId ?? merchant.authAppId,
    authSellerId: merchant.actsFor?.merchant.sellerId ?? merchant.sellerId,
  };
}

const people = [
  ['*小明', 'min***@sandbox.com'],
  ['*津水', 'jin***@sandbox.com'],
  ['*雅文', '138******01'],
  ['*建国', 'guo***@sandbox.com'],
] as const;

/** A handful of payers with invented accounts. */
export function createPayers(random: SeededRandom): () => Payer {
  const numbers = random.fork('payers');
  const all = people.map(([name, logonId]) => {
    const userId = `2088${numbers.digits(12)}`;
    return { userId, logonId, account: `${name}(${logonId})` };
  });
  return () => numbers.pick(all);
}
