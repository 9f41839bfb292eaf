/**
 * gateway storm kill · witness: a merchant's handlers that write down what they were told, most of them
 * through the transaction they are given. What stands there twice was told twice.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { ClientBase } from 'pg';
import { type GatewayEvent, type Handlers, transactional } from '../../src/index.ts';

/** Where the processes keep everything. */
export type Place =
  | { readonly kind: 'sqlite'; readonly file: string }
  | {
      readonly kind: 'postgres';
      readonly connectionString: string;
      readonly schema: string;
      /** Where the merchant's own table is. */
      readonly shop: string;
    };

/** Of each noun, what is told in the database's transaction: exactly once. */
const once = {
  payment: [
    'succeeded',
    'failed',
    'late-success',
    'escalated',
    'undone',
    'surplus',
    'alarm',
    'unmatched',
  ],
  refund: ['succeeded', 'failed', 'escalated', 'alarm', 'unmatched'],
} as const;

/** What is told to a handler without a transaction: at least once. */
export const atLeastOnce: ReadonlySet<string> = new Set(['payment.pending']);

const insert = (table: string, marks: string) =>
  `INSERT INTO ${table} (event_id, kind, noun, id) VALUES (${marks})`;

async function writeDown(place: Place, event: GatewayEvent, native: unknown): Promise<void> {
  const { eventId, kind, entry } = event;
  const values = [eventId, kind, entry.noun, entry.id];
  if (place.kind === 'sqlite') {
    (native as DatabaseSync).prepare(insert('heard', '?, ?, ?, ?')).run(...values);
    return;
  }
  const text = insert(`${place.shop}.heard`, '$1, $2, $3, $4');
  await (native as ClientBase).query(text, values);
}

/** The handlers of one process; `told` hears what no transaction carries. */
export function witnessing(place: Place, told: (event: GatewayEvent) => Promise<void>): Handlers {
  const written = transactional((event: GatewayEvent, native) => writeDown(place, event, native));
  const all = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, written] as const));
  return {
    payment: { ...all(once.payment), pending: told },
    refund: all(once.refund),
  } as Handlers;
}
