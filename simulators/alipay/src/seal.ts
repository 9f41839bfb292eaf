/** alipay simulator · seal: canonical texts, signatures and certificate serial numbers. */
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { signRsa, verifyRsa } from '@polyrail/kit/rsa';
import { type Sm2PrivateKey, type Sm2PublicKey, signSm2, verifySm2 } from '@polyrail/kit/sm2';
import type { Charset } from '@polyrail/simulator';

/**
 * `RSA2` is SHA-256 with RSA, `RSA` SHA-1 with RSA, both PKCS#1 v1.5; `SM2` is SM3 with SM2, user id
 * `1234567812345678`, r and s in DER.
 */
export type SignType = 'RSA2' | 'RSA' | 'SM2';
const digests = { RSA2: 'sha256', RSA: 'sha1' } as const;
export const isSignType = (text: string): text is SignType =>
  text === 'SM2' || Object.hasOwn(digests, text);

/** One signer's keys: the sign type says which. */
export interface PrivateKeys {
  readonly rsa: KeyObject;
  readonly sm2: Sm2PrivateKey;
}
export interface PublicKeys {
  readonly rsa: KeyObject;
  readonly sm2: Sm2PublicKey;
}

/** How a merchant is spoken to about something: as in the call that began it. */
export interface Voice {
  readonly charset: Charset;
  readonly signType: SignType;
  /** Certificate mode: signed by the certificate of the day, which an answer names. */
  readonly certificates: boolean;
}

/** How an answer is sealed; known as soon as the app is. */
export interface ReplySeal extends Voice {
  /** Encrypts what is answered. */
  readonly encryptKey?: string;
}

export type Parameters = Readonly<Record<string, string>>;

/**
 * `name=value` pairs joined by `&`: names in ASCII order, empty values and the `omitted` names left
 * out, values as they are. A request keeps `sign_type`, a notification omits it.
 */
export function canonicalText(parameters: Parameters, omitted: readonly string[]): string {
  return Object.keys(parameters)
    .filter((name) => !omitted.includes(name) && parameters[name] !== '')
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}
export const requestText = (parameters: Parameters): string => canonicalText(parameters, ['sign']);
export const notificationText = (parameters: Parameters): string =>
  canonicalText(parameters, ['sign', 'sign_type']);

/** Base64 without line breaks; RSA is computed on the thread pool. */
export async function seal(
  signType: SignType,
  keys: PrivateKeys,
  data: Uint8Array,
): Promise<string> {
  if (signType === 'SM2') return sealNow(signType, keys, data);
  const made = await signRsa(digests[signType], keys.rsa, data);
  return Buffer.from(made).toString('base64');
}

/** As `seal`, for messages that must leave in the order of the book's changes. */
export function sealNow(signType: SignType, keys: PrivateKeys, data: Uint8Array): string {
  const made =
    signType === 'SM2'
      ? Buffer.from(signSm2(keys.sm2, data))
      : sign(digests[signType], data, keys.rsa);
  return made.toString('base64');
}

/** False for a malformed signature, too. */
export function verifies(
  { signType, key }: { readonly signType: SignType; readonly key: PublicKeys },
  data: Uint8Array,
  signature: string,
): boolean {
  if (!/^[A-Za-z0-9+/]{4,2048}={0,2}$/.test(signature)) return false;
  const bytes = Buffer.from(signature, 'base64');
  if (signType === 'SM2') return verifySm2(key.sm2, data, bytes);
  return verifyRsa(digests[signType], key.rsa, data, bytes);
}

/** The PEM blocks of a bundle, in file order. */
const blocksOf = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];

function serialNumberOf(certificate: X509Certificate): string {
  const issuer = certificate.issuer.split('\n').reverse().join(',');
  const serial = BigInt(`0x${certificate.serialNumber}`).toString();
  // Hex from the digest keeps the leading zeros that a big-integer conversion would drop.
  return createHash('md5').update(`${issuer}${serial}`).digest('hex');
}

/** The SN of a file's first certificate: MD5 over issuer, most specific part first, and serial. */
export function certificateSn(pem: string): string {
  return serialNumberOf(new X509Certificate(blocksOf(pem)[0] ?? pem));
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** One DER element at `offset`: its tag and where its content lies. */
function derElement(bytes: Uint8Array, offset: number): Element {
  const first = bytes[offset + 1] ?? 0;
  const long = first > 0x80 ? first - 0x80 : 0;
  let length = long === 0 ? first : 0;
  for (let index = 0; index < long; index += 1) {
    length = length * 256 + (bytes[offset + 2 + index] ?? 0);
  }
  const start = offset + 2 + long;
  return { tag: bytes[offset] ?? 0, start, end: start + length };
}

/** `1.2.840.113549.1.1`, the arc of every RSA signature algorithm, in DER. */
const rsaArc = '2a864886f70d0101';

/** Whether a certificate's own signature is an RSA one, read from its `signatureAlgorithm`. */
function signedWithRsa({ raw }: X509Certificate): boolean {
  const body = derElement(raw, derElement(raw, 0).start);
  const algorithm = derElement(raw, derElement(raw, body.end).start);
  return Buffer.from(raw.subarray(algorithm.start, algorithm.end))
    .toString('hex')
    .startsWith(rsaArc);
}

/** The SN of a root bundle: those of its RSA-signed certificates in file order, joined by `_`. */
export function rootCertificateSn(bundle: string): string {
  return blocksOf(bundle)
    .map((pem) => new X509Certificate(pem))
    .filter(signedWithRsa)
    .map(serialNumberOf)
    .join('_');
}
