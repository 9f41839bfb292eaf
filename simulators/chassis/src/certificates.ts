/** simulator · certificates: authorities and certificates minted at start, never committed. */
import { generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** Written in this order: C, O, OU, CN. Some channels hash the encoded order. */
export interface DistinguishedName {
  /** Two letters. */
  readonly country?: string;
  readonly organization?: string;
  /** One, or several in this order. */
  readonly organizationalUnit?: string | readonly string[];
  readonly commonName: string;
}

export interface KeyPairPem {
  /** PKCS#8. */
  readonly privateKeyPem: string;
  /** SPKI. */
  readonly publicKeyPem: string;
}

export interface IssuedCertificate extends KeyPairPem {
  readonly certificatePem: string;
  readonly subject: DistinguishedName;
  /** Lower-case hexadecimal without leading zeros. */
  readonly serialHex: string;
  readonly serialDecimal: string;
}

/** A certificate that may sign others. */
export interface Authority extends IssuedCertificate {
  readonly authority: true;
}

interface CommonRequest {
  readonly subject: DistinguishedName;
  /** Milliseconds since the epoch; the validity begins a day earlier. */
  readonly now: number;
  /** Days from `now`. Default 3 650 for authorities, 825 for others. */
  readonly days?: number;
  /** A pair made before: generating RSA keys is slow and may run in parallel. */
  readonly keys?: KeyPairPem;
  /** Length of the serial number, at least 5. Default 16. */
  readonly serialBytes?: number;
}

export interface AuthorityRequest extends CommonRequest {
  /** The authority above; without one it signs itself. */
  readonly issuer?: Authority;
}

export interface CertificateRequest extends CommonRequest {
  /** `signing`: messages. Default. `enterprise`: messages and secrets. `server`, `client`: TLS. */
  readonly usage?: 'signing' | 'enterprise' | 'server' | 'client';
  /** Names and addresses of a TLS server. */
  readonly hosts?: readonly string[];
}

const dayMs = 86_400_000;
const generate = promisify(generateKeyPair);

/** RSA-2048, made on the thread pool: several at once take hardly longer than one. */
export async function generateKeys(): Promise<KeyPairPem> {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

const nameTypes: readonly (readonly [keyof DistinguishedName, string])[] = [
  ['country', 'countryName'],
  ['organization', 'organizationName'],
  ['organizationalUnit', 'organizationalUnitName'],
  ['commonName', 'commonName'],
];

/** Printable ASCII as PrintableString, anything else as UTF8String. */
function attributesOf(name: DistinguishedName): forge.pki.CertificateField[] {
  const utf8 = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class;
  return nameTypes.flatMap(([member, type]) => {
    const values = [name[member] ?? []].flat();
    return values.map((value) => {
      const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
      return { name: type, value, ...(printable ? {} : { valueTagClass: utf8 }) };
    });
  });
}

/** Random bits: positive, and the same length in every encoding. */
function newSerial(length: number): string {
  const bytes = randomBytes(length);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const altName = (host: string) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host });

const extensionsFor = {
  authority: () => [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ],
  signing: () => [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, critical: true },
  ],
  enterprise: () => [
    { name: 'basicConstraints', cA: false },
    {
      name: 'keyUsage',
      digitalSignature: true,
      nonRepudiation: true,
      keyEncipherment: true,
      keyAgreement: true,
    },
    { name: 'extKeyUsage', clientAuth: true, emailProtection: true },
  ],
  server: (hosts: readonly string[]) => [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    ...(hosts.length === 0 ? [] : [{ name: 'subjectAltName', altNames: hosts.map(altName) }]),
  ],
  client: () => [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
  ],
} as const;

/** The library's own arithmetic is slow: the runtime signs what the library has put together. */
function signWith(certificate: forge.pki.Certificate, privateKeyPem: string): void {
  const signer = {
    sign: (): string => {
      const der = forge.asn1.toDer(certificate.tbsCertificate).getBytes();
      return sign('sha256', Buffer.from(der, 'binary'), privateKeyPem).toString('binary');
    },
  };
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
}

interface Order extends CommonRequest {
  readonly usage: keyof typeof extensionsFor;
  readonly hosts: readonly string[];
  readonly days: number;
  readonly issuer: Authority | undefined;
}

async function issue(order: Order): Promise<IssuedCertificate> {
  const { subject, issuer, now, days } = order;
  const keys = order.keys ?? (await generateKeys());
  const serialHex = newSerial(Math.max(5, order.serialBytes ?? 16));
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKeyPem);
  certificate.serialNumber = serialHex;
  // ASN.1 times here have whole seconds.
  certificate.validity.notBefore = new Date(Math.floor((now - dayMs) / 1000) * 1000);
  certificate.validity.notAfter = new Date(Math.floor((now + days * dayMs) / 1000) * 1000);
  certificate.setSubject(attributesOf(subject));
  certificate.setIssuer(attributesOf(issuer?.subject ?? subject));
  certificate.setExtensions([...extensionsFor[order.usage](order.hosts)]);
  signWith(certificate, issuer?.privateKeyPem ?? keys.privateKeyPem);
  const certificatePem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
  const serialDecimal = BigInt(`0x${serialHex}`).toString();
  const { privateKeyPem, publicKeyPem } = keys;
  return { privateKeyPem, publicKeyPem, certificatePem, subject, serialHex, serialDecimal };
}

/** A root, or with `issuer` an intermediate authority. */
export async function mintAuthority(request: AuthorityRequest): Promise<Authority> {
  const { days = 3_650, issuer } = request;
  const made = await issue({ ...request, days, issuer, usage: 'authority', hosts: [] });
  return { ...made, authority: true };
}

/** A certificate signed by `authority`, with a key of its own. */
export async function issueCertificate(
  authority: Authority,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const { days = 825, usage = 'signing', hosts = [] } = request;
  return issue({ ...request, days, usage, hosts, issuer: authority });
}
