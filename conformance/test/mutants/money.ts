/** Mutants for the laws of conformance/src/cases/money.ts. */
import type { Channel, Money, Notification, StatementLine } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';

type Call = (request: object, options?: object) => Promise<object>;
interface Order {
  readonly amount: Money;
}

/** `verb` with the amount of its request changed before anybody checks it. */
const changing =
  (verb: 'pay' | 'refund', change: (amount: Money, channel: Channel) => object) =>
  (channel: Channel): object => ({
    ...channel,
    [verb]: (request: Order, options?: object) =>
      (channel[verb] as Call)({ ...request, amount: change(request.amount, channel) }, options),
  });

/** By way of major units and back. */
const flooredMoney = (money: Money): Money => ({
  ...money,
  amount: Math.floor((money.amount / 100) * 100),
});

/** The lines of a statement, by way of major units and back. */
async function* floored(lines: AsyncIterable<StatementLine> | readonly StatementLine[]) {
  for await (const line of lines) {
    yield Object.freeze({ ...line, amount: flooredMoney(line.amount) });
  }
}

export const moneyMutants: readonly Mutant[] = [
  {
    law: 'MONEY-01',
    what: 'rounds amounts that are not whole',
    channel: changing('pay', (money) => ({ ...money, amount: Math.round(Number(money.amount)) })),
  },
  {
    law: 'MONEY-01',
    what: 'refunds the absolute value of what it is asked for',
    channel: changing('refund', (money) => ({ ...money, amount: Math.abs(Number(money.amount)) })),
  },
  {
    law: 'MONEY-02',
    what: 'takes its highest amount for every higher one',
    channel: changing('pay', (money, { capabilities: { amount: bounds } }) => ({
      ...money,
      amount: Math.min(money.amount, bounds?.max ?? money.amount),
    })),
  },
  {
    law: 'MONEY-03',
    what: 'takes every currency for its first one',
    channel: changing('pay', (money, { capabilities: { currencies } }) => ({
      ...money,
      currency: currencies[0],
    })),
  },
  {
    law: 'MONEY-03',
    what: 'refunds in the currency it pleases',
    channel: changing('refund', (money) => ({ ...money, currency: 'CNY' })),
  },
  {
    law: 'MONEY-04',
    what: 'reads amounts through floating point',
    parts: (honest) => ({
      parseAmount(text, currency) {
        const exact = honest.parseAmount(text, currency);
        if (!text.includes('.')) return exact;
        return { amount: Math.floor(Number(text) * 100), currency };
      },
    }),
  },
  {
    law: 'MONEY-04',
    what: 'writes amounts through floating point',
    parts: () => ({
      formatAmount: ({ amount }) => (Math.floor((amount / 100) * 100) / 100).toFixed(2),
    }),
  },
  {
    law: 'MONEY-04',
    what: 'scales every currency by a hundred',
    parts: () => ({ formatAmount: ({ amount }) => (amount / 100).toFixed(2) }),
  },
  {
    law: 'MONEY-04',
    what: 'reads the amounts of notifications through floating point',
    channel: (channel) => ({
      ...channel,
      async receive(...given: [never]) {
        const heard = (await channel.receive?.(...given)) as Notification;
        const facts = heard.facts.map((fact) => {
          const { amount } = fact as { amount?: Money };
          return amount ? { ...fact, amount: flooredMoney(amount) } : fact;
        });
        return Object.freeze({ ...heard, facts });
      },
    }),
  },
  {
    law: 'MONEY-05',
    what: 'refunds in tens of the smallest unit',
    channel: changing('refund', (money) => ({
      ...money,
      amount: Math.max(10, money.amount - (money.amount % 10)),
    })),
  },
  {
    law: 'MONEY-06',
    what: 'books what it asked for, whatever the answer tells',
    parts(honest) {
      let asked: Money | undefined;
      return {
        formatAmount(amount) {
          asked = amount;
          return honest.formatAmount(amount);
        },
        parseAmount: (text, currency) => asked ?? honest.parseAmount(text, currency),
      };
    },
  },
  {
    law: 'MONEY-06',
    what: 'asks about payments without the amount they were to have',
    channel: (channel) => ({
      ...channel,
      query: ({ amount: _left, ...ref }: { amount?: Money }, options?: object) =>
        (channel.query as Call)(ref, options),
    }),
  },
  {
    law: 'MONEY-07',
    what: 'reads the amounts of a statement through floating point',
    channel: (channel) => ({
      ...channel,
      async statement(...given: [never]) {
        return floored((await channel.statement?.(...given)) ?? []);
      },
    }),
  },
];
