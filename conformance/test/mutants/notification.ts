/** Mutants for the laws of conformance/src/cases/notification.ts. */
import type { Channel, Fact, Incoming, Money, Notification, ReceiveOptions } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import type { Claim } from '../reference/channel/parts.ts';

type Receive = (message: Incoming, options?: ReceiveOptions) => Promise<Notification>;

/** A channel with something around `receive`. */
const around =
  (wrap: (receive: Receive, channel: Channel) => Receive) =>
  (channel: Channel): object => ({
    ...channel,
    receive: wrap(channel.receive?.bind(channel) as Receive, channel),
  });

const oneMore = (fact: Fact): Fact => {
  const { amount } = fact as { amount?: Money };
  if (amount === undefined) return fact;
  return Object.freeze({ ...fact, amount: { ...amount, amount: amount.amount + 1 } }) as Fact;
};

/** Does not listen any more to payments it has closed. */
const deafAfterClosing = (channel: Channel): object => {
  const closed = new Set<string>();
  return {
    ...channel,
    close(...given: Parameters<NonNullable<Channel['close']>>) {
      closed.add(given[0].merchantId);
      return channel.close?.(...given);
    },
    async receive(...given: Parameters<Receive>) {
      const heard = await channel.receive?.(...given);
      if (!heard?.facts.some(({ ref }) => closed.has(ref.merchantId))) return heard;
      throw new Error('this order is closed');
    },
  };
};

const isSignature = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
const isProbe = ({ signature }: Claim): boolean => signature.startsWith('acme-probe-');
let events = 0;

export const notificationMutants: readonly Mutant[] = [
  {
    law: 'NOTE-01',
    what: 'tells another amount when it hears than when it asks',
    channel: around((receive) => async (message, options) => {
      const { facts, ...rest } = await receive(message, options);
      return Object.freeze({ ...rest, facts: facts.map(oneMore) }) as unknown as Notification;
    }),
  },
  {
    law: 'NOTE-02',
    what: 'verifies no notification',
    parts: () => ({ verifiesNotification: () => true }),
  },
  {
    law: 'NOTE-03',
    what: 'verifies a notification only if it has a signature',
    parts: (honest) => ({
      verifiesNotification: (claim) => claim.signature === '' || honest.verifiesNotification(claim),
    }),
  },
  {
    law: 'NOTE-04',
    what: 'asks only whether there is a signature',
    parts: () => ({ verifiesNotification: ({ signature }) => isSignature(signature) }),
  },
  {
    law: 'NOTE-05',
    what: 'believes the first message that looks signed',
    parts: () => ({ verifiesNotification: ({ signature }) => isSignature(signature) }),
  },
  {
    law: 'NOTE-06',
    what: 'does not look at the time',
    parts: () => ({ isFresh: () => true }),
  },
  {
    law: 'NOTE-07',
    what: 'names each delivery anew',
    parts: () => ({
      eventIdOf() {
        events += 1;
        return `event-${events}`;
      },
    }),
  },
  {
    law: 'NOTE-08',
    what: 'drops what it hears after it closed',
    channel: deafAfterClosing,
  },
  {
    law: 'NOTE-09',
    what: 'crashes at what is no JSON',
    channel: around((receive) => (message, options) => {
      JSON.parse(Buffer.from(message.body).toString('utf8'));
      return receive(message, options);
    }),
  },
  {
    law: 'NOTE-10',
    what: 'takes text for bytes',
    channel: around((receive) => (message, options) => {
      const body = Buffer.from(String(message.body));
      return receive(message.body instanceof Uint8Array ? message : { ...message, body }, options);
    }),
  },
  {
    law: 'NOTE-11',
    what: 'says yes in its own words',
    parts: () => ({ answerTo: () => ({ status: 200, body: '{"code":"SUCCESS"}' }) }),
  },
  {
    law: 'NOTE-12',
    what: 'always says yes',
    parts: () => ({ answerTo: () => ({ status: 200, body: 'ok' }) }),
  },
  {
    law: 'NOTE-13',
    what: 'says yes to whatever it is handed',
    channel: (channel) => ({
      ...channel,
      acknowledge: () => ({ status: 200, headers: {}, body: Buffer.from('ok') }),
    }),
  },
  {
    law: 'NOTE-14',
    what: 'asks about the payment each time it hears of it',
    channel: around((receive, channel) => async (message, options) => {
      const heard = await receive(message, options);
      const [fact] = heard.facts;
      if (fact.noun === 'payment') await channel.query?.(fact.ref);
      return heard;
    }),
  },
  {
    law: 'NOTE-15',
    what: 'lets a probe pass, for it says itself that it is one',
    parts: ({ verifiesNotification }) => ({
      verifiesNotification: (claim) => isProbe(claim) || verifiesNotification(claim),
    }),
  },
  {
    law: 'NOTE-15',
    what: 'lets a probe pass in place of a reply',
    parts: ({ verifiesReply }) => ({
      verifiesReply: (claim) => isProbe(claim) || verifiesReply(claim),
    }),
  },
  {
    law: 'NOTE-15',
    what: 'says yes to a probe',
    parts: () => ({ answerTo: () => ({ status: 200, body: 'ok' }) }),
  },
  {
    law: 'NOTE-15',
    what: 'raises an alarm at every probe',
    channel: (channel, { logger }) => ({
      ...channel,
      async receive(...given: Parameters<Receive>) {
        try {
          return await channel.receive?.(...given);
        } catch (error) {
          logger?.error('somebody forges notifications');
          throw error;
        }
      },
    }),
  },
];
