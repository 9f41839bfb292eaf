/** simulator · doctor pair-variants: what single mistakes make of the pairs a client signs. */
import { type Charset, decodeText } from '../charset.ts';
import type { Variant } from './engine.ts';
import type { Pair, PairsDraft } from './pairs.ts';

/** Whether a pair is part of the text. */
export const counted = ({ omitted }: PairsDraft, { name, value }: Pair): boolean =>
  !omitted.includes(name) && value !== '';

/** Every value changed, then each of them alone. */
export function* rewriting(
  draft: PairsDraft,
  change: (value: string, pair: Pair) => string,
  how?: string,
): Generator<Variant<PairsDraft>> {
  const touched: number[] = [];
  const changed = draft.pairs.map((pair, index) => {
    if (!counted(draft, pair)) return pair;
    const value = change(pair.value, pair);
    if (value === pair.value) return pair;
    touched.push(index);
    return { ...pair, value };
  });
  if (touched.length === 0) return;
  const detail = (index: number) => {
    const name = draft.pairs[index]?.name ?? '';
    return how === undefined ? name : `${name}, ${how}`;
  };
  if (touched.length > 1) {
    yield { draft: { ...draft, pairs: changed }, ...(how === undefined ? {} : { detail: how }) };
  }
  for (const index of touched) {
    const pairs = draft.pairs.map((pair, at) => (at === index ? (changed[at] ?? pair) : pair));
    yield { draft: { ...draft, pairs }, detail: detail(index) };
  }
}

const lower = (text: string): string => text.toLowerCase();

const strict = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const lowerHex = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, lower);

/** Lone surrogates cannot be percent-encoded. */
const guarded =
  (change: (text: string) => string) =>
  (text: string): string => {
    try {
      return change(text);
    } catch {
      return text;
    }
  };

export const encoders: readonly (readonly [how: string, (text: string) => string])[] = [
  ['blanks as %20', guarded(encodeURIComponent)],
  ['blanks as +', guarded((text) => strict(text).replaceAll('%20', '+'))],
  ["blanks as %20, `'()*!` too", guarded(strict)],
  ['digits of %xx in lower case', guarded(lowerHex)],
  [
    'blanks as +, digits of %xx in lower case',
    guarded((text) => lowerHex(text).replaceAll('%20', '+')),
  ],
  ['encoded twice', guarded((text) => encodeURIComponent(encodeURIComponent(text)))],
];

export const decoded = guarded(decodeURIComponent);

const entities = (quote: string, apostrophe?: string) => (text: string) => {
  const marked = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote);
  return apostrophe === undefined ? marked : marked.replaceAll("'", apostrophe);
};
export const unescaped = (text: string): string =>
  text
    .replaceAll(/&quot;|&#34;|&#x22;/gi, '"')
    .replaceAll(/&apos;|&#39;|&#x27;/gi, "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

export const escapes: readonly (readonly [how: string, (text: string) => string])[] = [
  ['" as &quot;', (text) => text.replaceAll('"', '&quot;')],
  ['" as &quot; and & < > too', entities('&quot;')],
  ["' as &#39; too", entities('&quot;', '&#39;')],
  ["' as &#039; too", entities('&quot;', '&#039;')],
  ["' as &apos; too", entities('&quot;', '&apos;')],
  ['" as &#34;', entities('&#34;', '&#39;')],
  ['& as &amp;', (text) => text.replaceAll('&', '&amp;')],
];

export function* each(
  draft: PairsDraft,
  ways: readonly (readonly [how: string, (text: string) => string])[],
): Generator<Variant<PairsDraft>> {
  for (const [how, change] of ways) yield* rewriting(draft, change, how);
}

export const replaced = (draft: PairsDraft, name: string, value: string): PairsDraft => ({
  ...draft,
  pairs: draft.pairs.map((pair) => (pair.name === name ? { name, value } : pair)),
});
export const valueIn = ({ pairs }: PairsDraft, name: string): string =>
  pairs.find((pair) => pair.name === name)?.value ?? '';

/** With what is empty; `optional` is what clients often hold without a value. */
export function* emptied(
  draft: PairsDraft,
  optional: readonly string[],
): Generator<Variant<PairsDraft>> {
  const kept = { ...draft, empties: true };
  const empty = draft.pairs.filter(({ value, name }) => value === '' && name !== 'sign');
  if (empty.length > 0) {
    yield { draft: kept, detail: empty.map(({ name }) => name).join(', ') };
    for (const value of ['null', 'undefined']) {
      const pairs = draft.pairs.map((pair) => (pair.value === '' ? { ...pair, value } : pair));
      yield { draft: { ...draft, pairs }, detail: `signed as ${value}` };
    }
  }
  const absent = optional.filter((name) => !draft.pairs.some((pair) => pair.name === name));
  for (const value of ['', 'null', 'undefined']) {
    for (const name of absent) {
      const pairs = [...draft.pairs, { name, value }];
      const signed = value === '' ? kept : draft;
      yield { draft: { ...signed, pairs }, detail: `${name}=${value}, which was not sent` };
    }
  }
}

/** Without one of them, or without one of these groups. */
export function* dropped(
  draft: PairsDraft,
  groups: readonly (readonly string[])[],
): Generator<Variant<PairsDraft>> {
  const without = (names: readonly string[]) => ({
    draft: { ...draft, omitted: [...draft.omitted, ...names] },
    detail: names.join(', '),
  });
  const kept = draft.pairs.filter((pair) => counted(draft, pair) && pair.name !== 'sign_type');
  for (const { name } of kept) yield without([name]);
  const present = (names: readonly string[]) =>
    names.filter((name) => kept.some((pair) => pair.name === name));
  const together = [
    ...groups.map(present),
    kept.filter(({ place: where }) => where === 'query').map(({ name }) => name),
    kept.filter(({ place: where }) => where === 'body').map(({ name }) => name),
  ];
  for (const names of together)
    if (names.length > 1 && names.length < kept.length) yield without(names);
}

const other = (charset: Charset): Charset => (charset === 'gbk' ? 'utf-8' : 'gbk');

export function* otherCharset(draft: PairsDraft): Generator<Variant<PairsDraft>> {
  const signed = other(draft.charset);
  yield { draft: { ...draft, charset: signed }, detail: `${signed} instead of ${draft.charset}` };
  const pairs = draft.pairs.map((pair) =>
    pair.bytes === undefined ? pair : { ...pair, value: decodeText(pair.bytes, signed) },
  );
  const how = `sent as ${signed}, although ${draft.charset} is due`;
  yield { draft: { ...draft, pairs, charset: signed }, detail: how };
  yield { draft: { ...draft, pairs }, detail: `${how}, and signed as ${draft.charset}` };
  const latin = draft.pairs.map((pair) => ({
    ...pair,
    value: Buffer.from(pair.value, 'utf8').toString('latin1'),
  }));
  yield { draft: { ...draft, pairs: latin }, detail: 'UTF-8 read as Latin-1, then encoded again' };
  const questions = (text: string) => text.replaceAll(/[^\0-\u{7f}]/gu, '?');
  yield* rewriting(draft, questions, 'a character set that lacks them, so that they became ?');
}

/** With the signature itself, empty or another one; `earlier` are those of earlier messages. */
export function* signIncluded(
  draft: PairsDraft,
  earlier: readonly string[],
): Generator<Variant<PairsDraft>> {
  const omitted = draft.omitted.filter((name) => name !== 'sign');
  const rest = draft.pairs.filter(({ name }) => name !== 'sign');
  for (const [index, value] of ['', 'null', 'undefined', ...earlier].entries()) {
    const pairs = [...rest, { name: 'sign', value }];
    const detail = index < 3 ? `sign=${value}` : 'with the signature of an earlier request';
    yield { draft: { ...draft, pairs, omitted, empties: value === '' || draft.empties }, detail };
  }
}
