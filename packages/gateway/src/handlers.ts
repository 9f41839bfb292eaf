/** gateway · handlers: what a merchant does when a state changes, and what it is told then. */
import type { Instant } from '@polyrail/core';
import type { Entry, State } from './entry.ts';
import type { EntryNoun } from './store.ts';

/**
 * A state an entry came to; or `undone`: money given back, `returned`: sent back by a bank, `surplus`:
 * paid twice, `changed`: an agreement's standing, `alarm`: facts that contradict each other,
 * `unmatched`: a notification about something this gateway did not begin.
 */
export type EventName =
  | Exclude<State, 'created'>
  | 'undone'
  | 'returned'
  | 'surplus'
  | 'changed'
  | 'alarm'
  | 'unmatched';

export interface GatewayEvent<N extends EntryNoun = EntryNoun> {
  /** The same on every delivery. */
  readonly eventId: string;
  /** Noun and name: `payment.succeeded`. */
  readonly kind: string;
  readonly at: Instant;
  /** The entry as it was when this happened. Of an `unmatched` event, what the channel told. */
  readonly entry: Entry<N>;
}

/** Does what a change means to the merchant. Rejecting has it called again later. */
export type PlainHandler<N extends EntryNoun = EntryNoun> = (
  event: GatewayEvent<N>,
) => void | Promise<void>;

/** A handler whose work commits together with the delivery: `transaction` is the database's own. */
export interface TransactionalHandler<N extends EntryNoun = EntryNoun> {
  readonly transactional: (event: GatewayEvent<N>, transaction: unknown) => void | Promise<void>;
}

/**
 * Has a handler run inside the transaction that marks its event delivered. What it writes through that
 * transaction happens exactly once. It should be short: other changes wait for it in SQLite.
 */
export const transactional = <N extends EntryNoun>(
  handle: TransactionalHandler<N>['transactional'],
): TransactionalHandler<N> => ({ transactional: handle });

export type Handler<N extends EntryNoun = EntryNoun> = PlainHandler<N> | TransactionalHandler<N>;
export type AnyHandler = Handler;

/** Handlers by noun and event: `{ payment: { succeeded(event) { … } } }`. */
export type Handlers = {
  readonly [N in EntryNoun]?: { readonly [E in EventName]?: Handler<N> };
};

export function handlersOf(handlers: Handlers): ReadonlyMap<string, AnyHandler> {
  const pairs = Object.entries(handlers).flatMap(([noun, byName]) =>
    Object.entries(byName ?? {}).map(([name, handler]) => [`${noun}.${name}`, handler] as const),
  );
  return new Map(pairs as (readonly [string, AnyHandler])[]);
}
