/** Mutants for the laws of every verb, wrong in verbs about holds, agreements and payouts alone. */
import { type Channel, type Noun, PolyrailError, type Ref } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { failingOn, keeping, storingDeafly, throwingOn, withoutOptions } from './outcome-wrap.ts';
import { around, aroundOne, minting, remade, retelling, returningOn, type Wrap } from './wrap.ts';

const idless: Wrap = keeping(
  (keeper) => (ref) => keeper({ ...ref, merchantId: `${ref.merchantId}X` }),
);

/** Stores nothing that could not be stored, and sends all the same. */
const careless: Wrap = keeping((keeper) => async (ref) => {
  await keeper(ref).catch(() => undefined);
});

/** Gives each call that comes while another is under way an id of its own. */
const numbering =
  (verb: keyof Channel, member: string) =>
  (channel: Channel): object => {
    let underWay = 0;
    return around(channel, [verb], (call) => async (request, options) => {
      underWay += 1;
      const { [member]: id } = request as Record<string, unknown>;
      const own = { ...(request as object), [member]: `${id}N${underWay}` };
      try {
        return await call((underWay > 1 ? own : request) as never, options);
      } finally {
        underWay -= 1;
      }
    });
  };

/** Looks an agreement up, and ends it. */
const endingWhatItReads = (channel: Channel): object =>
  around(channel, ['querySignUp'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    await channel.signOff?.(outcome.ref as Ref<'agreement'>);
    return outcome;
  });

/** Tries again when it hears nothing. */
const insistent: Wrap = (call) => async (request, options) => {
  const outcome = await call(request, options);
  return outcome.status === 'unknown' ? call(request, options) : outcome;
};

const withTwist = (ref: Ref<Noun>) => ({ ...ref, amount: undefined });

export const nounMutants: readonly Mutant[] = [
  {
    law: 'SHAPE-04',
    what: 'tells captures as something else than payments',
    channel: aroundOne('capture', retelling('succeeded', { noun: 'authorization' })),
  },
  {
    law: 'SHAPE-06',
    what: 'holds money in whichever scene it is asked to',
    channel: (channel) =>
      around(channel, ['authorize'], (call) => (request, options) => {
        const { authCode: _code, ...order } = request as Record<string, unknown>;
        return call({ ...order, scene: 'qr' } as never, options);
      }),
  },
  {
    law: 'PAY-06',
    what: 'does not look whose agreement was signed off',
    parts: (honest) => ({
      echoOf: (message, member) =>
        member === 'agreementId' ? undefined : honest.echoOf(message, member),
    }),
  },
  {
    law: 'PAY-06',
    what: 'does not look which hold was released',
    parts: (honest) => ({
      isAbout: (message, id, member) => member === 'holdId' || honest.isAbout(message, id, member),
    }),
  },
  {
    law: 'PAY-06',
    what: 'does not look which payout it hears about',
    parts: (honest) => ({
      echoOf: (message, member) =>
        member === 'payoutId' ? undefined : honest.echoOf(message, member),
    }),
  },
  {
    law: 'OUT-01',
    what: 'is in doubt about a payout that was never sent',
    channel: aroundOne('payout', returningOn('NOT_SENT', 'no-reply')),
  },
  {
    law: 'OUT-02',
    what: 'does not hear that a capture was given up',
    channel: aroundOne('capture', withoutOptions),
  },
  {
    law: 'OUT-03',
    what: 'pays out although the caller had cancelled',
    channel: aroundOne('payout', withoutOptions),
  },
  {
    law: 'OUT-04',
    what: 'forgets in its result how much it was to pay out',
    channel: aroundOne('payout', (call) => async (request, options) => {
      const outcome = await call(request, options);
      return remade(outcome, { ref: withTwist(outcome.ref) });
    }),
  },
  {
    law: 'OUT-05',
    what: 'pays out what could not be stored',
    channel: aroundOne('payout', careless),
  },
  {
    law: 'OUT-05',
    what: 'does not hear that a hold was given up while it is stored',
    channel: aroundOne('authorize', storingDeafly),
  },
  {
    law: 'OUT-06',
    what: 'has another id stored than that of the hold',
    channel: aroundOne('authorize', idless),
  },
  {
    law: 'OUT-06',
    what: 'has another id stored than that of the payout',
    channel: aroundOne('payout', idless),
  },
  {
    law: 'OUT-07',
    what: 'takes silence about a sign-up for a failure',
    channel: aroundOne('signUp', failingOn('no-reply')),
  },
  {
    law: 'OUT-08',
    what: 'captures again under another id',
    channel: aroundOne('capture', minting('merchantPaymentId', 'repeated')),
  },
  {
    law: 'OUT-08',
    what: 'releases again under another id',
    channel: aroundOne('cancelAuthorization', minting('merchantCancelId', 'repeated')),
  },
  {
    law: 'OUT-08',
    what: 'takes a hold nobody heard of for one that was refused',
    channel: aroundOne(
      'queryAuthorization',
      retelling('succeeded', { status: 'failed', reason: 'other', retry: 'new-id' }),
    ),
  },
  {
    law: 'OUT-09',
    what: 'throws when the deadline of a sign-off passes',
    channel: aroundOne('signOff', throwingOn('no-reply')),
  },
  {
    law: 'OUT-10',
    what: 'takes a server error for a payout that failed',
    channel: aroundOne('payout', failingOn('server-error')),
  },
  {
    law: 'OUT-11',
    what: 'takes half a reply for a release that failed',
    channel: aroundOne('cancelAuthorization', failingOn()),
  },
  {
    law: 'OUT-15',
    what: 'pays out again when it hears nothing',
    channel: aroundOne('payout', insistent),
  },
  {
    law: 'OUT-16',
    what: 'throws what broke under a capture',
    channel: aroundOne('capture', throwingOn('defect')),
  },
  {
    law: 'OUT-18',
    what: 'says that a payout is not found when it hears nothing',
    channel: aroundOne('queryPayout', returningOn('UNAVAILABLE', 'not-found')),
  },
  {
    law: 'OUT-18',
    what: 'tells no money when it hears nothing of its balance',
    channel: (channel) => ({
      ...channel,
      async balance(...given: Parameters<NonNullable<Channel['balance']>>) {
        try {
          return await channel.balance?.(...given);
        } catch (error) {
          if (error instanceof PolyrailError && error.code === 'UNAVAILABLE') return [];
          throw error;
        }
      },
    }),
  },
  {
    law: 'OUT-20',
    what: 'ends the agreements it looks up',
    channel: endingWhatItReads,
  },
  {
    law: 'OUT-23',
    what: 'takes a page for a hold that failed',
    channel: aroundOne('authorize', failingOn('server-error')),
  },
  {
    law: 'OUT-24',
    what: 'tells captures apart that are one',
    channel: numbering('capture', 'merchantPaymentId'),
  },
  {
    law: 'OUT-24',
    what: 'tells releases apart that are one',
    channel: numbering('cancelAuthorization', 'merchantCancelId'),
  },
  {
    law: 'MONEY-06',
    what: 'pays out whatever the channel says it paid',
    channel: aroundOne('payout', (call) => async (request, options) => {
      const outcome = await call(request, options);
      const wrong = outcome.status === 'unknown' && outcome.doubt === 'contradicts-request';
      return wrong ? remade(outcome, { status: 'succeeded' }) : outcome;
    }),
  },
];
