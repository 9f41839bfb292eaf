/** unionpay simulator · sm2 certificate: an X.509 certificate of an SM2 key, signed by an SM2 key. */
import { createRequire } from 'node:module';
import { type Sm2PrivateKey, type Sm2PublicKey, signSm2, sm2PublicKeyPem } from '@polyrail/kit/sm2';
import type forge from 'node-forge';

/** Loaded when the first certificate of this kind is made: hardly any client wants one. */
const loadForge = (): typeof forge => createRequire(import.meta.url)('node-forge');

export interface Sm2CertificateRequest {
  readonly issuerName: string;
  readonly issuer: Sm2PrivateKey;
  readonly commonName: string;
  readonly key: Sm2PublicKey;
  /** Hexadecimal. */
  readonly serialHex: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** May sign others. */
  readonly authority: boolean;
}

/** SM2 with SM3. */
const algorithmOid = '1.2.156.10197.1.501';
const derOf = (pem: string): string =>
  Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64').toString('binary');

const nameOf = (library: typeof forge, commonName: string) => {
  const utf8 = library.asn1.Type.UTF8 as unknown as forge.asn1.Class;
  return [
    { name: 'countryName', value: 'CN' },
    { name: 'organizationName', value: 'Polyrail Simulator' },
    { name: 'commonName', value: commonName, valueTagClass: utf8 },
  ];
};

/** The body of a certificate; its key and algorithm are put in place by hand. */
function bodyOf(request: Sm2CertificateRequest, library: typeof forge): forge.asn1.Asn1 {
  const { asn1, pki } = library;
  const certificate = pki.createCertificate();
  // Whatever key: the library knows no other kind, and it is replaced below.
  certificate.publicKey = pki.rsa.setPublicKey(
    new library.jsbn.BigInteger('10001', 16),
    new library.jsbn.BigInteger('10001', 16),
  );
  certificate.serialNumber = request.serialHex;
  certificate.validity.notBefore = request.notBefore;
  certificate.validity.notAfter = request.notAfter;
  certificate.setSubject(nameOf(library, request.commonName));
  certificate.setIssuer(nameOf(library, request.issuerName));
  const usage = { name: 'keyUsage', digitalSignature: true, nonRepudiation: true };
  certificate.setExtensions(
    request.authority
      ? [
          { name: 'basicConstraints', cA: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true },
        ]
      : [{ name: 'basicConstraints', cA: false }, usage],
  );
  // The library's types leave out the function that its own signing begins with.
  const write = Reflect.get(pki, 'getTBSCertificate') as (of: object) => forge.asn1.Asn1;
  const body = write(Object.assign(certificate, { siginfo: { algorithmOid } }));
  const parts = body.value as forge.asn1.Asn1[];
  parts[2] = algorithm(library);
  parts[6] = asn1.fromDer(derOf(sm2PublicKeyPem(request.key)));
  return body;
}

function algorithm({ asn1 }: typeof forge): forge.asn1.Asn1 {
  const { Class, Type } = asn1;
  const oid = asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(algorithmOid).getBytes());
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [oid]);
}

/** PEM. */
export function issueSm2Certificate(request: Sm2CertificateRequest): string {
  const library = loadForge();
  const { asn1 } = library;
  const { Class, Type } = asn1;
  const body = bodyOf(request, library);
  const der = Buffer.from(asn1.toDer(body).getBytes(), 'binary');
  const signature = Buffer.from(signSm2(request.issuer, der)).toString('binary');
  const bits = asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, `\0${signature}`);
  const whole = asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [body, algorithm(library), bits]);
  const base64 = Buffer.from(asn1.toDer(whole).getBytes(), 'binary').toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
