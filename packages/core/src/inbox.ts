/** core · inbox: the only maker of Notifications. What does not open is refused, whatever the reason. */
import type { ReceiveOptions } from './channel.ts';
import { concludeFinding, defect, freeze, located, type Matter } from './conclude.ts';
import { type Code, isPolyrailError, PolyrailError } from './errors.ts';
import { epochMsOf, instantOf } from './instant.ts';
import {
  type Fact,
  type Incoming,
  incomingSchema,
  type Notification,
  type Outgoing,
  type Verdict,
} from './notification.ts';
import type { Ref } from './ref.ts';
import { locate, type Room } from './room.ts';
import type { FactFinding, Finding, OpenCall, Opened } from './supply.ts';
import { invalid, requireValid } from './validate.ts';
import { optionsSchema } from './verbs.ts';

/** Every genuine notification, of every channel of this process. */
const genuine = new WeakSet<object>();

const allowed: ReadonlySet<Code> = new Set([
  'CONFIG_INVALID',
  'REQUEST_INVALID',
  'ABORTED',
  'NOTIFICATION_UNVERIFIED',
  'NOTIFICATION_STALE',
  'NOTIFICATION_FOREIGN',
]);

const refuse = (matter: Matter, error: unknown): PolyrailError => {
  if (isPolyrailError(error) && allowed.has(error.code)) return located(error, matter);
  return defect(matter, error, 'NOTIFICATION_UNVERIFIED');
};

/** One fact with its envelope. Facts of a notification are weighed like the answer to a query. */
function factOf(matter: Matter, finding: FactFinding, sentAt: string): Fact {
  const merchantId = finding.merchantId ?? finding.ref?.merchantId;
  if (merchantId === undefined || merchantId === '') {
    const message = 'The notification does not say which merchant id it is about';
    throw new PolyrailError('NOTIFICATION_UNVERIFIED', message);
  }
  const amount = (finding as { amount?: Ref<'payment'>['amount'] }).amount;
  const { startedAt, ...rest } = finding;
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
    throw new PolyrailError('NOTIFICATION_UNVERIFIED', 'The notification tells no fact');
  }
  const { eventId, sentAt } = opened;
  const facts = opened.facts.map((finding) => factOf(matter, finding, sentAt ?? receivedAt));
  const made = freeze({
    '~received': 'by the guard' as const,
    ...(eventId === undefined ? {} : { eventId }),
    receivedAt,
    ...(sentAt === undefined ? {} : { sentAt }),
    facts: facts as [Fact, ...Fact[]],
  });
  genuine.add(made);
  return made;
}

export function makeReceive(room: Room) {
  const open = room.supply.open as (message: Incoming, call: OpenCall) => Promise<Opened>;
  const { name, capabilities, secretFields = [] } = room.supply;
  return async (message: Incoming, options: ReceiveOptions = {}): Promise<Notification> => {
    const receivedAt = options.receivedAt ?? instantOf(room.clock.now());
    locate(room, 'receive', () => {
      requireValid(optionsSchema, options, 'options');
      requireValid(incomingSchema, message, 'message');
      if (epochMsOf(receivedAt) === undefined) {
        throw invalid('options.receivedAt', 'must be a UTC time with milliseconds', receivedAt);
      }
    });
    const matter: Matter = {
      channel: name,
      verb: 'receive',
      family: 'reading',
      capabilities,
      secretFields,
      observedAt: receivedAt,
      sent: true,
    };
    const signal = options.signal ?? new AbortController().signal;
    try {
      signal.throwIfAborted();
      const opened = await open.call(room.supply, message, { ...options, signal, receivedAt });
      return notificationOf(matter, opened, receivedAt);
    } catch (error) {
      if (signal.aborted) {
        throw new PolyrailError('ABORTED', 'The caller aborted', {
          channel: name,
          verb: 'receive',
        });
      }
      throw refuse(matter, error);
    }
  };
}

export function makeAcknowledge(room: Room) {
  const acknowledge = room.supply.acknowledge as (verdict: Verdict) => Outgoing;
  return (verdict: Verdict): Outgoing =>
    locate(room, 'acknowledge', () => {
      const words = Object.keys(verdict ?? {});
      const known = ['stored', 'refused', 'again'];
      if (words.length !== 1 || !known.includes(words[0] ?? '')) {
        throw invalid('verdict', 'must be { stored }, { refused } or { again }');
      }
      if ('stored' in verdict && !genuine.has(verdict.stored)) {
        throw invalid('verdict.stored', 'must be a notification that receive() returned');
      }
      return freeze(acknowledge.call(room.supply, verdict));
    });
}
