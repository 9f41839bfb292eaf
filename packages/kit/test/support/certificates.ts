/** kit · tests: a small certification authority; keys are made anew in every run. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import forge from 'node-forge';

export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly keyObject: KeyObject;
  readonly forgeCert: forge.pki.Certificate;
}

export interface Wanted {
  readonly name: string;
  readonly issuer?: Issued;
  readonly ca?: boolean;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly hosts?: readonly string[];
}

let serial = 1;

export function issue(wanted: Wanted): Issued {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
  );
  certificate.serialNumber = (serial++).toString(16).padStart(2, '0');
  certificate.validity.notBefore = new Date(wanted.notBefore ?? '2020-01-01T00:00:00Z');
  certificate.validity.notAfter = new Date(wanted.notAfter ?? '2045-01-01T00:00:00Z');
  const subject = [
    { shortName: 'C', value: 'CN' },
    { shortName: 'CN', value: wanted.name },
  ];
  certificate.setSubject(subject);
  certificate.setIssuer(wanted.issuer?.forgeCert.subject.attributes ?? subject);
  const altNames = (wanted.hosts ?? []).map((host) =>
    /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
  );
  certificate.setExtensions([
    { name: 'basicConstraints', cA: wanted.ca ?? false },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ]);
  certificate.sign(
    forge.pki.privateKeyFromPem(wanted.issuer?.key ?? key),
    forge.md.sha256.create(),
  );
  const cert = forge.pki.certificateToPem(certificate);
  return { cert, key, keyObject: pair.privateKey, forgeCert: certificate };
}
