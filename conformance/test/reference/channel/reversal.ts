/** reference channel · reversal: undoing what nobody heard of, and asking what became of an undoing. */
import { type Call, type Finding, type Money, PolyrailError, type Ref } from '@polyrail/core';
import { fromRejection, isRejection, told } from './answer.ts';
import { requiredAmount, requiredText, textOf, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import { requireWhole } from './payment.ts';
import type { Wire } from './wire.ts';

const effects = {
  REFUNDED: 'refunded',
  RELEASED: 'released',
  CLOSED: 'closed',
  NOTHING: 'nothing-there',
} as const;

const operations = {
  payment: { operation: 'payments.reverse', member: 'paymentId' },
  authorization: { operation: 'holds.reverse', member: 'holdId' },
} as const;

/** Pure: what a reversal found and did. Afterwards nothing is with the merchant, and nothing held. */
export function fromReverse(
  target: Ref<'payment' | 'authorization'>,
  message: Message,
  parts: Parts,
): Finding<'cancellation'> {
  const { operation, member } = operations[target.noun];
  if (isRejection(message)) return fromRejection<'cancellation'>(operation, message, parts);
  const merchantId = parts.echoOf(message, member) as string;
  const word = requiredText(message, 'effect');
  if (!Object.hasOwn(effects, word)) throw unreadable('effect is not documented');
  const effect = effects[word as keyof typeof effects];
  const moved = effect === 'refunded' || effect === 'released';
  const amount: Money | undefined = moved ? requiredAmount(message, 'amount', parts) : undefined;
  if (amount !== undefined) requireWhole(amount, target);
  return { status: 'succeeded', effect, amount, merchantId, ...told(message, parts) };
}

const states = { CANCELLED: 'refunded', RELEASED: 'released' } as const;

/** Pure: a cancellation, or a release, that was made under an id. */
export function fromCancellation(message: Message, parts: Parts): Finding<'cancellation'> {
  const word = requiredText(message, 'state');
  if (!Object.hasOwn(states, word)) throw unreadable('The cancellation has an undocumented state');
  return {
    status: 'succeeded',
    effect: states[word as keyof typeof states],
    amount: requiredAmount(message, 'amount', parts),
    merchantId: parts.echoOf(message, 'cancelId') as string,
    channelId: textOf(message, 'acmeId'),
    ...told(message, parts),
  };
}

/** The verbs of this file, strung on the wire. */
export function reversalVerbs(wire: Wire, parts: Parts) {
  return {
    async reverse(
      target: Ref<'payment' | 'authorization' | 'cancellation'>,
      call: Call<'cancellation'>,
    ): Promise<Finding<'cancellation'>> {
      if (target.noun === 'cancellation') {
        const words = 'acme reverses no cancellation: repeat the call instead';
        throw new PolyrailError('UNSUPPORTED', words, { field: 'noun' });
      }
      const undone = target as Ref<'payment' | 'authorization'>;
      const { operation, member } = operations[undone.noun];
      const message = await wire.call(operation, { [member]: undone.merchantId }, call);
      return fromReverse(undone, message, parts);
    },
    async queryCancellation(
      cancellation: Ref<'cancellation'>,
      call: Call<'cancellation'>,
    ): Promise<Finding<'cancellation'>> {
      const operation = 'cancellations.query';
      const message = await wire.call(operation, { cancelId: cancellation.merchantId }, call);
      if (isRejection(message)) return fromRejection<'cancellation'>(operation, message, parts);
      return fromCancellation(message, parts);
    },
  };
}
