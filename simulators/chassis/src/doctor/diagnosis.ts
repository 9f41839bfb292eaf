/**
 * simulator · doctor diagnosis: from a signature and the text it should be about to who made
 * it, over what, and which mistakes lie between.
 */
import { createHash } from 'node:crypto';
import { decodeText } from '../charset.ts';
import { bytesOf, type Secrets, type SignedText } from './difference.ts';
import {
  type Case,
  type Ending,
  type Explanation,
  type Found,
  type Kind,
  type Solution,
  signedText,
  solve,
  type Telling,
  tell,
  type Verdict,
} from './engine.ts';
import type { KeyHolder, Opened } from './signature.ts';
import { encodingFound, keyFound, type Words } from './signature-causes.ts';
import { digestOf } from './sm2.ts';

/** What a client says it signed, or verified. */
export interface Belief {
  readonly text?: Uint8Array | undefined;
}

export interface Question<Draft extends Ending, Context> {
  readonly kind: Kind;
  readonly problem: Omit<Case<Draft, Context>, 'matches'>;
  readonly signature: string;
  /** The digest that is due, in the spelling of `Opened`. */
  readonly wanted: string;
  /** Everybody who may have made the signature, and how; see `openSignature`. */
  readonly opened: readonly Opened[];
  /** What its mere shape tells where nobody made it; see `shapeFound`. */
  readonly shape?: Found | undefined;
  /** Whose key is registered: its fingerprint is told where nobody's known key fits. */
  readonly owner?: KeyHolder | undefined;
  readonly secrets: Secrets;
  readonly words: Words;
  readonly belief?: Belief;
  /** The very bytes were seen to verify, whatever becomes of them when they are read as text. */
  readonly proven?: boolean;
  /** What is known before anything is computed: a wrong key in the client's hands, for instance. */
  readonly known?: readonly Found[];
}

const fingerprint = ({ key }: KeyHolder): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  Buffer.compare(left, right) === 0;

const asText = (data: Uint8Array): SignedText => ({
  segments: [{ parameter: 'the text', text: decodeText(data, 'utf-8') }],
  charset: 'utf-8',
});

/** What is signed of a text, rightly. */
const prepared = <Draft extends Ending, Context>(
  { problem }: Question<Draft, Context>,
  data: Uint8Array,
): Uint8Array => problem.prepare?.(data, problem.draft) ?? data;

interface Heard<Draft extends Ending, Context> {
  readonly question: Question<Draft, Context>;
  readonly expected: SignedText;
}

const say = <Draft extends Ending, Context>(
  { question, expected }: Heard<Draft, Context>,
  telling: Omit<Telling, 'secrets' | 'expected'>,
): Explanation => tell({ ...telling, expected, secrets: question.secrets });

/** The signature is right: what does a client hold against it? */
function genuine<Draft extends Ending, Context>(heard: Heard<Draft, Context>): Explanation {
  const { question } = heard;
  const { belief, known = [], kind, problem } = question;
  const intro = `The ${kind} is genuine: its signature verifies over the expected text.`;
  const text = belief?.text;
  const fine = known.length === 0 ? 'Nothing is wrong with the signature.' : undefined;
  const more = fine === undefined ? {} : { advice: fine };
  if (text === undefined) return say(heard, { verdict: 'genuine', found: known, intro, ...more });
  const { prepare: _signed, ...shown } = problem;
  const solution = solve({ ...shown, matches: (data) => sameBytes(data, text) });
  if (solution !== undefined && solution.found.length === 0) {
    const right = `${intro} The text you show is the right one.`;
    const advice = known.length === 0 ? 'The key or the algorithm you verify with is wrong.' : '';
    return say(heard, {
      verdict: 'genuine',
      found: known,
      intro: right,
      ...(advice && { advice }),
    });
  }
  if (solution !== undefined) {
    const found = [...known, ...solution.found];
    return say(heard, { verdict: 'genuine', found, intro, received: solution.signed });
  }
  const rule = kind === 'request' ? 'sign' : 'verify';
  return say(heard, {
    verdict: 'genuine',
    found: known,
    intro: `${intro} The text you show is another one, and no usual mistake leads to it.`,
    received: asText(text),
    advice: `Compare the two texts at the first difference, and ${rule} the expected one.`,
  });
}

const nobody = (kind: Kind, { platform, register }: Words): string =>
  kind === 'request'
    ? register
    : `Do not believe it. Answer nothing, and ask ${platform} by a query.`;

/** Nobody's key here made the signature. */
function unknownSigner<Draft extends Ending, Context>(heard: Heard<Draft, Context>): Explanation {
  const { question } = heard;
  const { owner, shape, words } = question;
  const print = owner === undefined ? '' : ` (SHA-256 of its public half: ${fingerprint(owner)})`;
  const whose = question.kind === 'request' ? 'the registered one' : `${words.platform}'s`;
  const intro = words.nobody(`${whose}${print}`);
  const found = shape === undefined ? [] : [shape];
  return say(heard, {
    verdict: 'forged',
    found: [...(question.known ?? []), ...found],
    ...(shape === undefined ? { intro } : {}),
    advice: nobody(question.kind, words),
  });
}

function digestsOf<Draft extends Ending, Context>(
  { question, expected }: Heard<Draft, Context>,
  opened: Opened,
): Pick<Telling, 'digest'> {
  if (opened.value === undefined) return {};
  const algorithm = opened.digest;
  const due = digestOf(algorithm, prepared(question, bytesOf(expected))).toString('hex');
  const received = Buffer.from(opened.value).toString('hex');
  return { digest: { algorithm, expected: due, received } };
}

/** Another text was signed, and no mistake in the tables leads to it. */
function unexplained<Draft extends Ending, Context>(
  heard: Heard<Draft, Context>,
  opened: Opened,
  found: readonly Found[],
): Explanation {
  const { kind, belief } = heard.question;
  const text = belief?.text;
  const shows = text !== undefined && opened.matches(prepared(heard.question, text));
  const expected = opened.holder.role === 'expected';
  const verdict: Verdict = expected ? 'tampered' : kind === 'request' ? 'mistaken' : 'forged';
  const who = `The signature was made with the key of ${opened.holder.whose}`;
  const intro = shows
    ? `${who}, over the text you show.`
    : `${who}, over another text; no usual mistake, nor two of them, leads to it.`;
  return say(heard, {
    verdict,
    found,
    intro,
    received: shows ? asText(text) : undefined,
    ...digestsOf(heard, opened),
    advice:
      kind === 'request'
        ? 'Something was changed after signing, or added. Print the text you sign, and compare ' +
          'it (or its digest) with the expected one.'
        : 'It was altered after it was signed, or not all of it is here. Do not believe it.',
  });
}

function explained<Draft extends Ending, Context>(
  heard: Heard<Draft, Context>,
  opened: Opened,
  { found, signed }: Solution,
): Explanation {
  const { kind, words } = heard.question;
  const foreign = opened.holder.role !== 'expected' && kind !== 'request';
  const { told = `The signature was made with the key of ${opened.holder.whose}.` } = opened.holder;
  const altered =
    kind === 'request' ? '' : ` The ${kind} is not in the form in which it was signed.`;
  return say(heard, {
    verdict: foreign ? 'forged' : 'mistaken',
    found,
    intro: foreign ? `${told} It is forged.` : `${told}${altered}`,
    received: signed,
    ...(foreign ? { advice: nobody(kind, words) } : {}),
  });
}

/** Why a signature does not verify, or that it does. */
export function diagnose<Draft extends Ending, Context>(
  question: Question<Draft, Context>,
): Explanation {
  const { problem, signature, wanted, kind, words, known = [] } = question;
  const expected = signedText(problem, problem.draft);
  const heard = { question, expected };
  if (signature === '') {
    const advice =
      kind === 'request' ? `Send the signature in ${words.signature}.` : 'Do not believe it.';
    return say(heard, {
      verdict: 'unsigned',
      found: known,
      intro: 'There is no signature.',
      advice,
    });
  }
  if (question.proven === true) return genuine(heard);
  let last: { readonly opened: Opened; readonly found: readonly Found[] } | undefined;
  for (const opened of question.opened) {
    const found = [
      ...keyFound(opened, kind, words),
      ...encodingFound(opened, { wanted, kind, words }),
    ];
    // Who made an SM2 signature shows only where the text is known: nothing is searched for others.
    const searched = opened.sure || opened.holder.role === 'expected';
    const causes = searched && opened.rare !== true ? problem.causes : [];
    const solution = solve({ ...problem, causes, matches: opened.matches });
    if (solution !== undefined) {
      if (found.length + solution.found.length === 0) return genuine(heard);
      const all = [...known, ...found, ...solution.found];
      return explained(heard, opened, { ...solution, found: all });
    }
    last ??= { opened, found };
  }
  if (last === undefined) return unknownSigner(heard);
  if (!last.opened.sure) return unknownSigner(heard);
  return unexplained(heard, last.opened, [...known, ...last.found]);
}
