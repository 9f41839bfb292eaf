/** unionpay · config: one merchant at UnionPay's all-channel platform, checked to the letter. */
import { isSecret, type Secret } from '@polyrail/core';
import { badConfig, requireConfig } from '@polyrail/kit/config';
import type { SignerFunction } from '@polyrail/kit/signer';
import * as z from 'zod/mini';
import type { Encoding } from './envelope.ts';

/** How messages are sealed. It is pinned here: no message can change it (dossier §3.2). */
export type UnionPaySigning =
  /** signMethod 01: RSA with the merchant's certificate, as UnionPay hands it out. */
  | {
      readonly method: 'rsa';
      /** The bytes of the .pfx file, or base64 of them; RC2 and 3DES ones, too. */
      readonly pfx: Secret;
      readonly passphrase: Secret;
    }
  | {
      readonly method: 'rsa';
      /** PEM of the merchant's signing certificate. */
      readonly certificate: string;
      /**
       * Its private key, or what signs with it: RSASSA-PKCS1-v1_5 with SHA-256. What cannot decrypt
       * leaves the payer's account untold.
       */
      readonly key: Secret | SignerFunction;
    }
  /** signMethod 11 and 12: a hash over message and key. */
  | { readonly method: 'sha256' | 'sm3'; readonly key: Secret }
  /** signMethod 21: SM2 with SM3. */
  | {
      readonly method: 'sm2';
      /** CFCA's `.sm2` file, or base64 of it. */
      readonly file: Secret;
      readonly passphrase: Secret;
    };

export interface UnionPayConfig {
  /** The merchant's number: 15 letters and digits. */
  readonly merId: string;
  readonly signing: UnionPaySigning;
  /** With `rsa`: PEM of `acp_*_root.cer` and `acp_*_middle.cer`, to which UnionPay's certificates must chain. */
  readonly certificates?: { readonly root: string; readonly middle: string };
  /** With `sm2`: PEM of UnionPay's signing certificate. */
  readonly platformCertificate?: string;
  /**
   * PEM of `acp_*_enc.cer`, under which card data is hidden. With `rsa` it is asked for when it is
   * missing, and once a day in any case; else it is required.
   */
  readonly encryptionCertificate?: string;
  /** Where UnionPay notifies (`backUrl`), unless an order names its own. */
  readonly notifyUrl: string;
  /** Where the payer's browser comes back to (`frontUrl`), unless an order names its own. */
  readonly returnUrl?: string;
  /** `trId`, the token requestor: gives agreements, and the scene that charges them. */
  readonly tokenRequestor?: string;
  /**
   * What agreements are: `token` (default) needs `tokenRequestor`; `collection` makes mandates, by
   * which 代收 is charged, for merchants who were granted that. Who was granted both makes two channels.
   */
  readonly agreements?: 'token' | 'collection';
  /** Sub-types of 代收, two digits each, where UnionPay's documents for the merchant say others. */
  readonly collectionSubTypes?: {
    /** 72: a mandate is set up. Default `11`. */
    readonly setUp?: string;
    /** 75: a mandate is asked about. Default `00`. */
    readonly query?: string;
    /** 74: a mandate is removed. Default `04`. */
    readonly remove?: string;
    /** 11: money is collected. Default `02`; older ones say `00`. */
    readonly collect?: string;
  };
  /** Default `production`. In `test` UnionPay's certificate may bear the test name. */
  readonly environment?: 'production' | 'test';
  /** Address in front of `/backTransReq.do` and its like; goes before `environment`. */
  readonly gatewayUrl?: string;
  /** Address of the file host; goes before `environment`. */
  readonly fileUrl?: string;
  /** Default `UTF-8`. */
  readonly encoding?: Encoding;
  /** PEM bundle of the certificates of 5.0.0: with it notifications of that version are heard. */
  readonly legacyCertificates?: string;
  /** How old what a notification tells of may be. Default 26 h: an order may be open for a day. */
  readonly notificationMaxAgeMs?: number;
  /** Cap of a downloaded statement, packed. Default 64 MiB. */
  readonly statementMaxBytes?: number;
}

/** The configuration with its defaults filled in. */
export interface Settings {
  readonly merId: string;
  readonly signing: UnionPaySigning;
  readonly certificates: { readonly root: string; readonly middle: string } | undefined;
  readonly platformCertificate: string | undefined;
  readonly encryptionCertificate: string | undefined;
  readonly notifyUrl: string;
  readonly returnUrl: string | undefined;
  readonly tokenRequestor: string | undefined;
  /** `undefined`: there are none. */
  readonly agreements: 'token' | 'collection' | undefined;
  readonly collectionSubTypes: Required<NonNullable<UnionPayConfig['collectionSubTypes']>>;
  readonly environment: 'production' | 'test';
  readonly gatewayUrl: string;
  readonly fileUrl: string;
  readonly encoding: Encoding;
  readonly legacyCertificates: string | undefined;
  readonly notificationMaxAgeMs: number;
  readonly statementMaxBytes: number;
}

/** Dossier §1. */
const hosts = {
  production: {
    gatewayUrl: 'https://gateway.95516.com/gateway/api',
    fileUrl: 'https://filedownload.95516.com/',
  },
  test: {
    gatewayUrl: 'https://gateway.test.95516.com/gateway/api',
    fileUrl: 'https://filedownload.test.95516.com/',
  },
} as const;

const mebibyte = 1024 * 1024;
const hourMs = 3_600_000;

const rule = (test: (text: string) => boolean, error: string) =>
  z.string({ error }).check(z.refine(test, { error }));

const isAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash === '';
};

/** What is wrong with an address that UnionPay is to call, if anything (ANS1..256). */
export function addressFault(text: string): string | undefined {
  if (text.length > 256) return 'must have at most 256 characters';
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol)
    ? undefined
    : 'must be an http or https address';
}

const wrapped = z.custom<Secret>(isSecret, { error: 'must be wrapped: secret(value)' });
const pem = rule(
  (text) => text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY'),
  'must be PEM of certificates (BEGIN CERTIFICATE), not a private key',
);
const callable = rule(
  (text) => addressFault(text) === undefined,
  'must be an http or https address of at most 256 characters',
);
const address = rule(isAddress, 'must be an http or https address without query');
const whole = (least: number) => {
  const error = `must be a whole number of at least ${least}`;
  return z.number({ error }).check(z.int({ error }), z.gte(least, { error }));
};

const signing = z.union(
  [
    z.strictObject({ method: z.literal('rsa'), pfx: wrapped, passphrase: wrapped }),
    z.strictObject({
      method: z.literal('rsa'),
      certificate: pem,
      key: z.custom<Secret | SignerFunction>(
        (value) => isSecret(value) || typeof value === 'function',
      ),
    }),
    z.strictObject({ method: z.enum(['sha256', 'sm3']), key: wrapped }),
    z.strictObject({ method: z.literal('sm2'), file: wrapped, passphrase: wrapped }),
  ],
  {
    error:
      'must be { method: rsa, pfx, passphrase } or { method: rsa, certificate, key }, ' +
      '{ method: sha256 or sm3, key } or { method: sm2, file, passphrase }, what is secret wrapped',
  },
);

const subType = z.optional(rule((text) => /^\d{2}$/.test(text), 'must be two digits'));

const schema = z.strictObject({
  merId: rule((text) => /^[0-9A-Za-z]{15}$/.test(text), 'must be 15 letters and digits'),
  signing,
  certificates: z.optional(z.strictObject({ root: pem, middle: pem })),
  platformCertificate: z.optional(pem),
  encryptionCertificate: z.optional(pem),
  notifyUrl: callable,
  returnUrl: z.optional(callable),
  tokenRequestor: z.optional(
    rule((text) => /^\d{11}$/.test(text), 'must be the 11 digits of a token requestor'),
  ),
  agreements: z.optional(z.enum(['token', 'collection'], { error: 'must be token or collection' })),
  collectionSubTypes: z.optional(
    z.strictObject({ setUp: subType, query: subType, remove: subType, collect: subType }),
  ),
  environment: z.optional(z.enum(['production', 'test'], { error: 'must be production or test' })),
  gatewayUrl: z.optional(address),
  fileUrl: z.optional(address),
  encoding: z.optional(z.enum(['UTF-8', 'GBK'], { error: 'must be UTF-8 or GBK' })),
  legacyCertificates: z.optional(pem),
  notificationMaxAgeMs: z.optional(whole(60_000)),
  statementMaxBytes: z.optional(whole(1024)),
});

/** What each way of sealing needs beside its own members. */
function requireCompanions(config: UnionPayConfig): void {
  const { method } = config.signing;
  if (method === 'rsa' && config.certificates === undefined) {
    throw badConfig('certificates', 'is required with signing by rsa: { root, middle }');
  }
  if (method === 'sm2' && config.platformCertificate === undefined) {
    throw badConfig('platformCertificate', 'is required with signing by sm2');
  }
  if (method !== 'rsa' && config.encryptionCertificate === undefined) {
    throw badConfig(
      'encryptionCertificate',
      `is required with signing by ${method}: it cannot be asked for`,
    );
  }
}

/** A token requestor and its tokens go together, and mandates without. */
function requireOneKind({ agreements, tokenRequestor }: UnionPayConfig): void {
  if (agreements === 'token' && tokenRequestor === undefined) {
    throw badConfig('tokenRequestor', 'is required with agreements by token');
  }
  if (agreements === 'collection' && tokenRequestor !== undefined) {
    throw badConfig('tokenRequestor', 'means nothing with agreements by collection');
  }
}

/** Dossier §8; the one of 75 is that of an older sample. */
const usualSubTypes = { setUp: '11', query: '00', remove: '04', collect: '02' } as const;

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: UnionPayConfig): Settings {
  requireConfig(schema.safeParse(config));
  requireCompanions(config);
  requireOneKind(config);
  const { environment = 'production' } = config;
  const { gatewayUrl = hosts[environment].gatewayUrl } = config;
  return Object.freeze({
    merId: config.merId,
    signing: config.signing,
    certificates: config.certificates,
    platformCertificate: config.platformCertificate,
    encryptionCertificate: config.encryptionCertificate,
    notifyUrl: config.notifyUrl,
    returnUrl: config.returnUrl,
    tokenRequestor: config.tokenRequestor,
    agreements: config.agreements ?? (config.tokenRequestor === undefined ? undefined : 'token'),
    collectionSubTypes: { ...usualSubTypes, ...config.collectionSubTypes },
    environment,
    gatewayUrl: gatewayUrl.replace(/\/$/, ''),
    fileUrl: config.fileUrl ?? hosts[environment].fileUrl,
    encoding: config.encoding ?? 'UTF-8',
    legacyCertificates: config.legacyCertificates,
    notificationMaxAgeMs: config.notificationMaxAgeMs ?? 26 * hourMs,
    statementMaxBytes: config.statementMaxBytes ?? 64 * mebibyte,
  });
}
