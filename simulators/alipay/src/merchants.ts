/** alipay simulator · merchants: who takes part - the platform's identity, apps, and payers. */
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
import { certificateSn, rootCertificateSn } from './seal.ts';
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
  readonly platformCert: string;
  readonly rootCert: string;
  /** With `/gateway.do`. */
  readonly gatewayUrl: string;
}

export interface Merchant {
  readonly appId: string;
  readonly sellerId: string;
  readonly keys: KeyPairPem;
  readonly publicKey: KeyObject;
  readonly certificatePem: string;
  readonly certificateSn: string;
  /** Day from which bills exist. */
  readonly registeredOn: string;
}

/** A key the platform signs with. */
export interface Identity {
  readonly privateKey: KeyObject;
  readonly publicKeyPem: string;
  readonly certificatePem: string;
  readonly sn: string;
}

export interface Platform {
  readonly rootPem: string;
  readonly rootSn: string;
  readonly identity: Identity;
  /** The next certificate, for key rotation; minted when first asked for. */
  successor(): Promise<Identity>;
  /** A key of nobody the merchant knows, for forgeries. */
  readonly foreignKey: KeyObject;
  /** The PEM text of a certificate the platform signs with, now or next. */
  certificateOf(sn: string): Promise<string | undefined>;
  admit(): Promise<Merchant>;
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

interface PlatformOptions {
  readonly world: World;
  /** Reuse this process's key pairs instead of minting new ones: for suites that start often. */
  readonly shareKeys: boolean;
}

async function identify(authority: Authority, keys: KeyPairPem, now: number): Promise<Identity> {
  const commonName = 'Polyrail Simulator Alipay RSA2';
  const subject = { country: 'CN', organization, organizationalUnit: 'Alipay', commonName };
  const { certificatePem } = await issueCertificate(authority, { subject, now, keys });
  const { privateKeyPem, publicKeyPem } = keys;
  const sn = certificateSn(certificatePem);
  return { privateKey: createPrivateKey(privateKeyPem), publicKeyPem, certificatePem, sn };
}

/** Mints the authority, the platform's certificate and a stranger's key. */
export async function createPlatform({ world, shareKeys }: PlatformOptions): Promise<Platform> {
  const { clock, random } = world;
  const draw = keySource(shareKeys);
  const numbers = random.fork('merchants');
  // All at once: the thread pool makes them side by side.
  const [rootKeys, platformKeys, foreignKeys] = await Promise.all([draw(), draw(), draw()]);
  const now = clock.now();
  const authority = await mintAuthority({ subject: authorityName, now, keys: rootKeys });
  const identity = await identify(authority, platformKeys, now);
  let next: Promise<Identity> | undefined;
  const successor = () => {
    next ??= draw().then((keys) => identify(authority, keys, clock.now()));
    return next;
  };
  return {
    // An empty line between PEM blocks: some clients split the bundle there.
    rootPem: `${authority.certificatePem.trim()}\n\n`,
    rootSn: rootCertificateSn(authority.certificatePem),
    identity,
    foreignKey: createPrivateKey(foreignKeys.privateKeyPem),
    successor,
    async certificateOf(sn) {
      const known = [identity, ...(next === undefined ? [] : [await next])];
      return known.find((one) => one.sn === sn)?.certificatePem;
    },
    async admit() {
      const appId = `9021${numbers.digits(12)}`;
      const sellerId = `2088${numbers.digits(12)}`;
      const keys = await draw();
      const subject = {
        country: 'CN',
        organization: `Merchant ${sellerId}`,
        organizationalUnit: 'Alipay',
        commonName: `${sellerId}-${appId}`,
      };
      const issued = await issueCertificate(authority, { subject, now: clock.now(), keys });
      return {
        appId,
        sellerId,
        keys,
        publicKey: createPublicKey(keys.publicKeyPem),
        certificatePem: issued.certificatePem,
        certificateSn: certificateSn(issued.certificatePem),
        registeredOn: dayText(now - yearMs),
      };
    },
  };
}

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
    platformCert: platform.identity.certificatePem,
    rootCert: platform.rootPem,
    gatewayUrl: `${baseUrl}/gateway.do`,
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
