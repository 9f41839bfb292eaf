/** core · inbox: the only maker of Notifications. What does not open is refused, whatever the reason. */
import type { ReceiveOptions } from './channel.ts';
import { concludeFinding, type Matter } from './conclude.ts';
import { type Code, isPolyrailError, PolyrailError } from './errors.ts';
import { defect, located, type Place, renamed } from './failure.ts';
import { epochMsOf, instantOf } from './instant.ts';
import { travel } from './journey.ts';
import {
  type Fact,
  type Incoming,
  incomingSchema,
  type Notification,
  type Outgoing,
  type Verdict,
} from './notification.ts';
import { freeze } from './plain.ts';
import { setOutNameless } from './reading.ts';
import { type Noun, nouns, type Ref } from './ref.ts';
import { locate, matterOf, type Room, report, requireOpen } from './room.ts';
import type { FactFinding, Finding, OpenCall, Opened } from './supply.ts';
import { invalid, requireValid } from './validate.ts';
import { receiveOptionsSchema } from './verbs.ts';

/** Every genuine notification of this process, with the name of the channel it came by. */
const genuine = new WeakMap<object, string>();

const allowed: ReadonlySet<Code> = new Set([
  'CONFIG_INVALID',
  'REQUEST_INVALID',
  'ABORTED',
  'NOTIFICATION_UNVERIFIED',
  'NOTIFICATION_STALE',
  'NOTIFICATION_FOREIGN',
]);

const refuse = (place: Place, error: unknown): PolyrailError => {
  if (!isPolyrailError(error)) return defect(place, error, 'NOTIFICATION_UNVERIFIED');
  if (allowed.has(error.code)) return located(error, place);
  return renamed(place, error, 'NOTIFICATION_UNVERIFIED');
};

const unverified = (message: string) => new PolyrailError('NOTIFICATION_UNVERIFIED', message);

function requireInstant(text: string | undefined): void {
  if (text === undefined || epochMsOf(text) !== undefined) return;
  throw unverified('The notification tells a time that is none');
}

/** One fact with its envelope. Facts of a notification are weighed like the answer to a query. */
function factOf(matter: Matter, finding: FactFinding, sentAt: string): Fact {
  const factNouns: readonly Noun[] = nouns.filter((noun) => noun !== 'closure');
  if (!factNouns.includes(finding.noun)) {
    throw unverified('The notification tells of no known noun');
  }
  const merchantId = finding.merchantId ?? finding.ref?.merchantId;
  if (typeof merchantId !== 'string' || merchantId === '') {
    throw unverified('The notification does not say which merchant id it is about');
  }
  const amount = (finding as { amount?: Ref<'payment'>['amount'] }).amount;
  const { startedAt, ...rest } = finding;
  requireInstant(startedAt);
  const ref = {
    noun: finding.noun,
    merchantId,
    ...(amount === undefined ? {} : { amount }),
    startedAt: startedAt ?? finding.ref?.startedAt ?? sentAt,
  } as Ref<'payment'>;
  return concludeFinding(matter, ref, rest as Finding<'payment'>) as Fact;
}

function notificationOf(matter: Matter, opened: Opened, receivedAt: string): Notification {
  if (!Array.isArray(opened.facts) || opened.facts.length === 0) {
    throw unverified('The notification tells no fact');
  }
  const { eventId, sentAt } = opened;
  requireInstant(sentAt);
  if (eventId !== undefined && typeof eventId !== 'string') {
    throw unverified('The notification names its event by something that is no text');
  }
  const facts = opened.facts.map((finding) => factOf(matter, finding, sentAt ?? receivedAt));
  const made = Object.freeze({
    '~received': 'by the guard' as const,
    ...(eventId === undefined ? {} : { eventId }),
    receivedAt,
    ...(sentAt === undefined ? {} : { sentAt }),
    facts: Object.freeze(facts) as readonly [Fact, ...Fact[]],
  });
  genuine.set(made, matter.channel);
  return made;
}

const members: ReadonlySet<string> = new Set(['method', 'url', 'headers', 'body']);
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** What the schema would find sound, at a fraction of the cost. What it would complain of is its. */
function isSound({ method, url, headers, body }: Incoming): boolean {
  if (!isText(method) || !isText(url) || !(body instanceof Uint8Array)) return false;
  if (typeof headers !== 'object' || headers === null) return false;
  const prototype: unknown = Object.getPrototypeOf(headers);
  return (
    (prototype === null || prototype === Object.prototype) && Object.values(headers).every(isText)
  );
}

/** A copy: what the caller changes while it is opened changes nothing. */
function heardOf(message: Incoming): Incoming {
  const copy: Incoming = { ...message };
  const isKnown = Object.keys(copy).every((name) => members.has(name));
  if (isKnown && isSound(copy)) return { ...copy, headers: { ...copy.headers } };
  return requireValid(incomingSchema, message, 'message') as Incoming;
}

const none: ReceiveOptions = Object.freeze({});

export function makeReceive(room: Room) {
  const open = room.supply.open as (message: Incoming, call: OpenCall) => Promise<Opened>;
  return async (message: Incoming, options: ReceiveOptions = none): Promise<Notification> => {
    const { heard, receivedAt, journey } = locate(room, 'receive', () => {
      requireOpen(room);
      const { receivedAt: told, ...rest } =
        options === none ? none : requireValid(receiveOptionsSchema, options, 'options');
      return {
        heard: heardOf(message),
        receivedAt: told ?? instantOf(room.clock.now()),
        journey: setOutNameless(room, 'receive', rest as ReceiveOptions),
      };
    });
    const matter: Matter = {
      ...matterOf(room, 'receive', { sent: true, sinceMs: journey.sinceMs }),
      observedAt: receivedAt,
    };
    const line = { sinceMs: journey.sinceMs };
    const end = await travel(journey, async ({ signal }) => {
      const opened = await open.call(room.supply, heard, { ...options, signal, receivedAt });
      return notificationOf(matter, opened, receivedAt);
    });
    journey.finish();
    if ('value' in end) {
      void report(room, 'receive', { ...line, facts: end.value.facts.length });
      return end.value;
    }
    const refusal = refuse(matter, end.error);
    void report(room, 'receive', { ...line, code: refusal.code });
    throw refusal;
  };
}

const verdicts: readonly string[] = ['stored', 'refused', 'again'];

export function makeAcknowledge(room: Room) {
  const acknowledge = room.supply.acknowledge as (verdict: Verdict) => Outgoing;
  return (verdict: Verdict): Outgoing =>
    locate(room, 'acknowledge', () => {
      const words = Object.keys(verdict ?? {});
      if (words.length !== 1 || !verdicts.includes(words[0] ?? '')) {
        throw invalid('verdict', 'must be { stored }, { refused } or { again }');
      }
      if ('stored' in verdict && genuine.get(verdict.stored) !== room.supply.name) {
        throw invalid('verdict.stored', 'must be a notification that receive() returned');
      }
      return freeze(acknowledge.call(room.supply, verdict));
    });
}
