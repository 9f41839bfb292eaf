/** wechatpay simulator · v3 notification: encrypted, sealed, and repeated until it is heard. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import type { Signer } from './merchants.ts';
import { hex, letters } from './numbers.ts';
import type { Room } from './room.ts';
import { twisted } from './stories.ts';
import { hourMs, isoTime, minuteMs } from './time.ts';
import { requestId, type Sealing, signatureHeaders } from './v3-reply.ts';

const secondMs = 1_000;

/** Gaps between the sixteen deliveries: 24 hours and 4 minutes in all. */
export const notificationLadderMs: readonly number[] = [
  15 * secondMs,
  15 * secondMs,
  30 * secondMs,
  3 * minuteMs,
  10 * minuteMs,
  20 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  60 * minuteMs,
  3 * hourMs,
  3 * hourMs,
  3 * hourMs,
  6 * hourMs,
  6 * hourMs,
];

const times = (count: number, ms: number): readonly number[] => Array(count).fill(ms);
/** Transfers are told more often. */
export const transferLadderMs: readonly number[] = [
  ...times(10, 15 * secondMs),
  ...times(10, 5 * minuteMs),
  ...times(44, 30 * minuteMs),
];

/** An answer that takes longer counts for nothing. */
export const patienceMs = 5_000;

/** One event to be told. */
export interface V3News {
  /** `TRANSACTION.SUCCESS`: also the operation of journal and fault rules. */
  readonly eventType: string;
  readonly originalType: string;
  readonly summary: string;
  /** What is encrypted. */
  readonly resource: object;
  /** Members a forger puts in place of the true ones. */
  readonly forgery?: object;
  /** The merchant's number of what it is about. */
  readonly id: string;
  readonly url: string;
  readonly signer: Signer;
  /** What the call that caused it named in `Wechatpay-Serial`. */
  readonly serial: string | undefined;
  readonly ladderMs?: readonly number[];
}

type Take = (fault: string) => FaultRule | undefined;

/** UUID-shaped, the same on every repetition. */
function newEventId({ world }: Room): string {
  const text = hex(world.random.fork('events'), 16);
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface Written {
  readonly news: V3News;
  readonly eventId: string;
  readonly createdAt: number;
}

function envelopeText({ news, eventId, createdAt }: Written, resource: object, room: Room): string {
  const nonce = letters(room.world.random.fork('resources'), 12);
  const { originalType, signer } = news;
  const sealed = { key: signer.apiV3Key, nonce, associatedData: originalType };
  return JSON.stringify({
    id: eventId,
    create_time: isoTime(createdAt),
    resource_type: 'encrypt-resource',
    event_type: news.eventType,
    summary: news.summary,
    resource: {
      original_type: originalType,
      algorithm: room.platform.suite.resource,
      ciphertext: room.platform.suite.sealResource(sealed, JSON.stringify(resource)),
      associated_data: originalType,
      nonce,
    },
  });
}

const isProbed = ({ options, world }: Room): boolean => {
  const { probeRate = 0 } = options;
  return probeRate > 0 && world.random.fork('probing').chance(probeRate);
};

/** One delivery: dated now and signed, or spoilt by the faults that strike. */
async function sealed(written: Written, room: Room, attempt: number): Promise<Sealed> {
  const { news } = written;
  const { eventType: operation, id, signer, serial } = news;
  const take: Take = (fault) => room.world.faults.take(fault, { operation, id });
  const body = envelopeText(written, twisted(news.resource, take), room);
  const nonce = letters(room.world.random.fork('nonces'), 32);
  // A delivery after a probe is no probe.
  const probed = attempt === 1 && isProbed(room);
  const sealing: Sealing = { room, signer, serial, take, probed, nonce };
  return { body, headers: await headersOf(sealing, body) };
}

async function headersOf(sealing: Sealing, body: string): Promise<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Mozilla/4.0',
    accept: '*/*',
    'request-id': requestId(sealing.room),
    ...(await signatureHeaders(sealing, body)),
  };
}

/** What somebody without the platform's key would send: good news, and a signature of his own. */
async function forged(written: Written, room: Room): Promise<Sealed> {
  const { signer, serial, resource, forgery } = written.news;
  const body = envelopeText(written, { ...resource, ...forgery }, room);
  const take: Take = (fault) =>
    fault === 'foreign-signature' ? { fault: 'foreign-signature' } : undefined;
  const nonce = letters(room.world.random.fork('nonces'), 32);
  const sealing: Sealing = { room, signer, serial, take, probed: false, nonce };
  return { body, headers: await headersOf(sealing, body) };
}

/** Tells an event once the answer to the call that caused it is made. */
export function tellV3(news: V3News, room: Room): void {
  const { clock, notifier } = room.world;
  const written = { news, eventId: newEventId(room), createdAt: clock.now() };
  const send = async (): Promise<void> => {
    notifier.send({
      url: news.url,
      operation: news.eventType,
      id: news.id,
      ladderMs: news.ladderMs ?? notificationLadderMs,
      patienceMs,
      accepts: ({ status }) => status === 200 || status === 204,
      ...(await sealed(written, room, 1)),
      rebuild: (attempt) => sealed(written, room, attempt),
      forge: () => forged(written, room),
    });
  };
  room.notices.add(send);
}
