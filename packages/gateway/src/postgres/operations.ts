/**
 * gateway · postgres operations: what transactions write without a question, as the database's function
 * `write_all` takes it - all operations of one name together, and of each thing the last word alone.
 */

/** Its name, then its values. */
export type Operation = readonly [name: string, ...values: (string | number)[]];

/** What an operation is about, and how many of its first values name that. Of other operations all are kept. */
const things: Readonly<Record<string, readonly [thing: string, names: number]>> = {
  updateEntry: ['entry', 3],
  updateEvent: ['event', 1],
  schedule: ['job', 2],
  unschedule: ['job', 2],
};

function thingOf([name, ...values]: Operation, index: number): string {
  const [thing, names] = things[name] ?? [];
  return JSON.stringify(thing === undefined ? index : [thing, values.slice(0, names)]);
}

const ofEntries: ReadonlySet<string> = new Set(['expectEntry', 'insertEntry', 'updateEntry']);

/** The entries that operations lock, insert or change, in their order. */
export const entriesOf = (operations: readonly Operation[]): readonly string[] =>
  operations
    .filter(([name]) => ofEntries.has(name))
    .map(([, merchant, noun, id]) => JSON.stringify([merchant, noun, id]));

/** What `write_all` takes. Of two operations about one thing the latter stands, in its own place. */
export function inOne(operations: readonly Operation[]): string {
  const last = new Map<string, Operation>();
  for (const [index, operation] of operations.entries()) {
    const thing = thingOf(operation, index);
    last.delete(thing);
    last.set(thing, operation);
  }
  const all: Record<string, unknown[]> = {};
  for (const [name, ...values] of last.values()) {
    all[name] ??= [];
    all[name].push(values);
  }
  return JSON.stringify(all);
}
