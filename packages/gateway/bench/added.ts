/** bench · added: what a durable payment adds to its call at half load. See README.md. */
import { circumstances, printTable } from '@polyrail/contest';
import { isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const count = isQuick ? 400 : 4000;
/** Each with the bare transactions it cannot do without, around the same call. */
const floors = {
  sqlite: 'call and transactions',
  postgres: 'call and postgres transactions',
} as const;
const stores = Object.keys(floors) as (keyof typeof floors)[];
const full = await race(stores, 1, () => [String(count)]);
process.stdout.write(`${circumstances(rounds)}\n\n`);

const rows: string[][] = [];
const added: string[] = [];
for (const store of stores) {
  const rate = Math.floor(full(store, 'perSecond') / 2);
  // As long a run at either rate.
  const words = [String(Math.min(count, rate * 6)), String(rate)];
  const names = [store, 'call', floors[store]];
  const of = await race(names, rounds, () => words);
  for (const name of names) {
    const times = [of(name, 'p50Ms'), of(name, 'p99Ms')].map((ms) => ms.toFixed(2));
    rows.push([name, String(rate), ...times]);
  }
  const addedBy = (name: string): string => (of(name, 'p99Ms') - of('call', 'p99Ms')).toFixed(2);
  added.push(
    `p99 added to the call: ${addedBy(store)} ms by the gateway with ${store} (goal 5), ` +
      `${addedBy(floors[store])} ms by its bare transactions\n`,
  );
}
process.stdout.write(
  `${printTable(['', 'payments/s', 'p50 ms', 'p99 ms'], rows)}\n\n${added.join('')}`,
);
