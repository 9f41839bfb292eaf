/** kit · keys: reads private and public keys in every form they are handed out in. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isSecret, PolyrailError, revealText, type Secret } from '@polyrail/core';
import { type PemBlock, pemBlocks, type Source, toBytes } from './source.ts';

const invalid = (message: string): PolyrailError => new PolyrailError('CONFIG_INVALID', message);

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function firstOf<T, V>(values: readonly V[], parse: (value: V) => T): T | undefined {
  for (const value of values) {
    const parsed = attempt(() => parse(value));
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

const asPrivate = (der: Uint8Array): KeyObject | undefined =>
  firstOf(['pkcs8', 'pkcs1', 'sec1'] as const, (type) =>
    createPrivateKey({ key: Buffer.from(der), format: 'der', type }),
  );
const asPublic = (der: Uint8Array): KeyObject | undefined =>
  firstOf(['spki', 'pkcs1'] as const, (type) =>
    createPublicKey({ key: Buffer.from(der), format: 'der', type }),
  );
const asCertificate = (der: Uint8Array): X509Certificate | undefined =>
  attempt(() => new X509Certificate(der));

/** The one block that matters: certificates around a key are skipped, two keys are a question. */
function onlyBlock(source: Source, wanted: RegExp): PemBlock | undefined {
  const blocks = pemBlocks(source);
  const fitting = blocks.filter(({ label }) => wanted.test(label));
  if (fitting.length > 1) throw invalid('This holds several keys where one is expected');
  return fitting[0] ?? blocks[0];
}

function openEncrypted(block: { key: Buffer | string; der: boolean }, passphrase?: Secret) {
  if (passphrase === undefined) throw invalid('This is an encrypted key: pass its passphrase');
  const { key, der } = block;
  const format = der ? ({ format: 'der', type: 'pkcs8' } as const) : ({ format: 'pem' } as const);
  const opened = attempt(() =>
    createPrivateKey({ key, ...format, passphrase: revealText(passphrase) }),
  );
  if (opened !== undefined) return opened;
  throw invalid('This encrypted key cannot be opened: the passphrase or its cipher does not fit');
}

/** Why bytes that should be a private key are none. */
function notPrivate(der: Uint8Array): PolyrailError {
  if (asPublic(der)) return invalid('This is a public key; a private key is needed');
  if (asCertificate(der)) return invalid('This looks like a certificate; a private key is needed');
  return invalid('This is no private key: expected PKCS#8 or PKCS#1, as PEM, DER or base64');
}

/** EncryptedPrivateKeyInfo begins with the algorithm, where a plain key begins with its version. */
const looksEncrypted = (der: Uint8Array): boolean => {
  const long = (der[1] ?? 0) & 0x80 ? ((der[1] ?? 0) & 0x7f) + 2 : 2;
  return der[0] === 0x30 && der[long] === 0x30;
};

function readPrivateKey(source: Source, passphrase?: Secret): KeyObject {
  const block = onlyBlock(source, /PRIVATE KEY/);
  if (block?.encrypted) return openEncrypted({ key: block.pem, der: false }, passphrase);
  const der = block?.der ?? toBytes(source);
  const key = asPrivate(der);
  if (key !== undefined) return key;
  const readable = asPublic(der) !== undefined || asCertificate(der) !== undefined;
  if (block === undefined && !readable && looksEncrypted(der)) {
    return openEncrypted({ key: Buffer.from(der), der: true }, passphrase);
  }
  throw notPrivate(der);
}

interface Parsed {
  readonly passphrase: Secret | undefined;
  readonly key: KeyObject;
}
const parsed = new WeakMap<Secret, Parsed>();

/**
 * A private key: PKCS#8, PKCS#1 or SEC 1, as PEM, as DER, or as base64 on one line or several. Line
 * ends, blanks and a wrong armour label do not matter. A `Secret` is parsed once and remembered.
 *
 * @throws PolyrailError `CONFIG_INVALID` saying what this is instead; never with key text
 */
export function parsePrivateKey(
  source: Source,
  options: { readonly passphrase?: Secret } = {},
): KeyObject {
  const { passphrase } = options;
  if (!isSecret(source)) return readPrivateKey(source, passphrase);
  const known = parsed.get(source);
  if (known !== undefined && known.passphrase === passphrase) return known.key;
  const key = readPrivateKey(source, passphrase);
  parsed.set(source, { passphrase, key });
  return key;
}

/**
 * A public key: SPKI or PKCS#1 as PEM, DER or base64, or the key of an X.509 certificate.
 *
 * @throws PolyrailError `CONFIG_INVALID`; a private key is refused, its public half is not taken
 */
export function parsePublicKey(source: Source): KeyObject {
  const block = onlyBlock(source, /PUBLIC KEY/);
  if (block !== undefined && /PRIVATE KEY/.test(block.label)) {
    throw invalid('This is a private key; the public key is needed');
  }
  const der = block?.der ?? toBytes(source);
  const key = asPublic(der) ?? attempt(() => asCertificate(der)?.publicKey);
  if (key?.asymmetricKeyType !== undefined) return key;
  if (key !== undefined) throw invalid('The algorithm of this key is not one the runtime can use');
  if (asPrivate(der)) throw invalid('This is a private key; the public key is needed');
  const message = 'This is no public key: expected SPKI, PKCS#1 or a certificate, as PEM or base64';
  throw invalid(message);
}
