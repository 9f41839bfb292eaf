/** kit · signer: whoever signs - a key that is here, or a function that asks an HSM or a KMS. */
import { isSecret, PolyrailError, type Secret } from '@polyrail/core';
import { parsePrivateKey } from './keys.ts';
import { type RsaHash, signRsa } from './rsa.ts';

/** Signs bytes. Adapters cannot tell where the key is. */
export type Signer = (data: Uint8Array) => Promise<Uint8Array>;

/** What merchants may pass instead of a key: gets the bytes to sign, gives the raw signature. */
export type SignerFunction = (data: Uint8Array) => Promise<Uint8Array> | Uint8Array;

const invalid = (message: string): PolyrailError => new PolyrailError('CONFIG_INVALID', message);

/**
 * A signer of a merchant. A key is parsed at the first signature, once; a function is called each
 * time, and what it throws passes through.
 *
 * @throws PolyrailError `CONFIG_INVALID` here when `source` is neither key nor function; from the
 * signer when the key is bad, or the function gives no bytes
 */
export function signerOf(source: Secret | SignerFunction, hash: RsaHash): Signer {
  if (isSecret(source)) return async (data) => signRsa(hash, parsePrivateKey(source), data);
  if (typeof source !== 'function') {
    throw invalid('A signing key must be a Secret or a function that signs');
  }
  return async (data) => {
    const signature: unknown = await source(data);
    if (signature instanceof Uint8Array && signature.byteLength > 0) return signature;
    throw invalid('The function that signs must give the signature as bytes (Uint8Array)');
  };
}
