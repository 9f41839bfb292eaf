/** Mutants for the laws of conformance/src/cases/agreement.ts and agreement-charge.ts. */
import { type Channel, type Noun, type Outcome, PolyrailError, type Ref } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { failingOn, keeping } from './outcome-wrap.ts';
import {
  answering,
  around,
  aroundOne,
  failed,
  failingWhenRepeated,
  hearing,
  minting,
  pretending,
  remade,
  retelling,
  succeedingAnyway,
  where,
} from './wrap.ts';

const active = { status: 'succeeded', standing: 'active' };
const isEnded = ({ standing }: Record<string, unknown>) => standing === 'ended';
const isByCard = ({ scene }: Record<string, unknown>) => scene === 'card';
const isCharge = ({ scene }: Record<string, unknown>) => scene === 'agreement';

/** What the first charge of an agreement came to, by agreement. */
const firsts = new Map<string, Outcome<Noun>>();

/** Takes every charge of an agreement for its first. */
const chargingOnce = (channel: Channel): object =>
  around(channel, ['pay'], (call) => async (request, options) => {
    const { agreement } = request as { agreement?: Ref<'agreement'> };
    if (agreement === undefined) return call(request, options);
    const known = firsts.get(agreement.merchantId);
    const outcome = known ?? (await call(request, options));
    firsts.set(agreement.merchantId, outcome);
    return outcome;
  });

/** Is in doubt about a charge that was not made, and whenever it is asked about it. */
const neverSure = (channel: Channel): object => {
  const doubt = { status: 'unknown', doubt: 'server-error' };
  const paying = around(channel, ['pay'], where(isCharge, retelling('failed', doubt)));
  return around(paying as Channel, ['query'], retelling('unknown', doubt));
};

interface Charge {
  readonly merchantPaymentId: string;
  readonly agreement?: Ref<'agreement'>;
}

const endedByUs = new Set<string>();
const chargedBy = new Map<string, Ref<'agreement'>>();

/** Remembers what was charged by which agreement. */
const remembering = (channel: Channel): Channel =>
  around(channel, ['pay'], (call) => (request, options) => {
    const { agreement, merchantPaymentId } = request as Charge;
    if (agreement !== undefined) chargedBy.set(merchantPaymentId, agreement);
    return call(request, options);
  }) as Channel;

/** Says of a charge what it knows of the agreement. */
const askingTheAgreement = (channel: Channel): object => {
  const ending = around(remembering(channel), ['signOff'], (call) => (request, options) => {
    endedByUs.add((request as Ref<'agreement'>).merchantId);
    return call(request, options);
  });
  return around(
    ending as Channel,
    ['query'],
    answering((outcome) => {
      const agreement = chargedBy.get(outcome.ref.merchantId);
      const over = agreement !== undefined && endedByUs.has(agreement.merchantId);
      return over ? remade(outcome, { ...failed, reason: 'agreement-inactive' }) : outcome;
    }),
  );
};

/** Takes a refund for a farewell. */
const endingWithRefunds = (channel: Channel): object =>
  around(remembering(channel), ['refund'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    const { payment } = request as { payment: Ref<'payment'> };
    const agreement = chargedBy.get(payment.merchantId);
    if (agreement !== undefined) await channel.signOff?.(agreement);
    return outcome;
  });

export const agreementMutants: readonly Mutant[] = [
  {
    law: 'AGR-17',
    what: 'takes a code that was sent for a consent',
    channel: aroundOne('querySignUp', retelling('pending', active)),
  },
  {
    law: 'AGR-17',
    what: 'takes whatever code for the right one',
    channel: aroundOne('confirmSignUp', succeedingAnyway({ noun: 'agreement', ...active })),
  },
  {
    law: 'AGR-17',
    what: 'never says that the right code opened anything',
    channel: aroundOne('confirmSignUp', retelling('succeeded', { ...failed, noun: 'agreement' })),
  },
  {
    law: 'AGR-18',
    what: 'takes whatever card for the right one',
    channel: aroundOne(
      'signUp',
      where(isByCard, succeedingAnyway({ noun: 'agreement', ...active })),
    ),
  },
  {
    law: 'AGR-18',
    what: 'waits for payers whose card has consented',
    channel: aroundOne('signUp', where(isByCard, retelling('succeeded', { status: 'pending' }))),
  },
  {
    law: 'AGR-18',
    what: 'binds a card in its own books only',
    channel: aroundOne('signUp', where(isByCard, pretending({ noun: 'agreement', ...active }))),
  },
  {
    law: 'AGR-01',
    what: 'takes a sign-up for a consent',
    channel: aroundOne('querySignUp', retelling('pending', active)),
  },
  {
    law: 'AGR-01',
    what: 'never hears that the payer consented',
    channel: aroundOne('querySignUp', retelling('succeeded', { status: 'pending' })),
  },
  {
    law: 'AGR-01',
    what: 'takes a link it has made for a signature',
    channel: aroundOne('signUp', retelling('pending', active)),
  },
  {
    law: 'AGR-02',
    what: 'waits for payers who refused to sign',
    channel: aroundOne('querySignUp', retelling('failed', { status: 'pending' })),
  },
  {
    law: 'AGR-03',
    what: 'takes signed already for failed',
    channel: aroundOne('signUp', failingWhenRepeated),
  },
  {
    law: 'AGR-04',
    what: 'ends agreements in its own books only',
    channel: aroundOne('signOff', pretending({ noun: 'agreement', standing: 'ended' })),
  },
  {
    law: 'AGR-04',
    what: 'tells what has ended as active',
    channel: aroundOne('querySignUp', retelling('succeeded', active, isEnded)),
  },
  {
    law: 'AGR-05',
    what: 'tells what it ended as active',
    channel: aroundOne('signOff', retelling('succeeded', active)),
  },
  {
    law: 'AGR-05',
    what: 'throws that nothing was sent when there is nothing to end',
    channel: (channel) =>
      around(channel, ['signOff'], (call) => async (request, options) => {
        const found = await channel.querySignUp?.(request);
        if (found && isEnded(found as never)) throw new PolyrailError('NOT_SENT', 'it has ended');
        return call(request, options);
      }),
  },
  {
    law: 'AGR-06',
    what: 'takes a sign-off nobody heard of for one that failed',
    channel: aroundOne('signOff', failingOn('no-reply')),
  },
  {
    law: 'AGR-06',
    what: 'does not know any more what was signed off',
    channel: aroundOne('querySignUp', retelling('succeeded', { standing: 'suspended' }, isEnded)),
  },
  {
    law: 'AGR-07',
    what: 'does not open what is pushed about agreements',
    channel: hearing('agreement'),
  },
  {
    law: 'AGR-07',
    what: 'hears another standing than it is told',
    channel: hearing('agreement', () => ({ standing: 'suspended' })),
  },
  {
    law: 'AGR-08',
    what: 'hears of every agreement that it is active',
    channel: hearing('agreement', () => active),
  },
  {
    law: 'AGR-08',
    what: 'asks its own books whether the payer has left',
    channel: aroundOne('querySignUp', retelling('succeeded', active)),
  },
  {
    law: 'AGR-09',
    what: 'takes the second charge of an agreement for the first',
    channel: chargingOnce,
  },
  {
    law: 'AGR-10',
    what: 'takes charged already for failed',
    channel: aroundOne('pay', where(isCharge, failingWhenRepeated)),
  },
  {
    law: 'AGR-10',
    what: 'mints an id for each charge',
    channel: aroundOne('pay', where(isCharge, minting('merchantPaymentId'))),
  },
  {
    law: 'AGR-11',
    what: 'says charged before anybody has consented',
    channel: aroundOne('pay', where(isCharge, succeedingAnyway())),
  },
  {
    law: 'AGR-11',
    what: 'is in doubt for ever about what was not charged',
    channel: neverSure,
  },
  {
    law: 'AGR-12',
    what: 'says charged of what was signed off',
    channel: aroundOne('pay', where(isCharge, succeedingAnyway())),
  },
  {
    law: 'AGR-12',
    what: 'is in doubt for ever about a charge after the end',
    channel: neverSure,
  },
  {
    law: 'AGR-13',
    what: 'says of a charge what it knows of the agreement',
    channel: askingTheAgreement,
  },
  {
    law: 'AGR-14',
    what: 'says charged whoever has the agreement',
    channel: aroundOne('pay', where(isCharge, succeedingAnyway())),
  },
  {
    law: 'AGR-15',
    what: 'ends an agreement when a charge is given back',
    channel: endingWithRefunds,
  },
  {
    law: 'AGR-16',
    what: 'has another id stored than that of the agreement',
    channel: aroundOne(
      'signUp',
      keeping((keeper) => (ref) => keeper({ ...ref, merchantId: `${ref.merchantId}X` })),
    ),
  },
];
