/** simulator · doctor pairs: what a client may have signed of named values, as plain data. */
import type { Charset } from '../charset.ts';
import type { Segment } from './difference.ts';
import type { Ending } from './engine.ts';

export interface Pair {
  readonly name: string;
  readonly value: string;
  /** The value as it came, before a character set was believed. */
  readonly bytes?: Uint8Array;
  readonly place?: 'query' | 'body';
}

/** One way to sort, and what it is called. */
export interface Order {
  readonly how: string;
  sort(pairs: readonly Pair[]): readonly Pair[];
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const lower = (text: string): string => text.toLowerCase();

/** An order by comparing. */
export const orderBy = (how: string, order: (left: Pair, right: Pair) => number): Order => ({
  how,
  sort: (pairs) => [...pairs].sort(order),
});

/** By name, byte by byte: what channels ask for. */
export const ascii = orderBy('sorted', (left, right) => compare(left.name, right.name));
export const asSent: Order = { how: 'sent', sort: (pairs) => pairs };

/** Wrong ones, the usual ones first. */
export const otherOrders: readonly Order[] = [
  asSent,
  orderBy(
    'sent, body before query',
    (left, right) => Number(left.place === 'query') - Number(right.place === 'query'),
  ),
  orderBy('sorted without regard to case', (left, right) =>
    compare(lower(left.name), lower(right.name)),
  ),
  orderBy('sorted as a dictionary does', (left, right) =>
    left.name.localeCompare(right.name, 'en'),
  ),
  orderBy('sorted backwards', (left, right) => compare(right.name, left.name)),
  orderBy('sorted by value', (left, right) => compare(left.value, right.value)),
];

/** What a client may have signed of a form, a query or a flat document. */
export interface PairsDraft extends Ending {
  /** As they came, the signature included. */
  readonly pairs: readonly Pair[];
  readonly omitted: readonly string[];
  readonly empties: boolean;
  readonly order: Order;
  readonly equals: string;
  readonly and: string;
}

export const pairsDraft = (
  pairs: readonly Pair[],
  { charset, omitted }: { readonly charset: Charset; readonly omitted: readonly string[] },
): PairsDraft => ({
  pairs,
  omitted,
  charset,
  empties: false,
  order: ascii,
  equals: '=',
  and: '&',
  before: '',
  after: '',
});

export function pairSegments(draft: PairsDraft): readonly Segment[] {
  const { pairs, omitted, empties, order, equals, and } = draft;
  const kept = pairs.filter(
    ({ name, value }) => !omitted.includes(name) && (empties || value !== ''),
  );
  return order.sort(kept).map(({ name, value }, index) => ({
    parameter: name,
    text: `${index === 0 ? '' : and}${name}${equals}${value}`,
  }));
}
