/** Mutants for the laws of conformance/src/cases/balance.ts. */
import type { Balance, Channel, Money } from '@polyrail/core';
import type { Site } from '../../src/subject.ts';
import type { Mutant } from '../mutant.ts';
import { around } from './wrap.ts';

type Balances = readonly Balance[];

/** A channel whose balances are told otherwise. */
const telling =
  (change: (balances: Balances) => Balances) =>
  (channel: Channel): object => ({
    ...channel,
    balance: async () => change((await channel.balance?.()) ?? []),
  });

const withAmount = (balances: Balances, amountOf: (money: Money) => number): Balances =>
  balances.map((one) => ({
    ...one,
    available: { ...one.available, amount: amountOf(one.available) },
  }));

/** Asks once and tells it for ever. */
function remembering(channel: Channel): object {
  let known: Promise<Balances> | undefined;
  return {
    ...channel,
    balance() {
      known ??= channel.balance?.();
      return known;
    },
  };
}

/** Counts what is held, and what is captured of it on top. */
function countingHolds(channel: Channel): object {
  let extra = 0;
  const counting = around(channel, ['capture'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    extra += (request as { authorization: { amount: Money } }).authorization.amount.amount;
    return outcome;
  });
  return {
    ...counting,
    balance: async () =>
      withAmount((await channel.balance?.()) ?? [], ({ amount }) => amount + extra),
  };
}

const firsts = new WeakMap<Site, Channel>();

/** One account for all merchants of the process. */
function sharing(channel: Channel, site: Site): object {
  const first = firsts.get(site) ?? channel;
  firsts.set(site, first);
  return { ...channel, balance: () => first.balance?.() };
}

/** Takes off once more what was paid out. */
function takingTwice(channel: Channel): object {
  let extra = 0;
  const counting = around(channel, ['payout'], (call) => (request, options) => {
    extra += (request as { amount: Money }).amount.amount;
    return call(request, options);
  });
  return {
    ...counting,
    balance: async () =>
      withAmount((await channel.balance?.()) ?? [], ({ amount }) => amount - extra),
  };
}

export const balanceMutants: readonly Mutant[] = [
  {
    law: 'BAL-01',
    what: 'tells its balance in parts of the smallest unit',
    channel: telling((balances) => withAmount(balances, ({ amount }) => amount + 0.5)),
  },
  {
    law: 'BAL-01',
    what: 'tells a debt as a balance',
    channel: telling((balances) => withAmount(balances, ({ amount }) => -amount)),
  },
  {
    law: 'BAL-01',
    what: 'tells of a currency it does not take',
    channel: telling((balances) =>
      balances.map((one) => ({ ...one, available: { ...one.available, currency: 'SEK' } })),
    ),
  },
  {
    law: 'BAL-01',
    what: 'tells of one account twice',
    channel: telling((balances) => [...balances, ...balances]),
  },
  {
    law: 'BAL-02',
    what: 'asks once and tells it for ever',
    channel: remembering,
  },
  {
    law: 'BAL-03',
    what: 'takes off twice what was paid out',
    channel: takingTwice,
  },
  {
    law: 'BAL-03',
    what: 'does not see payouts leave',
    channel: remembering,
  },
  {
    law: 'BAL-04',
    what: 'counts what was held as well as what was captured',
    channel: countingHolds,
  },
  {
    law: 'BAL-05',
    what: 'has one account for all merchants',
    channel: (channel, _context, site) => sharing(channel, site),
  },
];
