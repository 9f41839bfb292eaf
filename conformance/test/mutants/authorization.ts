/** Mutants for the laws of conformance/src/cases/authorization.ts and those beside it. */
import type { Channel, Money, Ref } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { failingOn } from './outcome-wrap.ts';
import {
  answering,
  around,
  aroundOne,
  asking,
  decidingOnRefusal,
  failed,
  failingWhenRepeated,
  hearing,
  minting,
  pretending,
  remade,
  retelling,
  succeedingAnyway,
} from './wrap.ts';

/** Takes what it holds at once. */
const capturingAtOnce = (channel: Channel): object =>
  around(channel, ['authorize'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    if (outcome.status !== 'succeeded') return outcome;
    const { amount, merchantId } = outcome.ref as { amount: Money; merchantId: string };
    await channel.capture?.({
      authorization: outcome.ref as Ref<'authorization'>,
      merchantPaymentId: `${merchantId}T`,
      amount,
      final: true,
      description: 'at once',
    });
    return outcome;
  });

const finality =
  (final: boolean): NonNullable<Mutant['parts']> =>
  () => ({
    encode: (fields) => JSON.stringify('final' in fields ? { ...fields, final } : fields),
  });

const nothingLeft = ({ amount }: { readonly amount?: Money }) => ({
  remaining: amount && { ...amount, amount: 0 },
});

const holding = { noun: 'cancellation', effect: 'released' };

export const authorizationMutants: readonly Mutant[] = [
  {
    law: 'AUTH-01',
    what: 'never says that money is held',
    channel: aroundOne('queryAuthorization', retelling('succeeded', { status: 'pending' })),
  },
  {
    law: 'AUTH-01',
    what: 'says that nothing is left of what it holds',
    channel: aroundOne(
      'queryAuthorization',
      answering((outcome) => remade(outcome, nothingLeft(outcome as never))),
    ),
  },
  {
    law: 'AUTH-02',
    what: 'takes a request for a hold',
    channel: aroundOne('queryAuthorization', retelling('pending', { status: 'succeeded' })),
  },
  {
    law: 'AUTH-02',
    what: 'says captured before anything is held',
    channel: aroundOne('capture', succeedingAnyway()),
  },
  {
    law: 'AUTH-03',
    what: 'waits for payers who have said no',
    channel: aroundOne('queryAuthorization', retelling('failed', { status: 'pending' })),
  },
  {
    law: 'AUTH-04',
    what: 'takes held already for failed',
    channel: aroundOne('authorize', failingWhenRepeated),
  },
  {
    law: 'AUTH-04',
    what: 'mints an id for each hold',
    parts: () => ({ paymentIdOf: ({ merchantPaymentId }) => `${merchantPaymentId}H` }),
  },
  {
    law: 'AUTH-05',
    what: 'takes an id that is used for an authorization that failed',
    channel: aroundOne('authorize', decidingOnRefusal),
  },
  {
    law: 'AUTH-06',
    what: 'takes what it holds at once',
    channel: capturingAtOnce,
  },
  {
    law: 'AUTH-07',
    what: 'hears another rest of a hold than it is told',
    channel: hearing('authorization', (fact) => nothingLeft(fact as never)),
  },
  {
    law: 'AUTH-07',
    what: 'does not open what is pushed about holds',
    channel: hearing('authorization'),
  },
  {
    law: 'AUTH-08',
    what: 'says captured whoever holds the money',
    channel: aroundOne('capture', succeedingAnyway()),
  },
  {
    law: 'AUTH-08',
    what: 'says released whoever holds the money',
    channel: aroundOne('cancelAuthorization', succeedingAnyway()),
  },
  {
    law: 'AUTH-09',
    what: 'takes what is not found for what failed',
    channel: aroundOne('queryAuthorization', retelling('unknown', failed)),
  },
  {
    law: 'AUTH-09',
    what: 'says captured of what was never asked for',
    channel: aroundOne('capture', succeedingAnyway()),
  },
  {
    law: 'AUTH-10',
    what: 'captures everything it holds',
    channel: aroundOne(
      'capture',
      asking(({ authorization }) => ({ amount: (authorization as { amount: Money }).amount })),
    ),
  },
  {
    law: 'AUTH-11',
    what: 'takes every capture for the last',
    parts: finality(true),
  },
  {
    law: 'AUTH-12',
    what: 'says captured of more than it holds',
    channel: aroundOne('capture', succeedingAnyway()),
  },
  {
    law: 'AUTH-13',
    what: 'counts every capture it asked for',
    channel: aroundOne('capture', succeedingAnyway()),
  },
  {
    law: 'AUTH-13',
    what: 'counts every release it asked for',
    channel: aroundOne('cancelAuthorization', succeedingAnyway(holding)),
  },
  {
    law: 'AUTH-14',
    what: 'never says that a capture is the last',
    parts: finality(false),
  },
  {
    law: 'AUTH-15',
    what: 'mints an id for each capture',
    channel: aroundOne('capture', minting('merchantPaymentId')),
  },
  {
    law: 'AUTH-16',
    what: 'tells captures apart by their amount',
    channel: aroundOne(
      'capture',
      asking(({ merchantPaymentId, amount }) => ({
        merchantPaymentId: `${merchantPaymentId}A${(amount as Money).amount}`,
      })),
    ),
  },
  {
    law: 'AUTH-16',
    what: 'takes an id that is used for a capture that failed',
    channel: aroundOne('capture', decidingOnRefusal),
  },
  {
    law: 'AUTH-17',
    what: 'takes a capture nobody heard of for one that failed',
    channel: aroundOne('capture', failingOn('no-reply')),
  },
  {
    law: 'AUTH-17',
    what: 'repeats a capture under another id',
    channel: aroundOne('capture', minting('merchantPaymentId', 'repeated')),
  },
  {
    law: 'AUTH-18',
    what: 'says refunded of what was held and never taken',
    channel: aroundOne('refund', succeedingAnyway()),
  },
  {
    law: 'AUTH-19',
    what: 'releases everything when it is asked for a part',
    channel: aroundOne('cancelAuthorization', (call) => (request, options) => {
      const { amount: _all, ...rest } = request as Record<string, unknown>;
      return call(rest as never, options);
    }),
  },
  {
    law: 'AUTH-19',
    what: 'takes the rest of a hold for gone once a part is released',
    channel: aroundOne(
      'queryAuthorization',
      answering((outcome) => {
        const { released } = outcome as { released?: Money };
        return released?.amount ? remade(outcome, nothingLeft(outcome as never)) : outcome;
      }),
    ),
  },
  {
    law: 'AUTH-20',
    what: 'releases in its own books only',
    channel: aroundOne('cancelAuthorization', pretending(holding)),
  },
  {
    law: 'AUTH-21',
    what: 'mints an id for each release',
    channel: aroundOne('cancelAuthorization', minting('merchantCancelId')),
  },
  {
    law: 'AUTH-22',
    what: 'says released of more than it holds',
    channel: aroundOne('cancelAuthorization', succeedingAnyway(holding)),
  },
  {
    law: 'AUTH-23',
    what: 'takes a release nobody heard of for one that failed',
    channel: aroundOne('cancelAuthorization', failingOn('no-reply')),
  },
  {
    law: 'AUTH-23',
    what: 'repeats a release under another id',
    channel: aroundOne('cancelAuthorization', minting('merchantCancelId', 'repeated')),
  },
  {
    law: 'AUTH-24',
    what: 'fails where there is nothing to reverse',
    channel: aroundOne(
      'reverse',
      answering((outcome) => {
        const { effect } = outcome as { effect?: string };
        return effect === 'nothing-there' ? remade(outcome, failed) : outcome;
      }),
    ),
  },
  {
    law: 'AUTH-24',
    what: 'reverses in its own books only',
    channel: aroundOne('reverse', pretending({ noun: 'cancellation', effect: 'closed' })),
  },
  {
    law: 'AUTH-25',
    what: 'reverses only what it has heard of',
    channel: aroundOne('reverse', (call) => (request, options) => {
      const { channelId } = request as { channelId?: string };
      const nothing = { noun: 'cancellation', effect: 'nothing-there' };
      return (channelId === undefined ? pretending(nothing)(call) : call)(request, options);
    }),
  },
  {
    law: 'AUTH-26',
    what: 'says of what it gave free that it was only closed',
    channel: aroundOne('reverse', retelling('succeeded', { effect: 'closed' })),
  },
  {
    law: 'AUTH-26',
    what: 'goes on telling what is free as held',
    channel: aroundOne(
      'queryAuthorization',
      answering((outcome) => remade(outcome, { remaining: outcome.ref.amount })),
    ),
  },
];
