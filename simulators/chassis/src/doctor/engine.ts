/**
 * simulator · doctor engine: the engine that finds which mistakes explain what was signed. It knows
 * no protocol: tables of causes say what clients get wrong, a draft is what a client may have signed.
 */

import type { Charset } from '../charset.ts';
import {
  bytesOf,
  type FirstDifference,
  firstDifference,
  type Secrets,
  type Segment,
  type SignedText,
  shown,
  textOf,
} from './difference.ts';
import { digestOf } from './sm2.ts';

/** What every text to be signed has around it. */
export interface Ending {
  readonly charset: Charset;
  readonly before: string;
  readonly after: string;
  /** Applied to the bytes before they were signed. */
  readonly wrap?: Wrap;
}

/** What some clients sign instead of a text. */
export type Wrap = 'hex' | 'HEX' | 'digest' | 'base64' | 'base64-digest' | 'percent';

export interface Variant<Draft> {
  readonly draft: Draft;
  /** Which value, which order, which way: completes the rule. */
  readonly detail?: string;
}

/** One mistake clients make. */
export interface Cause<Draft, Context = unknown> {
  readonly id: string;
  /** What was done, as a sentence without its full stop. */
  readonly rule: string;
  /** What to do instead. */
  readonly advice: string;
  /** What that mistake makes of a draft; the usual forms first. */
  variants(draft: Draft, context: Context): Iterable<Variant<Draft>>;
}

/** What a signature belongs to. */
export type Kind = 'request' | 'notification' | 'reply';

/** A cause that was found. */
export interface Found {
  readonly cause: string;
  readonly rule: string;
  readonly advice: string;
  readonly detail?: string;
}

export interface Case<Draft extends Ending, Context> {
  /** What should have been signed. */
  readonly draft: Draft;
  readonly causes: readonly Cause<Draft, Context>[];
  readonly context: Context;
  segments(draft: Draft): readonly Segment[];
  /** What is made of a text before it is signed, on channels that sign something made of it. */
  prepare?(data: Uint8Array, draft: Draft): Uint8Array;
  /** Whether these bytes are what was signed. */
  matches(data: Uint8Array): boolean;
  /** How many variants of each cause are tried together with others. Default 16. */
  readonly variantsInPairs?: number;
}

export interface Solution {
  readonly found: readonly Found[];
  readonly signed: SignedText;
}

/** Bounds of one search: candidate texts, and bytes of them. About a fifth of a second. */
const maximumTexts = 40_000;
const maximumBytes = 32_000_000;
const usualVariantsInPairs = 16;

const lines = (draft: Ending, segments: readonly Segment[]): readonly Segment[] => [
  ...(draft.before === '' ? [] : [{ parameter: 'the beginning', text: draft.before }]),
  ...segments,
  ...(draft.after === '' ? [] : [{ parameter: 'the end', text: draft.after }]),
];

const wraps: Readonly<Record<Wrap, (data: Uint8Array, digest: string) => Uint8Array>> = {
  hex: (data, digest) => Buffer.from(digestOf(digest, data).toString('hex')),
  HEX: (data, digest) => Buffer.from(digestOf(digest, data).toString('hex').toUpperCase()),
  digest: (data, digest) => digestOf(digest, data),
  base64: (data) => Buffer.from(Buffer.from(data).toString('base64')),
  'base64-digest': (data, digest) => Buffer.from(digestOf(digest, data).toString('base64')),
  percent: (data) => Buffer.from(encodeURIComponent(Buffer.from(data).toString('utf8'))),
};

/** The text of a draft; a wrapped one as the text that stood in its place. */
export function signedText<Draft extends Ending, Context>(
  { segments, digest = 'sha256' }: Pick<Case<Draft, Context>, 'segments'> & { digest?: string },
  draft: Draft,
): SignedText {
  const plain = { segments: lines(draft, segments(draft)), charset: draft.charset };
  if (draft.wrap === undefined) return plain;
  const wrapped = wraps[draft.wrap](bytesOf(plain), digest);
  const text =
    draft.wrap === 'digest'
      ? Buffer.from(wrapped).toString('hex')
      : Buffer.from(wrapped).toString('latin1');
  return { segments: [{ parameter: 'the whole text', text }], charset: 'utf-8' };
}

interface Step<Draft> {
  readonly draft: Draft;
  readonly found: readonly Found[];
  /** Index of the cause; pairs are looked for from here on. */
  readonly from: number;
}

const foundOf = <Draft>(
  { id, rule, advice }: Pick<Cause<Draft>, 'id' | 'rule' | 'advice'>,
  detail: string | undefined,
): Found => ({ cause: id, rule, advice, ...(detail === undefined ? {} : { detail }) });

function* limited<T>(items: Iterable<T>, limit: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count >= limit) return;
    count += 1;
    yield item;
  }
}

/** One more mistake on top of a step. */
function* grow<Draft extends Ending, Context>(
  { causes, context }: Case<Draft, Context>,
  step: Step<Draft>,
  limit: number,
): Generator<Step<Draft>> {
  for (let index = step.from; index < causes.length; index += 1) {
    const cause = causes[index] as Cause<Draft, Context>;
    for (const { draft, detail } of limited(cause.variants(step.draft, context), limit)) {
      yield { draft, found: [...step.found, foundOf(cause, detail)], from: index };
    }
  }
}

/** No mistake, then every single one, then pairs. */
function* candidates<Draft extends Ending, Context>(
  problem: Case<Draft, Context>,
): Generator<Step<Draft>> {
  const none: Step<Draft> = { draft: problem.draft, found: [], from: 0 };
  yield none;
  yield* grow(problem, none, maximumTexts);
  const { variantsInPairs = usualVariantsInPairs } = problem;
  for (const first of grow(problem, none, variantsInPairs)) {
    yield* grow(problem, first, variantsInPairs);
  }
}

/** The digests a wrapped text may have been made with. */
const wrapDigests = ['sha256', 'sha1', 'md5'] as const;

/** The fewest mistakes that explain what was signed; `undefined` when none is found in bounds. */
export function solve<Draft extends Ending, Context>(
  problem: Case<Draft, Context>,
): Solution | undefined {
  let texts = 0;
  let bytes = 0;
  for (const { draft, found } of candidates(problem)) {
    const digests = draft.wrap === undefined ? (['sha256'] as const) : wrapDigests;
    for (const digest of digests) {
      const signed = signedText({ segments: problem.segments, digest }, draft);
      const data = draft.wrap === 'digest' ? Buffer.from(textOf(signed), 'hex') : bytesOf(signed);
      texts += 1;
      bytes += data.length;
      if (problem.matches(problem.prepare?.(data, draft) ?? data)) return { found, signed };
    }
    if (texts > maximumTexts || bytes > maximumBytes) return undefined;
  }
  return undefined;
}

/** `genuine` messages verify; the others say what is wrong with the message, or with its signer. */
export type Verdict =
  /** The signature is right. What a client did wrong with it may still be named. */
  | 'genuine'
  /** Made by the right party, who made the named mistakes. */
  | 'mistaken'
  /** Signed by the right key, but no longer (or never) over this text. */
  | 'tampered'
  /** Signed by somebody else, or by nobody. */
  | 'forged'
  | 'unsigned';

/** Why a signature does not verify, or why a client does not believe one that does. */
export interface Explanation {
  readonly verdict: Verdict;
  /** The first of `causes`. */
  readonly cause?: string;
  /** Every mistake found, in the order in which they were made. */
  readonly causes: readonly Omit<Found, 'advice'>[];
  /** Sentences: what was received, and what explains it. */
  readonly rule: string;
  /** The text that has to be signed. */
  readonly expected?: string;
  /** The text that was signed (or verified) instead. */
  readonly received?: string;
  readonly firstDifference?: FirstDifference;
  /** Of the text to be signed and of the text that was: to be compared with one's own. */
  readonly digest?: {
    readonly algorithm: string;
    readonly expected: string;
    readonly received: string;
  };
  readonly advice: string;
}

const sentence = ({ rule, detail }: Found): string =>
  detail === undefined ? `${rule}.` : `${rule}: ${detail}.`;

export interface Telling {
  readonly verdict: Verdict;
  readonly found: readonly Found[];
  /** Before the rules of the causes. */
  readonly intro?: string;
  readonly expected?: SignedText;
  readonly received?: SignedText | undefined;
  readonly digest?: Explanation['digest'];
  /** Where no cause was found. */
  readonly advice?: string;
  readonly secrets: Secrets;
}

/** Puts what was found into words, with secrets masked. */
export function tell(telling: Telling): Explanation {
  const { verdict, found, intro, expected, received, digest, secrets } = telling;
  const [first] = found;
  const parted = expected && received && firstDifference(expected, received, secrets);
  const hidden = (text: string) => shown(text, secrets);
  const rules = [...(intro === undefined ? [] : [intro]), ...found.map(sentence)];
  const advice = found.map((one) => one.advice);
  return {
    verdict,
    ...(first === undefined ? {} : { cause: first.cause }),
    causes: found.map(({ advice: _, ...rest }) =>
      rest.detail === undefined ? rest : { ...rest, detail: hidden(rest.detail) },
    ),
    rule: hidden(rules.join(' ')),
    ...(expected && { expected: hidden(textOf(expected)) }),
    ...(received && { received: hidden(textOf(received)) }),
    ...(parted && { firstDifference: parted }),
    ...(digest && { digest }),
    advice: [
      ...new Set([...advice, ...(telling.advice === undefined ? [] : [telling.advice])]),
    ].join(' '),
  };
}

/** On one line, so that the ends of lines can be seen. */
const oneLine = (text: string): string => (/[\r\n]/.test(text) ? JSON.stringify(text) : text);

/** The explanation as a journal keeps it. */
export function noteOf(explanation: Explanation): string {
  const { expected, received, firstDifference: parted, digest } = explanation;
  const lines = [
    ...(expected === undefined ? [] : [`Expected: ${oneLine(expected)}`]),
    `Received: ${explanation.rule}`,
    ...(received === undefined || received === expected ? [] : [`Signed: ${oneLine(received)}`]),
    ...(parted === undefined
      ? []
      : [
          `First difference: byte ${parted.offset}, in ${parted.parameter}`,
          `  expected ${parted.expected.hex || '(the end)'} ${oneLine(parted.expected.text)}`,
          `  received ${parted.received.hex || '(the end)'} ${oneLine(parted.received.text)}`,
        ]),
    ...(digest === undefined
      ? []
      : [`${digest.algorithm} of the text: ${digest.expected}; signed: ${digest.received}`]),
    `Advice: ${explanation.advice}`,
  ];
  return lines.join('\n');
}
