/** conformance · forgeries: what somebody on the way may make of a message, part by part. */
import type { Dice } from './instruments.ts';
import type { Reply } from './spy.ts';

/** A spoilt message and what was done to it. */
export interface Forgery {
  readonly what: string;
  readonly reply: Reply;
}

const textOf = (reply: Reply): string => Buffer.from(reply.body).toString('latin1');
const withText = (reply: Reply, text: string): Reply => ({
  ...reply,
  body: new Uint8Array(Buffer.from(text, 'latin1')),
});

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Another byte: a digit stays a digit, so that what is written stays readable. */
const flipped = (byte: number, dice: Dice): number =>
  isDigit(byte) ? 0x30 + ((byte - 0x30 + 1 + dice.below(9)) % 10) : byte ^ (1 << dice.below(8));

function flippedText(text: string, at: number, dice: Dice): string {
  const other = String.fromCharCode(flipped(text.charCodeAt(at), dice));
  return text.slice(0, at) + other + text.slice(at + 1);
}

/** Single bytes of the body and of each header, and other statuses. */
export function flips(reply: Reply, dice: Dice, count = 10): readonly Forgery[] {
  const text = textOf(reply);
  const bytes = dice.sample(count, text.length).map((at) => ({
    what: `byte ${at} of the body (${JSON.stringify(text.slice(at, at + 12))}…)`,
    reply: withText(reply, flippedText(text, at, dice)),
  }));
  const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
    dice.sample(1, value.length).map((at) => ({
      what: `byte ${at} of the header ${name}`,
      reply: { ...reply, headers: { ...reply.headers, [name]: flippedText(value, at, dice) } },
    })),
  );
  const statuses = [204, 302, 400, 404, 500, 503].map((status) => ({
    what: `status ${status} instead of ${reply.status}`,
    reply: { ...reply, status },
  }));
  return [...bytes, ...headers, ...statuses];
}

/** What looks like a signature: a long run of hex digits or base64. */
const sealPattern = /[A-Za-z0-9+/_-]{32,}={0,2}/g;

/** The text with one of its numbers changed, once for each of some numbers. */
function tamperings(text: string, dice: Dice, count = 5): readonly string[] {
  const runs = [...text.matchAll(/\d+/g)];
  return dice.sample(count, runs.length).map((which) => {
    const { index = 0, 0: digits = '' } = runs[which] ?? {};
    const at = index + dice.below(digits.length);
    return flippedText(text, at, dice);
  });
}

const objectIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Every form in which a part of the message is missing, its content untouched or changed. */
export function omissions(reply: Reply, dice: Dice): readonly Forgery[] {
  const text = textOf(reply);
  const contents = [text, ...tamperings(text, dice, 2)];
  const headers = Object.keys(reply.headers).flatMap((name) => {
    const { [name]: _left, ...rest } = reply.headers;
    return contents.map((content) => ({
      what: `the header ${name} left out`,
      reply: { ...withText(reply, content), headers: rest },
    }));
  });
  const members = Object.keys(objectIn(text) ?? {}).flatMap((name) =>
    contents.slice(0, 2).map((content) => {
      const { [name]: _left, ...rest } = objectIn(content) ?? {};
      return { what: `the member ${name} left out`, reply: withText(reply, JSON.stringify(rest)) };
    }),
  );
  return [...headers, ...members];
}

/** Bodies that say something else beside what was said, and bodies that say nothing. */
export function garbage(reply: Reply, dice: Dice): readonly Forgery[] {
  const text = textOf(reply);
  const inner = text.trim().slice(1, -1);
  const changed = objectIn(text) === undefined ? [] : tamperings(inner, dice);
  const bodies: readonly (readonly [what: string, body: string])[] = [
    ['an empty body', ''],
    ['a blank body', ' '],
    ['half a body', text.slice(0, text.length >> 1)],
    ['a body of noughts', '\0'.repeat(text.length)],
    ['a web page', '<!doctype html><title>502 Bad Gateway</title>'],
    ['the word null', 'null'],
    ['an empty object', '{}'],
    ['a body said twice', text + text],
    ['a body inside a list', `[${text}]`],
    ...changed.flatMap((forged) => [
      ['members said twice, forged ones first', `{${forged},${inner}}`] as const,
      ['members said twice, forged ones last', `{${inner},${forged}}`] as const,
    ]),
  ];
  return bodies.map(([what, body]) => ({ what, reply: withText(reply, body) }));
}

/** Words that name how a message is signed. */
const algorithm = /\b(?:RSA2|RSA|SHA-?\d+|HMAC[-_A-Z0-9]*|MD5|SM3|SM2|ED25519|ECDSA|DSA)\b/gi;

/** Members by which protocols let a message name its algorithm. */
const namers = ['alg', 'sign_type', 'signType', 'x-signature-type', 'wechatpay-signature-type'];
const weak = ['none', '', 'MD5'];

/** Header and body of a message that names the algorithm `word` and is signed with `seal`. */
function claiming(reply: Reply, content: string, { word, seal }: Record<'word' | 'seal', string>) {
  const named = Object.fromEntries(namers.map((name) => [name, word]));
  const renamed = (text: string) => text.replaceAll(sealPattern, seal).replaceAll(algorithm, word);
  const members = objectIn(content) && JSON.stringify(named).slice(1, -1);
  const body = renamed(content).trim();
  const headers = Object.entries(reply.headers).map(([name, value]) => [name, renamed(value)]);
  return {
    ...withText(reply, members ? `{${members},${body.slice(1)}` : body),
    headers: { ...Object.fromEntries(headers), ...named },
  };
}

/**
 * Changed content under a message that claims to need no signature, or a weaker one. Nothing a
 * message says of itself may decide how it is verified.
 */
export function weakened(reply: Reply, dice: Dice): readonly Forgery[] {
  const contents = tamperings(textOf(reply), dice);
  return weak.flatMap((word) =>
    [...new Set(['', word])].flatMap((seal) =>
      contents.map((content) => ({
        what: `an algorithm of ${JSON.stringify(word)} and a signature of ${JSON.stringify(seal)}`,
        reply: claiming(reply, content, { word, seal }),
      })),
    ),
  );
}
