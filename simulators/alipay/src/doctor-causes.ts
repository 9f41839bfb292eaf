/**
 * alipay simulator · doctor-causes: what clients get wrong with `name=value` texts, as a table. The
 * first cause that explains a signature is named: special ones stand before general ones.
 */
import type { Cause, Ending, Variant, Wrap } from './doctor.ts';
import type { FormContext, FormDraft } from './doctor-form.ts';
import { rewritings } from './doctor-json.ts';
import {
  changed,
  decoded,
  dropped,
  each,
  emptied,
  encoders,
  escapes,
  jsonNames,
  otherCharset,
  replaced,
  rewriting,
  signIncluded,
  unescaped,
  valueIn,
} from './doctor-variants.ts';

type FormCause = Cause<FormDraft, FormContext>;

/** Things added by editors, `echo` and here-documents. */
const endings: readonly (readonly [how: string, Partial<Ending>])[] = [
  ['a line end after it', { after: '\n' }],
  ['CR and LF after it', { after: '\r\n' }],
  ['a blank after it', { after: ' ' }],
  ['a blank before it', { before: ' ' }],
  ['a byte order mark before it', { before: '\u{feff}' }],
  ['a line end before it', { before: '\n' }],
  ['a zero byte after it', { after: '\0' }],
];

const wrapped: readonly (readonly [how: string, wrap: Wrap])[] = [
  ['the digest in hexadecimal', 'hex'],
  ['the digest in upper-case hexadecimal', 'HEX'],
  ['the bytes of the digest, which signing digests again', 'digest'],
  ['the digest in Base64', 'base64-digest'],
  ['the text in Base64', 'base64'],
  ['the text percent-encoded as a whole', 'percent'],
];

/** Mistakes with any text, whatever it is made of. */
export function commonCauses<Draft extends Ending>(): readonly Cause<Draft>[] {
  return [
    {
      id: 'digest-signed',
      rule: 'Not the text was signed, but something made of it',
      advice: 'Hand the signing function the text itself: it computes the digest.',
      *variants(draft) {
        if (draft.wrap !== undefined) return;
        for (const [detail, wrap] of wrapped) yield { draft: { ...draft, wrap }, detail };
      },
    },
    {
      id: 'stray-ends',
      rule: 'The signed text had something around it',
      advice: 'Sign exactly the joined text: no line end, blank or byte order mark.',
      *variants(draft) {
        for (const [detail, ends] of endings) {
          yield {
            draft: {
              ...draft,
              before: draft.before + (ends.before ?? ''),
              after: draft.after + (ends.after ?? ''),
            },
            detail,
          };
        }
      },
    },
  ];
}

function* rewritten(draft: FormDraft): Generator<Variant<FormDraft>> {
  for (const name of jsonNames(draft)) {
    for (const { text, how } of rewritings(valueIn(draft, name))) {
      yield { draft: replaced(draft, name, text), detail: `${name}, ${how}` };
    }
  }
}

/** Cuts a text at its `encrypt_type`: some clients add it only after signing. */
function* encryptedLate(draft: FormDraft, context: FormContext): Generator<Variant<FormDraft>> {
  const plain = context.decrypt?.(valueIn(draft, 'biz_content'));
  if (plain === undefined) return;
  const signed = replaced(draft, 'biz_content', plain);
  yield { draft: signed };
  const omitted = [...draft.omitted, 'encrypt_type'];
  yield { draft: { ...signed, omitted }, detail: 'and encrypt_type was added after signing' };
}

function* encryptedOnlyForSigning(
  draft: FormDraft,
  { encrypt }: FormContext,
): Generator<Variant<FormDraft>> {
  const content = valueIn(draft, 'biz_content');
  if (encrypt === undefined || content === '') return;
  const signed = replaced(draft, 'biz_content', encrypt(content));
  yield { draft: signed };
  if (valueIn(draft, 'encrypt_type') !== '') return;
  const pairs = [...signed.pairs, { name: 'encrypt_type', value: 'AES' }];
  yield { draft: { ...signed, pairs }, detail: 'with encrypt_type, which was not sent' };
}

/** What stands between, before or after. */
const separators: readonly (readonly [how: string, Partial<FormDraft>])[] = [
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

const camel = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const signType: FormCause = {
  id: 'sign-type',
  rule: 'sign_type was left out of the signed text',
  advice:
    'Requests, and messages with msg_method, are signed with sign_type; only sign is left out.',
  *variants(draft) {
    if (draft.omitted.includes('sign_type') || valueIn(draft, 'sign_type') === '') return;
    yield { draft: { ...draft, omitted: [...draft.omitted, 'sign_type'] } };
  },
};

const signTypeKept: FormCause = {
  id: 'sign-type-kept',
  rule: 'sign_type was kept in the signed text',
  advice: 'Leave out sign and sign_type when you verify a notification; requests keep sign_type.',
  *variants(draft) {
    if (!draft.omitted.includes('sign_type')) return;
    yield { draft: { ...draft, omitted: draft.omitted.filter((name) => name !== 'sign_type') } };
  },
};

const orders: FormCause = {
  id: 'order',
  rule: 'The parameters were signed in another order',
  advice: 'Sort by name, byte by byte (upper case before lower case), whatever order you send.',
  *variants(draft) {
    if (draft.order !== 'ascii') return;
    const others = [
      'sent',
      'sent, body before query',
      'sorted without regard to case',
      'sorted as a dictionary does',
      'sorted, biz_content last',
      'as the documents list them',
      'sorted backwards',
      'sorted by value',
    ] as const;
    for (const order of others) yield { draft: { ...draft, order }, detail: order };
  },
};

const encoding: FormCause = {
  id: 'encoded',
  rule: 'Values were percent-encoded before they were signed',
  advice: 'Sign the values as they are; encode them afterwards, and only for the wire.',
  variants: (draft) => each(draft, encoders),
};

const encodedTwice: FormCause = {
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

const html: FormCause = {
  id: 'html-escaped',
  rule: 'Values were HTML-escaped when they were signed',
  advice: 'Sign the raw values; escape them only where they are written into a page.',
  variants: (draft) => each(draft, escapes),
};

const htmlSent: FormCause = {
  id: 'html-escaped-sent',
  rule: 'Values were signed raw, but arrived with HTML entities in them',
  advice: 'Something between signing and sending escapes: a template, or a filter against XSS.',
  variants: (draft) => rewriting(draft, unescaped),
};

const plus: FormCause = {
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

const lineBreaks: FormCause = {
  id: 'line-breaks',
  rule: 'Line ends were changed between signing and sending',
  advice: 'Browsers turn LF into CR LF in form fields: sign the same, or avoid line ends.',
  *variants(draft) {
    yield* rewriting(draft, (text) => text.replaceAll('\r\n', '\n'), 'signed with LF');
    yield* rewriting(draft, (text) => text.replaceAll(/\r?\n/g, '\r\n'), 'signed with CR LF');
    yield* rewriting(draft, (text) => text.replaceAll(/[\r\n]/g, ''), 'signed without');
  },
};

const normalization: FormCause = {
  id: 'unicode-normalized',
  rule: 'Composed characters were signed in another form than they were sent',
  advice: 'Do not normalize between signing and sending.',
  *variants(draft) {
    for (const form of ['NFC', 'NFD', 'NFKC'] as const) {
      yield* rewriting(draft, (text) => text.normalize(form), form);
    }
  },
};

const charsets: FormCause = {
  id: 'charset',
  rule: 'The text was signed in another character set',
  advice: 'Sign the bytes of the character set that the parameter charset names.',
  variants: (draft) => otherCharset(draft),
};

const names: FormCause = {
  id: 'names',
  rule: 'The parameters were signed under other names',
  advice: 'Sign the names as they are sent: app_id, biz_content.',
  *variants(draft) {
    const renamed = (change: (name: string) => string) => ({
      ...draft,
      pairs: draft.pairs.map((pair) => ({ ...pair, name: change(pair.name) })),
      omitted: [...draft.omitted, ...draft.omitted.map(change)],
    });
    yield { draft: renamed(camel), detail: 'in camel case' };
    yield { draft: renamed((name) => name.toUpperCase()), detail: 'in upper case' };
    const content = (name: string) => (name === 'biz_content' ? 'bizContent' : name);
    yield { draft: renamed(content), detail: 'bizContent' };
  },
};

const joining: FormCause = {
  id: 'separators',
  rule: 'Names and values were not joined as name=value with & between the pairs',
  advice: 'Join name=value pairs with &, nothing before the first and nothing after the last.',
  *variants(draft) {
    for (const [detail, change] of separators) yield { draft: { ...draft, ...change }, detail };
  },
};

const included: FormCause = {
  id: 'sign-included',
  rule: 'sign itself was in the signed text',
  advice: 'Leave sign out, also an empty one and the one of the request before.',
  variants: (draft, context) => signIncluded(draft, context),
};

const empty: FormCause = {
  id: 'empty-kept',
  rule: 'Parameters without a value were kept in the signed text',
  advice: 'Leave out what is empty or missing, with its name.',
  variants: (draft) => emptied(draft),
};

const json: FormCause = {
  id: 'json-rewritten',
  rule: 'JSON was written anew between signing and sending',
  advice: 'Turn the object into text once; sign and send that very text.',
  variants: (draft) => rewritten(draft),
};

const ownParameters: FormCause = {
  id: 'own-parameters',
  rule: "Parameters of notify_url's own query were mixed in",
  advice: 'Verify only what the body of the notification holds, not what the address adds.',
  *variants(draft, { ownPairs }) {
    const present = ({ name }: { readonly name: string }) =>
      draft.pairs.some((pair) => pair.name === name);
    const mixed = ownPairs.filter(present).map(({ name }) => name);
    const absent = ownPairs.filter((pair) => !present(pair));
    if (mixed.length > 0) {
      yield {
        draft: { ...draft, omitted: [...draft.omitted, ...mixed] },
        detail: mixed.join(', '),
      };
    }
    if (absent.length > 0) {
      const names = absent.map(({ name }) => name).join(', ');
      yield { draft: { ...draft, pairs: [...absent, ...draft.pairs] }, detail: names };
    }
  },
};

const fewer: FormCause = {
  id: 'dropped',
  rule: 'A parameter that is in the message was not in the signed text',
  advice: 'Sign every parameter that has a value, wherever it is sent, also unknown ones.',
  variants: (draft) => dropped(draft),
};

const late: FormCause = {
  id: 'signed-before-encrypting',
  rule: 'biz_content was signed before it was encrypted',
  advice: 'Encrypt first, put the ciphertext into biz_content, set encrypt_type=AES, then sign.',
  variants: encryptedLate,
};

const forSigning: FormCause = {
  id: 'encrypted-only-for-signing',
  rule: 'The ciphertext was signed, but biz_content was sent in the clear',
  advice: 'Send the ciphertext that was signed, with encrypt_type=AES.',
  variants: encryptedOnlyForSigning,
};

const altered: FormCause = {
  id: 'changed',
  rule: 'A parameter was changed after signing',
  advice: 'Sign last: take the time and every value once, sign, and change nothing after it.',
  variants: (draft, context) => changed(draft, context),
};

const common = commonCauses<FormDraft>();

/** Of a form: special causes before general ones. */
export const formCauses: readonly FormCause[] = [
  signType,
  signTypeKept,
  ownParameters,
  late,
  forSigning,
  orders,
  plus,
  encoding,
  encodedTwice,
  html,
  htmlSent,
  charsets,
  lineBreaks,
  normalization,
  json,
  empty,
  included,
  names,
  joining,
  fewer,
  ...common,
  altered,
];
