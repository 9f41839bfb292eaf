/** wechatpay simulator · v3 suite: the two families of cryptography API v3 knows, behind one face. */
import { createPrivateKey, createPublicKey, createVerify, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { gcmOpen, gcmSeal, oaepOpen, oaepSeal, type Sealed } from './secrets.ts';

/** `RSA` with SHA-256 and AES-256-GCM; `SM`: SM2 with SM3, and SM4-GCM. */
export type Algorithm = 'RSA' | 'SM';

/** Names, keys and ciphers of a family. */
export interface Suite {
  readonly algorithm: Algorithm;
  /** Of `Authorization` and of `Wechatpay-Signature-Type`. */
  readonly scheme: string;
  /** What encrypted resources say they are encrypted with. */
  readonly resource: string;
  /** The ciphertext with its tag behind it, Base64. */
  sealResource(sealed: Sealed, plain: string): string;
  /** `undefined` for what does not open. */
  openResource(sealed: Sealed & { readonly ciphertext: string }): string | undefined;
  publicHalf(pem: string): PublicHalf;
  privateHalf(pem: string): PrivateHalf;
}

/** A public key: checks signatures, hides members. */
export interface PublicHalf {
  readonly key: KeyObject;
  /** `04`, x and y in hexadecimal, of a key of SM2. */
  readonly point?: string;
  /** False for a malformed signature, too. */
  verifies(data: Uint8Array, signature: string): boolean;
  /** Base64 that only the private half opens. */
  seal(plain: string): string;
}

/** A private key: signs, and opens what was hidden for it. */
export interface PrivateHalf {
  /** Base64. */
  sign(text: string): Promise<string>;
  /** `undefined` for what does not open. */
  open(text: string): string | undefined;
}

export const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]{4,2048}={0,2}$/.test(text);

function rsaPublicHalf(pem: string): PublicHalf {
  const key = createPublicKey(pem);
  return {
    key,
    verifies: (data, signature) =>
      isBase64(signature) &&
      createVerify('RSA-SHA256').update(data).verify(key, signature, 'base64'),
    seal: (plain) => oaepSeal(key, plain),
  };
}

/** On the thread pool: answers to several requests are sealed side by side. */
const signOnThread = promisify(sign);

const signHere = async (algorithm: string, data: Uint8Array, key: KeyObject) =>
  sign(algorithm, data, key);

const rsaPrivateHalf =
  (signWith: typeof signHere) =>
  (pem: string): PrivateHalf => {
    const key = createPrivateKey(pem);
    return {
      sign: async (text) => (await signWith('sha256', Buffer.from(text), key)).toString('base64'),
      open: (text) => oaepOpen(key, text),
    };
  };

export const rsaSuite: Suite = {
  algorithm: 'RSA',
  scheme: 'WECHATPAY2-SHA256-RSA2048',
  resource: 'AEAD_AES_256_GCM',
  sealResource: gcmSeal,
  openResource: gcmOpen,
  publicHalf: rsaPublicHalf,
  privateHalf: rsaPrivateHalf(signOnThread),
};

/** The same, but no thread decides which of two answers is sealed first. */
export const rsaSuiteHere: Suite = { ...rsaSuite, privateHalf: rsaPrivateHalf(signHere) };
