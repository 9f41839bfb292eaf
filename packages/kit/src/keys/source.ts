/** kit · keys: key material as people paste it - armour, bare base64, DER - down to its bytes. */
import { isSecret, PolyrailError, revealBytes, type Secret } from '@polyrail/core';

export type Source = string | Uint8Array | Secret;

export interface PemBlock {
  /** `PRIVATE KEY`, `CERTIFICATE`, … */
  readonly label: string;
  readonly der: Uint8Array;
  /** The block with its headers, as the runtime reads it. */
  readonly pem: string;
  /** Whether a passphrase is needed. */
  readonly encrypted: boolean;
}

/** More than any key, chain or bundle; whatever is longer is something else. */
const maxSourceBytes = 1024 * 1024;

/** A DER sequence; the length is looked at too, because text may begin with the same byte. */
const isDer = (bytes: Uint8Array): boolean => {
  const length = bytes[1] ?? 0;
  return bytes[0] === 0x30 && (length >= 0x80 || length === bytes.byteLength - 2);
};

function contentOf(source: Source): Uint8Array {
  const bytes = isSecret(source)
    ? revealBytes(source)
    : typeof source === 'string'
      ? new TextEncoder().encode(source)
      : source;
  if (bytes.byteLength > maxSourceBytes) {
    throw new PolyrailError('CONFIG_INVALID', 'This is too long to be a key or certificate');
  }
  return bytes;
}

/** Quirk: environment files hand on `\n` as two characters; base64 has neither of them. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes).replaceAll('\\r', '').replaceAll('\\n', '\n');

const bytesOfBase64 = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'base64'));

const armour = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*(?:-[^-]+)*?)-----END \1-----/g;

/** Splits what stands between the armour lines into its RFC 1421 headers and its base64. */
function splitHeaders(content: string): { readonly headers: string; readonly base64: string } {
  if (!content.includes(':')) return { headers: '', base64: content };
  const lines = content.trim().split(/\r?\n/);
  const firstOfBody = lines.findLastIndex((line) => line.includes(':')) + 1;
  const headers = lines.slice(0, firstOfBody).map((line) => line.trim());
  return { headers: `${headers.join('\n')}\n\n`, base64: lines.slice(firstOfBody).join('') };
}

/** The PEM blocks of a file in order; none when it is DER or bare base64. */
export function pemBlocks(source: Source): PemBlock[] {
  const bytes = contentOf(source);
  if (isDer(bytes)) return [];
  return Array.from(textOf(bytes).matchAll(armour), ([, label = '', content = '']) => {
    const { headers, base64 } = splitHeaders(content);
    const der = bytesOfBase64(base64);
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return {
      label,
      der,
      pem: `-----BEGIN ${label}-----\n${headers}${lines.join('\n')}\n-----END ${label}-----\n`,
      encrypted: label.startsWith('ENCRYPTED') || headers.includes('ENCRYPTED'),
    };
  });
}

/**
 * The bytes of something without armour: DER as it is, base64 decoded.
 *
 * @throws PolyrailError `CONFIG_INVALID` when it is neither
 */
export function toBytes(source: Source): Uint8Array {
  const bytes = contentOf(source);
  if (isDer(bytes)) return bytes;
  const text = textOf(bytes).replaceAll(/[\s\ufeff]/g, '');
  if (text === '') throw new PolyrailError('CONFIG_INVALID', 'This is empty');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return bytesOfBase64(text);
  const message = text.includes('-----BEGIN')
    ? 'This PEM is damaged: its BEGIN and END lines must stand whole and alike around base64'
    : 'This is neither PEM, nor DER, nor base64';
  throw new PolyrailError('CONFIG_INVALID', message);
}
