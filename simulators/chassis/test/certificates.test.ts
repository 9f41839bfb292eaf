import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { expect, test } from 'vitest';
import { generateKeys, issueCertificate, mintAuthority, writePfx } from '../src/index.ts';

const now = Date.UTC(2026, 10, 22, 1, 2, 3, 456);

test('root, intermediate and leaf form a chain that verifies', async () => {
  const [rootKeys, middleKeys, leafKeys] = await Promise.all([
    generateKeys(),
    generateKeys(),
    generateKeys(),
  ]);
  const country = 'CN';
  const root = await mintAuthority({
    subject: { country, organization: 'Sim', organizationalUnit: 'CA', commonName: 'Sim Root' },
    now,
    keys: rootKeys,
  });
  const middle = await mintAuthority({
    subject: { country, organization: 'Sim', commonName: 'Sim Class 2' },
    now,
    keys: middleKeys,
    issuer: root,
  });
  const leaf = await issueCertificate(middle, {
    subject: { country, organization: '示例商户', organizationalUnit: 'dev', commonName: 'm-1' },
    now,
    days: 30,
    keys: leafKeys,
  });
  const [top, mid, end] = [root, middle, leaf].map(
    ({ certificatePem }) => new X509Certificate(certificatePem),
  );
  expect(top!.verify(top!.publicKey)).toBe(true);
  expect(mid!.checkIssued(top!) && mid!.verify(top!.publicKey)).toBe(true);
  expect(end!.checkIssued(mid!) && end!.verify(mid!.publicKey)).toBe(true);
  expect(end!.verify(top!.publicKey)).toBe(false);
  expect([top!.ca, mid!.ca, end!.ca]).toEqual([true, true, false]);
  expect(end!.subject).toBe('C=CN\nO=示例商户\nOU=dev\nCN=m-1');
  expect(end!.issuer).toBe('C=CN\nO=Sim\nCN=Sim Class 2');
  expect(end!.validFromDate).toEqual(new Date('2026-11-21T01:02:03Z'));
  expect(end!.validToDate).toEqual(new Date('2026-12-22T01:02:03Z'));
  expect(end!.serialNumber.toLowerCase()).toBe(leaf.serialHex);
  expect(BigInt(leaf.serialDecimal).toString(16)).toBe(leaf.serialHex);
  expect(leaf.serialHex).toMatch(/^[4-7][0-9a-f]{31}$/);

  const message = Buffer.from('a=1');
  const signature = sign('sha256', message, createPrivateKey(leaf.privateKeyPem));
  expect(verify('sha256', message, createPublicKey(leaf.publicKeyPem), signature)).toBe(true);
  expect(verify('sha256', message, end!.publicKey, signature)).toBe(true);
});

test('a server certificate names its hosts; serials and keys are new each time', async () => {
  const authority = await mintAuthority({ subject: { commonName: 'CA' }, now });
  const request = {
    subject: { commonName: 'localhost' },
    usage: 'server',
    hosts: ['localhost', '127.0.0.1'],
    now,
  } as const;
  const [first, second] = await Promise.all([
    issueCertificate(authority, request),
    issueCertificate(authority, request),
  ]);
  const certificate = new X509Certificate(first.certificatePem);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('elsewhere.example')).toBeUndefined();
  expect(first.serialHex).not.toBe(second.serialHex);
  expect(first.privateKeyPem).not.toBe(second.privateKeyPem);
  expect(createPublicKey(first.publicKeyPem).asymmetricKeyDetails?.modulusLength).toBe(2048);
});

test('an enterprise has short serials, several units, and a file for its tools', async () => {
  const authority = await mintAuthority({ subject: { commonName: 'CA' }, now });
  const issued = await issueCertificate(authority, {
    subject: { country: 'cn', organizationalUnit: ['One', 'Two'], commonName: '企业' },
    usage: 'enterprise',
    serialBytes: 5,
    now,
  });
  const certificate = new X509Certificate(issued.certificatePem);
  expect(certificate.subject).toBe('C=cn\nOU=One\nOU=Two\nCN=企业');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4']);
  expect(issued.serialHex).toMatch(/^[4-7][0-9a-f]{9}$/);
  const certificatePems = [issued.certificatePem, authority.certificatePem];
  const { privateKeyPem } = issued;
  const file = writePfx({ privateKeyPem, certificatePems, password: '000000' });
  const opened = forge.pkcs12.pkcs12FromAsn1(
    forge.asn1.fromDer(Buffer.from(file).toString('binary')),
    '000000',
  );
  const bagType = forge.pki.oids['certBag'] ?? '';
  expect(opened.getBags({ bagType })[bagType]).toHaveLength(2);
});
