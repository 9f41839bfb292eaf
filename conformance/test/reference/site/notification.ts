/** reference site · notification: tells merchants what became of their money until they hear. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import type { Fields } from './fields.ts';
import { sealingKey } from './keys.ts';
import type { Room } from './room.ts';
import { sealHeaders } from './seal.ts';
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

function sealed(event: Event, room: Room, forged: boolean): Sealed {
  const { clock, faults } = room.world;
  const subject = { operation: event.operation, id: event.id };
  const take = (name: string): FaultRule | undefined =>
    forged ? undefined : faults.take(name, subject);
  const stale = take('stale-timestamp');
  const timestamp = String(clock.now() - (stale ? Number(stale['ageMs'] ?? staleMs) : 0));
  const { operation, eventId, merchantId, about } = event;
  const told = Object.entries(about).map(([noun, fields]) => [noun, distorted(fields, take)]);
  const body = JSON.stringify({ operation, merchantId, ...Object.fromEntries(told) });
  const { keys, foreignSecret } = room.merchants;
  const { id, secret } = sealingKey(take, keys);
  const by = { id, secret: forged || take('foreign-signature') ? foreignSecret : secret };
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-acme-timestamp': timestamp,
      'x-acme-event': eventId,
      ...sealHeaders([timestamp, eventId, body], by, take),
    },
  };
}

/** What became of something, for the merchant's address; where there is none, nobody hears. */
export interface News extends Omit<Event, 'eventId' | 'operation'> {
  readonly url: string | undefined;
}

export function notify({ url, ...news }: News, room: Room): void {
  const { world, outbox } = room;
  if (url === undefined) return;
  const eventId = `E${world.random.fork('event ids').digits(16)}`;
  const operation = `notify.${Object.keys(news.about)[0]}`;
  const full: Event = { ...news, operation, eventId };
  const seal = () => sealed(full, room, false);
  outbox.push(() =>
    world.notifier.send({
      url,
      operation,
      id: news.id,
      ladderMs: notificationLadderMs,
      accepts: ({ status, body }) => status === 200 && Buffer.from(body).toString() === 'ok',
      ...seal(),
      rebuild: seal,
      forge: () => sealed(full, room, true),
    }),
  );
}

/** Sends what waited for an answer to be made. */
export function flush({ outbox }: Room): void {
  for (const send of outbox.splice(0)) send();
}
