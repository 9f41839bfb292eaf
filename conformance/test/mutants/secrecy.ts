/** Mutants for the laws of conformance/src/cases/secrecy.ts. */
import { type Channel, isPolyrailError, PolyrailError, revealText } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';

type Call = (request: object, options?: object) => Promise<object>;

/** `pay` with something done to its request, its ending or both. */
const aroundPay =
  (around: (pay: Call, request: object, options?: object) => Promise<object>) =>
  (channel: Channel): object => ({
    ...channel,
    pay: (request: object, options?: object) => around(channel.pay as Call, request, options),
  });

export const secrecyMutants: readonly Mutant[] = [
  {
    law: 'SECRET-01',
    what: 'logs what it is asked for',
    channel: (channel, { logger }) =>
      aroundPay((pay, request, options) => {
        logger?.debug('pay', { request });
        return pay(request, options);
      })(channel),
  },
  {
    law: 'SECRET-01',
    what: 'keeps its key in the reference',
    parts(honest) {
      let key: string | undefined;
      return {
        verifiesReply(claim) {
          key = claim.secret;
          return honest.verifiesReply(claim);
        },
        prepare: (call) => call.prepared(key),
      };
    },
  },
  {
    law: 'SECRET-05',
    what: 'packs a card in base64 and calls it hidden',
    parts: () => ({
      hideCard: ({ number }) =>
        Buffer.from(`{"number":"${revealText(number)}"}`).toString('base64'),
    }),
  },
  {
    law: 'SECRET-05',
    what: 'hides a card and sends its security code beside it',
    parts: (honest) => ({
      hideCard: (card, key) =>
        `${honest.hideCard(card, key)}&cvn2=${card.securityCode ? revealText(card.securityCode) : ''}`,
    }),
  },
  {
    law: 'SECRET-02',
    what: 'quotes the request in the cause of a doubt',
    channel: aroundPay(async (pay, request, options) => {
      const result = await pay(request, options);
      if (Reflect.get(result, 'status') !== 'unknown') return result;
      const cause = new Error(`no answer to ${JSON.stringify(request)}`);
      return Object.freeze({ ...result, cause });
    }),
  },
  {
    law: 'SECRET-02',
    what: 'logs what it sent when no answer comes',
    channel: (channel, { logger }) =>
      aroundPay(async (pay, request, options) => {
        const result = await pay(request, options);
        if (Reflect.get(result, 'status') === 'unknown') logger?.warn('no answer', { request });
        return result;
      })(channel),
  },
  {
    law: 'SECRET-03',
    what: 'repeats the request that it refuses',
    channel: aroundPay((pay, request, options) =>
      pay(request, options).catch((error: unknown) => {
        if (!isPolyrailError(error)) throw error;
        throw new PolyrailError(error.code, `${error.message}: ${JSON.stringify(request)}`, error);
      }),
    ),
  },
  {
    law: 'SECRET-04',
    what: 'prints when no answer comes',
    channel: aroundPay(async (pay, request, options) => {
      const result = await pay(request, options);
      const { console } = globalThis;
      if (Reflect.get(result, 'status') === 'unknown') console.warn('no answer');
      return result;
    }),
  },
];
