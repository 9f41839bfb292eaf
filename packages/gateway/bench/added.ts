/** bench · added: what a durable payment adds to its call at half load. See README.md. */
import { printTable } from '@polyrail/contest';
import { circumstances, isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const full = await race(['sqlite'], 1, () => [isQuick ? '400' : '4000']);
const rate = Math.floor(full('sqlite', 'perSecond') / 2);
const names = ['sqlite', 'postgres', 'call'];
const of = await race(names, rounds, () => [isQuick ? '400' : '4000', String(rate)]);
const rows = names.map((name) => [
  name,
  of(name, 'p50Ms').toFixed(2),
  of(name, 'p99Ms').toFixed(2),
]);
const added = (name: string) => (of(name, 'p99Ms') - of('call', 'p99Ms')).toFixed(2);
process.stdout.write(
  `${circumstances(rounds)}; ${rate} payments a second\n\n` +
    `${printTable(['', 'p50 ms', 'p99 ms'], rows)}\n\n` +
    `p99 added by the gateway: ${added('sqlite')} ms with SQLite, ` +
    `${added('postgres')} ms with PostgreSQL (goal 5)\n`,
);
