/**
 * alipay simulator · doctor-causes: what clients get wrong with `name=value` texts, as a table. The
 * first cause that explains a signature is named: special ones stand before general ones.
 */
import {
  type Cause,
  charsetCause,
  commonCauses,
  droppedCause,
  emptyCause,
  encodedTwiceCause,
  encodingCause,
  escapedCause,
  escapedSentCause,
  joiningCause,
  lineBreaksCause,
  normalizationCause,
  orderCause,
  type PairsDraft,
  plusCause,
  replaced,
  rewritings,
  signIncluded,
  type Variant,
  valueIn,
} from '@polyrail/simulator/doctor';
import { type FormContext, formOrders } from './doctor-form.ts';
import { changed, jsonNames, optional } from './doctor-variants.ts';

type FormCause = Cause<PairsDraft, FormContext>;

function* rewritten(draft: PairsDraft): Generator<Variant<PairsDraft>> {
  for (const name of jsonNames(draft)) {
    for (const { text, how } of rewritings(valueIn(draft, name))) {
      yield { draft: replaced(draft, name, text), detail: `${name}, ${how}` };
    }
  }
}

/** Cuts a text at its `encrypt_type`: some clients add it only after signing. */
function* encryptedLate(draft: PairsDraft, context: FormContext): Generator<Variant<PairsDraft>> {
  const plain = context.decrypt?.(valueIn(draft, 'biz_content'));
  if (plain === undefined) return;
  const signed = replaced(draft, 'biz_content', plain);
  yield { draft: signed };
  const omitted = [...draft.omitted, 'encrypt_type'];
  yield { draft: { ...signed, omitted }, detail: 'and encrypt_type was added after signing' };
}

function* encryptedOnlyForSigning(
  draft: PairsDraft,
  { encrypt }: FormContext,
): Generator<Variant<PairsDraft>> {
  const content = valueIn(draft, 'biz_content');
  if (encrypt === undefined || content === '') return;
  const signed = replaced(draft, 'biz_content', encrypt(content));
  yield { draft: signed };
  if (valueIn(draft, 'encrypt_type') !== '') return;
  const pairs = [...signed.pairs, { name: 'encrypt_type', value: 'AES' }];
  yield { draft: { ...signed, pairs }, detail: 'with encrypt_type, which was not sent' };
}

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

const included: FormCause = {
  id: 'sign-included',
  rule: 'sign itself was in the signed text',
  advice: 'Leave sign out, also an empty one and the one of the request before.',
  variants: (draft, { earlier }) =>
    signIncluded(
      draft,
      earlier.map(({ sign }) => sign),
    ),
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

const common = commonCauses<PairsDraft>();

/** Of a form: special causes before general ones. */
export const formCauses: readonly FormCause[] = [
  signType,
  signTypeKept,
  ownParameters,
  late,
  forSigning,
  orderCause(formOrders),
  plusCause,
  encodingCause,
  encodedTwiceCause,
  escapedCause,
  escapedSentCause,
  charsetCause,
  lineBreaksCause,
  normalizationCause,
  json,
  emptyCause(optional),
  included,
  names,
  joiningCause,
  droppedCause([['app_cert_sn', 'alipay_root_cert_sn'], optional]),
  ...common,
  altered,
];
