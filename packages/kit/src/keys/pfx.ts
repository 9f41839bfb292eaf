/** kit · keys: PKCS#12 files, also those packed with RC2 or 3DES, which OpenSSL 3 refuses. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { isSecret, PolyrailError, revealBytes, revealText, type Secret } from '@polyrail/core';
import type forge from 'node-forge';
import { matches } from './pair.ts';

export interface Pfx {
  readonly key: KeyObject;
  /** The certificate of `key` first, the others in file order. */
  readonly certificates: readonly X509Certificate[];
}

/** Loaded at the first file: most channels never see one, and it is slow to load. */
const loadForge = (): typeof forge => createRequire(import.meta.url)('node-forge');

const maxPfxBytes = 1024 * 1024;

const invalid = (message: string): PolyrailError => new PolyrailError('CONFIG_INVALID', message);

function bytesOf(source: Uint8Array | string | Secret): Uint8Array {
  const bytes = isSecret(source) ? revealBytes(source) : source;
  if (typeof bytes !== 'string' && bytes[0] === 0x30) return bytes;
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
  const base64 = text.replaceAll(/\s/g, '');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return new Uint8Array(Buffer.from(base64, 'base64'));
  throw invalid('This is no PKCS#12 file: expected its bytes, or base64 of them');
}

type Archive = forge.pkcs12.Pkcs12Pfx;

function openArchive(bytes: Uint8Array, passphrase: string, library: typeof forge): Archive {
  const { asn1, pkcs12 } = library;
  let structure: forge.asn1.Asn1;
  try {
    structure = asn1.fromDer(Buffer.from(bytes).toString('binary'));
  } catch {
    throw invalid('This is no PKCS#12 file');
  }
  try {
    return pkcs12.pkcs12FromAsn1(structure, false, passphrase);
  } catch {
    throw invalid('This PKCS#12 file cannot be opened: the passphrase is wrong, or it is damaged');
  }
}

const derOf = (node: forge.asn1.Asn1, library: typeof forge): Buffer =>
  Buffer.from(library.asn1.toDer(node).getBytes(), 'binary');

function keysOf(archive: Archive, library: typeof forge): KeyObject[] {
  const { oids, privateKeyToAsn1, wrapRsaPrivateKey } = library.pki;
  const types = [oids['pkcs8ShroudedKeyBag'], oids['keyBag']].filter((type) => type !== undefined);
  const bags = types.flatMap((bagType) => archive.getBags({ bagType })[bagType] ?? []);
  return bags.map((bag) => {
    const info = bag.key ? wrapRsaPrivateKey(privateKeyToAsn1(bag.key)) : bag.asn1;
    return createPrivateKey({ key: derOf(info, library), format: 'der', type: 'pkcs8' });
  });
}

function certificatesOf(archive: Archive, library: typeof forge): X509Certificate[] {
  const bagType = library.pki.oids['certBag'] ?? '';
  const bags = archive.getBags({ bagType })[bagType] ?? [];
  return bags.map((bag) => {
    const structure = bag.cert ? library.pki.certificateToAsn1(bag.cert) : bag.asn1;
    return new X509Certificate(derOf(structure, library));
  });
}

function contentOf(archive: Archive, library: typeof forge) {
  try {
    return { keys: keysOf(archive, library), certificates: certificatesOf(archive, library) };
  } catch {
    throw invalid('A key or certificate in this PKCS#12 file cannot be read');
  }
}

/**
 * Opens a PKCS#12 file (.pfx, .p12): its bytes or base64 of them.
 *
 * @throws PolyrailError `CONFIG_INVALID` when it does not open, or has not exactly one key
 */
export function parsePfx(source: Uint8Array | string | Secret, passphrase?: Secret): Pfx {
  const bytes = bytesOf(source);
  if (bytes.byteLength > maxPfxBytes) throw invalid('This is too long to be a PKCS#12 file');
  const library = loadForge();
  const archive = openArchive(bytes, passphrase ? revealText(passphrase) : '', library);
  const { keys, certificates } = contentOf(archive, library);
  const [key, second] = keys;
  if (key === undefined || second !== undefined) {
    throw invalid(`This PKCS#12 file holds ${keys.length} private keys where one is expected`);
  }
  const own = certificates.filter((certificate) => matches(key, certificate));
  const others = certificates.filter((certificate) => !own.includes(certificate));
  return { key, certificates: [...own, ...others] };
}
