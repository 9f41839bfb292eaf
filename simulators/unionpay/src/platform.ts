/** unionpay simulator · platform: the chain of certificates, and the keys UnionPay speaks with. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  type Authority,
  createMint,
  issueCertificate,
  type KeyOptions,
  type KeyPairPem,
  type Mint,
  mintAuthority,
  type World,
} from '@polyrail/simulator';
import { encryptionName, merchantName, unionPayName } from './names.ts';
import { mintSm2Identity, type Sm2Identity } from './sm2-identity.ts';
import { dayMs } from './time.ts';

/** A key with its certificate: of UnionPay, or of somebody who poses as it. */
export interface Identity {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly certificatePem: string;
  /** The certificate's number in decimal. */
  readonly certId: string;
}

export interface Platform {
  readonly mint: Mint;
  readonly root: Authority;
  readonly middle: Authority;
  /** Signs answers and notifications. */
  current(): Identity;
  /** Signed before a rotation. */
  earlier(): readonly Identity[];
  /** Signs where a merchant speaks by SM2; made when first asked for. */
  sm2(): Sm2Identity;
  /** Who signs by SM2 in the stead of an identity: UnionPay, or somebody who poses as it. */
  sm2Of(identity: Identity): Sm2Identity;
  /** Merchants encrypt for it: the newest first, those before are still understood. */
  encryption(): readonly Identity[];
  /** A further pair of certificates is used from now on. */
  rotate(): Promise<void>;
  /** Names UnionPay, from an authority of its own. */
  foreign(): Promise<Identity>;
  /** From the genuine authority, but its validity is over. */
  expired(): Promise<Identity>;
  /** From the genuine authority, but in the name of a merchant. */
  misnamed(): Promise<Identity>;
  /** As before the first rotation. */
  reset(): void;
}

const country = 'CN';
const organization = 'Polyrail Simulator';
const units = ['Local RA OCA1', 'Enterprises'];
/** Five bytes, as this generation of certificates has: more do not survive careless clients. */
export const serialBytes = 5;

export const enterpriseName = (commonName: string) => ({
  country: 'cn',
  organization: 'CFCA OCA1',
  organizationalUnit: units,
  commonName,
});

interface Wish {
  readonly commonName: string;
  readonly keys: KeyPairPem;
  readonly validity?: { readonly now: number; readonly days: number };
}

/** A certificate for messages and secrets. */
export async function issueEnterprise(mint: Mint, authority: Authority, wish: Wish) {
  const { commonName, keys, validity = mint.validity } = wish;
  const subject = enterpriseName(commonName);
  const request = { subject, ...validity, keys, serialBytes, usage: 'enterprise' } as const;
  const about = [authority.serialHex, commonName, validity, keys.publicKeyPem];
  return mint.once(about, () => issueCertificate(authority, request));
}

async function identityOf(mint: Mint, authority: Authority, wish: Wish): Promise<Identity> {
  const { privateKeyPem, certificatePem, serialDecimal } = await issueEnterprise(
    mint,
    authority,
    wish,
  );
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, certificatePem, certId: serialDecimal };
}

/** Root and middle. */
async function mintChain(mint: Mint, name: string) {
  const [rootKeys, middleKeys] = await Promise.all([mint.ownKey(), mint.ownKey()]);
  const { validity } = mint;
  const rootName = { country, organization, commonName: `${name} CS CA` };
  const middleName = { country, organization, commonName: `${name} OCA1` };
  const root = await mint.once([name, validity, rootKeys.publicKeyPem], () =>
    mintAuthority({ subject: rootName, ...validity, keys: rootKeys }),
  );
  const middle = await mint.once([name, validity, middleKeys.publicKeyPem], () =>
    mintAuthority({ subject: middleName, ...validity, keys: middleKeys, issuer: root }),
  );
  return { root, middle };
}

/** Made when first asked for. */
function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Mints the chain, the certificate that signs, and the one merchants encrypt for. */
export async function createPlatform(world: World, options: KeyOptions): Promise<Platform> {
  const mint = createMint(world, options);
  const [chain, signing, encrypting] = await Promise.all([
    mintChain(mint, 'Polyrail Simulator'),
    mint.ownKey(),
    mint.ownKey(),
  ]);
  const { root, middle } = chain;
  const own = (commonName: string, keys: KeyPairPem) =>
    identityOf(mint, middle, { commonName, keys });
  const first = {
    signer: await own(unionPayName, signing),
    earlier: [] as readonly Identity[],
    encryption: [await own(encryptionName, encrypting)],
  };
  let now = first;
  const sm2 = lazily(() => mintSm2Identity(world, 'sm2'));
  const strangeSm2 = lazily(() => mintSm2Identity(world, 'strange-sm2'));
  const over = { now: mint.validity.now - 400 * dayMs, days: 365 };
  const platform: Platform = {
    mint,
    root,
    middle,
    current: () => now.signer,
    earlier: () => now.earlier,
    sm2,
    sm2Of(identity) {
      const isOwn = [now.signer, ...now.earlier].includes(identity);
      return isOwn ? sm2() : strangeSm2();
    },
    encryption: () => now.encryption,
    async rotate() {
      const [one, other] = await Promise.all([mint.ownKey(), mint.ownKey()]);
      const signer = await own(unionPayName, one);
      const encryption = await own(encryptionName, other);
      now = {
        signer,
        earlier: [now.signer, ...now.earlier],
        encryption: [encryption, ...now.encryption],
      };
    },
    foreign: lazily(async () => {
      const [strange, keys] = await Promise.all([mintChain(mint, 'Another'), mint.ownKey()]);
      return identityOf(mint, strange.middle, { commonName: unionPayName, keys });
    }),
    expired: lazily(async () => {
      const wish = { commonName: unionPayName, keys: await mint.ownKey(), validity: over };
      return identityOf(mint, middle, wish);
    }),
    misnamed: lazily(async () => own(merchantName('700000000000001'), await mint.ownKey())),
    reset() {
      now = first;
    },
  };
  // On a clock that is alone nothing is left for later, when a thread would decide what happens first.
  if (world.clock.alone) {
    await Promise.all([platform.foreign(), platform.expired(), platform.misnamed()]);
  }
  return platform;
}

/** Quirk: sixty-four columns, CR LF, nothing behind the last line. */
export const wirePem = ({ certificatePem }: Pick<Identity, 'certificatePem'>): string =>
  certificatePem.trim().replaceAll(/\r?\n/g, '\r\n');
