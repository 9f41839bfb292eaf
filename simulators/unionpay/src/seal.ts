/** unionpay simulator · seal: the text that is signed, and every way to sign it. */
import { createHash, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import { type Sm2PrivateKey, type Sm2PublicKey, signSm2, verifySm2 } from '@polyrail/kit/sm2';
import { bytesOf, type Charset } from './charset.ts';
import { type Fields, rawText, sortedNames } from './form.ts';
import { derSignature, rawSignature } from './sm2-form.ts';

/** `01` RSA, `11` SHA-256 with a key, `12` SM3 with a key, `21` SM2. */
export type SignMethod = '01' | '11' | '12' | '21';
/** `sha1` is that of version 5.0.0 and those before. */
export type RsaHash = 'sha256' | 'sha1';

export const isSignMethod = (text: string): text is SignMethod =>
  ['01', '11', '12', '21'].includes(text);

export const rsaHashOf = (version: string): RsaHash => (version === '5.1.0' ? 'sha256' : 'sha1');

/** Every field but `signature`, empty ones included, in the order of the names' code units. */
export const signText = (fields: Fields): string =>
  rawText(
    fields,
    sortedNames(fields).filter((name) => name !== 'signature'),
  );

export const hexDigest = (hash: RsaHash | 'sm3', data: Uint8Array | string): string =>
  createHash(hash).update(data).digest('hex');

/** Quirk: what is signed is the hex text of the digest, which the signature hashes again. */
export const rsaSeal = (hash: RsaHash, key: KeyObject, data: Uint8Array): string =>
  sign(hash, Buffer.from(hexDigest(hash, data)), key).toString('base64');

/** False for a malformed signature, too. */
export function rsaOpens(
  { hash, key }: { readonly hash: RsaHash; readonly key: KeyObject },
  data: Uint8Array,
  signature: string,
): boolean {
  if (!/^[A-Za-z0-9+/]{4,2048}={0,2}$/.test(signature)) return false;
  const bytes = Buffer.from(signature, 'base64');
  return verify(hash, Buffer.from(hexDigest(hash, data)), key, bytes);
}

/** Hex of the text, `&`, and the hex digest of the key. */
export function keyedSeal(hash: 'sha256' | 'sm3', secureKey: string, data: Uint8Array): string {
  const tail = Buffer.from(`&${hexDigest(hash, secureKey)}`);
  return hexDigest(hash, Buffer.concat([data, tail]));
}

/** The user id is the certificate's number; r and s stand bare behind each other. */
export const sm2Seal = (key: Sm2PrivateKey, certId: string, data: Uint8Array): string =>
  rawSignature(signSm2(key, hexDigest('sm3', data), certId)).toString('base64');

export function sm2Opens(
  { key, certId }: { readonly key: Sm2PublicKey; readonly certId: string },
  data: Uint8Array,
  signature: string,
): boolean {
  const der = derSignature(Buffer.from(signature, 'base64'));
  return der !== undefined && verifySm2(key, hexDigest('sm3', data), der, certId);
}

/** What a merchant's signature is checked with. */
export interface MerchantKeys {
  readonly publicKey: KeyObject;
  readonly secureKey: string;
  readonly certId: string;
  readonly sm2: { readonly key: Sm2PublicKey; readonly certId: string };
}

const sameText = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
};

function opens(fields: Fields, charset: Charset, keys: MerchantKeys): boolean {
  const { signature = '', signMethod = '', version = '' } = fields;
  const data = bytesOf(signText(fields), charset);
  if (signMethod === '01') {
    return rsaOpens({ hash: rsaHashOf(version), key: keys.publicKey }, data, signature);
  }
  if (signMethod === '21') return sm2Opens(keys.sm2, data, signature);
  const hash = signMethod === '12' ? 'sm3' : 'sha256';
  return sameText(keyedSeal(hash, keys.secureKey, data), signature.toLowerCase());
}

const withoutEmpties = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

/**
 * Whether a message is its merchant's. Empty fields that are on the wire are signed; senders that
 * leave them out of the text all the same are understood, too.
 */
export function verifies(fields: Fields, charset: Charset, keys: MerchantKeys): boolean {
  if (opens(fields, charset, keys)) return true;
  const rest = withoutEmpties(fields);
  return Object.keys(rest).length < Object.keys(fields).length && opens(rest, charset, keys);
}
