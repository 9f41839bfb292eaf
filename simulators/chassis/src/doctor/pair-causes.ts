/** simulator · doctor pair-causes: what clients get wrong with texts of named values. */
import type { Cause } from './engine.ts';
import {
  decoded,
  dropped,
  each,
  emptied,
  encoders,
  escapes,
  otherCharset,
  rewriting,
  unescaped,
} from './pair-variants.ts';
import { ascii, type Order, type PairsDraft } from './pairs.ts';

type PairsCause = Cause<PairsDraft>;

/** `orders` are wrong ones, the usual ones first. */
export const orderCause = (orders: readonly Order[]): PairsCause => ({
  id: 'order',
  rule: 'The parameters were signed in another order',
  advice: 'Sort by name, byte by byte (upper case before lower case), whatever order you send.',
  *variants(draft) {
    if (draft.order !== ascii) return;
    for (const order of orders) yield { draft: { ...draft, order }, detail: order.how };
  },
});

export const plusCause: PairsCause = {
  id: 'plus-and-blank',
  rule: 'Blank and + were taken for each other',
  advice: 'In a form + is a blank, and a real + has to be sent as %2B.',
  *variants(draft) {
    yield* rewriting(draft, (text) => text.replaceAll(' ', '+'), 'blanks were signed as +');
    yield* rewriting(draft, (text) => text.replaceAll(' ', '%20'), 'blanks were signed as %20');
    yield* rewriting(draft, (text) => text.replaceAll('+', ' '), '+ was signed as a blank');
    // A + that was sent bare arrives as a blank; which of them it was cannot be seen.
    yield* rewriting(draft, (text) => text.replace(' ', '+'), 'one blank was a +, sent bare');
    yield* rewriting(
      draft,
      (text) => text.replace(/ (?=[^ ]*$)/, '+'),
      'the last blank was a +, sent bare',
    );
  },
};

export const encodingCause: PairsCause = {
  id: 'encoded',
  rule: 'Values were percent-encoded before they were signed',
  advice: 'Sign the values as they are; encode them afterwards, and only for the wire.',
  variants: (draft) => each(draft, encoders),
};

export const encodedTwiceCause: PairsCause = {
  id: 'encoded-twice',
  rule: 'Values were signed as they are, but arrived percent-encoded: they were encoded twice',
  advice: 'Encode once. A library that sends forms encodes by itself.',
  *variants(draft) {
    yield* rewriting(draft, decoded);
    yield* rewriting(draft, (text) => decoded(decoded(text)), 'three times');
    // Only where something was encoded: else a mere + would be told as this.
    const form = (text: string) =>
      decoded(text) === text ? text : decoded(text.replaceAll('+', ' '));
    yield* rewriting(draft, form, '+ for a blank');
  },
};

export const escapedCause: PairsCause = {
  id: 'html-escaped',
  rule: 'Values were HTML-escaped when they were signed',
  advice: 'Sign the raw values; escape them only where they are written into a page.',
  variants: (draft) => each(draft, escapes),
};

export const escapedSentCause: PairsCause = {
  id: 'html-escaped-sent',
  rule: 'Values were signed raw, but arrived with HTML entities in them',
  advice: 'Something between signing and sending escapes: a template, or a filter against XSS.',
  variants: (draft) => rewriting(draft, unescaped),
};

export const charsetCause: PairsCause = {
  id: 'charset',
  rule: 'The text was signed in another character set',
  advice: 'Sign the bytes of the character set that the parameter charset names.',
  variants: (draft) => otherCharset(draft),
};

export const lineBreaksCause: PairsCause = {
  id: 'line-breaks',
  rule: 'Line ends were changed between signing and sending',
  advice: 'Browsers turn LF into CR LF in form fields: sign the same, or avoid line ends.',
  *variants(draft) {
    yield* rewriting(draft, (text) => text.replaceAll('\r\n', '\n'), 'signed with LF');
    yield* rewriting(draft, (text) => text.replaceAll(/\r?\n/g, '\r\n'), 'signed with CR LF');
    yield* rewriting(draft, (text) => text.replaceAll(/[\r\n]/g, ''), 'signed without');
  },
};

export const normalizationCause: PairsCause = {
  id: 'unicode-normalized',
  rule: 'Composed characters were signed in another form than they were sent',
  advice: 'Do not normalize between signing and sending.',
  *variants(draft) {
    for (const form of ['NFC', 'NFD', 'NFKC'] as const) {
      yield* rewriting(draft, (text) => text.normalize(form), form);
    }
  },
};

/** What stands between, before or after. */
const separators: readonly (readonly [how: string, Partial<PairsDraft>])[] = [
  ['pairs joined by nothing', { and: '' }],
  ['names and values joined by nothing', { and: '', equals: '' }],
  ['pairs joined by &amp;', { and: '&amp;' }],
  ['pairs joined by a comma', { and: ',' }],
  ['pairs joined by line ends', { and: '\n' }],
  ['pairs joined by |', { and: '|' }],
  ['& at the end', { after: '&' }],
  ['& at the beginning', { before: '&' }],
  ['? at the beginning', { before: '?' }],
];

export const joiningCause: PairsCause = {
  id: 'separators',
  rule: 'Names and values were not joined as name=value with & between the pairs',
  advice: 'Join name=value pairs with &, nothing before the first and nothing after the last.',
  *variants(draft) {
    for (const [detail, { before = '', after = '', ...change }] of separators) {
      const ends = { before: draft.before + before, after: after + draft.after };
      yield { draft: { ...draft, ...change, ...ends }, detail };
    }
  },
};

/** `optional` is what clients often hold without a value. */
export const emptyCause = (optional: readonly string[]): PairsCause => ({
  id: 'empty-kept',
  rule: 'Parameters without a value were kept in the signed text',
  advice: 'Leave out what is empty or missing, with its name.',
  variants: (draft) => emptied(draft, optional),
});

/** `groups` are left out together as well. */
export const droppedCause = (groups: readonly (readonly string[])[]): PairsCause => ({
  id: 'dropped',
  rule: 'A parameter that is in the message was not in the signed text',
  advice: 'Sign every parameter that has a value, wherever it is sent, also unknown ones.',
  variants: (draft) => dropped(draft, groups),
});
