/** alipay simulator · doctor-node-causes: what clients take for the signed part of a reply. */
import { type Charset, decodeText } from '@polyrail/simulator';
import {
  type Cause,
  commonCauses,
  type Ending,
  rewritings,
  type Variant,
} from '@polyrail/simulator/doctor';
import { type Member, membersOf } from './doctor-node.ts';

/** A text that may have been taken for the signed one. */
export interface NodeDraft extends Ending {
  readonly text: string;
}

export interface NodeContext {
  /** The whole body as text. */
  readonly body: string;
  readonly bytes: Uint8Array;
  readonly node: Member;
  decrypt?(text: string): string | undefined;
}

type NodeCause = Cause<NodeDraft, NodeContext>;

function* texts(
  draft: NodeDraft,
  ways: Iterable<readonly [how: string, text: string | undefined]>,
): Generator<Variant<NodeDraft>> {
  const seen = new Set([draft.text]);
  for (const [detail, text] of ways) {
    if (text === undefined || seen.has(text)) continue;
    seen.add(text);
    yield { draft: { ...draft, text }, detail };
  }
}

const advice =
  "Cut the raw text of the node's value out of the raw body - from its opening to its matching " +
  'closing brace, of an encrypted node with both quotes - before you parse anything.';

const whole: NodeCause = {
  id: 'whole-body',
  rule: 'The whole body was verified, not the node in it',
  advice,
  variants: (draft, { body, node }) =>
    texts(draft, [
      ['as it came', body],
      ['without blanks around it', body.trim()],
      ['without sign', `{${body.slice(node.from, node.end)}}`],
      ['without sign', body.replace(/,\s*"sign"\s*:\s*"[^"]*"/, '')],
      ['without braces', body.trim().slice(1, -1)],
    ]),
};

const comma: NodeCause = {
  id: 'trailing-comma',
  rule: 'The comma after the node was verified with it',
  advice,
  variants: (draft, { node, body }) =>
    texts(draft, body[node.end] === ',' ? [['', `${draft.text},`]] : []),
};

const long: NodeCause = {
  id: 'cut-too-long',
  rule: 'More than the node was verified',
  advice,
  variants: (draft, { node, body }) => {
    const until = (mark: string) => {
      const at = body.indexOf(mark, node.end);
      return at < 0 ? undefined : body.slice(node.start, at);
    };
    return texts(draft, [
      ['up to "sign"', until('"sign"')],
      ['up to the comma before "sign"', until(',"sign"')],
      ['up to the quote after "sign":', until(':"')],
      ['up to the end of the body', body.slice(node.start)],
      ['up to the last brace but one', body.slice(node.start, body.lastIndexOf('}'))],
      ['with its name', body.slice(node.from, node.end)],
      ['with the colon before it', body.slice(body.lastIndexOf(':', node.start), node.end)],
      ['with a brace more', `${draft.text}}`],
    ]);
  },
};

const short: NodeCause = {
  id: 'cut-too-short',
  rule: 'Less than the node was verified',
  advice,
  variants: (draft) => {
    const { text } = draft;
    const quoted = text.startsWith('"');
    const upTo = (mark: string) => {
      const at = text.indexOf(mark);
      return at < 0 ? undefined : text.slice(0, at + mark.length);
    };
    const first = quoted ? 'quote' : 'brace';
    return texts(draft, [
      [`without its ${first}s`, text.slice(1, -1)],
      [`without its last ${first}`, text.slice(0, -1)],
      [`without its first ${first}`, text.slice(1)],
      ['up to the first closing brace', upTo('}')],
      ['up to the first `","sign`', text.split('","sign')[0]],
      ['from the last opening brace', text.slice(Math.max(0, text.lastIndexOf('{')))],
      ['without its last two characters', text.slice(0, -2)],
    ]);
  },
};

const slashes: NodeCause = {
  id: 'unescaped-slashes',
  rule: '`\\/` was turned into `/` before verifying',
  advice: `Alipay signs the \\/ it writes: verify the raw text. ${advice}`,
  variants: (draft) => texts(draft, [['', draft.text.replaceAll('\\/', '/')]]),
};

const escapes: NodeCause = {
  id: 'escaped-slashes',
  rule: '`/` was signed as `\\/`: the text was unescaped before it came here',
  advice: 'Keep the raw bytes of the reply, before any logger or parser.',
  variants: (draft) => texts(draft, [['', draft.text.replaceAll(/(?<!\\)\//g, '\\/')]]),
};

const decrypted: NodeCause = {
  id: 'decrypted',
  rule: 'The decrypted text was verified, not the ciphertext',
  advice: 'Verify first, over the ciphertext with both its quotes; then decrypt.',
  variants: (draft, { decrypt }) => {
    const inner = draft.text.replace(/^"(.*)"$/s, '$1').replaceAll('\\/', '/');
    return texts(draft, [['', decrypt?.(inner)]]);
  },
};

const rewritten: NodeCause = {
  id: 'json-rewritten',
  rule: 'The node was parsed and written anew before verifying',
  advice,
  *variants(draft) {
    for (const { text, how } of rewritings(draft.text)) {
      yield { draft: { ...draft, text }, detail: how };
    }
  },
};

const plain = (raw: string): string => {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'string' ? value : raw;
  } catch {
    return raw;
  }
};

const rule: NodeCause = {
  id: 'notification-rule',
  rule: 'The rule of notifications was used: members sorted and joined by &',
  advice: `Replies are not sorted. ${advice}`,
  variants: (draft) => {
    const pairs = membersOf(draft.text).map(({ name, raw }) => `${name}=${plain(raw)}`);
    return texts(draft, pairs.length === 0 ? [] : [['', [...pairs].sort().join('&')]]);
  },
};

const charsets: NodeCause = {
  id: 'charset',
  rule: 'The bytes were read or written in another character set',
  advice: 'Verify the bytes as they came; the charset of the request is that of its reply.',
  *variants(draft, { bytes, node, body }) {
    const other: Charset = draft.charset === 'gbk' ? 'utf-8' : 'gbk';
    yield { draft: { ...draft, charset: other }, detail: `written as ${other}` };
    const misread = decodeText(bytes, other);
    const tail = body.length - node.end;
    const found = membersOf(misread).find(({ name }) => name === node.name);
    const text = found?.raw ?? misread.slice(node.start, misread.length - tail);
    yield { draft: { ...draft, text }, detail: `read as ${other}, written as ${draft.charset}` };
    yield { draft: { ...draft, text, charset: other }, detail: `read and written as ${other}` };
    const latin = Buffer.from(draft.text, 'utf8').toString('latin1');
    yield { draft: { ...draft, text: latin }, detail: 'read as Latin-1' };
    const marks = draft.text.replaceAll(/[^\0-\u{7f}]/gu, '?');
    yield { draft: { ...draft, text: marks }, detail: 'written as ASCII, so that ? came of them' };
  },
};

/** Of a v1 reply. */
export const nodeCauses: readonly NodeCause[] = [
  comma,
  whole,
  long,
  decrypted,
  short,
  slashes,
  escapes,
  rewritten,
  rule,
  charsets,
  ...commonCauses<NodeDraft>(),
].map((cause) => ({
  ...cause,
  // A detail that says nothing is none.
  *variants(draft: NodeDraft, context: NodeContext) {
    for (const variant of cause.variants(draft, context)) {
      yield variant.detail === '' ? { draft: variant.draft } : variant;
    }
  },
}));
