/** reference site · statement: the movements of a business day, with their totals at the end. */
import { dayOf, formatMoney, instantOf } from '@polyrail/core';
import { problem } from '@polyrail/simulator';
import type { Movement } from './book.ts';
import { dateOf, textOf } from './fields.ts';
import { timeZone } from './payment.ts';
import { refuse } from './refusal.ts';
import type { Operation, Room } from './room.ts';

const header = 'kind,paymentId,id,acmeId,direction,amount,currency,occurredAt';
const dayMs = 24 * 3_600_000;

const lineOf = ({ atMs, ...movement }: Movement): string => {
  const { kind, paymentId, id, acmeId, direction, currency } = movement;
  const facts = [kind, paymentId, id, acmeId, direction, formatMoney(movement), currency];
  return [...facts, instantOf(atMs)].join(',');
};

/** `total,3,CNY:34.56:12.00`: how many lines, and per currency what came in and what went out. */
function totalsOf(movements: readonly Movement[], error: number): string {
  const sum = (currency: string, direction: string) =>
    movements
      .filter((movement) => movement.currency === currency && movement.direction === direction)
      .reduce((total, { amount }) => total + amount, direction === 'in' ? error : 0);
  const currencies = [...new Set(movements.map(({ currency }) => currency))].sort();
  const sums = currencies.map((currency) =>
    [
      currency,
      formatMoney({ amount: sum(currency, 'in'), currency }),
      formatMoney({ amount: sum(currency, 'out'), currency }),
    ].join(':'),
  );
  return ['total', movements.length + (sums.length === 0 ? error : 0), ...sums].join(',');
}

const kinds = {
  trade: ({ kind }: Movement) => kind !== 'payout' && kind !== 'payout-return',
  funds: () => true,
} as const;

const movementsOn = (date: string, merchantId: string, { book }: Room): readonly Movement[] =>
  book.movements(merchantId).filter(({ atMs }) => dayOf(atMs, timeZone) === date);

const download: Operation = ({ merchant, fields, exchange }, room) => {
  const date = dateOf(fields);
  const kind = textOf(fields, 'kind', /^(trade|funds)$/) as keyof typeof kinds;
  const dueInMs = Date.parse(`${date}T09:00:00+08:00`) + dayMs - room.world.clock.now();
  if (dueInMs > 0 && !room.settled.has(date)) {
    throw refuse('NOT_READY', 'The statement is ready at 09:00 of the next day', dueInMs);
  }
  const movements = movementsOn(date, merchant.merchantId, room).filter(kinds[kind]);
  const error = exchange.fault('statement-wrong-totals') ? 1 : 0;
  const lines = [header, ...movements.map(lineOf), totalsOf(movements, error)];
  const whole = `${lines.join('\n')}\n`;
  if (!exchange.fault('statement-truncated')) return whole;
  return `${lines.slice(0, -1).join('\n')}\n`;
};

/** Makes the statement of a day available before its time. */
export function settleDay(date: string, room: Room): { readonly lines: number } {
  const field = { field: 'date', rule: 'today or a day before, written YYYY-MM-DD' };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || date > dayOf(room.world.clock.now(), timeZone)) {
    throw problem({ ...field, message: `${date} cannot be settled.` });
  }
  room.settled.add(date);
  return { lines: movementsOn(date, room.merchants.first.merchantId, room).length };
}

export const statementOperations: Readonly<Record<string, Operation>> = {
  'statements.download': download,
};
