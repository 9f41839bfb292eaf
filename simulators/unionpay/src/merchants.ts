/** unionpay simulator · merchants: who takes part, and what a client of theirs is configured with. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { generateSm2KeyPair, type Sm2PrivateKey, sm2PrivateKeyPem } from '@polyrail/kit/sm2';
import { type KeyPairPem, type SeededRandom, writePfx } from '@polyrail/simulator';
import { type Card, testCards } from './cards.ts';
import { merchantName } from './names.ts';
import { issueEnterprise, type Platform } from './platform.ts';
import type { MerchantKeys } from './seal.ts';
import { writeSm2File } from './sm2-file.ts';

/** What a client of one merchant is configured with. Minted at start; PEM texts. */
export interface UnionPayCredentials {
  readonly merId: string;
  /** PKCS#8. */
  readonly merchantPrivateKey: string;
  readonly merchantCert: string;
  /** The certificate's number in decimal. */
  readonly certId: string;
  /** Key and certificates as PKCS#12; empty for a key of four primes, which no writer of such files knows. */
  readonly merchantPfxBase64: string;
  readonly merchantPfxPassword: string;
  /** For the sign methods 11 and 12. */
  readonly secureKey: string;
  /** For the sign method 21: PKCS#8, and the number it goes by. */
  readonly sm2PrivateKey: string;
  readonly sm2CertId: string;
  /** The same key with its certificate as CFCA's `.sm2` file. */
  readonly sm2FileBase64: string;
  readonly sm2FilePassword: string;
  /** The one that signs under 21. */
  readonly sm2PlatformCert: string;
  /** The chain that answers under 21 come from, and what sensitive fields are encrypted with. */
  readonly sm2RootCert: string;
  readonly sm2MiddleCert: string;
  readonly sm2EncryptCert: string;
  readonly rootCert: string;
  readonly middleCert: string;
  /** Sensitive fields are encrypted for it. */
  readonly encryptCert: string;
  /** The one that signs when these are handed out. */
  readonly platformCert: string;
  /** Who requests tokens. */
  readonly trId: string;
  /** Cards of invented people at every bank here. */
  readonly cards: readonly Card[];
}

export interface Merchant extends MerchantKeys {
  readonly merId: string;
  readonly keys: KeyPairPem;
  readonly certificatePem: string;
  /** Made when first asked for: hardly anybody signs with it. */
  readonly sm2Key: Sm2PrivateKey;
  readonly sm2CertId: string;
  readonly trId: string;
  /** PKCS#12; made when first asked for, and empty for a key of four primes. */
  pfx(): Uint8Array;
  /** Base64 of a `.sm2` file; made when first asked for. */
  sm2File(): string;
}

/** Of every file that a merchant is handed. */
const filePassword = '000000';
const trId = '62000000001';
const sharedPfx = new Map<string, Uint8Array>();

/** Another merchant with a certificate of its own. */
export async function admit(platform: Platform, numbers: SeededRandom): Promise<Merchant> {
  const { mint, root, middle } = platform;
  const keys = await mint.merchantKey();
  const merId = `777290058${numbers.digits(6)}`;
  const commonName = merchantName(merId);
  const issued = await issueEnterprise(mint, middle, { commonName, keys });
  const { certificatePem, privateKeyPem } = issued;
  const seed = numbers.bytes(32);
  const sm2CertId = `6${numbers.digits(10)}`;
  let made: Sm2PrivateKey | undefined;
  let madeFile: string | undefined;
  const sm2Key = (): Sm2PrivateKey => {
    made ??= generateSm2KeyPair(seed);
    return made;
  };
  const pems = [certificatePem, middle.certificatePem, root.certificatePem];
  return {
    merId,
    keys,
    publicKey: createPublicKey(keys.publicKeyPem) as KeyObject,
    certificatePem,
    certId: issued.serialDecimal,
    secureKey: Buffer.from(numbers.bytes(16)).toString('hex'),
    get sm2Key() {
      return sm2Key();
    },
    sm2CertId,
    get sm2() {
      return { key: sm2Key().publicKey, certId: sm2CertId };
    },
    trId,
    pfx() {
      if (!mint.handsOutUsualKeys) return new Uint8Array();
      const known = sharedPfx.get(certificatePem);
      if (known !== undefined) return known;
      const made = writePfx({ privateKeyPem, certificatePems: pems, password: filePassword });
      sharedPfx.set(certificatePem, made);
      return made;
    },
    sm2File() {
      madeFile ??= sm2FileOf(platform, { commonName, certId: sm2CertId, seed });
      return madeFile;
    },
  };
}

interface Sm2Wish {
  readonly commonName: string;
  readonly certId: string;
  /** The key itself. */
  readonly seed: Uint8Array;
}

function sm2FileOf(platform: Platform, { commonName, certId, seed }: Sm2Wish): string {
  const { publicKey: key } = generateSm2KeyPair(seed);
  const { raw } = new X509Certificate(platform.sm2().issue({ commonName, certId, key }));
  return writeSm2File({ scalar: seed, certificateDer: raw, password: filePassword });
}

/** Everything a client of this merchant needs. */
export function credentialsOf(platform: Platform, merchant: Merchant): UnionPayCredentials {
  return {
    merId: merchant.merId,
    merchantPrivateKey: merchant.keys.privateKeyPem,
    merchantCert: merchant.certificatePem,
    certId: merchant.certId,
    get merchantPfxBase64() {
      return Buffer.from(merchant.pfx()).toString('base64');
    },
    merchantPfxPassword: filePassword,
    secureKey: merchant.secureKey,
    get sm2PrivateKey() {
      return sm2PrivateKeyPem(merchant.sm2Key);
    },
    sm2CertId: merchant.sm2CertId,
    get sm2FileBase64() {
      return merchant.sm2File();
    },
    sm2FilePassword: filePassword,
    get sm2PlatformCert() {
      return platform.sm2().certificatePem;
    },
    get sm2RootCert() {
      return platform.sm2().rootPem;
    },
    get sm2MiddleCert() {
      return platform.sm2().middlePem;
    },
    get sm2EncryptCert() {
      return platform.sm2().encryption.certificatePem;
    },
    rootCert: platform.root.certificatePem,
    middleCert: platform.middle.certificatePem,
    encryptCert: platform.encryption()[0]?.certificatePem ?? '',
    platformCert: platform.current().certificatePem,
    trId: merchant.trId,
    cards: testCards,
  };
}
