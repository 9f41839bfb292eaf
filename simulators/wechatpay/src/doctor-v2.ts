/** wechatpay simulator · doctor v2: which usual mistake explains an MD5 or HMAC that does not verify. */
import { createHash, createHmac } from 'node:crypto';
import { conclusion } from './doctor.ts';
import { v2Text } from './v2-seal.ts';
import type { Fields } from './v2-xml.ts';

const right = '';

interface V2Keys {
  readonly apiKey: string;
  readonly apiV3Key: string;
  /** The document as it came. */
  readonly raw: string;
}

type V2Text = readonly [mistake: string, make: (fields: Fields, keys: V2Keys) => string];

const joined = (fields: Fields, names: readonly string[], tail: string): string =>
  `${names.map((name) => `${name}=${fields[name]}`).join('&')}${tail}`;

const filledNames = (fields: Fields): string[] =>
  Object.keys(fields).filter((name) => name !== 'sign' && fields[name] !== '');

const mapped = (fields: Fields, change: (text: string) => string): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, change(text)]));

const without = (fields: Fields, name: string): Fields => {
  const { [name]: _, ...rest } = fields;
  return rest;
};

const entities: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
];

const v2Texts: readonly V2Text[] = [
  [right, (fields, { apiKey }) => v2Text(fields, apiKey)],
  [
    'empty values were kept in the signed text',
    (fields, { apiKey }) => {
      const names = Object.keys(fields).filter((name) => name !== 'sign');
      return joined(fields, names.sort(), `&key=${apiKey}`);
    },
  ],
  [
    'the members were not sorted',
    (fields, { apiKey }) => joined(fields, filledNames(fields), `&key=${apiKey}`),
  ],
  [
    'the members were sorted without regard to case',
    (fields, { apiKey }) => {
      const names = filledNames(fields).sort((a, b) =>
        a.toLowerCase() < b.toLowerCase() ? -1 : 1,
      );
      return joined(fields, names, `&key=${apiKey}`);
    },
  ],
  ['the key of API v3 was used', (fields, { apiV3Key }) => v2Text(fields, apiV3Key)],
  [
    'the key was left out of the signed text',
    (fields) => joined(fields, filledNames(fields).sort(), ''),
  ],
  [
    'the key was joined without &key=',
    (fields, { apiKey }) => joined(fields, filledNames(fields).sort(), apiKey),
  ],
  [
    'sign_type was left out of the signed text',
    (fields, { apiKey }) => v2Text(without(fields, 'sign_type'), apiKey),
  ],
  [
    'nonce_str was left out of the signed text',
    (fields, { apiKey }) => v2Text(without(fields, 'nonce_str'), apiKey),
  ],
  [
    'values were URL-encoded before signing',
    (fields, { apiKey }) => v2Text(mapped(fields, encodeURIComponent), apiKey),
  ],
  [
    'values were trimmed before signing',
    (fields, { apiKey }) =>
      v2Text(
        mapped(fields, (text) => text.trim()),
        apiKey,
      ),
  ],
  [
    'values were signed with XML entities instead of the letters they stand for',
    (fields, { apiKey }) =>
      v2Text(
        mapped(fields, (text) =>
          entities.reduce((done, [letter, entity]) => done.replaceAll(letter, entity), text),
        ),
        apiKey,
      ),
  ],
];

type V2Digest = readonly [mistake: string, make: (text: string, keys: V2Keys) => string];

const hashed =
  (algorithm: string) =>
  (text: string): string =>
    createHash(algorithm).update(text).digest('hex');
const hmac =
  (algorithm: string) =>
  (text: string, { apiKey }: V2Keys): string =>
    createHmac(algorithm, apiKey).update(text).digest('hex');

const v2Digests = (wanted: string): readonly V2Digest[] => [
  [wanted === 'MD5' ? right : 'MD5 was used where sign_type says HMAC-SHA256', hashed('md5')],
  [wanted === 'MD5' ? 'HMAC-SHA256 was used without sign_type saying so' : right, hmac('sha256')],
  ['plain SHA-256 was used instead of HMAC-SHA256', hashed('sha256')],
  ['HMAC-MD5 was used instead of MD5', hmac('md5')],
  ['SHA-1 was used', hashed('sha1')],
];

/** For the journal: what was expected of a v2 request, and which mistake explains what came. */
export function explainV2(fields: Fields, wanted: string, keys: V2Keys): string {
  const { sign = '' } = fields;
  const spelling = /[a-z]/.test(sign) ? 'the signature is in lower case' : right;
  // The key is nobody's to read in a journal.
  const expected = v2Text(fields, '<key>');
  for (const [digestMistake, digest] of v2Digests(wanted)) {
    for (const [textMistake, text] of v2Texts) {
      if (digest(text(fields, keys), keys).toUpperCase() !== sign.toUpperCase()) continue;
      const mistakes = [digestMistake, textMistake, spelling].filter(Boolean);
      return conclusion(expected, mistakes);
    }
  }
  return conclusion(expected, undefined);
}
