/** bench · payments: durable payments a second, beside what they cannot do without. See README.md. */
import { paymentsTable } from '@polyrail/contest';
import { isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const count = isQuick ? '400' : '4000';
/** What each store's payments cannot do without: its transactions, and both with the call between them. */
const floors = {
  sqlite: ['transactions', 'call and transactions'],
  postgres: ['postgres transactions', 'call and postgres transactions'],
} as const;
const stores = Object.keys(floors) as (keyof typeof floors)[];
const names = ['call', ...stores.flatMap((store) => [...floors[store], store])];
const of = await race(names, rounds, () => [count]);

const rate = (name: string): number => of(name, 'perSecond');
const lines = stores.map((store) => {
  const [transactions, both] = floors[store];
  const slower = Math.min(rate('call'), rate(transactions));
  const besideSlower = (name: string): string => `${(rate(name) / slower).toFixed(2)} ×`;
  const besideBoth = (rate(store) / rate(both)).toFixed(2);
  return (
    `${store} beside the slower of its floors: ${besideSlower(store)} (goal 0.6); ` +
    `both floors together: ${besideSlower(both)}; ${store} beside both: ${besideBoth} ×`
  );
});
process.stdout.write(`${paymentsTable(names, rounds, of)}${lines.join('\n')}\n`);
