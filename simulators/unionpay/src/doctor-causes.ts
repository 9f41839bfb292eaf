/** unionpay simulator · doctor-causes: what clients get wrong with a text of this protocol. */
import { createHash } from 'node:crypto';
import type { Charset } from '@polyrail/simulator';
import {
  type Cause,
  charsetCause,
  commonCauses,
  droppedCause,
  emptyCause,
  encodedTwiceCause,
  encodingCause,
  escapedCause,
  joiningCause,
  lineBreaksCause,
  orderCause,
  otherOrders,
  type PairsDraft,
  pairsDraft,
  plusCause,
  replaced,
  type Variant,
  valueIn,
} from '@polyrail/simulator/doctor';
import type { Fields } from './form.ts';

type Inner = 'sha256' | 'sha1' | 'sm3' | 'md5';
type Form = 'hex' | 'HEX' | 'bytes' | 'base64' | 'text';

/** A text, and what was made of it before it was signed. */
export interface AcpDraft extends PairsDraft {
  readonly inner: Inner;
  readonly form: Form;
}
type AcpCause = Cause<AcpDraft>;

export function acpDraft(
  fields: Fields,
  { charset, inner }: { readonly charset: Charset; readonly inner: Inner },
): AcpDraft {
  const pairs = Object.entries(fields).map(([name, value]) => ({ name, value }));
  const draft = pairsDraft(pairs, { charset, omitted: ['signature'] });
  return { ...draft, empties: true, inner, form: 'hex' };
}

const forms: Readonly<Record<Form, (data: Uint8Array, inner: Inner) => Uint8Array>> = {
  hex: (data, inner) => Buffer.from(createHash(inner).update(data).digest('hex')),
  HEX: (data, inner) => Buffer.from(createHash(inner).update(data).digest('hex').toUpperCase()),
  bytes: (data, inner) => createHash(inner).update(data).digest(),
  base64: (data, inner) => Buffer.from(createHash(inner).update(data).digest('base64')),
  text: (data) => data,
};

/** What is signed of a text: the digest in hexadecimal, which the signature digests again. */
export const prepare = (data: Uint8Array, { form, inner }: AcpDraft): Uint8Array =>
  forms[form](data, inner);

const doubleHash: AcpCause = {
  id: 'single-hash',
  rule: 'Not the hexadecimal digest of the text was signed',
  advice:
    'Sign the lower-case hexadecimal digest of the text: the signing function digests it again.',
  *variants(draft) {
    if (draft.form !== 'hex') return;
    yield { draft: { ...draft, form: 'text' }, detail: 'the text itself, digested once' };
    yield { draft: { ...draft, form: 'HEX' }, detail: 'its digest in upper case' };
    yield { draft: { ...draft, form: 'bytes' }, detail: 'the bytes of its digest' };
    yield { draft: { ...draft, form: 'base64' }, detail: 'its digest in Base64' };
  },
};

const innerHash: AcpCause = {
  id: 'inner-hash',
  rule: 'The text was digested by another function than the version asks for',
  advice: 'Version 5.1.0 digests with SHA-256 both times, 5.0.0 with SHA-1 both times.',
  *variants(draft) {
    if (draft.form === 'text') return;
    for (const inner of ['sha1', 'sha256', 'md5', 'sm3'] as const) {
      if (inner !== draft.inner) yield { draft: { ...draft, inner }, detail: inner };
    }
  },
};

const emptiesDropped: AcpCause = {
  id: 'empty-dropped',
  rule: 'Fields without a value, though they are on the wire, were left out of the text',
  advice: 'Best send none of them. What is sent is signed, as name= and nothing behind it.',
  *variants(draft) {
    const empty = draft.pairs.filter(({ value }) => value === '');
    if (!draft.empties || empty.length === 0) return;
    const detail = empty.map(({ name }) => name).join(', ');
    yield { draft: { ...draft, empties: false }, detail };
  },
};

const hex = (decimal: string): string => BigInt(decimal).toString(16);

/** The number as other programs write it. */
const spellings: readonly (readonly [how: string, (certId: string) => string])[] = [
  ['in hexadecimal', hex],
  ['in upper-case hexadecimal', (certId) => hex(certId).toUpperCase()],
  ['rounded, as a floating-point number holds it', (certId) => BigInt(Number(certId)).toString()],
];

const certIdCause: AcpCause = {
  id: 'cert-id',
  rule: 'The text was signed with another certId than was sent',
  advice: 'Put the decimal serial number of the signing certificate in certId before you sign.',
  *variants(draft): Generator<Variant<AcpDraft>> {
    const certId = valueIn(draft, 'certId');
    if (!/^\d{1,40}$/.test(certId)) return;
    const omitted = [...draft.omitted, 'certId'];
    yield { draft: { ...draft, omitted }, detail: 'without it: it was added after signing' };
    for (const [how, spell] of spellings) {
      const other = spell(certId);
      if (other === certId) continue;
      yield { draft: { ...draft, ...replaced(draft, 'certId', other) }, detail: how };
    }
  },
};

const signatureIncluded: AcpCause = {
  id: 'signature-included',
  rule: 'The field signature stood in the text',
  advice: 'Sign every field but signature.',
  *variants(draft) {
    const omitted = draft.omitted.filter((name) => name !== 'signature');
    const pairs = [
      ...draft.pairs.filter(({ name }) => name !== 'signature'),
      { name: 'signature', value: '' },
    ];
    yield { draft: { ...draft, omitted, pairs, empties: true }, detail: 'signature=' };
  },
};

const nestedCause: AcpCause = {
  id: 'nested-cut',
  rule: 'A value in braces was cut at an & inside it',
  advice: 'An & between { and } (or [ and ]) belongs to the value: read on to the closing bracket.',
  *variants(draft) {
    for (const { name, value } of draft.pairs) {
      const inside = /^\{[^{}]*&/.test(value) ? value.split('&') : [];
      if (inside.length < 2) continue;
      const loose = inside.slice(1).map((pair) => {
        const mark = pair.indexOf('=');
        return { name: pair.slice(0, mark), value: pair.slice(mark + 1) };
      });
      const rest = draft.pairs.map((pair) =>
        pair.name === name ? { name, value: inside[0] ?? '' } : pair,
      );
      yield { draft: { ...draft, pairs: [...rest, ...loose] }, detail: name };
      yield { draft: { ...draft, pairs: rest }, detail: `${name}, and its rest dropped` };
    }
  },
};

const optional = ['reqReserved', 'reserved', 'accNo', 'encryptCertId', 'customerInfo', 'frontUrl'];

/** Whatever else a table of named values suffers: these keep what they do not know of a draft. */
const ofPairs = [
  orderCause(otherOrders),
  charsetCause,
  encodingCause,
  plusCause,
  encodedTwiceCause,
  escapedCause,
  lineBreaksCause,
  joiningCause,
  emptyCause(optional),
  droppedCause([['signPubKeyCert', 'certId']]),
] as unknown as readonly AcpCause[];

/** Of messages sealed by certificates. */
export const acpCauses: readonly AcpCause[] = [
  doubleHash,
  innerHash,
  certIdCause,
  emptiesDropped,
  signatureIncluded,
  nestedCause,
  ...ofPairs,
  ...commonCauses<AcpDraft>(),
];

/** Of messages sealed by a shared key, which is no digest of a digest. */
export const keyedCauses: readonly AcpCause[] = acpCauses.filter(
  ({ id }) => id !== 'single-hash' && id !== 'inner-hash',
);
