/** bench · payments: durable payments a second, beside what they cannot do without. See README.md. */
import { printTable } from '@polyrail/contest';
import { circumstances, isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const count = isQuick ? '400' : '4000';
const names = ['sqlite', 'call', 'transactions'];
const of = await race(names, rounds, () => [count]);

const rows = names.map((name) => [
  name,
  of(name, 'perSecond').toFixed(0),
  of(name, 'p50Ms').toFixed(1),
  of(name, 'p99Ms').toFixed(1),
  of(name, 'cpuMs').toFixed(3),
]);
const heads = ['', 'payments/s', 'p50 ms', 'p99 ms', 'CPU ms each'];
const floor = Math.min(of('call', 'perSecond'), of('transactions', 'perSecond'));
process.stdout.write(
  `${circumstances(rounds)}\n\n${printTable(heads, rows)}\n\n` +
    `sqlite beside the slower floor: ${(of('sqlite', 'perSecond') / floor).toFixed(2)} × (goal 0.6)\n`,
);
