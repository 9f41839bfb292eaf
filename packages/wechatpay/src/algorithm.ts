/** wechatpay · algorithm: the two families of cryptography WeChat Pay knows, behind one face. */
import { createPublicKey, KeyObject, type X509Certificate } from 'node:crypto';
import { isSecret, type Random, type Secret } from '@polyrail/core';
import { decryptGcm, type GcmMessage } from '@polyrail/kit/gcm';
import { certificateFacts, parsePrivateKey, parsePublicKey, rsaBits } from '@polyrail/kit/keys';
import { encryptOaep } from '@polyrail/kit/oaep';
import { verifyRsa } from '@polyrail/kit/rsa';
import { type Signer, type SignerFunction, signerOf } from '@polyrail/kit/signer';
import type { WechatPayAlgorithm } from './config.ts';

/** A public key of the platform: checks signatures, hides fields. */
export interface PublicKey {
  /** Equal for two forms of the same key. */
  readonly id: string;
  /** Absent where the algorithm has one length only. */
  readonly bits?: number;
  /** False for anything malformed. */
  verifies(data: Uint8Array | string, signature: Uint8Array): boolean;
  /** SM2 takes its randomness from itself. */
  encrypt(plain: string, random: Random): Uint8Array;
}

export interface Algorithm {
  /** Of `Authorization` and of `Wechatpay-Signature-Type`. */
  readonly scheme: string;
  /** What an encrypted resource must say it is encrypted with. */
  readonly resource: string;
  /** What the list of certificates is asked for. */
  readonly certificateType: string;
  /** The least length of a key. */
  readonly minimumBits: number;
  signer(source: Secret | SignerFunction): Signer;
  /** The public half of a key that is here; `undefined` when a function signs. */
  publicHalf(source: Secret | SignerFunction): PublicKey | undefined;
  publicKey(pem: string): PublicKey;
  /** The key in a certificate. */
  certified(certificate: X509Certificate): PublicKey;
  /** Opens a resource with the APIv3 key; nothing comes out unless its tag fits. */
  decrypt(message: GcmMessage, sealed: Uint8Array): Uint8Array;
}

function rsaKey(key: KeyObject): PublicKey {
  return {
    id: key.export({ type: 'spki', format: 'der' }).toString('base64'),
    bits: rsaBits(key),
    verifies: (data, signature) => verifyRsa('sha256', key, data, signature),
    encrypt: (plain, random) => encryptOaep(key, plain, random),
  };
}

const rsa: Algorithm = {
  scheme: 'WECHATPAY2-SHA256-RSA2048',
  resource: 'AEAD_AES_256_GCM',
  certificateType: 'RSA',
  minimumBits: 2048,
  signer: (source) => signerOf(source, 'sha256'),
  publicHalf: (source) =>
    isSecret(source) ? rsaKey(createPublicKey(parsePrivateKey(source))) : undefined,
  publicKey: (pem) => rsaKey(parsePublicKey(pem)),
  certified: (certificate) => rsaKey(certificate.publicKey),
  decrypt: decryptGcm,
};

const bytesOf = (key: Uint8Array | KeyObject): Uint8Array =>
  key instanceof KeyObject ? key.export() : key;

/** Loaded when it is asked for: the arithmetic costs as much as the rest of this package. */
async function sm(): Promise<Algorithm> {
  const { encryptSm2, parseSm2PrivateKey, parseSm2PublicKey, signSm2, verifySm2 } = await import(
    '@polyrail/kit/sm2'
  );
  const { decryptSm4Gcm, digestSm3 } = await import('@polyrail/kit/sm4');
  const publicKeyOf = (key: ReturnType<typeof parseSm2PublicKey>): PublicKey => ({
    id: key.point,
    verifies: (data, signature) => verifySm2(key, data, signature),
    encrypt: (plain) => encryptSm2(key, plain),
  });
  return {
    scheme: 'WECHATPAY2-SM2-WITH-SM3',
    resource: 'AEAD_SM4_GCM',
    certificateType: 'SM2',
    minimumBits: 0,
    signer(source) {
      if (!isSecret(source)) return signerOf(source, 'sha256');
      const key = parseSm2PrivateKey(source);
      return async (data) => signSm2(key, data);
    },
    publicHalf: (source) =>
      isSecret(source) ? publicKeyOf(parseSm2PrivateKey(source).publicKey) : undefined,
    publicKey: (pem) => publicKeyOf(parseSm2PublicKey(pem)),
    certified: (certificate) =>
      publicKeyOf(parseSm2PublicKey(certificateFacts(certificate).publicKeyDer)),
    // Quirk: the key is half of the digest of the APIv3 key (dossier A4.5).
    decrypt: ({ key, ...message }, sealed) =>
      decryptSm4Gcm({ ...message, key: digestSm3(bytesOf(key)).subarray(0, 16) }, sealed),
  };
}

export const algorithmOf = async (name: WechatPayAlgorithm): Promise<Algorithm> =>
  name === 'SM' ? sm() : rsa;
