/** reference site · notification: tells merchants what became of their money until they hear. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import type { Order } from './book.ts';
import type { Fields } from './fields.ts';
import type { Room } from './room.ts';
import { corrupted, sealOf } from './seal.ts';
import { distorted } from './stories.ts';

const minuteMs = 60_000;
export const notificationLadderMs = [minuteMs, 5 * minuteMs, 30 * minuteMs];
const staleMs = 2 * 24 * 60 * minuteMs;

interface Event {
  readonly operation: string;
  readonly eventId: string;
  readonly merchantId: string;
  readonly paymentId: string;
  /** `payment` or `refund`, told in full. */
  readonly about: Readonly<Record<string, Fields>>;
}

function sealed(event: Event, secret: string, room: Room, spoil: boolean): Sealed {
  const { clock, faults } = room.world;
  const subject = { operation: event.operation, id: event.paymentId };
  const take = (name: string): FaultRule | undefined =>
    spoil ? faults.take(name, subject) : undefined;
  const stale = take('stale-timestamp');
  const timestamp = String(clock.now() - (stale ? Number(stale['ageMs'] ?? staleMs) : 0));
  const { operation, eventId, merchantId, about } = event;
  const told = Object.entries(about).map(([noun, fields]) => [noun, distorted(fields, take)]);
  const body = JSON.stringify({ operation, merchantId, ...Object.fromEntries(told) });
  const key = take('foreign-signature') ? room.merchants.foreignSecret : secret;
  const seal = sealOf(key, timestamp, eventId, body);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-acme-timestamp': timestamp,
      'x-acme-event': eventId,
      'x-acme-signature': take('bad-signature') ? corrupted(seal) : seal,
    },
  };
}

function notify(order: Order, event: Pick<Event, 'operation' | 'about'>, room: Room): void {
  const { world, merchants, outbox } = room;
  const { notifyUrl: url, paymentId } = order.terms;
  if (url === undefined) return;
  const eventId = `E${world.random.fork('event ids').digits(16)}`;
  const full: Event = { ...event, eventId, merchantId: order.merchantId, paymentId };
  const seal = () => sealed(full, merchants.platformSecret, room, true);
  outbox.push(() =>
    world.notifier.send({
      url,
      operation: event.operation,
      id: paymentId,
      ladderMs: notificationLadderMs,
      accepts: ({ status, body }) => status === 200 && Buffer.from(body).toString() === 'ok',
      ...seal(),
      rebuild: seal,
      forge: () => sealed(full, merchants.foreignSecret, room, false),
    }),
  );
}

export const notifyPaid = (order: Order, told: Fields, room: Room): void =>
  notify(order, { operation: 'notify.payment', about: { payment: told } }, room);

export const notifyRefunded = (order: Order, told: Fields, room: Room): void =>
  notify(order, { operation: 'notify.refund', about: { refund: told } }, room);

/** Sends what waited for an answer to be made. */
export function flush({ outbox }: Room): void {
  for (const send of outbox.splice(0)) send();
}
