/** kit · keys: what stands in a certificate, and whether a chain of them can be believed. */
import { KeyObject, X509Certificate } from 'node:crypto';
import { PolyrailError } from '@polyrail/core';
import {
  type DerNode,
  derChildren,
  derExpect,
  derInteger,
  derOid,
  derTags,
  derText,
  derTime,
  derWhole,
  readDer,
} from './der.ts';
import { pemBlocks, type Source, toBytes } from './source.ts';

/** An attribute of a name: short name as in RFC 4514 (dotted identifier where it has none), value. */
export type NameAttribute = readonly [type: string, value: string];

export interface CertificateFacts {
  /** In encoded order: country first in most certificates. */
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  readonly serialDecimal: string;
  /** Upper case, without leading zeros. */
  readonly serialHex: string;
  readonly signatureAlgorithmOid: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent where the runtime has no use for the key: SM2. */
  readonly publicKey?: KeyObject;
  /** SubjectPublicKeyInfo as it stands in the certificate, of any algorithm. */
  readonly publicKeyDer: Uint8Array;
}

const attributeNames: { readonly [oid: string]: string } = {
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
};

function nameOf(node: DerNode | undefined): NameAttribute[] {
  const attributes = derChildren(derExpect(node, derTags.sequence)).flatMap(derChildren);
  return attributes.map((attribute) => {
    const [type, value] = derChildren(attribute);
    if (value === undefined) throw new Error('malformed name');
    const oid = derOid(type);
    return [attributeNames[oid] ?? oid, derText(value)];
  });
}

function usableKey(certificate: X509Certificate): KeyObject | undefined {
  try {
    const { publicKey } = certificate;
    // Quirk: for SM2 the runtime makes a key without a type, with which nothing can be done.
    return publicKey.asymmetricKeyType === undefined ? undefined : publicKey;
  } catch {
    return undefined;
  }
}

function readFacts(certificate: X509Certificate): CertificateFacts {
  const [body] = derChildren(derExpect(readDer(certificate.raw), derTags.sequence));
  const fields = derChildren(derExpect(body, derTags.sequence));
  if (fields[0]?.tag === derTags.explicit0) fields.shift();
  const [serial, algorithm, issuer, validity, subject, keyInfo] = fields;
  const [notBefore, notAfter] = derChildren(derExpect(validity, derTags.sequence));
  const number = derInteger(serial);
  const publicKey = usableKey(certificate);
  return {
    issuer: nameOf(issuer),
    subject: nameOf(subject),
    serialDecimal: number.toString(),
    serialHex: number.toString(16).toUpperCase(),
    signatureAlgorithmOid: derOid(derChildren(derExpect(algorithm, derTags.sequence))[0]),
    notBefore: derTime(notBefore),
    notAfter: derTime(notAfter),
    ...(publicKey === undefined ? {} : { publicKey }),
    publicKeyDer: derWhole(derExpect(keyInfo, derTags.sequence)),
  };
}

/** A certificate never changes, and a chain asks for its dates and names again and again. */
const known = new WeakMap<X509Certificate, CertificateFacts>();

/**
 * What stands in a certificate, whatever its algorithm: read from its bytes, SM2 included.
 *
 * @throws PolyrailError `CONFIG_INVALID` when its fields are not as RFC 5280 has them
 */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const former = known.get(certificate);
  if (former !== undefined) return former;
  try {
    const facts = readFacts(certificate);
    known.set(certificate, facts);
    return facts;
  } catch {
    throw new PolyrailError('CONFIG_INVALID', 'The fields of this certificate cannot be read');
  }
}

function openCertificate(bytes: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch {
    const message = 'This is not an X.509 certificate: expected PEM (BEGIN CERTIFICATE) or DER';
    throw new PolyrailError('CONFIG_INVALID', message);
  }
}

function openAll(source: Source): X509Certificate[] {
  const blocks = pemBlocks(source);
  if (blocks.length === 0) return [openCertificate(toBytes(source))];
  return blocks.map(({ label, der }) => {
    if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE')
      return openCertificate(der);
    const message = `This holds a ${label.toLowerCase()} where only certificates are expected`;
    throw new PolyrailError('CONFIG_INVALID', message);
  });
}

/** Of the texts that were opened last: those of a platform are the same for all of its merchants. */
const opened = new Map<string, readonly X509Certificate[]>();
const mostOpened = 32;

/**
 * Every certificate of a bundle in file order. Text between the blocks is skipped, other kinds of
 * block are not.
 *
 * @throws PolyrailError `CONFIG_INVALID` when there is none, or a block is something else
 */
export function parseCertificates(source: Source): X509Certificate[] {
  if (typeof source !== 'string') return openAll(source);
  const certificates = opened.get(source) ?? openAll(source);
  opened.set(source, certificates);
  const [oldest] = opened.keys();
  if (opened.size > mostOpened && oldest !== undefined) opened.delete(oldest);
  return [...certificates];
}

/**
 * One certificate: PEM, DER or bare base64.
 *
 * @throws PolyrailError `CONFIG_INVALID` when it is none, or more than one
 */
export function parseCertificate(source: Source): X509Certificate {
  const [certificate, second] = parseCertificates(source);
  if (certificate !== undefined && second === undefined) return certificate;
  const message = 'This holds several certificates where one is expected';
  throw new PolyrailError('CONFIG_INVALID', message);
}

/** Whether the names fit and `issuer` signed `certificate`. Dates are not looked at. */
export function issuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

const isCurrent = (certificate: X509Certificate, atMs: number): boolean => {
  const { notBefore, notAfter } = certificateFacts(certificate);
  return notBefore <= atMs && atMs <= notAfter;
};

/** Longer than any chain a payment channel uses. */
const maxDepth = 8;

/**
 * Whether the first certificate of `chain` is signed, through the others in any order, by one of
 * `roots`: every signature holds, every certificate on the way is valid at `atMs`, and whoever
 * signs is a certification authority. Name constraints, path lengths and revocation are not
 * looked at.
 */
export function chainsTo(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  atMs: number,
): boolean {
  const [leaf, ...others] = chain;
  if (leaf === undefined || !isCurrent(leaf, atMs)) return false;
  const signs = (issuer: X509Certificate, certificate: X509Certificate) =>
    issuer.ca && isCurrent(issuer, atMs) && issuedBy(certificate, issuer);
  const reaches = (
    certificate: X509Certificate,
    unused: readonly X509Certificate[],
    depth: number,
  ): boolean => {
    if (roots.some((root) => signs(root, certificate))) return true;
    if (depth === maxDepth) return false;
    return unused.some((candidate) => {
      if (!signs(candidate, certificate)) return false;
      const rest = unused.filter((other) => other !== candidate);
      return reaches(candidate, rest, depth + 1);
    });
  };
  return reaches(leaf, others, 1);
}

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** The public half, as SubjectPublicKeyInfo, of whatever carries one. */
export const publicKeyDerOf = (source: KeyObject | X509Certificate): Uint8Array =>
  source instanceof KeyObject ? spkiOf(source) : certificateFacts(source).publicKeyDer;
