/**
 * wechatpay simulator · doctor: why a signature does not verify - the usual mistakes, tried one by
 * one and together, until one of them explains the signature that was received.
 */
import { constants, type KeyObject, verify } from 'node:crypto';
import { type V3Signed, v3ReplyText, v3SignedBytes } from './v3-request.ts';

type Part = readonly [mistake: string, make: (signed: Signed) => string | undefined];

interface Signed extends V3Signed {
  readonly host: string;
}

const textOf = ({ body }: V3Signed): string => Buffer.from(body).toString('utf8');

function parsed(signed: V3Signed): unknown {
  try {
    return JSON.parse(textOf(signed));
  } catch {
    return undefined;
  }
}

const escaped = (text: string): string =>
  text.replaceAll(/[\u0080-\uffff]/g, (letter) => {
    const code = letter.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

/** As `json.dumps` writes it: a blank behind every comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`,
  );
  return `{${members.join(', ')}}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}

const written =
  (write: (value: unknown) => string) =>
  (signed: Signed): string | undefined => {
    const value = parsed(signed);
    return value === undefined ? undefined : write(value);
  };

const right = '';
const bodies: readonly Part[] = [
  [right, textOf],
  ['the body was left out', () => ''],
  ['the body was serialized again: what was signed is not what was sent', written(JSON.stringify)],
  ['the body was serialized again, with blanks behind commas and colons', written(spaced)],
  [
    'the body was serialized again, blanks and \\u escapes as Python writes them',
    written((value) => escaped(spaced(value))),
  ],
  ['the body was serialized again, with \\u escapes', written((v) => escaped(JSON.stringify(v)))],
  [
    'the body was serialized again, with \\/ for /',
    written((value) => JSON.stringify(value).replaceAll('/', '\\/')),
  ],
  [
    'the body was serialized again, indented',
    written((value) => JSON.stringify(value, undefined, 2)),
  ],
  [
    'the members of the body were sorted before signing',
    written((value) => JSON.stringify(sorted(value))),
  ],
  ['the body was signed with a line end behind it', (signed) => `${textOf(signed)}\n`],
  ['the body was signed without the blanks around it', (signed) => textOf(signed).trim()],
  [
    'the query was signed as the body',
    ({ target }) => (target.includes('?') ? target.slice(target.indexOf('?') + 1) : undefined),
  ],
  ['{} was signed as the body where none was sent', () => '{}'],
];

function decoded({ target }: Signed): string | undefined {
  try {
    // Written as the bytes that a client without escapes would have signed.
    return Buffer.from(decodeURIComponent(target)).toString('latin1');
  } catch {
    return undefined;
  }
}

const targets: readonly Part[] = [
  [right, ({ target }) => target],
  ['the query was left out of the signed path', ({ target }) => target.replace(/\?.*$/s, '')],
  ['path and query were signed decoded, not as on the wire', decoded],
  ['the path was signed encoded, not as on the wire', ({ target }) => encodeURI(target)],
  [
    'the whole URL was signed instead of path and query',
    ({ target, host }) => `http://${host}${target}`,
  ],
  [
    'the whole URL was signed instead of path and query',
    ({ target, host }) => `https://${host}${target}`,
  ],
  [
    'the real host was signed with path and query',
    ({ target }) => `https://api.mch.weixin.qq.com${target}`,
  ],
  ['the path was signed without its first slash', ({ target }) => target.slice(1)],
  ['the path was signed without /v3', ({ target }) => target.replace(/^\/v3/, '')],
];

type Frame = readonly [mistake: string, make: (signed: V3Signed) => Buffer];
const framed = (change: (signed: V3Signed) => Partial<V3Signed>) => (signed: V3Signed) =>
  v3SignedBytes({ ...signed, ...change(signed) });

const frames: readonly Frame[] = [
  [right, v3SignedBytes],
  ['the line end behind the body is missing', (signed) => v3SignedBytes(signed).subarray(0, -1)],
  [
    'the method was signed in lower case',
    framed(({ method }) => ({ method: method.toLowerCase() })),
  ],
  [
    'timestamp and nonce were signed in the wrong order',
    framed(({ timestamp, nonce }) => ({ timestamp: nonce, nonce: timestamp })),
  ],
  [
    'line ends are CR LF',
    (signed) =>
      Buffer.from(v3SignedBytes(signed).toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  ],
  [
    'the text of an answer was signed: timestamp, nonce, body',
    (signed) => Buffer.from(v3ReplyText(signed.timestamp, signed.nonce, textOf(signed))),
  ],
];

type Scheme = readonly [mistake: string, digest: string, padding: number];
const schemes: readonly Scheme[] = [
  [right, 'sha256', constants.RSA_PKCS1_PADDING],
  ['SHA-1 was used instead of SHA-256', 'sha1', constants.RSA_PKCS1_PADDING],
  ['PSS padding was used instead of PKCS#1 v1.5', 'sha256', constants.RSA_PKCS1_PSS_PADDING],
];

const hexPattern = /^[0-9a-f]+$/i;

/** The bytes of a signature, and what is wrong with its spelling. */
function spelled(signature: string): readonly [mistake: string, bytes: Buffer] {
  if (hexPattern.test(signature) && signature.length === 512) {
    return [
      'the signature is written in hexadecimal, not in Base64',
      Buffer.from(signature, 'hex'),
    ];
  }
  if (/[-_]/.test(signature)) {
    return ['the signature is written in the URL alphabet', Buffer.from(signature, 'base64url')];
  }
  return [right, Buffer.from(signature, 'base64')];
}

interface Known {
  /** Of the merchant that says it signed. */
  readonly key: KeyObject;
  /** Other keys, and whose they are. */
  readonly others?: readonly (readonly [whose: string, key: KeyObject])[];
  readonly host: string;
}

/** Every text that could have been signed, the likely ones first. */
function* texts(signed: Signed): Generator<readonly [mistakes: readonly string[], text: Buffer]> {
  for (const [frameMistake, frame] of frames) {
    for (const [targetMistake, target] of targets) {
      for (const [bodyMistake, body] of bodies) {
        const mistakes = [frameMistake, targetMistake, bodyMistake].filter(Boolean);
        const [path, text] = [target(signed), body(signed)];
        if (mistakes.length > 2 || path === undefined || text === undefined) continue;
        yield [mistakes, frame({ ...signed, target: path, body: Buffer.from(text) })];
      }
    }
  }
}

function mistakesOf(
  signed: Signed & { signature: string },
  known: Known,
): readonly string[] | undefined {
  const [spelling, bytes] = spelled(signed.signature);
  const right256 = v3SignedBytes(signed);
  for (const [mistake, digest, padding] of schemes) {
    for (const [wrong, text] of mistake === right ? texts(signed) : [[[], right256] as const]) {
      if (!verify(digest, text, { key: known.key, padding }, bytes)) continue;
      return [spelling, mistake, ...wrong].filter(Boolean);
    }
  }
  const { others = [] } = known;
  const whose = others.find(([, key]) => verify('sha256', right256, key, bytes))?.[0];
  return whose === undefined ? undefined : [`the key is that of ${whose}`];
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 2_000));

export const conclusion = (expected: string, mistakes: readonly string[] | undefined): string =>
  [
    `The signature should be about ${shown(expected)}.`,
    mistakes === undefined
      ? 'No usual mistake explains the one received: another key, or another text altogether.'
      : `What explains the one received: ${mistakes.join('; ')}.`,
  ].join('\n');

/** For the journal: what was expected of a v3 request, and which mistake explains what came. */
export function explainV3(signed: V3Signed & { signature: string }, known: Known): string {
  const mistakes = mistakesOf({ ...signed, host: known.host }, known);
  return conclusion(v3SignedBytes(signed).toString('utf8'), mistakes);
}
