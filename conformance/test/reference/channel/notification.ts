/** reference channel · notification: acme's push, verified and read, and our answer to it. */
import {
  type FactFinding,
  type Incoming,
  instantOf,
  isPolyrailError,
  type OpenCall,
  type Opened,
  type Outgoing,
  PolyrailError,
  type Verdict,
} from '@polyrail/core';
import { fromAgreement } from './agreement.ts';
import { fromHold } from './authorization.ts';
import type { Settings } from './config.ts';
import type { Keyring } from './keys.ts';
import { decodeText, isMessage, parseMessage } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import { fromPayment } from './payment.ts';
import { fromPayout } from './payout.ts';
import { fromRefund } from './refund.ts';

const unverified = (message: string) => new PolyrailError('NOTIFICATION_UNVERIFIED', message);

/** Before anything is read: the signature, over the bytes as they came. */
async function requireSeal(
  { headers, body }: Incoming,
  { signal }: OpenCall,
  { keyring, parts }: NotificationRoom,
): Promise<string> {
  const text = decodeText(body);
  const signed = [headers['x-acme-timestamp'] ?? '', headers['x-acme-event'] ?? '', text];
  const signature = headers['x-acme-signature'] ?? '';
  const secret = await keyring.named(headers['x-acme-key'] ?? '', signal);
  if (parts.verifiesNotification({ secret, parts: signed, signature })) return text;
  throw unverified(
    "The signature is not acme's over this message: check config.platformSecret, and that the " +
      'raw body was passed on unchanged',
  );
}

/** A genuine message may still be meant for another merchant. */
function requireOurs(message: Message, settings: Settings, parts: Parts): void {
  if (parts.isOurs(message['merchantId'], settings.merchantId)) return;
  const words = "The notification's merchantId is not the configured one";
  throw new PolyrailError('NOTIFICATION_FOREIGN', words, { field: 'merchantId' });
}

/** The age is measured at the moment the message came in, not when it is opened. */
function requireFresh(sentAtMs: number, receivedAt: string, maxAgeMs: number, parts: Parts): void {
  const ageMs = Date.parse(receivedAt) - sentAtMs;
  if (parts.isFresh(ageMs, maxAgeMs)) return;
  const what = ageMs < 0 ? 'ahead of our clock' : 'old';
  const words = `The notification is ${Math.round(Math.abs(ageMs) / 1000)} s ${what}`;
  throw new PolyrailError('NOTIFICATION_STALE', words, { field: 'x-acme-timestamp' });
}

/** Pure: what a notification tells. A kind we do not know is refused, not guessed at. */
export function factsOf(message: Message, parts: Parts): readonly [FactFinding] {
  const { payment, refund, hold, agreement, payout } = message;
  if (isMessage(payment)) return [{ noun: 'payment', ...fromPayment(payment, parts) }];
  if (isMessage(refund)) return [{ noun: 'refund', ...fromRefund(refund, parts) }];
  if (isMessage(hold)) return [{ noun: 'authorization', ...fromHold(hold, parts) }];
  if (isMessage(agreement)) return [{ noun: 'agreement', ...fromAgreement(agreement, parts) }];
  if (isMessage(payout)) return [{ noun: 'payout', ...fromPayout(payout, parts) }];
  throw unverified('The notification is about nothing that this adapter knows');
}

function opened(incoming: Incoming, text: string, parts: Parts): Opened & { message: Message } {
  try {
    const message = parseMessage(text);
    const eventId = parts.eventIdOf(incoming.headers);
    const sentAt = instantOf(Number(incoming.headers['x-acme-timestamp']));
    return { message, eventId, sentAt, facts: factsOf(message, parts) };
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    throw unverified(`The notification is genuine, but cannot be read: ${error.message}`);
  }
}

interface NotificationRoom {
  readonly settings: Settings;
  readonly keyring: Keyring;
  readonly parts: Parts;
}

export function notificationVerbs(room: NotificationRoom) {
  const { settings, parts } = room;
  return {
    async open(incoming: Incoming, call: OpenCall): Promise<Opened> {
      const text = await requireSeal(incoming, call, room);
      const { message, ...told } = opened(incoming, text, parts);
      requireOurs(message, settings, parts);
      const sentAtMs = Number(incoming.headers['x-acme-timestamp']);
      requireFresh(sentAtMs, call.receivedAt, settings.notificationMaxAgeMs, parts);
      return told;
    },
    /** Quirk: exactly `ok` with 200 stops the deliveries; anything else asks for another one. */
    acknowledge(verdict: Verdict): Outgoing {
      const { status, body } = parts.answerTo(verdict);
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      return { status, headers, body: new TextEncoder().encode(body) };
    },
  };
}
