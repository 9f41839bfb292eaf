/** reference channel · refund: money back, in parts and repeatedly, and what became of it. */
import type { Call, Finding, Ref } from '@polyrail/core';
import { fromRejection, isRejection, told } from './answer.ts';
import {
  momentOf,
  requireAbout,
  requiredAmount,
  requiredText,
  textOf,
  unreadable,
} from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { RefundRequest } from './shape.ts';
import type { Wire } from './wire.ts';

/** Pure: a refund in acme's words. */
export const toRefund = (request: RefundRequest, parts: Parts): object => ({
  paymentId: request.payment.merchantId,
  refundId: parts.refundIdOf(request),
  amount: parts.formatAmount(request.amount),
  currency: request.amount.currency,
  note: request.note,
});

/** Pure: a refund as replies and notifications tell it. */
export function fromRefund(message: Message, parts: Parts): Finding<'refund'> {
  if (requiredText(message, 'state') !== 'REFUNDED') {
    throw unreadable('The refund has an undocumented state');
  }
  return {
    status: 'succeeded',
    amount: requiredAmount(message, 'amount', parts),
    arrivedAt: momentOf(message, 'refundedAt'),
    merchantId: parts.echoOf(message, 'refundId') as string,
    channelId: textOf(message, 'acmeId'),
    ...told(message, parts),
  };
}

/** The verbs of this file, strung on the wire. */
export function refundVerbs(wire: Wire, parts: Parts) {
  return {
    async refund(request: RefundRequest, call: Call<'refund'>): Promise<Finding<'refund'>> {
      const message = await wire.call('refunds.create', toRefund(request, parts), call);
      if (isRejection(message)) return fromRejection<'refund'>('refunds.create', message, parts);
      requireAbout(message, { id: request.payment.merchantId }, parts);
      return fromRefund(message, parts);
    },
    async queryRefund(refund: Ref<'refund'>, call: Call<'refund'>): Promise<Finding<'refund'>> {
      const message = await wire.call('refunds.query', { refundId: refund.merchantId }, call);
      if (isRejection(message)) return fromRejection<'refund'>('refunds.query', message, parts);
      return fromRefund(message, parts);
    },
  };
}
