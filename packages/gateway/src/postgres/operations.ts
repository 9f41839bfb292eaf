/**
 * gateway · postgres operations: what transactions write without a question, as the database's function
 * `write_all` takes it - all operations of one name together, and of each thing the last word alone.
 */

/** Its name, then its values. */
export type Operation = readonly [name: string, ...values: (string | number)[]];

/** How many of the first values name what an operation is about. Of what is not named here all are kept. */
const naming: Readonly<Record<string, number>> = {
  updateEntry: 3,
  updateEvent: 1,
  schedule: 2,
  unschedule: 2,
};

/** Whether a job runs again or not, its last word decides. */
const sameThing: Readonly<Record<string, string>> = { unschedule: 'schedule' };

function thingOf([name, ...values]: Operation, index: number): string {
  const count = naming[name];
  const about = count === undefined ? index : values.slice(0, count);
  return JSON.stringify([sameThing[name] ?? name, about]);
}

/** The entries that operations lock or insert, in their order. */
export const entriesOf = (operations: readonly Operation[]): readonly string[] =>
  operations
    .filter(([name]) => name.endsWith('Entry'))
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
