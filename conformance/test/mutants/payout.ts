/** Mutants for the laws of conformance/src/cases/payout.ts and payout-late.ts. */
import { isSecret, type Money, revealText, type Secret } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { failingOn, keeping } from './outcome-wrap.ts';
import {
  around,
  aroundOne,
  asking,
  decidingOnRefusal,
  failed,
  hearing,
  minting,
  remade,
  retelling,
  succeedingAnyway,
  type Wrap,
} from './wrap.ts';

const isReturned = ({ returned }: Record<string, unknown>) => returned !== undefined;
const nameOf = (request: unknown): string => {
  const { name } = (request as { payee: { name?: Secret } }).payee;
  return isSecret(name) ? revealText(name) : '';
};

const showing: Wrap = (call) => async (request, options) =>
  remade(await call(request, options), { raw: { to: nameOf(request) } });

const storing: Wrap = (call) => (request, options) => {
  const handle = nameOf(request);
  return keeping((keeper) => (ref) => keeper({ ...ref, handle }))(call)(request, options);
};

/** Payouts asked for by any channel object. */
const paid = new Set<string>();

const returned = { at: '2026-03-02T02:00:00.000Z', reason: 'other' };

export const payoutMutants: readonly Mutant[] = [
  {
    law: 'POUT-01',
    what: 'takes what arrived for what failed',
    channel: aroundOne('queryPayout', retelling('succeeded', failed)),
  },
  {
    law: 'POUT-01',
    what: 'says of every payout that it was sent back',
    channel: aroundOne('queryPayout', retelling('succeeded', { returned })),
  },
  {
    law: 'POUT-02',
    what: 'mints an id for each payout',
    channel: aroundOne('payout', minting('merchantPayoutId')),
  },
  {
    law: 'POUT-02',
    what: 'takes paid already for failed',
    channel: (channel) =>
      around(channel, ['payout'], (call) => async (request, options) => {
        const { merchantPayoutId: id } = request as { merchantPayoutId: string };
        const outcome = await call(request, options);
        const again = paid.has(id) && outcome.status === 'succeeded';
        paid.add(id);
        return again ? remade(outcome, { ...failed, reason: 'id-reused' }) : outcome;
      }),
  },
  {
    law: 'POUT-03',
    what: 'tells payouts apart by their amount',
    channel: aroundOne(
      'payout',
      asking(({ merchantPayoutId, amount }) => ({
        merchantPayoutId: `${merchantPayoutId}A${(amount as Money).amount}`,
      })),
    ),
  },
  {
    law: 'POUT-03',
    what: 'takes an id that is used for a payout that failed',
    channel: aroundOne('payout', decidingOnRefusal),
  },
  {
    law: 'POUT-04',
    what: 'takes a payout nobody heard of for one that failed',
    channel: aroundOne('payout', failingOn('no-reply')),
  },
  {
    law: 'POUT-04',
    what: 'repeats a payout under another id',
    channel: aroundOne('payout', minting('merchantPayoutId', 'repeated')),
  },
  {
    law: 'POUT-05',
    what: 'takes what is not found for what failed',
    channel: aroundOne('queryPayout', retelling('unknown', failed)),
  },
  {
    law: 'POUT-05',
    what: 'takes a lost request for a failure',
    channel: aroundOne('payout', failingOn('no-reply')),
  },
  {
    law: 'POUT-06',
    what: 'takes accepted for arrived',
    channel: aroundOne('queryPayout', retelling('pending', { status: 'succeeded' })),
  },
  {
    law: 'POUT-06',
    what: 'takes under way for failed when it is asked again',
    channel: aroundOne('payout', (call) => async (request, options) => {
      const outcome = await call(request, options);
      return options?.repeat === true ? remade(outcome, failed) : outcome;
    }),
  },
  {
    law: 'POUT-07',
    what: 'shows in its results whom it paid',
    channel: aroundOne('payout', showing),
  },
  {
    law: 'POUT-07',
    what: 'logs whom it pays',
    channel: (channel, context) =>
      around(channel, ['payout'], (call) => (request, options) => {
        context.logger?.info('paying', { to: nameOf(request) });
        return call(request, options);
      }),
  },
  {
    law: 'POUT-07',
    what: 'has the payee stored with the reference',
    channel: aroundOne('payout', storing),
  },
  {
    law: 'POUT-08',
    what: 'hears another amount than it is told',
    channel: hearing('payout', (fact) => {
      const { amount } = fact as { amount?: Money };
      return { amount: amount && { ...amount, amount: amount.amount + 1 } };
    }),
  },
  {
    law: 'POUT-08',
    what: 'does not open what is pushed about payouts',
    channel: hearing('payout'),
  },
  {
    law: 'POUT-09',
    what: 'tells of payouts whoever made them',
    channel: aroundOne('queryPayout', succeedingAnyway()),
  },
  {
    law: 'POUT-10',
    what: 'waits for payouts that failed',
    channel: aroundOne('queryPayout', retelling('failed', { status: 'pending' })),
  },
  {
    law: 'POUT-10',
    what: 'says that a failed payout is under way when it is asked again',
    channel: aroundOne('payout', retelling('failed', { status: 'pending' })),
  },
  {
    law: 'POUT-11',
    what: 'takes a payout that came back for one that failed',
    channel: aroundOne('queryPayout', retelling('succeeded', failed, isReturned)),
  },
  {
    law: 'POUT-11',
    what: 'keeps to itself that a payout came back',
    channel: aroundOne('queryPayout', retelling('succeeded', { returned: undefined })),
  },
  {
    law: 'POUT-11',
    what: 'does not hear that a payout came back',
    channel: hearing('payout', () => ({ returned: undefined })),
  },
  {
    law: 'POUT-12',
    what: 'says paid of what it had not',
    channel: aroundOne('payout', succeedingAnyway()),
  },
];
