/** simulator · doctor common-causes: mistakes with any text, whatever it is made of. */
import type { Cause, Ending, Wrap } from './engine.ts';

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
