/** Mutants for the laws of conformance/src/cases/isolation.ts. */
import type { Channel, Context, Options } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';

interface Order {
  readonly merchantPaymentId: string;
}
type Pay = (request: Order, options?: Options) => Promise<object>;
type Query = (ref: { readonly merchantId: string }, options?: Options) => Promise<object>;

/** The channel with `pay` replaced. */
const paying =
  (make: (honest: Pay, context: Context) => Pay) =>
  (channel: Channel, context: Context): object => ({
    ...channel,
    pay: make(channel.pay as Pay, context),
  });

/** One memory for every merchant of the process. */
function remembering(): (channel: Channel) => object {
  const memory = new Map<string, object>();
  return (channel) => ({
    ...channel,
    async query(ref: { readonly merchantId: string }, options?: Options) {
      const known = memory.get(ref.merchantId);
      if (known !== undefined) return known;
      const result = await (channel.query as Query)(ref, options);
      memory.set(ref.merchantId, result);
      return result;
    },
  });
}

export const isolationMutants: readonly Mutant[] = [
  {
    law: 'ISO-01',
    what: 'remembers payments by their id, whoever asks',
    channel: remembering(),
  },
  {
    law: 'ISO-02',
    what: 'does not look whom a notification is meant for',
    parts: () => ({ isOurs: () => true }),
  },
  {
    law: 'ISO-03',
    what: 'keeps the order under way in the channel object',
    channel: paying((pay) => {
      let current: Order;
      return async (request, options) => {
        current = request;
        const result = (await pay(request, options)) as { ref: object };
        const { merchantPaymentId: merchantId } = current;
        return Object.freeze({ ...result, ref: { ...result.ref, merchantId } });
      };
    }),
  },
  {
    law: 'ISO-04',
    what: 'forgets the timer it set',
    channel: paying((pay, { clock }) => (request, options) => {
      clock?.schedule(600_000, () => undefined);
      return pay(request, options);
    }),
  },
  {
    law: 'ISO-04',
    what: "leaves an ear at the caller's signal",
    channel: paying((pay) => (request, options) => {
      options?.signal?.addEventListener('abort', () => undefined);
      return pay(request, options);
    }),
  },
  {
    law: 'ISO-05',
    what: 'signs on when it is made',
    channel(channel, { transport }, site) {
      const request = { method: 'GET', url: `${site.url}/v1/token`, headers: {} } as const;
      transport?.exchange(request).catch(() => undefined);
      return { ...channel };
    },
  },
  {
    law: 'ISO-05',
    what: 'closes the transport it was given',
    channel: (channel, { transport }) => ({
      ...channel,
      [Symbol.asyncDispose]: async () => transport?.close?.(),
    }),
  },
  {
    law: 'ISO-05',
    what: 'goes on paying after it was disposed',
    channel: (channel) => ({ ...channel, [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    law: 'ISO-06',
    what: 'writes its defaults into the request',
    channel: paying((pay) => (request, options) => {
      Object.assign(request, { description: 'Order' });
      return pay(request, options);
    }),
  },
  {
    law: 'ISO-06',
    what: 'reads the request when its turn comes',
    channel: paying((pay) => async (request, options) => {
      await Promise.resolve();
      return pay(request, options);
    }),
  },
];
