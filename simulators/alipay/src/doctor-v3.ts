/** alipay simulator · doctor-v3: what clients get wrong with the lines that V3 signs. */
import {
  type Belief,
  bodyCause,
  type Cause,
  type LinesContext as CommonContext,
  commonCauses,
  lineNames as commonNames,
  diagnose,
  type Explanation,
  type Found,
  finalLineCause,
  hasLine,
  type KeyHolder,
  type Line,
  type LinesDraft,
  lineDropped,
  lineReplaced,
  lineRewriting,
  lineSegments,
  linesDraft,
  lineText,
  methodCause,
  openSignature,
  shapeFound,
  targetCause,
} from '@polyrail/simulator/doctor';
import { secretsIn } from './doctor-secrets.ts';
import { words } from './doctor-words.ts';

export interface LinesContext extends CommonContext {
  /** Of a merchant for whom the app may act: signed by mistake where it was not sent. */
  readonly token?: string;
  readonly scheme: string;
  decrypt?(text: string): string | undefined;
}

type LinesCause = Cause<LinesDraft, LinesContext>;

export const lineNames = {
  ...commonNames,
  authorization: 'Authorization',
  token: 'alipay-app-auth-token',
  timestamp: 'alipay-timestamp',
  nonce: 'alipay-nonce',
} as const;

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
      const text = lineText(draft, name);
      const seconds = text.replace(/\b(\d{10})\d{3}\b/, '$1');
      const milliseconds = text.replace(/\b(\d{10})\b/, '$1000');
      yield* lineRewriting(draft, name, [
        ['signed in seconds', seconds],
        ['signed in milliseconds', milliseconds],
      ]);
    }
  },
};

const authorization: LinesCause = {
  id: 'authorization-rebuilt',
  rule: 'The authorization string was signed otherwise than it was sent',
  advice: 'Build app_id=…,nonce=…,timestamp=… once; sign it, and send it with `,sign=` behind it.',
  variants: (draft, { scheme }) => {
    const text = lineText(draft, lineNames.authorization);
    return lineRewriting(draft, lineNames.authorization, authorizations(text, scheme));
  },
};

const token: LinesCause = {
  id: 'token-line',
  rule: 'The line of alipay-app-auth-token is not as it was sent',
  advice: 'Add the line exactly when the header is sent: after the body, with its own LF.',
  *variants(draft, { token: known }) {
    if (hasLine(draft, lineNames.authorization) && !hasLine(draft, lineNames.token)) {
      for (const text of ['', ...(known === undefined ? [] : [known]), 'null', 'undefined']) {
        const line = { parameter: lineNames.token, text };
        const detail = text === '' ? 'an empty line was signed' : 'signed, but not sent';
        yield { draft: { ...draft, lines: [...draft.lines, line] }, detail };
      }
    }
    if (!hasLine(draft, lineNames.token)) return;
    yield { draft: lineDropped(draft, lineNames.token), detail: 'sent, but not signed' };
    const lines = draft.lines.filter(({ parameter }) => parameter !== lineNames.token);
    const at = lines.findIndex(({ parameter }) => parameter === lineNames.body);
    const line = { parameter: lineNames.token, text: lineText(draft, lineNames.token) };
    const moved = [...lines.slice(0, at), line, ...lines.slice(at)];
    yield { draft: { ...draft, lines: moved }, detail: 'signed before the body' };
  },
};

const plain: LinesCause = {
  id: 'signed-before-encrypting',
  rule: 'The body was signed in the clear, but sent encrypted',
  advice: 'Encrypt first; the signed body is the Base64 text that is sent. Verify, then decrypt.',
  *variants(draft, { decrypt }) {
    const text = decrypt?.(lineText(draft, lineNames.body));
    if (text !== undefined) yield { draft: lineReplaced(draft, lineNames.body, text) };
  },
};

const lines: LinesCause = {
  id: 'missing-line',
  rule: 'A line is missing in the signed text',
  advice: 'Requests: authorization, method, target, body. Replies: timestamp, nonce, body.',
  *variants(draft) {
    for (const { parameter } of draft.lines) {
      if (parameter !== lineNames.token) {
        yield { draft: lineDropped(draft, parameter), detail: parameter };
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
    const pairs = lineText(draft, lineNames.authorization).split(',');
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
  finalLineCause,
  times,
  targetCause,
  authorization,
  token,
  plain,
  bodyCause,
  methodCause,
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
  const query = new URLSearchParams(lineText(draft, lineNames.target).split('?')[1] ?? '');
  const secrets = secretsIn([
    ...query,
    ['body', lineText(draft, lineNames.body)],
    ['app_auth_token', lineText(draft, lineNames.token)],
  ]);
  return diagnose({
    kind,
    problem: { draft, causes, context, segments: lineSegments },
    signature,
    wanted: 'sha256',
    shape: shapeFound(signature, { wanted: 'sha256', words }),
    opened: openSignature(signature, holders),
    owner: holders[0],
    words,
    proven: question.proven,
    secrets,
    ...(belief && { belief }),
    ...(known && { known }),
  });
}
