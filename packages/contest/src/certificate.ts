/** contest · certificate: X.509 made on the spot, by the few DER rules that impostors and tests need. */
import { createSign, type KeyObject } from 'node:crypto';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value: bigint) => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return der(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]));
};
/** What stands in a name before the common name: object identifiers in hex, and values. */
export type NamePrefix = readonly (readonly [type: string, value: string])[];

const [country, organization, unit, common] = ['550406', '55040a', '55040b', '550403'] as const;
const usualPrefix: NamePrefix = [
  [country, 'CN'],
  [organization, 'Polyrail Test'],
  [unit, 'Certification Authority'],
];

const [printable, utf8] = [0x13, 0x0c];
const attribute = ([type, value]: NamePrefix[number]): Buffer => {
  const text = der(type === country ? printable : utf8, Buffer.from(value));
  return der(0x31, der(0x30, oid(type), text));
};
const nameOf = (commonName: string, prefix: NamePrefix): Buffer =>
  der(0x30, ...[...prefix, [common, commonName] as const].map(attribute));

const time = (epochMs: number): Buffer => {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
};
const sha256WithRsa = der(0x30, oid('2a864886f70d01010b'), der(0x05));

export interface CertificateRequest {
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  readonly prefix?: NamePrefix;
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly serial: bigint;
  readonly authority?: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** PEM of a certificate, valid from a moment to another. */
export function makeCertificate(request: CertificateRequest): string {
  const { subject, issuer, publicKey, issuerKey, serial, authority, notBefore, notAfter } = request;
  const { prefix = usualPrefix } = request;
  const truth = der(0x01, Buffer.from([0xff]));
  const constraints = der(0x30, ...(authority ? [truth] : []));
  const extension = der(0x30, oid('551d13'), truth, der(0x04, constraints));
  const body = der(
    0x30,
    der(0xa0, integer(2n)),
    integer(serial),
    sha256WithRsa,
    nameOf(issuer, prefix),
    der(0x30, time(notBefore), time(notAfter)),
    nameOf(subject, prefix),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = createSign('sha256').update(body).sign(issuerKey);
  const whole = der(0x30, body, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
