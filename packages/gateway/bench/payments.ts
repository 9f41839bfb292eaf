/** bench · payments: durable payments a second, beside what they cannot do without. See README.md. */
import { paymentsTable } from '@polyrail/contest';
import { isQuick, race } from './race.ts';

const rounds = isQuick ? 1 : 5;
const count = isQuick ? '400' : '4000';
const names = ['call', 'transactions', 'sqlite', 'postgres transactions', 'postgres'];
const of = await race(names, rounds, () => [count]);

const beside = (name: string, transactions: string): string => {
  const floor = Math.min(of('call', 'perSecond'), of(transactions, 'perSecond'));
  const ratio = of(name, 'perSecond') / floor;
  return `${name} beside the slower of its floors: ${ratio.toFixed(2)} × (goal 0.6)`;
};
process.stdout.write(
  paymentsTable(names, rounds, of) +
    `${beside('sqlite', 'transactions')}\n${beside('postgres', 'postgres transactions')}\n`,
);
