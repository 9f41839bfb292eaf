/** reference channel · payment: paying, asking, closing, and undoing a payment as a whole. */
import {
  type Call,
  type Finding,
  type Money,
  type NextAction,
  type Noun,
  PolyrailError,
  type Ref,
  sameMoney,
} from '@polyrail/core';
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
import type { CancelRequest, PayRequest } from './shape.ts';
import type { Wire } from './wire.ts';

const pollAfterMs = 5000;

/** Pure: an order in acme's words. */
export function toPay(request: PayRequest, parts: Parts): object {
  const { scene, amount, description, expiresAt, notifyUrl, attachment } = request;
  return {
    paymentId: parts.paymentIdOf(request),
    scene,
    amount: parts.formatAmount(amount),
    currency: amount.currency,
    description,
    expiresAt,
    notifyUrl,
    attachment,
    ...(request.scene === 'barcode' ? { authCode: request.authCode } : {}),
    ...(request.scene === 'page' ? { returnUrl: request.returnUrl } : {}),
    ...(request.scene === 'agreement' ? { agreementId: request.agreement.merchantId } : {}),
  };
}

const undoneBy = { refund: 'refund', cancel: 'cancel', reversal: 'reversal' } as const;

/** A paid payment stays paid when it is undone; what was given back is told beside it. */
function undoneOf(message: Message, parts: Parts) {
  const word = textOf(message, 'undoneBy');
  if (word === undefined) return undefined;
  if (!Object.hasOwn(undoneBy, word)) throw unreadable('undoneBy is not documented');
  const by = undoneBy[word as keyof typeof undoneBy];
  return { by, amount: requiredAmount(message, 'undone', parts) };
}

/** Pure: a payment as replies and notifications tell it. */
export function fromPayment(message: Message, parts: Parts): Finding<'payment'> {
  const standing = parts.stateOf(requiredText(message, 'state'));
  if (standing === undefined) throw unreadable('The payment has an undocumented state');
  const facts = {
    ...told(message, parts),
    merchantId: parts.echoOf(message, 'paymentId') as string,
    channelId: textOf(message, 'acmeId'),
    amount: requiredAmount(message, 'amount', parts),
  };
  switch (standing.status) {
    case 'pending': {
      const text = textOf(message, 'qrCode');
      const nextAction: NextAction | undefined = text ? { kind: 'qr', text } : undefined;
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, nextAction, ...facts };
    }
    case 'succeeded': {
      const undone = undoneOf(message, parts);
      return { status: 'succeeded', paidAt: momentOf(message, 'paidAt'), undone, ...facts };
    }
    case 'failed':
      return { ...standing, ...facts };
  }
}

/** Pure: an answer about a payment, whichever way it was asked for. */
export const readPayment = (
  operation: 'payments.create' | 'payments.query' | 'holds.capture',
  message: Message,
  parts: Parts,
): Finding<'payment'> =>
  isRejection(message)
    ? fromRejection<'payment'>(operation, message, parts)
    : fromPayment(message, parts);

/** Pure: a closed payment, or the reason why it is not. */
export function fromClose(message: Message, parts: Parts): Finding<'closure'> {
  if (isRejection(message)) return fromRejection<'closure'>('payments.close', message, parts);
  const merchantId = parts.echoOf(message, 'paymentId') as string;
  const { status } = parts.stateOf(requiredText(message, 'state')) ?? {};
  if (status !== 'failed') throw unreadable('A closed payment is in another state');
  return { status: 'succeeded', merchantId, ...told(message, parts) };
}

/** The guard knows no amount of an undoing: what there was is compared here. */
export function requireWhole(amount: Money, undone: Ref<Noun>): void {
  if (undone.amount === undefined || sameMoney(undone.amount, amount)) return;
  const words = 'The answer names another amount than there was';
  throw new PolyrailError('REPLY_UNVERIFIED', words, { doubt: 'contradicts-request' });
}

/** Pure: a payment undone as a whole. */
export function fromCancel(
  payment: Ref<'payment'>,
  message: Message,
  parts: Parts,
): Finding<'cancellation'> {
  if (isRejection(message)) {
    return fromRejection<'cancellation'>('payments.cancel', message, parts);
  }
  requireAbout(message, { id: payment.merchantId }, parts);
  const amount = requiredAmount(message, 'amount', parts);
  requireWhole(amount, payment);
  if (requiredText(message, 'state') !== 'CANCELLED') throw unreadable('Not said to be cancelled');
  return {
    status: 'succeeded',
    effect: 'refunded',
    amount,
    merchantId: parts.echoOf(message, 'cancelId') as string,
    channelId: textOf(message, 'acmeId'),
    ...told(message, parts),
  };
}

/** The verbs of this file, strung on the wire. */
export function paymentVerbs(wire: Wire, parts: Parts) {
  return {
    async pay(request: PayRequest, call: Call<'payment'>): Promise<Finding<'payment'>> {
      const { expiresAt } = request;
      if (request.scene === 'page') {
        // Nothing is sent: the payer carries the order to acme, and may do so at any time.
        const nextAction = { kind: 'redirect', url: wire.linkOf(toPay(request, parts)) } as const;
        await parts.prepare(call);
        return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
      }
      const message = await wire.call('payments.create', toPay(request, parts), call);
      const finding = readPayment('payments.create', message, parts);
      return finding.status === 'pending' ? { ...finding, expiresAt } : finding;
    },
    async query(payment: Ref<'payment'>, call: Call<'payment'>): Promise<Finding<'payment'>> {
      const message = await wire.call('payments.query', { paymentId: payment.merchantId }, call);
      return readPayment('payments.query', message, parts);
    },
    async close(payment: Ref<'payment'>, call: Call<'closure'>): Promise<Finding<'closure'>> {
      const fields = { paymentId: payment.merchantId };
      return fromClose(await wire.call('payments.close', fields, call), parts);
    },
    async cancel(
      { payment, merchantCancelId }: CancelRequest,
      call: Call<'cancellation'>,
    ): Promise<Finding<'cancellation'>> {
      const fields = { paymentId: payment.merchantId, cancelId: merchantCancelId };
      return fromCancel(payment, await wire.call('payments.cancel', fields, call), parts);
    },
  };
}
