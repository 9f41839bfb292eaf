/** wechatpay simulator · shangmi-certificate: X.509 with SM2 and SM3 (GM/T 0015), byte by byte. */

export interface SmCertificateRequest {
  /** Common names of who signs and of who is meant. */
  readonly issuer: string;
  readonly subject: string;
  /** SPKI in PEM. */
  readonly publicKeyPem: string;
  /** Hexadecimal; its first digit below 8. */
  readonly serialHex: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** r and s in DER over the data. */
  sign(data: Uint8Array): Uint8Array;
}

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** `1.2.156.10197.1.501`: SM2 with SM3. */
const signatureAlgorithm = sequence(der(0x06, hex('2a811ccf55018375')));
const commonNameType = der(0x06, hex('550403'));

const nameOf = (text: string): Buffer =>
  sequence(der(0x31, sequence(commonNameType, der(0x0c, Buffer.from(text, 'utf8')))));

/** UTCTime until 2049, as RFC 5280 demands, then GeneralizedTime. */
function timeOf(at: number): Buffer {
  const text = `${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`;
  const isNear = Number(text.slice(0, 4)) < 2050;
  return isNear ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

const derOf = (pem: string): Buffer =>
  Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');

/** A certificate in PEM, version 3 without extensions. */
export function issueSmCertificate(request: SmCertificateRequest): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, hex(request.serialHex)),
    signatureAlgorithm,
    nameOf(request.issuer),
    sequence(timeOf(request.notBefore), timeOf(request.notAfter)),
    nameOf(request.subject),
    derOf(request.publicKeyPem),
  );
  const signature = der(0x03, Buffer.of(0), request.sign(body));
  const whole = sequence(body, signatureAlgorithm, signature);
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
