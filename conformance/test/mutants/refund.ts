/** Mutants for the laws of conformance/src/cases/refund.ts. */
import type { Channel, Money } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import {
  answering,
  around,
  aroundOne,
  refundingUnderAnotherId,
  remade,
  succeedingAnyway,
} from './wrap.ts';

/** What was refunded under each id, across channel objects. */
const sums = new Map<string, number>();

/** Tells of each refund what all of them together gave back. */
const tellingSums = (channel: Channel): object => {
  const refunding = around(channel, ['refund'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    const { payment, amount } = request as { payment: { merchantId: string }; amount: Money };
    const sum = (sums.get(payment.merchantId) ?? 0) + amount.amount;
    sums.set(payment.merchantId, sum);
    sums.set(outcome.ref.merchantId, sum);
    return outcome;
  });
  return around(
    refunding as Channel,
    ['queryRefund'],
    answering((outcome) => {
      const { amount } = outcome as { amount?: Money };
      const sum = sums.get(outcome.ref.merchantId);
      return amount && sum ? remade(outcome, { amount: { ...amount, amount: sum } }) : outcome;
    }),
  );
};

let calls = 0;

export const refundMutants: readonly Mutant[] = [
  {
    law: 'REF-01',
    what: 'tells of a refund the sum of all refunds',
    channel: tellingSums,
  },
  {
    law: 'REF-02',
    what: 'mints a refund id for each call',
    parts: () => ({
      refundIdOf({ merchantRefundId }) {
        calls += 1;
        return `${merchantRefundId}C${calls}`;
      },
    }),
  },
  {
    law: 'REF-03',
    what: 'takes an id that is used for a refund that was made',
    channel: aroundOne('refund', succeedingAnyway()),
  },
  {
    law: 'REF-04',
    what: 'says refunded when nothing is left to refund',
    channel: aroundOne('refund', succeedingAnyway()),
  },
  {
    law: 'REF-05',
    what: 'counts every refund it asked for',
    channel: aroundOne('refund', succeedingAnyway()),
  },
  {
    law: 'REF-06',
    what: 'says refunded of what was never paid',
    channel: aroundOne('refund', succeedingAnyway()),
  },
  {
    law: 'REF-07',
    what: 'takes any refund of the payment for this one',
    channel: aroundOne('queryRefund', succeedingAnyway()),
  },
  {
    law: 'REF-08',
    what: 'repeats a refund under another id',
    channel: refundingUnderAnotherId,
  },
  {
    law: 'REF-09',
    what: 'takes from the payment what was refunded',
    channel: aroundOne(
      'query',
      answering((outcome) => {
        const { amount, undone } = outcome as { amount?: Money; undone?: { amount: Money } };
        if (!amount || !undone) return outcome;
        const rest = { ...amount, amount: amount.amount - undone.amount.amount };
        return remade(outcome, { amount: rest });
      }),
    ),
  },
];
