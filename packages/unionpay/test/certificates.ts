/** Test aid: X.509 certificates made on the spot, by the few DER rules that they need. */
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
const name = (commonName: string): Buffer =>
  der(
    0x30,
    ...[
      ['550406', 'cn'],
      ['55040a', 'CFCA OCA1'],
      ['550403', commonName],
    ].map(([type = '', value = '']) =>
      der(0x31, der(0x30, oid(type), der(0x0c, Buffer.from(value)))),
    ),
  );
const time = (epochMs: number): Buffer => {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
};
const sha256WithRsa = der(0x30, oid('2a864886f70d01010b'), der(0x05));

export interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly serial: bigint;
  readonly authority?: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** PEM as UnionPay writes it: CRLF, and none at the end. */
export function makeCertificate(request: CertificateRequest): string {
  const { subject, issuer, publicKey, issuerKey, serial, authority, notBefore, notAfter } = request;
  const truth = der(0x01, Buffer.from([0xff]));
  const constraints = der(0x30, ...(authority ? [truth] : []));
  const extension = der(0x30, oid('551d13'), truth, der(0x04, constraints));
  const body = der(
    0x30,
    der(0xa0, integer(2n)),
    integer(serial),
    sha256WithRsa,
    name(issuer),
    der(0x30, time(notBefore), time(notAfter)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = createSign('sha256').update(body).sign(issuerKey);
  const whole = der(0x30, body, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\r\n');
}
