/** simulator · doctor lines: texts of lines, and what clients get wrong with those that most have. */
import type { Segment } from './difference.ts';
import type { Cause, Ending, Variant } from './engine.ts';
import { rewritings } from './json.ts';

export interface Line {
  readonly parameter: string;
  readonly text: string;
}

export interface LinesDraft extends Ending {
  readonly lines: readonly Line[];
  readonly end: string;
  /** Whether the last line has a line end as well. */
  readonly closed: boolean;
}

export function lineSegments({ lines, end, closed }: LinesDraft): readonly Segment[] {
  return lines.map(({ parameter, text }, index) => ({
    parameter,
    text: index + 1 < lines.length || closed ? `${text}${end}` : text,
  }));
}

export const linesDraft = (lines: readonly Line[]): LinesDraft => ({
  lines,
  end: '\n',
  closed: true,
  charset: 'utf-8',
  before: '',
  after: '',
});

export const lineText = ({ lines }: LinesDraft, parameter: string): string =>
  lines.find((line) => line.parameter === parameter)?.text ?? '';
export const hasLine = ({ lines }: LinesDraft, parameter: string): boolean =>
  lines.some((line) => line.parameter === parameter);

export const lineReplaced = (draft: LinesDraft, parameter: string, text: string): LinesDraft => ({
  ...draft,
  lines: draft.lines.map((line) => (line.parameter === parameter ? { parameter, text } : line)),
});
export const lineDropped = (draft: LinesDraft, parameter: string): LinesDraft => ({
  ...draft,
  lines: draft.lines.filter((line) => line.parameter !== parameter),
});

/** One line written otherwise; nothing where that changes nothing. */
export function* lineRewriting(
  draft: LinesDraft,
  parameter: string,
  ways: Iterable<readonly [how: string, text: string]>,
): Generator<Variant<LinesDraft>> {
  if (!hasLine(draft, parameter)) return;
  const seen = new Set([lineText(draft, parameter)]);
  for (const [detail, text] of ways) {
    if (seen.has(text)) continue;
    seen.add(text);
    yield { draft: lineReplaced(draft, parameter, text), detail };
  }
}

/** Lines that requests and replies have whatever the channel. */
export const lineNames = {
  method: 'the method',
  target: 'the request target',
  body: 'the body',
} as const;

/** What their causes may know beside the message. */
export interface LinesContext {
  /** Scheme and host, which some clients sign with the path. */
  readonly origins: readonly string[];
}

type LinesCause = Cause<LinesDraft, LinesContext>;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function* targets(target: string, { origins }: LinesContext): Generator<readonly [string, string]> {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  yield ['the path without the query', path];
  yield ['the query decoded', `${path}?${decoded(query)}`];
  yield ['the query decoded, + as a blank', `${path}?${decoded(query.replaceAll('+', ' '))}`];
  yield ['blanks as +', target.replaceAll('%20', '+')];
  yield ['blanks as %20', target.replaceAll('+', '%20')];
  const sorted = query.split('&').sort().join('&');
  yield ['the query sorted', `${path}?${sorted}`];
  yield ['path and query decoded', decoded(target)];
  yield ['percent-encoded again', encodeURI(target)];
  for (const origin of origins) {
    yield ['the whole address', `${origin}${target}`];
    yield ['the address without its query', `${origin}${path}`];
    yield ['with the host', `${origin.replace(/^https?:\/\//, '')}${target}`];
  }
  yield ['? at the end', `${target}?`];
  yield ['without the slash at the beginning', target.slice(1)];
  const lower = (text: string) => text.toLowerCase();
  yield ['digits of %xx in lower case', target.replaceAll(/%[0-9A-F]{2}/gi, lower)];
}

function* bodies(text: string): Generator<readonly [string, string]> {
  yield ['left out: an empty line', ''];
  yield ['`\\/` written as `/`', text.replaceAll('\\/', '/')];
  for (const { how, text: other } of rewritings(text)) yield [how, other];
  yield ['without blanks around it', text.trim()];
  yield ['as an empty object', text === '' ? '{}' : text];
  yield ['as null', text === '' ? 'null' : text];
}

export const finalLineCause: LinesCause = {
  id: 'final-line-end',
  rule: 'The line end after the last line is missing in the signed text',
  advice: 'Every line ends with LF, the last one and the one of an empty body too.',
  *variants(draft) {
    if (draft.closed) yield { draft: { ...draft, closed: false } };
  },
};

export const targetCause: LinesCause = {
  id: 'target',
  rule: 'The request target was signed otherwise than it was sent',
  advice: 'Sign path and query exactly as they stand in the request line, percent-encoded.',
  variants: (draft, context) =>
    lineRewriting(draft, lineNames.target, targets(lineText(draft, lineNames.target), context)),
};

export const bodyCause: LinesCause = {
  id: 'body-rewritten',
  rule: 'The body was signed otherwise than it was sent',
  advice: 'Turn the object into text once; sign and send that very text. No body is an empty line.',
  variants: (draft) =>
    lineRewriting(draft, lineNames.body, bodies(lineText(draft, lineNames.body))),
};

export const methodCause: LinesCause = {
  id: 'method',
  rule: 'The method was signed otherwise than it was sent',
  advice: 'Sign the method in upper case, as it stands in the request line.',
  variants: (draft) => {
    const sent = lineText(draft, lineNames.method);
    const others = [sent.toLowerCase(), 'POST', 'GET', 'PUT', 'DELETE'];
    return lineRewriting(
      draft,
      lineNames.method,
      others.map((one) => [`as ${one}`, one] as const),
    );
  },
};
