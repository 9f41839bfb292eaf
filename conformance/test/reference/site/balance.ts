/** reference site · balance: what acme holds for a merchant, currency by currency. */
import { formatMoney, instantOf } from '@polyrail/core';
import { currencies } from './fields.ts';
import type { Operation } from './room.ts';

const query: Operation = ({ merchant }, { book, world }) => ({
  balances: currencies.map((currency) => ({
    currency,
    available: formatMoney({ amount: book.balanceOf(merchant.merchantId, currency), currency }),
  })),
  at: instantOf(world.clock.now()),
});

export const balanceOperations: Readonly<Record<string, Operation>> = {
  'balances.query': query,
};
