/** reference site · notification: tells merchants what became of their money until they hear. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
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
  /** The merchant's id it is about, for faults. */
  readonly id: string;
  /** The noun, told in full. */
  readonly about: Readonly<Record<string, Fields>>;
}

function sealed(event: Event, secret: string, room: Room, spoil: boolean): Sealed {
  const { clock, faults } = room.world;
  const subject = { operation: event.operation, id: event.id };
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

/** What became of something, for the merchant's address; where there is none, nobody hears. */
export interface News extends Omit<Event, 'eventId' | 'operation'> {
  readonly url: string | undefined;
}

export function notify({ url, ...news }: News, room: Room): void {
  const { world, merchants, outbox } = room;
  if (url === undefined) return;
  const eventId = `E${world.random.fork('event ids').digits(16)}`;
  const operation = `notify.${Object.keys(news.about)[0]}`;
  const full: Event = { ...news, operation, eventId };
  const seal = () => sealed(full, merchants.platformSecret, room, true);
  outbox.push(() =>
    world.notifier.send({
      url,
      operation,
      id: news.id,
      ladderMs: notificationLadderMs,
      accepts: ({ status, body }) => status === 200 && Buffer.from(body).toString() === 'ok',
      ...seal(),
      rebuild: seal,
      forge: () => sealed(full, merchants.foreignSecret, room, false),
    }),
  );
}

/** Sends what waited for an answer to be made. */
export function flush({ outbox }: Room): void {
  for (const send of outbox.splice(0)) send();
}
