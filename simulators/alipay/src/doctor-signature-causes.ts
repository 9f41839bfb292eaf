/** alipay simulator · doctor-signature-causes: what is wrong with a signature, whatever its text. */
import type { Found, Kind } from './doctor.ts';
import type { Encoding, Opened } from './doctor-signature.ts';
import type { SignType } from './seal.ts';

const encodings: Readonly<Record<Exclude<Encoding, 'base64'>, readonly [string, string]>> = {
  base64url: ['in URL-safe Base64', 'Use the standard alphabet with + and /.'],
  hex: ['in hexadecimal', 'Write the bytes of the signature in Base64.'],
  twice: ['in Base64 twice', 'Encode it once: many libraries return Base64 already.'],
  lines: ['in Base64 with line ends', 'Write it on one line.'],
  blanks: ['with blanks where + was', 'Percent-encode sign for the wire: + becomes %2B.'],
  percent: ['percent-encoded twice', 'Encode once: libraries that send forms do it by themselves.'],
  damaged: ['with characters that are not Base64', 'Send the Base64 text and nothing else.'],
};

const paddings: Readonly<Record<'pss' | 'bare', string>> = {
  pss: 'PSS padding was used',
  bare: 'the digest was padded bare, without the DigestInfo that names its algorithm',
};

const names: Readonly<Record<string, string>> = {
  sha256: 'RSA2 (SHA-256)',
  sha1: 'RSA (SHA-1)',
  md5: 'MD5 with RSA',
  sha384: 'SHA-384 with RSA',
  sha512: 'SHA-512 with RSA',
  sha224: 'SHA-224 with RSA',
  sm3: 'SM2 (SM3)',
};
const named = (digest: string): string => names[digest] ?? digest;

const strangers: Readonly<Record<Opened['holder']['role'], readonly [string, string, string]>> = {
  expected: ['', '', ''],
  app: [
    'key-of-another-app',
    'It was signed with the key of',
    'Sign with the key of the app whose app_id you send.',
  ],
  platform: [
    'platform-key',
    "It was signed with Alipay's own key, not the merchant's",
    "Sign with the merchant's private key; Alipay's public key only verifies.",
  ],
  stranger: [
    'unregistered-key',
    'It was signed with a key that is not registered for this app',
    'Upload its public half, or sign with the registered key.',
  ],
};

/** Whose key it was, if it is the wrong one. */
export function keyFound({ holder }: Opened, kind: Kind): readonly Found[] {
  if (holder.role === 'expected') return [];
  const [cause, rule, advice] = strangers[holder.role];
  if (kind !== 'request') {
    const own = holder.role === 'app' ? 'key-of-an-app' : 'stranger-key';
    const words = `It was signed with the key of ${holder.whose}, not with Alipay's`;
    return [{ cause: own, rule: words, advice: 'Do not believe it.' }];
  }
  return [{ cause, advice, rule: holder.role === 'app' ? `${rule} ${holder.whose}` : rule }];
}

/** How it was written, padded and digested. */
export function encodingFound(
  { encoding, padding, digest }: Opened,
  { wanted, kind }: { readonly wanted: string; readonly kind: Kind },
): readonly Found[] {
  const found: Found[] = [];
  if (digest !== wanted) {
    const says = kind === 'request' ? 'sign_type says' : 'what is due is';
    found.push({
      cause: 'digest',
      rule: `It was made as ${named(digest)}, but ${says} ${named(wanted)}`,
      advice: `Sign as ${named(wanted)}, or say what you sign with.`,
    });
  }
  if (padding === 'pss' || padding === 'bare') {
    found.push({
      cause: 'padding',
      rule: `The signature is not padded as PKCS#1 v1.5: ${paddings[padding]}`,
      advice: 'Use RSASSA-PKCS1-v1_5: RSA-SHA256 or SHA256withRSA, not a raw RSA operation.',
    });
  }
  if (padding === 'sm2-raw') {
    found.push({
      cause: 'signature-encoding',
      rule: 'The numbers r and s stand one behind the other, without DER around them',
      advice: 'Write r and s as an ASN.1 DER sequence, then in Base64.',
    });
  }
  if (encoding !== 'base64') {
    const [how, advice] = encodings[encoding];
    found.push({ cause: 'signature-encoding', rule: `The signature was written ${how}`, advice });
  }
  return found;
}

/** What the mere shape of something tells that is no signature of any key known. */
export function shapeFound(signature: string, signType: SignType): Found | undefined {
  const text = signature.trim();
  if (/^[0-9a-f]{32}$/i.test(text)) {
    return {
      cause: 'no-signature',
      rule: 'The signature is an MD5 digest, as the old mapi gateway took',
      advice: `Sign with the private key, as ${signType} says.`,
    };
  }
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) {
    return {
      cause: 'no-signature',
      rule: 'The signature is a bare digest: no private key took part in it',
      advice: `Sign with the private key, as ${signType} says.`,
    };
  }
  const { length } = Buffer.from(text, 'base64');
  if (signType === 'SM2' || length >= 128) return undefined;
  return {
    cause: 'signature-length',
    rule: `The signature has ${length} bytes, but one of a 2048-bit key has 256`,
    advice: 'It was cut, or is none: Base64 of 256 bytes has 344 characters.',
  };
}
