/** bench · payments: durable payments a second, beside what they cannot do without. See README.md. */
import { printTable } from '@polyrail/contest';
import { circumstances, isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const count = isQuick ? '400' : '4000';
const names = ['call', 'transactions', 'sqlite', 'postgres transactions', 'postgres'];
const of = await race(names, rounds, () => [count]);

const rows = names.map((name) => [
  name,
  of(name, 'perSecond').toFixed(0),
  of(name, 'p50Ms').toFixed(1),
  of(name, 'p99Ms').toFixed(1),
  of(name, 'cpuMs').toFixed(3),
]);
const heads = ['', 'payments/s', 'p50 ms', 'p99 ms', 'CPU ms each'];
const beside = (name: string, transactions: string): string => {
  const floor = Math.min(of('call', 'perSecond'), of(transactions, 'perSecond'));
  const ratio = of(name, 'perSecond') / floor;
  return `${name} beside the slower of its floors: ${ratio.toFixed(2)} × (goal 0.6)`;
};
process.stdout.write(
  `${circumstances(rounds)}\n\n${printTable(heads, rows)}\n\n` +
    `${beside('sqlite', 'transactions')}\n${beside('postgres', 'postgres transactions')}\n`,
);
