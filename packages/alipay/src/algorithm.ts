/** alipay · algorithm: the signatures Alipay knows - RSA2, RSA and SM2 - behind one face. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isSecret, type Secret } from '@polyrail/core';
import { parsePrivateKey, parsePublicKey, rsaBits } from '@polyrail/kit/keys';
import { type RsaHash, verifyRsa } from '@polyrail/kit/rsa';
import { type Signer, type SignerFunction, signerOf } from '@polyrail/kit/signer';
import type { SignType } from './config.ts';

type Source = string | Secret;

/** Checks signatures; false for anything malformed. */
export interface PublicKey {
  /** The runtime's key; of SM2, its point. */
  readonly material: KeyObject | string;
  /** Absent where the algorithm has one length only. */
  readonly bits?: number;
  verifies(data: Uint8Array | string, signature: Uint8Array): boolean;
}

export interface Algorithm {
  /** The least length of a key; RSA2 asks for 2048 bits (dossier §2), the older RSA is met with 1024. */
  readonly minimumBits: number;
  signer(source: Secret | SignerFunction): Signer;
  /** The public half of a key that is here; `undefined` when a function signs. */
  publicHalf(source: Secret | SignerFunction): PublicKey | undefined;
  publicKey(source: Source): PublicKey;
}

/** Whether two are the same key, in whatever form each was given. */
export const isSameKey = ({ material: one }: PublicKey, { material: other }: PublicKey): boolean =>
  typeof one === 'string' || typeof other === 'string' ? one === other : one.equals(other);

/** @throws PolyrailError `CONFIG_INVALID` when the key is not RSA */
export const rsaPublicKey = (key: KeyObject, hash: RsaHash): PublicKey => ({
  material: key,
  bits: rsaBits(key),
  verifies: (data, signature) => verifyRsa(hash, key, data, signature),
});

const rsa = (hash: RsaHash, minimumBits: number): Algorithm => ({
  minimumBits,
  signer: (source) => signerOf(source, hash),
  publicHalf: (source) =>
    isSecret(source) ? rsaPublicKey(createPublicKey(parsePrivateKey(source)), hash) : undefined,
  publicKey: (source) => rsaPublicKey(parsePublicKey(source), hash),
});

/** Loaded when it is asked for: the arithmetic costs as much as the rest of this package. */
async function sm2(): Promise<Algorithm> {
  const { parseSm2PrivateKey, parseSm2PublicKey, signSm2, verifySm2 } = await import(
    '@polyrail/kit/sm2'
  );
  const publicKeyOf = (key: ReturnType<typeof parseSm2PublicKey>): PublicKey => ({
    material: key.point,
    verifies: (data, signature) => verifySm2(key, data, signature),
  });
  return {
    minimumBits: 0,
    signer(source) {
      if (!isSecret(source)) return signerOf(source, 'sha256');
      const key = parseSm2PrivateKey(source);
      return async (data) => signSm2(key, data);
    },
    publicHalf: (source) =>
      isSecret(source) ? publicKeyOf(parseSm2PrivateKey(source).publicKey) : undefined,
    publicKey: (source) => publicKeyOf(parseSm2PublicKey(source)),
  };
}

/** SHA-256 or SHA-1 with RSA, PKCS#1 v1.5. */
export const hashes = { RSA2: 'sha256', RSA: 'sha1' } as const;

const algorithms = {
  RSA2: () => rsa(hashes.RSA2, 2048),
  RSA: () => rsa(hashes.RSA, 1024),
  SM2: sm2,
} as const satisfies Record<SignType, () => Algorithm | Promise<Algorithm>>;

export const algorithmOf = async (signType: SignType): Promise<Algorithm> => algorithms[signType]();
