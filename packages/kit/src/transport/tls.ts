/** kit · transport: the TLS side of a pool - whom it trusts and how it identifies itself. */
import { createSecureContext, type SecureContext } from 'node:tls';
import { isPolyrailError, PolyrailError, type Secret } from '@polyrail/core';
import { matches, parseCertificates, parsePfx, parsePrivateKey } from '../keys.ts';

/** Who the host must be, and who we are. Everything is content, never a path. */
export interface TlsOptions {
  /** Certificates to trust instead of the runtime's list: a PEM bundle. */
  readonly ca?: string | Uint8Array;
  /** Our certificate, its intermediates behind it: PEM. Needs `key`. */
  readonly cert?: string | Uint8Array;
  /** The private key of `cert`, in any form that `parsePrivateKey` reads. */
  readonly key?: Secret;
  /** Key and certificate in one PKCS#12 file, instead of `cert` and `key`. */
  readonly pfx?: Secret;
  /** Opens `key` or `pfx`. */
  readonly passphrase?: Secret;
  /** The name the certificate of the host must carry, when it is not the host's. */
  readonly servername?: string;
}

export interface TlsSettings {
  readonly secureContext?: SecureContext;
  readonly servername?: string;
}

const invalid = (message: string, cause?: unknown): PolyrailError =>
  new PolyrailError('CONFIG_INVALID', message, { field: 'tls', cause });

const pemBundle = (source: string | Uint8Array): string =>
  parseCertificates(source)
    .map((certificate) => certificate.toString())
    .join('');

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function identityOf(tls: TlsOptions): Identity | undefined {
  const { cert, key, pfx, passphrase } = tls;
  if (pfx !== undefined) {
    if (cert !== undefined || key !== undefined) {
      throw invalid('tls takes either pfx, or cert and key, not both');
    }
    // Quirk: many issued .p12 files are packed with RC2 or 3DES, which OpenSSL 3 no longer opens.
    const opened = parsePfx(pfx, passphrase);
    const chain = opened.certificates.map((certificate) => certificate.toString()).join('');
    return { cert: chain, key: opened.key.export({ type: 'pkcs8', format: 'pem' }) as string };
  }
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw invalid('tls needs cert and key together: one proves nothing without the other');
  }
  const certificates = parseCertificates(cert);
  const parsed = parsePrivateKey(key, passphrase === undefined ? {} : { passphrase });
  const [leaf] = certificates;
  if (leaf === undefined || !matches(parsed, leaf)) {
    throw invalid('tls.key is not the private key of the first certificate in tls.cert');
  }
  const chain = certificates.map((certificate) => certificate.toString()).join('');
  return { cert: chain, key: parsed.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/**
 * Checks and parses once what every new connection uses.
 *
 * @throws PolyrailError `CONFIG_INVALID`
 */
export function tlsSettings(tls: TlsOptions): TlsSettings {
  const { ca, servername } = tls;
  const identity = identityOf(tls);
  const named = servername === undefined ? {} : { servername };
  if (ca === undefined && identity === undefined) return named;
  try {
    const trusted = ca === undefined ? {} : { ca: pemBundle(ca) };
    return { ...named, secureContext: createSecureContext({ ...identity, ...trusted }) };
  } catch (error) {
    if (isPolyrailError(error)) throw error;
    throw invalid('tls cannot be used: the runtime does not accept this key or certificate');
  }
}
