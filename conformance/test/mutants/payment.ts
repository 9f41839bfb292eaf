/** Mutants for the laws of conformance/src/cases/payment.ts and payment-undo.ts. */
import type { Channel, Money, Ref } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import {
  answering,
  around,
  aroundOne,
  decidingOnRefusal,
  failed,
  remade,
  retelling,
  succeedingAnyway,
} from './wrap.ts';

const isUndone = ({ undone }: Record<string, unknown>) => undone !== undefined;

/** Gives half of a payment back instead of undoing it. */
const halfBack = (channel: Channel): object => {
  let count = 0;
  return around(channel, ['reverse'], (call) => async (request, options) => {
    const payment = request as Ref<'payment'>;
    if (payment.amount === undefined) return call(request, options);
    count += 1;
    const amount: Money = { ...payment.amount, amount: Math.floor(payment.amount.amount / 2) };
    const merchantRefundId = `${payment.merchantId}H${count}`;
    const made = await channel.refund?.({ payment, merchantRefundId, amount });
    return remade(made as never, { noun: 'cancellation', effect: 'refunded' });
  });
};

/** Takes a refund for the same thing as a cancellation that comes too late. */
const refundingInstead = (channel: Channel): object =>
  around(channel, ['cancel'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    if (outcome.status !== 'failed') return outcome;
    const { payment, merchantCancelId } = request as unknown as {
      readonly payment: Ref<'payment'>;
      readonly merchantCancelId: string;
    };
    const { amount } = payment;
    if (amount === undefined) return outcome;
    const made = await channel.refund?.({ payment, merchantRefundId: merchantCancelId, amount });
    return remade(made as never, { noun: 'cancellation', effect: 'refunded' });
  });

/** Takes a refund of everything for a cancellation. */
const cancellingInstead = (channel: Channel): object =>
  around(channel, ['refund'], () => async (request, options) => {
    const { payment, merchantRefundId: merchantCancelId } = request as unknown as {
      readonly payment: Ref<'payment'>;
      readonly merchantRefundId: string;
    };
    const made = await channel.cancel?.({ payment, merchantCancelId }, options);
    return remade(made as never, { noun: 'refund' });
  });

let calls = 0;

export const paymentMutants: readonly Mutant[] = [
  {
    law: 'PAY-01',
    what: 'never says that an order is paid',
    channel: aroundOne('query', retelling('succeeded', { status: 'pending' })),
  },
  {
    law: 'PAY-01',
    what: 'hands out codes that say nothing',
    channel: aroundOne('pay', retelling('pending', { nextAction: { kind: 'qr', text: '' } })),
  },
  {
    law: 'PAY-02',
    what: 'takes an order for a payment',
    channel: aroundOne('query', retelling('pending', { status: 'succeeded' })),
  },
  {
    law: 'PAY-02',
    what: 'takes an order nobody has paid yet for one that failed',
    channel: aroundOne('query', retelling('pending', failed)),
  },
  {
    law: 'PAY-03',
    what: 'mints an id of its own for each call',
    parts: () => ({
      paymentIdOf({ merchantPaymentId }) {
        calls += 1;
        return `${merchantPaymentId}C${calls}`;
      },
    }),
  },
  {
    law: 'PAY-03',
    what: 'takes already paid for failed',
    channel: (channel) =>
      around(channel, ['pay'], (call) => async (request, options) => {
        const outcome = await call(request, options);
        const repeated = options?.repeat === true && outcome.status === 'succeeded';
        return repeated ? remade(outcome, { ...failed, reason: 'already-paid' }) : outcome;
      }),
  },
  {
    law: 'PAY-04',
    what: 'takes an id that is used for a payment that failed',
    channel: aroundOne('pay', decidingOnRefusal),
  },
  {
    law: 'PAY-05',
    what: 'waits for payers who have said no',
    channel: aroundOne('query', retelling('failed', { status: 'pending' })),
  },
  {
    law: 'PAY-06',
    what: 'does not look which order an answer is about',
    parts: () => ({ echoOf: () => undefined }),
  },
  {
    law: 'PAY-07',
    what: 'keeps to itself when an order expires',
    parts: () => ({ encode: (fields) => JSON.stringify({ ...fields, expiresAt: undefined }) }),
  },
  {
    law: 'PAY-08',
    what: 'takes a payer who must confirm for one who cannot pay',
    channel: (channel) =>
      around(channel, ['pay'], (call) => async (request, options) => {
        const outcome = await call(request, options);
        const { scene } = request as { scene: string };
        const waits = scene === 'barcode' && outcome.status === 'pending';
        return waits ? remade(outcome, failed) : outcome;
      }),
  },
  {
    law: 'PAY-09',
    what: 'cuts long ids',
    parts: () => ({ paymentIdOf: ({ merchantPaymentId }) => merchantPaymentId.slice(0, 20) }),
  },
  {
    law: 'PAY-10',
    what: 'takes a payment that was given back for one that failed',
    channel: aroundOne('query', retelling('succeeded', failed, isUndone)),
  },
  {
    law: 'PAY-10',
    what: 'does not say what was given back',
    channel: aroundOne('query', retelling('succeeded', { undone: undefined })),
  },
  {
    law: 'PAY-11',
    what: 'closes orders in its own books only',
    channel: aroundOne('close', () => async (request) => {
      const ref = request as Ref<'payment'>;
      return remade({} as never, { noun: 'closure', status: 'succeeded', ref });
    }),
  },
  {
    law: 'PAY-12',
    what: 'takes a paid order for a closed one',
    channel: aroundOne('close', succeedingAnyway()),
  },
  {
    law: 'PAY-13',
    what: 'takes an order paid meanwhile for a closed one',
    channel: aroundOne('close', succeedingAnyway()),
  },
  {
    law: 'PAY-14',
    what: 'says of a cancelled payment that it was only closed',
    channel: aroundOne('cancel', retelling('succeeded', { effect: 'closed' })),
  },
  {
    law: 'PAY-14',
    what: 'takes a cancelled payment for one that failed',
    channel: aroundOne('query', retelling('succeeded', failed, isUndone)),
  },
  {
    law: 'PAY-15',
    what: 'gives half of it back at each reversal',
    channel: halfBack,
  },
  {
    law: 'PAY-16',
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
    law: 'PAY-17',
    what: 'only closes what it is told to reverse',
    channel: (channel) =>
      around(channel, ['reverse'], () => (request, options) => {
        const closing = channel.close as NonNullable<Channel['close']>;
        return closing(request as never, options) as never;
      }),
  },
  {
    law: 'PAY-18',
    what: 'says cancelled when the day is over',
    channel: aroundOne('cancel', succeedingAnyway()),
  },
  {
    law: 'PAY-19',
    what: 'says cancelled when the day is over',
    channel: aroundOne('cancel', succeedingAnyway()),
  },
  {
    law: 'PAY-19',
    what: 'refunds what it cannot cancel any more, and calls that a cancellation',
    channel: refundingInstead,
  },
  {
    law: 'PAY-19',
    what: 'cancels where it is asked to refund',
    channel: cancellingInstead,
  },
];
