/** reference · tls: acme behind TLS, where a payout is taken with the merchant's certificate only. */
import { generateKeys, issueCertificate, mintAuthority } from '@polyrail/simulator';
import type { ReferenceSite } from './site/site.ts';
import { startReference } from './site/site.ts';

/** One pair of keys for everybody: making one takes longer than all the rest. */
async function mint() {
  const keys = await generateKeys();
  const now = Date.now();
  const authority = await mintAuthority({ subject: { commonName: 'acme CA' }, keys, now });
  const issue = (commonName: string, usage: 'server' | 'client') => {
    const hosts = usage === 'server' ? { hosts: ['127.0.0.1'] } : {};
    return issueCertificate(authority, { subject: { commonName }, keys, usage, now, ...hosts });
  };
  return { authority, issue, server: await issue('acme', 'server') };
}

let minted: ReturnType<typeof mint> | undefined;

export interface CertifiedSite extends ReferenceSite {
  /** PEM of the authority of everybody's certificates. */
  readonly acmeAuthority: string;
  /** The first merchant's, and another merchant's. */
  readonly own: ClientIdentity;
  readonly stranger: ClientIdentity;
}

export interface ClientIdentity {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export async function startCertified(): Promise<CertifiedSite> {
  minted ??= mint();
  const { authority, issue, server } = await minted;
  const { certificatePem: acmeAuthority } = authority;
  const site = await startReference({
    mount: 'http',
    tls: { key: server.privateKeyPem, certificate: server.certificatePem },
    mutualTls: { authority: acmeAuthority, optional: true },
  });
  const { merchantId } = await site.enroll();
  const own = await issue(site.credentials.merchantId, 'client');
  return { ...site, acmeAuthority, own, stranger: await issue(merchantId, 'client') };
}
