/** kit · sm2-file: the `.sm2` containers in which CFCA hands out an SM2 key with its certificate. */
import { X509Certificate } from 'node:crypto';
import { isSecret, PolyrailError, revealBytes, type Secret } from '@polyrail/core';
import { sm4 } from 'sm-crypto-v2';
import { derChildren, derContent, derExpect, derTags, readDer } from './keys/der.ts';
import { matchesSm2, parseSm2PrivateKey, type Sm2PrivateKey } from './sm2.ts';
import { digestSm3 } from './sm4.ts';

export interface Sm2File {
  readonly key: Sm2PrivateKey;
  readonly certificate: X509Certificate;
}

const maxFileBytes = 64 * 1024;

const invalid = (message: string): PolyrailError => new PolyrailError('CONFIG_INVALID', message);

function derOf(source: Uint8Array | string | Secret): Uint8Array {
  const given = isSecret(source) ? revealBytes(source) : source;
  if (given.length > maxFileBytes) throw invalid('This is too long to be an SM2 key file');
  if (typeof given !== 'string' && given[0] === 0x30) return given;
  const text = typeof given === 'string' ? given : new TextDecoder().decode(given);
  const base64 = text.replaceAll(/\s/g, '');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return Buffer.from(base64, 'base64');
  throw invalid('This is no SM2 key file: expected its bytes, or base64 of them');
}

/** Version, encrypted key, certificate: each of the latter two in a sequence, as its last member. */
function partsOf(der: Uint8Array): {
  readonly hidden: Uint8Array;
  readonly certificate: Uint8Array;
} {
  const [, keyPart, certificatePart] = derChildren(derExpect(readDer(der), derTags.sequence));
  const lastOf = (node: typeof keyPart): Uint8Array => {
    const members = derChildren(derExpect(node, derTags.sequence));
    return derContent(derExpect(members.at(-1), derTags.octetString));
  };
  return { hidden: lastOf(keyPart), certificate: lastOf(certificatePart) };
}

/** KDF of GM/T 0003 with SM3, for 32 bytes: one block. */
const derived = (passphrase: Uint8Array): Uint8Array =>
  digestSm3(Buffer.concat([passphrase, Buffer.from([0, 0, 0, 1])]));

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function scalarOf(hidden: Uint8Array, passphrase: Uint8Array): string | undefined {
  const secret = derived(passphrase);
  const options = {
    mode: 'cbc' as const,
    iv: hexOf(secret.subarray(0, 16)),
    output: 'array' as const,
  };
  try {
    const plain = sm4.decrypt(hidden, hexOf(secret.subarray(16)), options);
    return plain.length === 32 ? hexOf(Uint8Array.from(plain)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Opens a `.sm2` file: its bytes or base64 of them.
 *
 * @throws PolyrailError `CONFIG_INVALID` when it does not open, or its key is not that of its certificate
 */
export function parseSm2File(source: Uint8Array | string | Secret, passphrase: Secret): Sm2File {
  const der = derOf(source);
  let parts: ReturnType<typeof partsOf>;
  let certificate: X509Certificate;
  try {
    parts = partsOf(der);
    certificate = new X509Certificate(parts.certificate);
  } catch {
    throw invalid('This is no SM2 key file');
  }
  const scalar = scalarOf(parts.hidden, revealBytes(passphrase));
  const key = scalar === undefined ? undefined : parseSm2PrivateKey(scalar);
  if (key !== undefined && matchesSm2(key, certificate)) return { key, certificate };
  throw invalid('This SM2 key file cannot be opened: the passphrase is wrong, or it is damaged');
}
