/** alipay · certificates: serial numbers as Alipay computes them (dossier §5.1, §5.2). */
import { createHash, type X509Certificate } from 'node:crypto';
import { certificateFacts } from '@polyrail/kit/keys';

const rsaSignatures = '1.2.840.113549.1.1.';

/**
 * MD5 over the issuer, last name first, and the decimal serial number.
 *
 * Quirk: the hash names a certificate, it protects nothing; the chain does.
 */
export function serialOf(certificate: X509Certificate): string {
  const { issuer, serialDecimal } = certificateFacts(certificate);
  const name = issuer
    .map(([type, value]) => `${type}=${value}`)
    .reverse()
    .join(',');
  return createHash('md5')
    .update(name + serialDecimal, 'utf8')
    .digest('hex');
}

/**
 * The serial numbers of a root bundle in file order, joined with `_`.
 *
 * Quirk: the bundle also holds SM2 and ECDSA roots; only those signed with RSA count.
 */
export const rootSerialOf = (bundle: readonly X509Certificate[]): string =>
  bundle
    .filter((root) => certificateFacts(root).signatureAlgorithmOid.startsWith(rsaSignatures))
    .map(serialOf)
    .join('_');
