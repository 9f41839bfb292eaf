/** kit · rsa: RSASSA-PKCS1-v1_5 signatures, made off the event loop and checked on it. */
import { constants, type KeyObject, sign, verify } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';

export type RsaHash = 'sha256' | 'sha1';

const padding = constants.RSA_PKCS1_PADDING;

const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data, 'utf8') : data;

/**
 * Signs on the thread pool (text as UTF-8).
 *
 * @throws PolyrailError `CONFIG_INVALID` when `key` is not a private RSA key
 */
export function signRsa(
  hash: RsaHash,
  key: KeyObject,
  data: Uint8Array | string,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
      reject(new PolyrailError('CONFIG_INVALID', 'A private RSA key is needed to sign'));
      return;
    }
    sign(hash, bytesOf(data), { key, padding }, (error, signature) => {
      if (error === null) resolve(signature);
      else
        reject(new PolyrailError('CONFIG_INVALID', 'This RSA key cannot sign: is it too short?'));
    });
  });
}

/**
 * Whether `signature` is one of `key` over `data` (text as UTF-8). False for anything malformed and
 * for keys that are not RSA; never throws. Verifying costs some 20 µs, less than a thread's detour.
 */
export function verifyRsa(
  hash: RsaHash,
  key: KeyObject,
  ...[data, signature]: [data: Uint8Array | string, signature: Uint8Array]
): boolean {
  if (key.asymmetricKeyType !== 'rsa') return false;
  try {
    return verify(hash, bytesOf(data), { key, padding }, signature);
  } catch {
    return false;
  }
}
