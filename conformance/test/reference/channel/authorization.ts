/** reference channel · authorization: money held, captured in parts, released. */
import type {
  Call,
  CancelAuthorizationRequest,
  CaptureRequest,
  Finding,
  NextAction,
  Ref,
} from '@polyrail/core';
import { fromRejection, isRejection, told } from './answer.ts';
import {
  amountOf,
  momentOf,
  requireAbout,
  requiredAmount,
  requiredText,
  textOf,
  unreadable,
} from './messages.ts';
import type { Message, Parts } from './parts.ts';
import { readPayment } from './payment.ts';
import { fromCancellation } from './reversal.ts';
import type { AuthorizeRequest } from './shape.ts';
import type { Wire } from './wire.ts';

const pollAfterMs = 5000;

/** Pure: an authorization in acme's words. */
export function toAuthorize(request: AuthorizeRequest, parts: Parts): object {
  const { scene, amount, description, expiresAt, notifyUrl } = request;
  return {
    holdId: parts.paymentIdOf(request),
    scene,
    amount: parts.formatAmount(amount),
    currency: amount.currency,
    description,
    expiresAt,
    notifyUrl,
    ...(request.scene === 'barcode' ? { authCode: request.authCode } : {}),
  };
}

/** Pure: an authorization as replies and notifications tell it. */
export function fromHold(message: Message, parts: Parts): Finding<'authorization'> {
  const standing = parts.stateOf(requiredText(message, 'state'), 'hold');
  if (standing === undefined) throw unreadable('The hold has an undocumented state');
  const facts = {
    ...told(message, parts),
    merchantId: parts.echoOf(message, 'holdId') as string,
    channelId: textOf(message, 'acmeId'),
    amount: requiredAmount(message, 'amount', parts),
  };
  switch (standing.status) {
    case 'pending': {
      const text = textOf(message, 'qrCode');
      const nextAction: NextAction | undefined = text ? { kind: 'qr', text } : undefined;
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, nextAction, ...facts };
    }
    case 'succeeded':
      return {
        status: 'succeeded',
        remaining: amountOf(message, 'remaining', parts),
        captured: amountOf(message, 'captured', parts),
        released: amountOf(message, 'released', parts),
        holdUntil: momentOf(message, 'holdUntil'),
        ...facts,
      };
    case 'failed':
      return { ...standing, ...facts };
  }
}

const readHold = (operation: 'holds.create' | 'holds.query', message: Message, parts: Parts) =>
  isRejection(message)
    ? fromRejection<'authorization'>(operation, message, parts)
    : fromHold(message, parts);

/** Pure: a capture in acme's words. */
export const toCapture = (request: CaptureRequest, parts: Parts): object => ({
  holdId: request.authorization.merchantId,
  paymentId: parts.paymentIdOf(request),
  amount: parts.formatAmount(request.amount),
  currency: request.amount.currency,
  final: request.final,
  description: request.description,
});

/** Pure: a release in acme's words. */
export const toRelease = (request: CancelAuthorizationRequest, parts: Parts): object => ({
  holdId: request.authorization.merchantId,
  cancelId: request.merchantCancelId,
  ...(request.amount && {
    amount: parts.formatAmount(request.amount),
    currency: request.amount.currency,
  }),
});

/** The verbs of this file, strung on the wire. */
export function authorizationVerbs(wire: Wire, parts: Parts) {
  return {
    async authorize(
      request: AuthorizeRequest,
      call: Call<'authorization'>,
    ): Promise<Finding<'authorization'>> {
      const message = await wire.call('holds.create', toAuthorize(request, parts), call);
      const finding = readHold('holds.create', message, parts);
      const { expiresAt } = request;
      return finding.status === 'pending' ? { ...finding, expiresAt } : finding;
    },
    async queryAuthorization(
      authorization: Ref<'authorization'>,
      call: Call<'authorization'>,
    ): Promise<Finding<'authorization'>> {
      const fields = { holdId: authorization.merchantId };
      return readHold('holds.query', await wire.call('holds.query', fields, call), parts);
    },
    async capture(request: CaptureRequest, call: Call<'payment'>): Promise<Finding<'payment'>> {
      const message = await wire.call('holds.capture', toCapture(request, parts), call);
      return readPayment('holds.capture', message, parts);
    },
    async cancelAuthorization(
      request: CancelAuthorizationRequest,
      call: Call<'cancellation'>,
    ): Promise<Finding<'cancellation'>> {
      const operation = 'holds.release';
      const message = await wire.call(operation, toRelease(request, parts), call);
      if (isRejection(message)) return fromRejection<'cancellation'>(operation, message, parts);
      const { merchantId: id } = request.authorization;
      requireAbout(message, { id, member: 'holdId' }, parts);
      return fromCancellation(message, parts);
    },
  };
}
