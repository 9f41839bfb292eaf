/**
 * kit · sm2: SM2 signatures over SM3 digests (GM/T 0003.2, GM/T 0009) on `sm-crypto-v2`. The runtime
 * signs on this curve with an empty user id, which no channel accepts.
 */
import type { X509Certificate } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';
import { sm2 } from 'sm-crypto-v2';
import { publicKeyDerOf } from './keys/certificate.ts';
import {
  type DerNode,
  derChildren,
  derContent,
  derExpect,
  derOid,
  derTags,
  readDer,
} from './keys/der.ts';
import { pemBlocks, type Source, toBytes } from './keys/source.ts';
import { parseCertificate } from './keys.ts';

/** The user id of GM/T 0009 where a channel names no other. */
export const defaultUserId = '1234567812345678';

/** A point of the curve that verifies. Holds no secret. */
export interface Sm2PublicKey {
  readonly kind: 'sm2-public';
  /** Uncompressed: `04`, x and y, in hex. */
  readonly point: string;
}

/** Knows how to sign; shows nothing of the key. */
export interface Sm2PrivateKey {
  readonly kind: 'sm2-private';
  readonly publicKey: Sm2PublicKey;
}

const curve = '1.2.156.10197.1.301';
const ellipticKey = '1.2.840.10045.2.1';

const invalid = (message: string): PolyrailError => new PolyrailError('CONFIG_INVALID', message);

/** The secret scalars, kept off the objects that callers may print. */
const scalars = new WeakMap<Sm2PrivateKey, string>();
type Point = ReturnType<typeof sm2.precomputePublicKey>;
const points = new WeakMap<Sm2PublicKey, Point>();

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function requireCurve(node: DerNode | undefined): void {
  const [algorithm, parameters] = derChildren(derExpect(node, derTags.sequence));
  if (derOid(algorithm) !== ellipticKey) throw new Error('no key of a curve');
  if (derOid(parameters) !== curve) throw new Error('another curve');
}

/** ECPrivateKey of RFC 5915: version, scalar, and members that repeat what is known. */
function scalarOf(der: Uint8Array): string {
  const [, scalar] = derChildren(derExpect(readDer(der), derTags.sequence));
  const hex = hexOf(derContent(derExpect(scalar, derTags.octetString)));
  if (hex.length > 64) throw new Error('longer than a scalar');
  return hex.padStart(64, '0');
}

function pkcs8Scalar(der: Uint8Array): string {
  const [, algorithm, key] = derChildren(derExpect(readDer(der), derTags.sequence));
  requireCurve(algorithm);
  return scalarOf(derContent(derExpect(key, derTags.octetString)));
}

/** SubjectPublicKeyInfo: the algorithm, then the point behind a byte that counts unused bits. */
function spkiPoint(der: Uint8Array): string {
  const [algorithm, bits] = derChildren(derExpect(readDer(der), derTags.sequence));
  requireCurve(algorithm);
  return hexOf(derContent(derExpect(bits, derTags.bitString)).subarray(1));
}

function publicKeyOf(point: string): Sm2PublicKey {
  const sound = /^04[0-9a-f]{128}$/.test(point) && attempt(() => sm2.verifyPublicKey(point));
  if (sound !== true) throw invalid('This point does not lie on the SM2 curve');
  return Object.freeze({ kind: 'sm2-public', point });
}

function privateKeyOf(scalar: string): Sm2PrivateKey {
  const point = attempt(() => sm2.getPublicKeyFromPrivateKey(scalar));
  if (point === undefined) throw invalid('This is no private key of the SM2 curve');
  const key: Sm2PrivateKey = Object.freeze({
    kind: 'sm2-private',
    publicKey: publicKeyOf(point.toLowerCase()),
  });
  scalars.set(key, scalar);
  return key;
}

/** Bare hex is how banks print keys; base64 of a DER key never has these lengths. */
function bareHex(source: Source, digits: RegExp): string | undefined {
  if (typeof source !== 'string') return undefined;
  const text = source.trim().toLowerCase();
  return digits.test(text) ? text : undefined;
}

const derOf = (source: Source): Uint8Array => pemBlocks(source)[0]?.der ?? toBytes(source);

/**
 * A private key: PKCS#8 or SEC 1 as PEM, DER or base64, or its 64 hex digits.
 *
 * @throws PolyrailError `CONFIG_INVALID`; never with key text
 */
export function parseSm2PrivateKey(source: Source): Sm2PrivateKey {
  const hex = bareHex(source, /^[0-9a-f]{64}$/);
  if (hex !== undefined) return privateKeyOf(hex);
  const der = derOf(source);
  const scalar = attempt(() => pkcs8Scalar(der)) ?? attempt(() => scalarOf(der));
  if (scalar !== undefined) return privateKeyOf(scalar);
  throw invalid('This is no SM2 private key: expected PKCS#8 or SEC 1, as PEM, DER or base64');
}

/**
 * A public key: SPKI as PEM, DER or base64, the key of a certificate, or the point in hex.
 *
 * @throws PolyrailError `CONFIG_INVALID`
 */
export function parseSm2PublicKey(source: Source): Sm2PublicKey {
  const hex = bareHex(source, /^(04)?[0-9a-f]{128}$/);
  if (hex !== undefined) return publicKeyOf(hex.length === 128 ? `04${hex}` : hex);
  const der = derOf(source);
  const point =
    attempt(() => spkiPoint(der)) ??
    attempt(() => spkiPoint(publicKeyDerOf(parseCertificate(der))));
  if (point !== undefined) return publicKeyOf(point);
  throw invalid('This is no SM2 public key: expected SPKI or a certificate, as PEM or base64');
}

/** Whether the key in a certificate is the other half of a private key. */
export const matchesSm2 = (key: Sm2PrivateKey, certificate: X509Certificate): boolean =>
  attempt(() => spkiPoint(publicKeyDerOf(certificate))) === key.publicKey.point;

/** A pair from 32 random bytes, or from the runtime's own randomness without them. */
export function generateSm2KeyPair(seed?: Uint8Array): Sm2PrivateKey {
  if (seed === undefined) return privateKeyOf(sm2.generateKeyPairHex().privateKey);
  if (seed.byteLength !== 32) throw invalid('An SM2 key is made from 32 random bytes');
  return privateKeyOf(hexOf(seed));
}

const derHeader = {
  private: '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420',
  point: 'a144034200',
  public: '3059301306072a8648ce3d020106082a811ccf5501822d034200',
} as const;

function pem(label: string, hex: string): string {
  const lines =
    Buffer.from(hex, 'hex')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** SPKI in PEM. */
export const sm2PublicKeyPem = ({ point }: Sm2PublicKey): string =>
  pem('PUBLIC KEY', `${derHeader.public}${point}`);

/** PKCS#8 in PEM: for whoever made the key. */
export const sm2PrivateKeyPem = (key: Sm2PrivateKey): string =>
  pem(
    'PRIVATE KEY',
    `${derHeader.private}${scalars.get(key)}${derHeader.point}${key.publicKey.point}`,
  );

const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data, 'utf8') : data;

/** Signs (text as UTF-8): r and s in DER. Every signature of the same bytes is another one. */
export function signSm2(
  key: Sm2PrivateKey,
  data: Uint8Array | string,
  userId: string = defaultUserId,
): Uint8Array {
  const scalar = scalars.get(key);
  if (scalar === undefined) throw invalid('An SM2 private key of this module is needed to sign');
  const { point } = key.publicKey;
  const options = { der: true, hash: true, publicKey: point, userId };
  return Buffer.from(sm2.doSignature(bytesOf(data), scalar, options), 'hex');
}

function pointOf(key: Sm2PublicKey): Point {
  const known = points.get(key);
  if (known !== undefined) return known;
  const point = sm2.precomputePublicKey(key.point);
  points.set(key, point);
  return point;
}

/** A positive number in as few bytes as it needs, behind a short length. */
function isWholeNumber(node: DerNode): boolean {
  const [first = 0x80, second = 0x80] = derContent(node);
  const short = node.contentStart - node.start === 2;
  return node.tag === derTags.integer && short && first < 0x80 && (first > 0 || second >= 0x80);
}

/** Two numbers in DER and nothing else: the library reads over tags and over bytes behind them. */
function isSignature(bytes: Uint8Array): boolean {
  const node = derExpect(readDer(bytes), derTags.sequence);
  const numbers = derChildren(node);
  return node.contentStart === 2 && numbers.length === 2 && numbers.every(isWholeNumber);
}

/**
 * Whether `signature` (r and s in DER) is one of `key` over `data` (text as UTF-8). False for
 * anything malformed; never throws.
 */
export function verifySm2(
  key: Sm2PublicKey,
  data: Uint8Array | string,
  ...[signature, userId = defaultUserId]: [signature: Uint8Array, userId?: string]
): boolean {
  try {
    const options = { der: true, hash: true, userId };
    if (!isSignature(signature)) return false;
    return sm2.doVerifySignature(bytesOf(data), hexOf(signature), pointOf(key), options);
  } catch {
    return false;
  }
}

/** How the parts of a ciphertext stand: in ASN.1 (GM/T 0009), or one behind the other. */
export type Sm2Layout = 'asn1' | 'plain';

/**
 * Encrypts (text as UTF-8), its parts in the order C1 C3 C2: in ASN.1 (GM/T 0009) unless told
 * otherwise.
 *
 * @throws PolyrailError `REQUEST_INVALID` when there is nothing to hide
 */
export function encryptSm2(
  key: Sm2PublicKey,
  plain: Uint8Array | string,
  layout: Sm2Layout = 'asn1',
): Uint8Array {
  const data = bytesOf(plain);
  if (data.length === 0) throw new PolyrailError('REQUEST_INVALID', 'There is nothing to encrypt');
  const hex = sm2.doEncrypt(data, key.point, 1, { asn1: layout === 'asn1' });
  // The library leaves off the byte that says that the point is not compressed.
  return Buffer.from(layout === 'asn1' ? hex : `04${hex}`, 'hex');
}

/** The ciphertext as the library wants it. */
function cipherHex(ciphertext: Uint8Array, layout: Sm2Layout): string {
  if (layout === 'asn1') return hexOf(ciphertext);
  if (ciphertext[0] !== 4) throw new Error('no uncompressed point');
  return hexOf(ciphertext.subarray(1));
}

/**
 * Decrypts what `encryptSm2` makes.
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not of this module; `REPLY_UNREADABLE`, always
 * in the same words, for everything that is wrong with the ciphertext
 */
export function decryptSm2(
  key: Sm2PrivateKey,
  ciphertext: Uint8Array,
  layout: Sm2Layout = 'asn1',
): Uint8Array {
  const scalar = scalars.get(key);
  if (scalar === undefined) {
    throw invalid('An SM2 private key of this module is needed to decrypt');
  }
  const options = { asn1: layout === 'asn1', output: 'array' } as const;
  const plain = attempt(() => sm2.doDecrypt(cipherHex(ciphertext, layout), scalar, 1, options));
  if (plain !== undefined && plain.length > 0) return Uint8Array.from(plain);
  throw new PolyrailError('REPLY_UNREADABLE', 'The text cannot be decrypted', {
    doubt: 'unreadable-reply',
  });
}

const numberBytes = 32;

/** A signature in DER as its two numbers, 32 bytes each, one behind the other. */
export function plainSm2Signature(signature: Uint8Array): Uint8Array {
  const numbers = derChildren(derExpect(readDer(signature), derTags.sequence));
  return Buffer.concat(
    numbers.map((node) => {
      const digits = hexOf(derContent(node)).replace(/^(?:00)+/, '');
      return Buffer.from(digits.padStart(2 * numberBytes, '0'), 'hex');
    }),
  );
}

const derNumber = (bytes: Uint8Array): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  const value = (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]);
  return Buffer.concat([Buffer.from([derTags.integer, value.byteLength]), value]);
};

/** The opposite way; `undefined` for what has not 64 bytes. */
export function derSm2Signature(plain: Uint8Array): Uint8Array | undefined {
  if (plain.byteLength !== 2 * numberBytes) return undefined;
  const numbers = [plain.subarray(0, numberBytes), plain.subarray(numberBytes)].map(derNumber);
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.from([derTags.sequence, body.byteLength]), body]);
}
