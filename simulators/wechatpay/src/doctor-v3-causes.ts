/** wechatpay simulator · doctor-v3-causes: what clients get wrong with the lines that API v3 signs. */
import { decodeText } from '@polyrail/simulator';
import {
  bodyCause,
  type Cause,
  commonCauses,
  finalLineCause,
  hasLine,
  type Line,
  type LinesContext,
  type LinesDraft,
  lineDropped,
  lineNames,
  lineRewriting,
  lineText,
  methodCause,
  targetCause,
  type Variant,
} from '@polyrail/simulator/doctor';
import type { Earlier } from './doctor-witness.ts';

export const v3Lines = {
  ...lineNames,
  timestamp: 'the timestamp',
  nonce: 'the nonce',
} as const;

/** What the causes may know beside the message. */
export interface V3Context extends LinesContext {
  /** What a client says it signed or verified. */
  readonly shown?: string;
  /** Messages of the same signer, the newest first. */
  readonly earlier: readonly Earlier[];
  /** What may have been taken for the body, and what it is. */
  readonly instead: readonly (readonly [what: string, text: string])[];
  /** The body as it came. */
  readonly bytes: Uint8Array;
  /** Of a notification: where it was sent, from the path on. */
  readonly address?: string;
}

type V3Cause = Cause<LinesDraft, V3Context>;
type Way = readonly [how: string, text: string];

/** The line of a shown text that stands where `parameter` has to stand. */
function shownLine({ lines }: LinesDraft, { shown }: V3Context, parameter: string): readonly Way[] {
  const index = lines.findIndex((line) => line.parameter === parameter);
  const text = shown?.split('\n')[index];
  return text === undefined ? [] : [['the text you show has it', text]];
}

const unit: V3Cause = {
  id: 'timestamp-unit',
  rule: 'The timestamp was signed in another unit than it was sent',
  advice: 'timestamp counts seconds: 10 digits, the same in the header and in the signed text.',
  variants: (draft) => {
    const sent = lineText(draft, v3Lines.timestamp);
    return lineRewriting(draft, v3Lines.timestamp, [
      ['signed in milliseconds', sent.replace(/^(\d{10})$/, '$1000')],
      ['signed in seconds', sent.replace(/^(\d{10})\d{3}$/, '$1')],
    ]);
  },
};

const advice = {
  once:
    'Take time and nonce once, into two variables; put the same ones into the signed text and into ' +
    'Authorization.',
  lines:
    'Requests: method, path with query, timestamp, nonce, body. Answers and notifications: ' +
    'timestamp, nonce, body. Every line ends with LF.',
} as const;

const secondsAround = 60;

function* times(draft: LinesDraft, context: V3Context): Generator<Way> {
  const sent = Number(lineText(draft, v3Lines.timestamp));
  yield* shownLine(draft, context, v3Lines.timestamp);
  for (const { timestamp } of context.earlier) yield ['of an earlier message', timestamp];
  for (let second = 1; second <= secondsAround; second += 1) {
    for (const [moved, word] of [
      [-second, 'earlier'],
      [second, 'later'],
    ] as const) {
      yield [`${second} s ${word}`, String(sent + moved)];
    }
  }
}

const time: V3Cause = {
  id: 'timestamp-mismatch',
  rule: 'Another timestamp was signed than the one in the headers',
  advice: advice.once,
  variants: (draft, context) => lineRewriting(draft, v3Lines.timestamp, times(draft, context)),
};

function* nonces(draft: LinesDraft, context: V3Context): Generator<Way> {
  const sent = lineText(draft, v3Lines.nonce);
  yield* shownLine(draft, context, v3Lines.nonce);
  for (const { nonce } of context.earlier) yield ['of an earlier message', nonce];
  yield ['in upper case', sent.toUpperCase()];
  yield ['in lower case', sent.toLowerCase()];
}

const nonce: V3Cause = {
  id: 'nonce-mismatch',
  rule: 'Another nonce was signed than the one in the headers',
  advice: advice.once,
  variants: (draft, context) => lineRewriting(draft, v3Lines.nonce, nonces(draft, context)),
};

const instead: V3Cause = {
  id: 'wrong-body',
  rule: 'Something else was signed in place of the body',
  advice:
    'The last line is the raw body: empty without one, of an upload the JSON of its part meta, of ' +
    'a notification the whole envelope before anything in it is decrypted.',
  variants: (draft, context) => lineRewriting(draft, v3Lines.body, context.instead),
};

/** Before the missing last line end: without it a body that ends with one looks the same. */
const trimmed: V3Cause = {
  id: 'body-trimmed',
  rule: 'Blanks or line ends around the body were taken away',
  advice: 'The body is the bytes of the message, blanks and line ends at its ends among them.',
  variants: (draft) => {
    const body = lineText(draft, v3Lines.body);
    return lineRewriting(draft, v3Lines.body, [
      ['at its end', body.trimEnd()],
      ['at both ends', body.trim()],
    ]);
  },
};

/** The signature of an earlier message, with something of this one. */
const earlier: V3Cause = {
  id: 'other-message',
  rule: 'The signature belongs to another message of the same signer',
  advice:
    'Keep what belongs together: headers and body of one message. Sign every request anew, also ' +
    'one that is sent again.',
  *variants(draft, context): Generator<Variant<LinesDraft>> {
    for (const one of context.earlier) {
      const was: Readonly<Record<string, string | undefined>> = {
        [v3Lines.method]: one.method,
        [v3Lines.target]: one.target,
        [v3Lines.timestamp]: one.timestamp,
        [v3Lines.nonce]: one.nonce,
        [v3Lines.body]: one.body,
      };
      const lines = draft.lines.map((line) => ({
        ...line,
        text: was[line.parameter] ?? line.text,
      }));
      const differing = lines.filter(({ text }, index) => text !== draft.lines[index]?.text);
      if (differing.length === 0) continue;
      const names = differing.map(({ parameter }) => parameter).join(', ');
      yield { draft: { ...draft, lines }, detail: `different there: ${names}` };
    }
  },
};

const missing: V3Cause = {
  id: 'missing-line',
  rule: 'A line is missing in the signed text',
  advice: advice.lines,
  *variants(draft) {
    for (const { parameter } of draft.lines) {
      yield { draft: lineDropped(draft, parameter), detail: parameter };
    }
    const kept = draft.lines.filter(({ parameter }) => parameter === v3Lines.body);
    yield { draft: { ...draft, lines: kept }, detail: 'everything but the body' };
  },
};

const pick = (draft: LinesDraft, ...names: readonly string[]): readonly Line[] =>
  names.map((parameter) => ({ parameter, text: lineText(draft, parameter) }));

function* orders(draft: LinesDraft, { address }: V3Context): Generator<Variant<LinesDraft>> {
  const { method, target, timestamp, nonce: word, body } = v3Lines;
  const isRequest = hasLine(draft, method);
  const swapped = isRequest
    ? pick(draft, method, target, word, timestamp, body)
    : pick(draft, word, timestamp, body);
  yield { draft: { ...draft, lines: swapped }, detail: 'timestamp and nonce the other way round' };
  const message = pick(draft, timestamp, word, body);
  if (isRequest) {
    yield { draft: { ...draft, lines: message }, detail: 'as answers are signed' };
    const turned = pick(draft, target, method, timestamp, word, body);
    yield { draft: { ...draft, lines: turned }, detail: 'path before method' };
  } else if (address !== undefined) {
    const head = [
      { parameter: method, text: 'POST' },
      { parameter: target, text: address },
    ];
    yield { draft: { ...draft, lines: [...head, ...message] }, detail: 'as requests are signed' };
  }
  yield { draft: { ...draft, lines: [...draft.lines].reverse() }, detail: 'from last to first' };
  const ends = [
    ['lines ended by CR LF', '\r\n'],
    ['lines without line ends', ''],
    ['lines joined by &', '&'],
    ['lines ended by \\n, two characters', '\\n'],
  ] as const;
  for (const [detail, end] of ends) yield { draft: { ...draft, end }, detail };
}

const order: V3Cause = {
  id: 'line-order',
  rule: 'The lines were signed in another order or form',
  advice: advice.lines,
  variants: orders,
};

const charset: V3Cause = {
  id: 'charset',
  rule: 'The bytes of the body were read or written in another character set',
  advice: 'Sign and verify the bytes that are sent: UTF-8.',
  *variants(draft, { bytes }) {
    yield { draft: { ...draft, charset: 'gbk' }, detail: 'written as GBK' };
    const text = lineText(draft, v3Lines.body);
    yield* lineRewriting(draft, v3Lines.body, [
      ['read as GBK', decodeText(bytes, 'gbk')],
      ['read as Latin-1', Buffer.from(bytes).toString('latin1')],
      ['written as ASCII, so that ? came of them', text.replaceAll(/[^\0-\u{7f}]/gu, '?')],
    ]);
  },
};

/** Special causes before general ones. */
export const v3Causes: readonly V3Cause[] = [
  trimmed,
  finalLineCause,
  unit,
  targetCause,
  instead,
  bodyCause,
  methodCause,
  nonce,
  time,
  order,
  missing,
  charset,
  earlier,
  ...commonCauses<LinesDraft>(),
];
