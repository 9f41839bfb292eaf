/** alipay simulator · doctor-variants: what single mistakes make of the form a client signs. */
import { type Charset, decodeText } from './charset.ts';
import type { Variant } from './doctor.ts';
import type { FormContext, FormDraft, Pair } from './doctor-form.ts';
import { parseTime, timeText } from './time.ts';

const counted = ({ omitted }: FormDraft, { name, value }: Pair): boolean =>
  !omitted.includes(name) && value !== '';

/** Every value changed, then each of them alone. */
export function* rewriting(
  draft: FormDraft,
  change: (value: string, pair: Pair) => string,
  how?: string,
): Generator<Variant<FormDraft>> {
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
  draft: FormDraft,
  ways: readonly (readonly [how: string, (text: string) => string])[],
): Generator<Variant<FormDraft>> {
  for (const [how, change] of ways) yield* rewriting(draft, change, how);
}

export const replaced = (draft: FormDraft, name: string, value: string): FormDraft => ({
  ...draft,
  pairs: draft.pairs.map((pair) => (pair.name === name ? { name, value } : pair)),
});
export const valueIn = ({ pairs }: FormDraft, name: string): string =>
  pairs.find((pair) => pair.name === name)?.value ?? '';

/** Values that are JSON objects: `biz_content` first. */
export const jsonNames = ({ pairs }: FormDraft): readonly string[] =>
  pairs
    .filter(({ value }) => /^\s*[{[]/.test(value))
    .map(({ name }) => name)
    .sort((left, right) => Number(right === 'biz_content') - Number(left === 'biz_content'));

/** Parameters clients often hold without a value. */
export const optional: readonly string[] = (
  'notify_url return_url app_auth_token auth_token terminal_type terminal_info prod_code ' +
  'target_app_id biz_content app_cert_sn alipay_root_cert_sn encrypt_type format'
).split(' ');

export function* emptied(draft: FormDraft): Generator<Variant<FormDraft>> {
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
      yield { draft: { ...kept, pairs }, detail: `${name}=${value}, which was not sent` };
    }
  }
}

export function* dropped(draft: FormDraft): Generator<Variant<FormDraft>> {
  const without = (names: readonly string[]) => ({
    draft: { ...draft, omitted: [...draft.omitted, ...names] },
    detail: names.join(', '),
  });
  const kept = draft.pairs.filter((pair) => counted(draft, pair) && pair.name !== 'sign_type');
  for (const { name } of kept) yield without([name]);
  const present = (names: readonly string[]) =>
    names.filter((name) => kept.some((pair) => pair.name === name));
  const groups = [
    present(['app_cert_sn', 'alipay_root_cert_sn']),
    present(optional),
    kept.filter(({ place: where }) => where === 'query').map(({ name }) => name),
    kept.filter(({ place: where }) => where === 'body').map(({ name }) => name),
  ];
  for (const names of groups)
    if (names.length > 1 && names.length < kept.length) yield without(names);
}

const other = (charset: Charset): Charset => (charset === 'gbk' ? 'utf-8' : 'gbk');

export function* otherCharset(draft: FormDraft): Generator<Variant<FormDraft>> {
  const signed = other(draft.charset);
  yield { draft: { ...draft, charset: signed }, detail: `${signed} instead of ${draft.charset}` };
  const pairs = draft.pairs.map((pair) =>
    pair.bytes === undefined ? pair : { ...pair, value: decodeText(pair.bytes, signed) },
  );
  const how = `sent as ${signed}, although charset says ${draft.charset}`;
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

const includedSigns = ({ earlier }: FormContext): readonly string[] => [
  '',
  'null',
  'undefined',
  ...earlier.map(({ sign }) => sign),
];

export function* signIncluded(
  draft: FormDraft,
  context: FormContext,
): Generator<Variant<FormDraft>> {
  const omitted = draft.omitted.filter((name) => name !== 'sign');
  const rest = draft.pairs.filter(({ name }) => name !== 'sign');
  for (const [index, value] of includedSigns(context).entries()) {
    const pairs = [...rest, { name: 'sign', value }];
    const detail = index < 3 ? `sign=${value}` : 'with the signature of an earlier request';
    yield { draft: { ...draft, pairs, omitted, empties: value === '' || draft.empties }, detail };
  }
}

const zoneHours = 14;
const secondsAround = 600;

function* otherTimes(text: string): Generator<readonly [value: string, how: string]> {
  yield [text.replace(' ', 'T'), 'with T between day and time'];
  const at = parseTime(text);
  if (at === undefined) return;
  yield [String(at), 'in milliseconds'];
  yield [String(at / 1_000), 'in seconds'];
  yield [text.slice(0, 16), 'without seconds'];
  for (let second = 1; second <= secondsAround; second += 1) {
    for (const moved of [-second, second]) {
      yield [
        timeText(at + moved * 1_000),
        `${Math.abs(moved)} s ${moved < 0 ? 'earlier' : 'later'}`,
      ];
    }
  }
  for (let hour = -zoneHours; hour <= zoneHours; hour += 1) {
    for (const second of [0, -1, 1, -2, 2]) {
      yield [timeText(at + hour * 3_600_000 + second * 1_000), `of a zone ${hour} h away`];
    }
  }
}

const spellings: Readonly<Record<string, readonly string[]>> = {
  charset: ['utf-8', 'UTF-8', 'utf8', 'UTF8', 'gbk', 'GBK', 'gb2312', 'GB2312'],
  format: ['JSON', 'json', 'Json'],
  sign_type: ['RSA2', 'RSA', 'rsa2', 'SM2', 'SHA256withRSA'],
  version: ['1.0', '2.0', '1', '3.0'],
};

const schemes = (url: string): readonly string[] => [
  url.replace(/\/$/, ''),
  `${url}/`,
  url.replace(/^https:/i, 'http:'),
  url.replace(/^http:/i, 'https:'),
  url.replace(/[?#].*$/, ''),
];

function* changedValues(
  draft: FormDraft,
  { methods, appIds }: FormContext,
): Generator<readonly [name: string, value: string]> {
  for (const { name, value } of draft.pairs.filter((pair) => counted(draft, pair))) {
    const known = name === 'method' ? methods : name === 'app_id' ? appIds : spellings[name];
    for (const one of known ?? []) if (one !== value) yield [name, one];
    if (/^https?:/i.test(value)) for (const one of schemes(value)) yield [name, one];
    for (const one of [value.trim(), ` ${value}`, `${value} `, `${value}\n`, `${value}\r\n`]) {
      yield [name, one];
    }
    yield [name, lower(value)];
    yield [name, value.toUpperCase()];
  }
}

export function* changed(draft: FormDraft, context: FormContext): Generator<Variant<FormDraft>> {
  for (const [name, value] of changedValues(draft, context)) {
    if (value === valueIn(draft, name)) continue;
    yield { draft: replaced(draft, name, value), detail: `${name} was ${JSON.stringify(value)}` };
  }
  const { value: time = '' } = draft.pairs.find(({ name }) => name === 'timestamp') ?? {};
  for (const [value, how] of otherTimes(time)) {
    const detail = `timestamp was ${value} (${how})`;
    yield { draft: replaced(draft, 'timestamp', value), detail };
  }
}
