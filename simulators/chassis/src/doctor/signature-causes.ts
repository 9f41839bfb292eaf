/** simulator · doctor signature-causes: what is wrong with a signature, whatever its text. */
import type { Found, Kind } from './engine.ts';
import type { Encoding, Opened } from './signature.ts';

const encodings: Readonly<Record<Exclude<Encoding, 'base64'>, readonly [string, string]>> = {
  base64url: ['in URL-safe Base64', 'Use the standard alphabet with + and /.'],
  hex: ['in hexadecimal', 'Write the bytes of the signature in Base64.'],
  twice: ['in Base64 twice', 'Encode it once: many libraries return Base64 already.'],
  lines: ['in Base64 with line ends', 'Write it on one line.'],
  blanks: ['with blanks where + was', 'Percent-encode it for the wire: + becomes %2B.'],
  percent: ['percent-encoded twice', 'Encode once: libraries that send forms do it by themselves.'],
  damaged: ['with characters that are not Base64', 'Send the Base64 text and nothing else.'],
};

const paddings: Readonly<Record<'pss' | 'bare', string>> = {
  pss: 'PSS padding was used',
  bare: 'the digest was padded bare, without the DigestInfo that names its algorithm',
};

const names: Readonly<Record<string, string>> = {
  sha256: 'SHA-256 with RSA',
  sha1: 'SHA-1 with RSA',
  md5: 'MD5 with RSA',
  sha384: 'SHA-384 with RSA',
  sha512: 'SHA-512 with RSA',
  sha224: 'SHA-224 with RSA',
  sm3: 'SM2 with SM3',
};

/** What a channel calls whatever the doctor speaks of. */
export interface Words {
  /** `Alipay` */
  readonly platform: string;
  /** What a client's key belongs to: `app`, `merchant`. */
  readonly party: string;
  /** By which the party is named in a request: `app_id`. */
  readonly partyId: string;
  /** Where a signature stands: `sign`. */
  readonly signature: string;
  /** Digests under the names they have in its protocol. */
  readonly digests: Readonly<Record<string, string>>;
  /** What says which digest is due in a request: `sign_type says`. */
  readonly says: string;
  /** Who would have sent 32 hexadecimal digits: `as the old mapi gateway took`. */
  readonly md5: string;
  /** Of a request that nobody's known key signed. */
  readonly register: string;
  /** Where no key known here made a signature. */
  nobody(whose: string): string;
}

const article = (word: string): string => (/^[aeiou]/.test(word) ? 'an' : 'a');

type Strange = Exclude<Opened['holder']['role'], 'expected'>;
type Told = (words: Words, whose: string) => readonly [cause: string, rule: string, advice: string];

const strangers: Readonly<Record<Strange, Told>> = {
  other: ({ party, partyId }, whose) => [
    `key-of-another-${party}`,
    `It was signed with the key of ${whose}`,
    `Sign with the key of the ${party} whose ${partyId} you send.`,
  ],
  platform: ({ platform }) => [
    'platform-key',
    `It was signed with ${platform}'s own key, not the merchant's`,
    `Sign with the merchant's private key; ${platform}'s public key only verifies.`,
  ],
  stranger: ({ party }) => [
    'unregistered-key',
    `It was signed with a key that is not registered for this ${party}`,
    'Upload its public half, or sign with the registered key.',
  ],
};

/** Whose key it was, if it is the wrong one. */
export function keyFound({ holder }: Opened, kind: Kind, words: Words): readonly Found[] {
  const { role, whose } = holder;
  if (role === 'expected') return [];
  const { party, platform } = words;
  if (kind === 'request') {
    const [cause, rule, advice] = strangers[role](words, whose);
    return [{ cause, rule, advice }];
  }
  const cause = role === 'other' ? `key-of-${article(party)}-${party}` : 'stranger-key';
  const rule = `It was signed with the key of ${whose}, not with ${platform}'s`;
  return [{ cause, rule, advice: 'Do not believe it.' }];
}

/** How it was written, padded and digested. */
export function encodingFound(
  { encoding, padding, digest }: Opened,
  { wanted, kind, words }: { wanted: string; kind: Kind; words: Words },
): readonly Found[] {
  const named = (digest: string) => words.digests[digest] ?? names[digest] ?? digest;
  const found: Found[] = [];
  if (digest !== wanted) {
    const says = kind === 'request' ? words.says : 'what is due is';
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
export function shapeFound(
  signature: string,
  { wanted, words }: { readonly wanted: string; readonly words: Words },
): Found | undefined {
  const text = signature.trim();
  const advice = `Sign with the private key, as ${words.digests[wanted] ?? wanted} does.`;
  if (/^[0-9a-f]{32}$/i.test(text)) {
    return {
      cause: 'no-signature',
      rule: `The signature is an MD5 digest, ${words.md5}`,
      advice,
    };
  }
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) {
    return {
      cause: 'no-signature',
      rule: 'The signature is a bare digest: no private key took part in it',
      advice,
    };
  }
  const { length } = Buffer.from(text, 'base64');
  if (wanted === 'sm3' || length >= 128) return undefined;
  return {
    cause: 'signature-length',
    rule: `The signature has ${length} bytes, but one of a 2048-bit key has 256`,
    advice: 'It was cut, or is none: Base64 of 256 bytes has 344 characters.',
  };
}
