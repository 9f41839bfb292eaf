/** kit · keys: how long a key is, and whether two belong together. */
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';
import { constantTimeEqual } from '../compare.ts';
import { publicKeyDerOf } from './certificate.ts';

/**
 * Length of the modulus in bits.
 *
 * @throws PolyrailError `CONFIG_INVALID` when the key is not RSA
 */
export function rsaBits(key: KeyObject): number {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType === 'rsa' && bits !== undefined) return bits;
  const type = key.asymmetricKeyType ?? 'unknown';
  throw new PolyrailError('CONFIG_INVALID', `An RSA key is needed; this one is ${type}`);
}

/** Whether a public key, or the one in a certificate, is the other half of a private key. */
export function matches(privateKey: KeyObject, other: KeyObject | X509Certificate): boolean {
  try {
    return constantTimeEqual(publicKeyDerOf(createPublicKey(privateKey)), publicKeyDerOf(other));
  } catch {
    return false;
  }
}
