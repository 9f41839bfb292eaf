/** gateway · postgres together: what many do at once outside of transactions of their own. */
import type { Pool } from 'pg';
import type { EntryKey, EntryRow } from '../store.ts';
import { createGathering } from './gathering.ts';
import { entriesOf, inOne, type Operation } from './operations.ts';
import type { MakeStatement } from './statements.ts';

export interface Together {
  /** Writes all of a transaction that asked nothing, or rejects, and then nothing of it is written. */
  write(operations: readonly Operation[]): Promise<void>;
  find(key: EntryKey): Promise<EntryRow | undefined>;
}

/** As the database has it, which takes no half of a character. */
const placeOf = ({ merchant, noun, id }: EntryKey): string =>
  JSON.stringify([merchant.toWellFormed(), noun, id.toWellFormed()]);

/** The order in which everybody locks, so that two do not wait for each other. */
const inOrder = (writes: readonly (readonly Operation[])[]) =>
  writes
    .map((operations) => ({ operations, first: entriesOf(operations)[0] ?? '' }))
    .toSorted((one, other) => (one.first < other.first ? -1 : 1))
    .flatMap(({ operations }) => operations);

export function createTogether(pool: Pick<Pool, 'query'>, statement: MakeStatement): Together {
  return {
    write: createGathering<readonly Operation[], void>({
      // Whoever wrote an entry before may have changed what the next relies on.
      namesOf: entriesOf,
      async send(writes) {
        await pool.query(statement('write', [inOne(inOrder(writes))]));
        return [];
      },
    }),
    find: createGathering<EntryKey, EntryRow | undefined>({
      async send(keys) {
        const columns = (['merchant', 'noun', 'id'] as const).map((name) =>
          keys.map((key) => key[name]),
        );
        const { rows } = await pool.query<EntryRow>(statement('findEntries', columns));
        const found = new Map(rows.map((row) => [placeOf(row), row]));
        return keys.map((key) => found.get(placeOf(key)));
      },
    }),
  };
}
