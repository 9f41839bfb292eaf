/** reference channel · payout: money to a payee, and what became of it - also days later. */
import { type Call, type Finding, type PayoutRequest, type Ref, revealText } from '@polyrail/core';
import { fromRejection, isRejection, told } from './answer.ts';
import { momentOf, requiredAmount, requiredText, textOf, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { Wire } from './wire.ts';

function toPayee({ payee }: PayoutRequest): object {
  const name = payee.name === undefined ? {} : { payeeName: revealText(payee.name) };
  const accountNo = payee.kind === 'wallet' ? payee.id : revealText(payee.account);
  return { payee: payee.kind, accountNo, ...name };
}

/** Pure: a payout in acme's words. The payee is revealed here, and nowhere else. */
export const toPayout = (request: PayoutRequest, parts: Parts): object => ({
  payoutId: parts.payoutIdOf(request),
  amount: parts.formatAmount(request.amount),
  currency: request.amount.currency,
  purpose: request.purpose,
  ...toPayee(request),
});

/** Pure: a payout as replies and notifications tell it. */
export function fromPayout(message: Message, parts: Parts): Finding<'payout'> {
  const standing = parts.stateOf(requiredText(message, 'state'), 'payout');
  if (standing === undefined) throw unreadable('The payout has an undocumented state');
  const facts = {
    ...told(message, parts),
    merchantId: parts.echoOf(message, 'payoutId') as string,
    channelId: textOf(message, 'acmeId'),
    amount: requiredAmount(message, 'amount', parts),
  };
  switch (standing.status) {
    case 'pending':
      return { status: 'pending', waitingFor: 'payee', pollAfterMs: 60_000, ...facts };
    case 'succeeded': {
      const arrivedAt = momentOf(message, 'arrivedAt');
      const at = momentOf(message, 'returnedAt');
      const returned = at === undefined ? undefined : ({ at, reason: 'payee-invalid' } as const);
      return { status: 'succeeded', arrivedAt, returned, ...facts };
    }
    case 'failed':
      return { ...standing, ...facts };
  }
}

const read = (
  operation: 'payouts.create' | 'payouts.query',
  message: Message,
  parts: Parts,
): Finding<'payout'> =>
  isRejection(message)
    ? fromRejection<'payout'>(operation, message, parts)
    : fromPayout(message, parts);

/** The verbs of this file, strung on the wire. */
export function payoutVerbs(wire: Wire, parts: Parts) {
  return {
    async payout(request: PayoutRequest, call: Call<'payout'>): Promise<Finding<'payout'>> {
      const message = await wire.call('payouts.create', toPayout(request, parts), call);
      return read('payouts.create', message, parts);
    },
    async queryPayout(payout: Ref<'payout'>, call: Call<'payout'>): Promise<Finding<'payout'>> {
      const message = await wire.call('payouts.query', { payoutId: payout.merchantId }, call);
      return read('payouts.query', message, parts);
    },
  };
}
