/** alipay simulator · doctor-request: why the signature of a form - a request - does not verify. */
import type { Charset } from '@polyrail/simulator';
import {
  asSent,
  type Belief,
  type Cause,
  diagnose,
  type Explanation,
  type Found,
  type KeyHolder,
  openSignature,
  type Pair,
  type PairsDraft,
  pairSegments,
  pairsDraft,
  type Question,
  shapeFound,
  type Variant,
} from '@polyrail/simulator/doctor';
import { decryptText, encryptText } from './cipher.ts';
import { formCauses } from './doctor-causes.ts';
import { documented, type FormContext } from './doctor-form.ts';
import { secretsIn } from './doctor-secrets.ts';
import { optional } from './doctor-variants.ts';
import { earlierOf, requestHolders } from './doctor-witness.ts';
import { digestNames, words } from './doctor-words.ts';
import type { Envelope } from './envelope.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { isSignType } from './seal.ts';
import { v3Methods } from './v3-paths.ts';

const pageMethods = [
  'alipay.trade.page.pay',
  'alipay.trade.wap.pay',
  'alipay.trade.app.pay',
  'alipay.user.agreement.page.sign',
];

/** The parameters as the gateway merges them, each with the bytes that it came in. */
export function pairsOf({ parameters, received }: Envelope): readonly Pair[] {
  const all = received?.() ?? [];
  return Object.keys(parameters).map((name) => {
    const value = parameters[name] ?? '';
    const sent = all.filter((pair) => pair.name === name);
    const one = sent.find(({ bytes }) => bytes.length > 0) ?? sent[0];
    return one === undefined ? { name, value } : { ...one, value };
  });
}

export const valuesOf = (pairs: readonly Pair[]): readonly (readonly [string, string])[] =>
  pairs.map(({ name, value }) => [name, value]);

/** AES under a merchant's key, if there is a merchant. */
const cipherOf = (merchant: Merchant | undefined, charset: Charset) =>
  merchant === undefined
    ? {}
    : {
        decrypt: (text: string) => decryptText(merchant.encryptKey, text, charset),
        encrypt: (text: string) => encryptText(merchant.encryptKey, text, charset),
      };

interface FormContextParts {
  readonly room: Room;
  readonly merchant: Merchant | undefined;
  readonly charset: Charset;
  readonly kind: FormContext['kind'];
  readonly ownPairs?: readonly Pair[];
}

export const formContext = (parts: FormContextParts): FormContext => ({
  kind: parts.kind,
  methods: [...v3Methods, ...pageMethods],
  appIds: parts.room.merchants.map(({ appId }) => appId),
  earlier: parts.merchant === undefined ? [] : earlierOf(parts.room, parts.merchant.appId),
  ownPairs: parts.ownPairs ?? [],
  ...cipherOf(parts.merchant, parts.charset),
});

/** The signature of an earlier request, sent again with something else in it. */
export const replayed: Cause<PairsDraft, FormContext> = {
  id: 'changed',
  rule: 'It is the signature of an earlier request of this app, in which a parameter was changed',
  advice: 'Sign every request anew, last of all, also one that is sent again.',
  *variants(draft, { earlier }): Generator<Variant<PairsDraft>> {
    for (const { text } of earlier) {
      const pairs = earlierPairs(text, draft.pairs);
      if (pairs === undefined) continue;
      const names = new Set([...pairs, ...draft.pairs].map(({ name }) => name));
      const value = (list: readonly Pair[], name: string) =>
        list.find((pair) => pair.name === name)?.value ?? '';
      const differing = [...names].filter(
        (name) => name !== 'sign' && value(pairs, name) !== value(draft.pairs, name),
      );
      // Nothing is sorted, dropped or left out: the text is that of the earlier request.
      const whole = { ...draft, pairs, order: asSent, empties: true, omitted: [] } as const;
      yield { draft: whole, detail: differing.join(', ') };
    }
  },
};

/** A canonical text taken apart at the names that are known; `undefined` if it is of others. */
function earlierPairs(text: string, pairs: readonly Pair[]): readonly Pair[] | undefined {
  // Values hold & and = as well: only what is called like a parameter begins one.
  const names = new Set([...documented, ...optional, ...pairs.map(({ name }) => name)]);
  const marks = [...text.matchAll(/(?:^|&)([A-Za-z_]{2,64})=/g)];
  const found = marks.filter(([, name = '']) => names.has(name));
  if (found.length === 0 || pairs.length === 0) return undefined;
  return found.map((match, index) => {
    const end = found[index + 1]?.index ?? text.length;
    return { name: match[1] ?? '', value: text.slice(match.index + match[0].length, end) };
  });
}

export interface FormQuestion {
  readonly kind: FormContext['kind'];
  readonly pairs: readonly Pair[];
  readonly charset: Charset;
  readonly omitted: readonly string[];
  readonly context: FormContext;
  readonly holders: readonly KeyHolder[];
  readonly belief?: Belief;
  readonly known?: readonly Found[];
  /** Default: all there are. */
  readonly causes?: readonly Cause<PairsDraft, FormContext>[];
}

/** Puts a form before the engine. */
export function explainForm(form: FormQuestion): Explanation {
  const { pairs, charset, omitted, context, causes = [...formCauses, replayed] } = form;
  const value = (name: string) => pairs.find((pair) => pair.name === name)?.value ?? '';
  const signType = value('sign_type');
  const signature = value('sign');
  const wanted = digestNames[isSignType(signType) ? signType : 'RSA2'];
  const question: Question<PairsDraft, FormContext> = {
    kind: form.kind,
    problem: {
      draft: pairsDraft(pairs, { charset, omitted }),
      causes,
      context,
      segments: pairSegments,
    },
    signature,
    wanted,
    shape: shapeFound(signature, { wanted, words }),
    opened: openSignature(signature, form.holders),
    owner: form.holders[0],
    words,
    secrets: secretsIn(valuesOf(pairs)),
    ...(form.belief && { belief: form.belief }),
    ...(form.known && { known: form.known }),
  };
  return diagnose(question);
}

export interface RequestOptions {
  readonly belief?: Belief;
  readonly known?: readonly Found[];
  readonly holders?: readonly KeyHolder[];
  readonly causes?: readonly Cause<PairsDraft, FormContext>[];
}

/** Why the signature of a request to `/gateway.do` does not verify, or that it does. */
export function explainRequest(
  envelope: Envelope,
  { room, merchant }: { readonly room: Room; readonly merchant: Merchant },
  options: RequestOptions = {},
): Explanation {
  const { charset } = envelope;
  return explainForm({
    kind: 'request',
    pairs: pairsOf(envelope),
    charset,
    omitted: ['sign'],
    context: formContext({ room, merchant, charset, kind: 'request' }),
    ...options,
    holders: [...requestHolders(room, merchant), ...(options.holders ?? [])],
  });
}
