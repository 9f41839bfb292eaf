/**
 * kit · rsa: RSASSA-PKCS1-v1_5 signatures, made off the event loop and checked on it. That is the
 * runtime's padding for RSA keys unless told otherwise, and telling it costs as much as half a check.
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';

export type RsaHash = 'sha256' | 'sha1';

/** What each key is. Asking a key costs several microseconds, and the same one signs every call. */
const kinds = new WeakMap<KeyObject, string>();

/** `private rsa`, `public ec`, … */
function kindOf(key: KeyObject): string {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const kind = `${key.type} ${key.asymmetricKeyType}`;
  kinds.set(key, kind);
  return kind;
}

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
    if (kindOf(key) !== 'private rsa') {
      reject(new PolyrailError('CONFIG_INVALID', 'A private RSA key is needed to sign'));
      return;
    }
    sign(hash, bytesOf(data), key, (error, signature) => {
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
  if (!kindOf(key).endsWith(' rsa')) return false;
  try {
    return verify(hash, bytesOf(data), key, signature);
  } catch {
    return false;
  }
}
