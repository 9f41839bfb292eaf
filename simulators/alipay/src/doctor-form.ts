/** alipay simulator · doctor-form: what a client may have signed of a form, as plain data. */
import type { Charset } from './charset.ts';
import type { Ending } from './doctor.ts';
import type { Segment } from './doctor-difference.ts';

export interface Pair {
  readonly name: string;
  readonly value: string;
  /** The value as it came, before a character set was believed. */
  readonly bytes?: Uint8Array;
  readonly place?: 'query' | 'body';
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const lower = (text: string): string => text.toLowerCase();

/** As the documents list the common parameters. */
export const documented: readonly string[] = (
  'app_id method format return_url charset sign_type sign timestamp version notify_url ' +
  'app_auth_token biz_content'
).split(' ');
const place = (name: string): number => {
  const index = documented.indexOf(name);
  return index < 0 ? documented.length : index;
};

type Sorter = (pairs: readonly Pair[]) => readonly Pair[];
const by = (order: (left: Pair, right: Pair) => number): Sorter => {
  return (pairs) => [...pairs].sort(order);
};
const ascii = by((left, right) => compare(left.name, right.name));

/** Orders of names; the first is right. */
const sorters = {
  ascii,
  sent: (pairs: readonly Pair[]) => pairs,
  'sent, body before query': by(
    (left, right) => Number(left.place === 'query') - Number(right.place === 'query'),
  ),
  'sorted without regard to case': by((left, right) =>
    compare(lower(left.name), lower(right.name)),
  ),
  'sorted as a dictionary does': by((left, right) => left.name.localeCompare(right.name, 'en')),
  'sorted, biz_content last': (pairs: readonly Pair[]) => [
    ...ascii(pairs).filter(({ name }) => name !== 'biz_content'),
    ...pairs.filter(({ name }) => name === 'biz_content'),
  ],
  'as the documents list them': by((left, right) => place(left.name) - place(right.name)),
  'sorted backwards': by((left, right) => compare(right.name, left.name)),
  'sorted by value': by((left, right) => compare(left.value, right.value)),
} as const satisfies Readonly<Record<string, Sorter>>;
type Order = keyof typeof sorters;

/** What a client may have signed of a form. */
export interface FormDraft extends Ending {
  /** As they came, `sign` included. */
  readonly pairs: readonly Pair[];
  readonly omitted: readonly string[];
  readonly empties: boolean;
  readonly order: Order;
  readonly equals: string;
  readonly and: string;
}

/** What the causes may know beside the message. */
export interface FormContext {
  readonly kind: 'request' | 'notification';
  /** All methods and app ids of this gateway. */
  readonly methods: readonly string[];
  readonly appIds: readonly string[];
  /** Texts of earlier messages of this app, the newest first. */
  readonly earlier: readonly Earlier[];
  /** What stands in the query of the address a notification was sent to. */
  readonly ownPairs: readonly Pair[];
  /** AES under the app's key; absent without one. */
  decrypt?(text: string): string | undefined;
  encrypt?(text: string): string;
}

export interface Earlier {
  readonly text: string;
  readonly sign: string;
}

export const formDraft = (
  pairs: readonly Pair[],
  { charset, omitted }: { readonly charset: Charset; readonly omitted: readonly string[] },
): FormDraft => ({
  pairs,
  omitted,
  charset,
  empties: false,
  order: 'ascii',
  equals: '=',
  and: '&',
  before: '',
  after: '',
});

export function formSegments(draft: FormDraft): readonly Segment[] {
  const { pairs, omitted, empties, order, equals, and } = draft;
  const kept = pairs.filter(
    ({ name, value }) => !omitted.includes(name) && (empties || value !== ''),
  );
  return sorters[order](kept).map(({ name, value }, index) => ({
    parameter: name,
    text: `${index === 0 ? '' : and}${name}${equals}${value}`,
  }));
}
