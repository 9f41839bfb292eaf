/** reference channel · answer: what a verified error code means for the call that got it. */
import { type Finding, type Noun, PolyrailError } from '@polyrail/core';
import type { Operation } from './codes.ts';
import { requiredText, textOf } from './messages.ts';
import type { IdMember, Message, Parts } from './parts.ts';

/** Which id a call is about: that of the payment, unless the call has one of its own. */
const ownIds: { readonly [O in Operation]?: IdMember } = {
  'cancellations.query': 'cancelId',
  'agreements.create': 'agreementId',
  'agreements.confirm': 'agreementId',
  'agreements.query': 'agreementId',
  'agreements.end': 'agreementId',
  'holds.create': 'holdId',
  'holds.query': 'holdId',
  'holds.release': 'cancelId',
  'holds.reverse': 'holdId',
  'payouts.create': 'payoutId',
  'payouts.query': 'payoutId',
  'payments.cancel': 'cancelId',
  'refunds.create': 'refundId',
  'refunds.query': 'refundId',
};

export const isRejection = (message: Message): boolean => message['code'] !== undefined;

const retryAfterOf = ({ retryAfterMs }: Message) =>
  Number.isSafeInteger(retryAfterMs) ? { retryAfterMs: retryAfterMs as number } : {};

/** The whole message is signed: whatever it says, acme said it. */
export const told = (message: Message, parts: Parts) =>
  ({ evidence: 'signed', raw: parts.rawOf(message) }) as const;

/** @throws PolyrailError `REFUSED` when acme rejected the message */
export function fromRejection<N extends Noun>(
  operation: Operation,
  message: Message,
  parts: Parts,
): Finding<N> {
  const channelCode = requiredText(message, 'code');
  const channelMessage = textOf(message, 'message');
  const verdict = parts.verdictOf(operation, channelCode);
  const words = { channelCode, ...(channelMessage === undefined ? {} : { channelMessage }) };
  const merchantId = parts.echoOf(message, ownIds[operation] ?? 'paymentId') as string | undefined;
  const known = { ...told(message, parts), ...words, merchantId };
  switch (verdict.end) {
    case 'failed': {
      const { reason, retry } = verdict;
      return { status: 'failed', reason, retry, ...known } as Finding<N>;
    }
    case 'refused':
      throw new PolyrailError('REFUSED', `acme answered ${operation} with ${channelCode}`, {
        reason: verdict.reason,
        evidence: 'signed',
        ...words,
        ...retryAfterOf(message),
      });
    case 'accepted': {
      const waiting = { waitingFor: 'channel', pollAfterMs: 5000 } as const;
      return { status: 'pending', ...waiting, ...told(message, parts), merchantId } as Finding<N>;
    }
    case 'closed':
      return { status: 'succeeded', ...told(message, parts), merchantId } as Finding<N>;
    case 'unknown':
      return { status: 'unknown', doubt: verdict.doubt, ...known } as Finding<N>;
  }
}
