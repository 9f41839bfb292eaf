/**
 * simulator · doctor keys: what a pasted key is. Private ones are refused before anything is
 * looked at.
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Found } from './engine.ts';
import type { Sm2Point } from './sm2.ts';

/** A key somebody verifies with. */
export interface PastedKey {
  readonly key?: KeyObject;
  readonly sm2?: Sm2Point;
  /** What is wrong with the text itself. */
  readonly found: readonly Found[];
}

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const privateTypes = ['pkcs8', 'pkcs1', 'sec1'] as const;

function isPrivateDer(base64: string): boolean {
  const key = Buffer.from(base64, 'base64');
  const tried = privateTypes.map((type) =>
    attempt(() => createPrivateKey({ key, type, format: 'der' })),
  );
  return tried.some((one) => one !== undefined);
}

const longestSearched = 2_000_000;

/** Whether a text holds a private key: in PEM, or as bare Base64 of its DER. */
export function holdsPrivateKey(text: string): boolean {
  if (/PRIVATE(?: |%20|\+|\\u0020)KEY/i.test(text)) return true;
  const searched = text.slice(0, longestSearched).replaceAll(/%2B/gi, '+').replaceAll(/%2F/gi, '/');
  const plain = searched.replaceAll(/%3D/gi, '=').replaceAll(/%0[AD]|\\[rn]/gi, '\n');
  // DER begins with 30, in Base64 with M; breaks may stand between the lines of it.
  const candidates = plain.match(/M[A-Za-z0-9+/\s]{80,8000}={0,2}/g) ?? [];
  return candidates.slice(0, 50).some((one) => isPrivateDer(one.replaceAll(/\s/g, '')));
}

const wrong = (rule: string, advice: string): Found => ({ cause: 'key-format', rule, advice });
const unreadable = wrong(
  'The key you verify with cannot be read',
  'Give the public key in PEM (BEGIN PUBLIC KEY), or its Base64 alone, or the certificate.',
);

type PublicType = 'spki' | 'pkcs1';
const nameOf: Readonly<Record<PublicType, string>> = {
  spki: 'PUBLIC KEY',
  pkcs1: 'RSA PUBLIC KEY',
};

function derKey(der: Buffer): { readonly key: KeyObject; readonly type: PublicType } | undefined {
  for (const type of ['spki', 'pkcs1'] as const) {
    const key = attempt(() => createPublicKey({ key: der, type, format: 'der' }));
    if (key !== undefined) return { key, type };
  }
  return undefined;
}

function mislabelled(label: string, type: PublicType): readonly Found[] {
  if (label === '' || label === nameOf[type]) return [];
  const [is, says] = type === 'pkcs1' ? ['PKCS#1', 'SPKI (X.509)'] : ['SPKI (X.509)', 'PKCS#1'];
  const rule = `The key is ${is}, but its label says ${label}, which is ${says}`;
  return [wrong(rule, `Label it BEGIN ${nameOf[type]}, or convert it.`)];
}

/**
 * What kind of public key a text is, however it is written. `parseSm2` throws at what is no key of
 * SM2; without it there are none.
 */
export function readPastedKey(pasted: string, parseSm2?: (der: Uint8Array) => Sm2Point): PastedKey {
  const found: Found[] = [];
  const text = pasted.includes('\\n')
    ? pasted.replaceAll('\\r', '').replaceAll('\\n', '\n')
    : pasted;
  if (text !== pasted) {
    const rule = 'The line ends of the key are written as \\n, two characters';
    found.push(wrong(rule, 'Replace \\n by line ends before you parse it.'));
  }
  const [, label = '', inner = ''] = /-----BEGIN ([A-Z ]+)-----([^-]*)/.exec(text) ?? [];
  const base64 = (label === '' ? text : inner).replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]{40,}={0,2}$/.test(base64)) return { found: [...found, unreadable] };
  const der = Buffer.from(base64, 'base64');
  const certificate = attempt(() => new X509Certificate(der));
  const certified = certificate && attempt(() => certificate.publicKey);
  if (certified?.asymmetricKeyType === 'rsa') return { key: certified, found };
  const read = derKey(der);
  if (read?.key.asymmetricKeyType === 'rsa') {
    return { key: read.key, found: [...found, ...mislabelled(label, read.type)] };
  }
  const sm2 = attempt(() => parseSm2?.(der));
  return sm2 === undefined ? { found: [...found, unreadable] } : { sm2, found };
}

/** Whether two public keys are the same. */
export const sameKey = (left: KeyObject, right: KeyObject): boolean =>
  left.asymmetricKeyType === right.asymmetricKeyType && left.equals(right);
