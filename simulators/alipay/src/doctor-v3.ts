/** alipay simulator · doctor-v3: what clients get wrong with the lines that V3 signs. */
import type { Cause, Ending, Explanation, Found, Variant } from './doctor.ts';
import { commonCauses } from './doctor-causes.ts';
import { type Belief, diagnose } from './doctor-diagnosis.ts';
import { type Segment, secretsIn } from './doctor-difference.ts';
import { rewritings } from './doctor-json.ts';
import type { KeyHolder } from './doctor-signature.ts';

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

export interface LinesContext {
  /** Scheme and host, which some clients sign with the path. */
  readonly origin: string;
  /** Of a merchant for whom the app may act: signed by mistake where it was not sent. */
  readonly token?: string;
  readonly scheme: string;
  decrypt?(text: string): string | undefined;
}

type LinesCause = Cause<LinesDraft, LinesContext>;

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

const textOf = ({ lines }: LinesDraft, parameter: string): string =>
  lines.find((line) => line.parameter === parameter)?.text ?? '';
const has = ({ lines }: LinesDraft, parameter: string): boolean =>
  lines.some((line) => line.parameter === parameter);

const replaced = (draft: LinesDraft, parameter: string, text: string): LinesDraft => ({
  ...draft,
  lines: draft.lines.map((line) => (line.parameter === parameter ? { parameter, text } : line)),
});
const without = (draft: LinesDraft, parameter: string): LinesDraft => ({
  ...draft,
  lines: draft.lines.filter((line) => line.parameter !== parameter),
});

/** One line written otherwise; nothing where that changes nothing. */
function* rewriting(
  draft: LinesDraft,
  parameter: string,
  ways: Iterable<readonly [how: string, text: string]>,
): Generator<Variant<LinesDraft>> {
  if (!has(draft, parameter)) return;
  const seen = new Set([textOf(draft, parameter)]);
  for (const [detail, text] of ways) {
    if (seen.has(text)) continue;
    seen.add(text);
    yield { draft: replaced(draft, parameter, text), detail };
  }
}

export const lineNames = {
  authorization: 'Authorization',
  method: 'the method',
  target: 'the request target',
  body: 'the body',
  token: 'alipay-app-auth-token',
  timestamp: 'alipay-timestamp',
  nonce: 'alipay-nonce',
} as const;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function* targets(target: string, origin: string): Generator<readonly [string, string]> {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  yield ['the path without the query', path];
  yield ['the query decoded', `${path}?${decoded(query)}`];
  yield ['the query decoded, + as a blank', `${path}?${decoded(query.replaceAll('+', ' '))}`];
  yield ['blanks as +', target.replaceAll('%20', '+')];
  yield ['blanks as %20', target.replaceAll('+', '%20')];
  const sorted = query.split('&').sort().join('&');
  yield ['the query sorted', `${path}?${sorted}`];
  yield ['the whole address', `${origin}${target}`];
  yield ['the address without its query', `${origin}${path}`];
  yield ['? at the end', `${target}?`];
  yield ['without the slash at the beginning', target.slice(1)];
  const lower = (text: string) => text.toLowerCase();
  yield ['digits of %xx in lower case', target.replaceAll(/%[0-9A-F]{2}/gi, lower)];
}

const maximumPermuted = 6;
function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length < 2 || items.length > maximumPermuted) return [items];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

function* authorizations(text: string, scheme: string): Generator<readonly [string, string]> {
  const pairs = text.split(',');
  const dropped = (name: string) => pairs.filter((pair) => !pair.startsWith(`${name}=`)).join(',');
  yield ['its pairs sorted', [...pairs].sort().join(',')];
  yield ['with the scheme before it', `${scheme} ${text}`];
  yield ['with a comma at the end', `${text},`];
  yield ['with `,sign=` at the end', `${text},sign=`];
  yield ['with blanks after the commas', pairs.join(', ')];
  yield ['without the blanks after the commas', pairs.map((pair) => pair.trim()).join(',')];
  for (const name of ['expired_seconds', 'app_cert_sn', 'nonce', 'timestamp']) {
    yield [`without ${name}`, dropped(name)];
  }
  yield ['its pairs joined by &', pairs.join('&')];
  const quoted = pairs.map((pair) => pair.replace(/=(.*)$/s, '="$1"')).join(',');
  yield ['its values in quotes', quoted];
  for (const order of permutations(pairs)) {
    const names = order.map((pair) => pair.split('=')[0]?.trim());
    yield [`its pairs in the order ${names.join(', ')}`, order.join(',')];
  }
}

const times: LinesCause = {
  id: 'timestamp-unit',
  rule: 'The timestamp was signed in another unit than it was sent',
  advice:
    'timestamp counts milliseconds: 13 digits, the same in the header and in the signed text.',
  *variants(draft) {
    const names = [lineNames.authorization, lineNames.timestamp];
    for (const name of names) {
      const text = textOf(draft, name);
      const seconds = text.replace(/\b(\d{10})\d{3}\b/, '$1');
      const milliseconds = text.replace(/\b(\d{10})\b/, '$1000');
      yield* rewriting(draft, name, [
        ['signed in seconds', seconds],
        ['signed in milliseconds', milliseconds],
      ]);
    }
  },
};

const finalLine: LinesCause = {
  id: 'final-line-end',
  rule: 'The line end after the last line is missing in the signed text',
  advice: 'Every line ends with LF, the last one and the one of an empty body too.',
  *variants(draft) {
    if (draft.closed) yield { draft: { ...draft, closed: false } };
  },
};

const target: LinesCause = {
  id: 'target',
  rule: 'The request target was signed otherwise than it was sent',
  advice: 'Sign path and query exactly as they stand in the request line, percent-encoded.',
  variants: (draft, { origin }) =>
    rewriting(draft, lineNames.target, targets(textOf(draft, lineNames.target), origin)),
};

const authorization: LinesCause = {
  id: 'authorization-rebuilt',
  rule: 'The authorization string was signed otherwise than it was sent',
  advice: 'Build app_id=…,nonce=…,timestamp=… once; sign it, and send it with `,sign=` behind it.',
  variants: (draft, { scheme }) => {
    const text = textOf(draft, lineNames.authorization);
    return rewriting(draft, lineNames.authorization, authorizations(text, scheme));
  },
};

const token: LinesCause = {
  id: 'token-line',
  rule: 'The line of alipay-app-auth-token is not as it was sent',
  advice: 'Add the line exactly when the header is sent: after the body, with its own LF.',
  *variants(draft, { token: known }) {
    if (has(draft, lineNames.authorization) && !has(draft, lineNames.token)) {
      for (const text of ['', ...(known === undefined ? [] : [known]), 'null', 'undefined']) {
        const line = { parameter: lineNames.token, text };
        const detail = text === '' ? 'an empty line was signed' : 'signed, but not sent';
        yield { draft: { ...draft, lines: [...draft.lines, line] }, detail };
      }
    }
    if (!has(draft, lineNames.token)) return;
    yield { draft: without(draft, lineNames.token), detail: 'sent, but not signed' };
    const lines = draft.lines.filter(({ parameter }) => parameter !== lineNames.token);
    const at = lines.findIndex(({ parameter }) => parameter === lineNames.body);
    const line = { parameter: lineNames.token, text: textOf(draft, lineNames.token) };
    const moved = [...lines.slice(0, at), line, ...lines.slice(at)];
    yield { draft: { ...draft, lines: moved }, detail: 'signed before the body' };
  },
};

const plain: LinesCause = {
  id: 'signed-before-encrypting',
  rule: 'The body was signed in the clear, but sent encrypted',
  advice: 'Encrypt first; the signed body is the Base64 text that is sent. Verify, then decrypt.',
  *variants(draft, { decrypt }) {
    const text = decrypt?.(textOf(draft, lineNames.body));
    if (text !== undefined) yield { draft: replaced(draft, lineNames.body, text) };
  },
};

function* bodies(text: string): Generator<readonly [string, string]> {
  yield ['`\\/` written as `/`', text.replaceAll('\\/', '/')];
  for (const { how, text: other } of rewritings(text)) yield [how, other];
  yield ['without blanks around it', text.trim()];
  yield ['as an empty object', text === '' ? '{}' : text];
  yield ['as null', text === '' ? 'null' : text];
}

const body: LinesCause = {
  id: 'body-rewritten',
  rule: 'The body was signed otherwise than it was sent',
  advice: 'Turn the object into text once; sign and send that very text. No body is an empty line.',
  variants: (draft) => rewriting(draft, lineNames.body, bodies(textOf(draft, lineNames.body))),
};

const method: LinesCause = {
  id: 'method',
  rule: 'The method was signed otherwise than it was sent',
  advice: 'Sign the method in upper case, as it stands in the request line.',
  variants: (draft) => {
    const sent = textOf(draft, lineNames.method);
    const others = [sent.toLowerCase(), 'POST', 'GET', 'PUT', 'DELETE'];
    return rewriting(
      draft,
      lineNames.method,
      others.map((one) => [`as ${one}`, one] as const),
    );
  },
};

const lines: LinesCause = {
  id: 'missing-line',
  rule: 'A line is missing in the signed text',
  advice: 'Requests: authorization, method, target, body. Replies: timestamp, nonce, body.',
  *variants(draft) {
    for (const { parameter } of draft.lines) {
      if (parameter !== lineNames.token) {
        yield { draft: without(draft, parameter), detail: parameter };
      }
    }
    const kept = draft.lines.filter(({ parameter }) => parameter === lineNames.body);
    yield { draft: { ...draft, lines: kept }, detail: 'everything but the body' };
  },
};

const order: LinesCause = {
  id: 'line-order',
  rule: 'The lines were signed in another order or form',
  advice: 'Requests: authorization, method, target, body. Replies: timestamp, nonce, body.',
  *variants(draft) {
    const [first, second] = draft.lines;
    if (first === undefined || second === undefined) return;
    const rest = draft.lines.slice(2);
    const swapped = [second, first, ...rest];
    yield { draft: { ...draft, lines: swapped }, detail: 'the first two the other way round' };
    yield { draft: { ...draft, lines: [...draft.lines].reverse() }, detail: 'from last to first' };
    const pairs = textOf(draft, lineNames.authorization).split(',');
    const value = (name: string) =>
      pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const wanted: readonly Line[] = [
      ...draft.lines.slice(1, 3),
      { parameter: lineNames.authorization, text: value('timestamp') },
      { parameter: lineNames.authorization, text: value('nonce') },
      ...draft.lines.slice(3),
    ];
    if (rest.length > 1) {
      yield { draft: { ...draft, lines: wanted }, detail: 'as WeChat Pay signs them' };
    }
    yield { draft: { ...draft, end: '\r\n' }, detail: 'lines ended by CR LF' };
    yield { draft: { ...draft, end: '' }, detail: 'lines without line ends' };
    yield { draft: { ...draft, end: '&' }, detail: 'lines joined by &' };
  },
};

export const lineCauses: readonly LinesCause[] = [
  finalLine,
  times,
  target,
  authorization,
  token,
  plain,
  body,
  method,
  lines,
  order,
  ...commonCauses<LinesDraft>(),
];

export interface LinesQuestion {
  readonly kind: 'request' | 'reply';
  readonly lines: readonly Line[];
  readonly context: LinesContext;
  readonly signature: string;
  readonly holders: readonly KeyHolder[];
  /** Whether the very bytes were seen to verify. */
  readonly proven: boolean;
  readonly belief?: Belief;
  readonly known?: readonly Found[];
  /** Default: all there are. */
  readonly causes?: readonly LinesCause[];
}

/** Puts the lines of a V3 exchange before the engine. */
export function explainLines(question: LinesQuestion): Explanation {
  const { kind, context, signature, holders, belief, known, causes = lineCauses } = question;
  const draft = linesDraft(question.lines);
  const query = new URLSearchParams(textOf(draft, lineNames.target).split('?')[1] ?? '');
  const secrets = secretsIn([
    ...query,
    ['body', textOf(draft, lineNames.body)],
    ['app_auth_token', textOf(draft, lineNames.token)],
  ]);
  return diagnose({
    kind,
    problem: { draft, causes, context, segments: lineSegments },
    signature,
    signType: 'RSA2',
    holders,
    proven: question.proven,
    secrets,
    ...(belief && { belief }),
    ...(known && { known }),
  });
}
