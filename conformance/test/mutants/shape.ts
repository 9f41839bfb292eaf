/** Mutants for the laws of conformance/src/cases/shape*.ts. */
import { type Capabilities, type Channel, isPolyrailError, PolyrailError } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';

type Loose = Readonly<Record<string, unknown>>;
type Call = (request: never, options?: never) => Promise<Loose>;

/** The channel with some verbs replaced. */
const withVerbs =
  (verbs: (honest: Record<string, Call>) => object) =>
  (channel: Channel): object => ({ ...channel, ...verbs(channel as never) });

const without =
  (...names: readonly string[]) =>
  (channel: Channel): object =>
    Object.fromEntries(
      Reflect.ownKeys(channel)
        .filter((name) => !names.includes(String(name)))
        .map((name) => [name, Reflect.get(channel, name)]),
    );

const stating =
  (change: (honest: Capabilities) => object) =>
  (channel: Channel): object => {
    const capabilities = Object.freeze({
      ...channel.capabilities,
      ...change(channel.capabilities),
    });
    return { ...channel, capabilities };
  };

const members = ['scene', 'merchantPaymentId', 'amount', 'description', 'notifyUrl', 'authCode'];

const factMutants: readonly Mutant[] = [
  {
    law: 'SHAPE-01',
    what: 'hands out its transport as a member of its own',
    channel: (channel, context) => ({ ...channel, transport: context.transport }),
  },
  {
    law: 'SHAPE-01',
    what: 'inherits helpers from a class',
    channel: (channel) => Object.assign(Object.create({ retry: () => undefined }), channel),
  },
  {
    law: 'SHAPE-01',
    what: 'keeps another version of the contract',
    channel: (channel) => ({ ...channel, contract: 2 }),
  },
  {
    law: 'SHAPE-02',
    what: 'refunds without a way to ask about refunds',
    channel: without('queryRefund'),
  },
  {
    law: 'SHAPE-02',
    what: 'speaks of statements it does not fetch',
    channel: without('statement'),
  },
  {
    law: 'SHAPE-02',
    what: 'fetches statements it does not speak of',
    channel: stating(() => ({ statements: undefined })),
  },
  {
    law: 'SHAPE-02',
    what: 'resolves doubts by a verb it has not',
    channel: without('reverse'),
  },
  {
    law: 'SHAPE-03',
    what: 'lives in a time zone that is none',
    channel: stating(() => ({ timeZone: 'China/Shanghai' })),
  },
  {
    law: 'SHAPE-03',
    what: 'asks about unknown payments in no order',
    channel: stating(({ resolve }) => ({
      resolve: Object.freeze({ ...resolve, queryAfterMs: Object.freeze([5000, 1000]) }),
    })),
  },
  {
    law: 'SHAPE-03',
    what: 'states capabilities that anybody may change',
    channel: (channel) => ({ ...channel, capabilities: { ...channel.capabilities } }),
  },
];

const resultMutants: readonly Mutant[] = [
  {
    law: 'SHAPE-04',
    what: 'hands out results that anybody may change',
    channel: withVerbs(({ refund }) => ({
      refund: async (...given: [never]) => ({ ...(await refund?.(...given)) }),
    })),
  },
  {
    law: 'SHAPE-04',
    what: 'tells times as Dates',
    channel: withVerbs(({ query }) => ({
      query: async (...given: [never]) =>
        Object.freeze({ ...(await query?.(...given)), observedAt: new Date(0) }),
    })),
  },
  {
    law: 'SHAPE-04',
    what: 'does not say how it knows',
    channel: withVerbs(({ close }) => ({
      async close(...given: [never]) {
        const { evidence: _left, ...result } = { ...(await close?.(...given)) };
        return Object.freeze(result);
      },
    })),
  },
  {
    law: 'SHAPE-05',
    what: 'answers queries only about payments it remembers',
    channel: withVerbs(({ pay, query }) => {
      const known = new Set<unknown>();
      return {
        pay(request: { merchantPaymentId: string }, options?: never) {
          known.add(request.merchantPaymentId);
          return pay?.(request as never, options);
        },
        async query(ref: { merchantId: string }) {
          if (known.has(ref.merchantId)) return query?.(ref as never);
          const told = { noun: 'payment', status: 'unknown', doubt: 'not-found' };
          return Object.freeze({ ...told, ref, evidence: 'none', observedAt: '' });
        },
      };
    }),
  },
  {
    law: 'SHAPE-05',
    what: 'keeps a whole order in the handle',
    channel: withVerbs(({ pay }) => ({
      async pay(...given: [never]) {
        const result = (await pay?.(...given)) as { ref: object };
        return Object.freeze({ ...result, ref: { ...result.ref, handle: 'x'.repeat(1025) } });
      },
    })),
  },
];

const requestMutants: readonly Mutant[] = [
  {
    law: 'SHAPE-06',
    what: 'takes every scene for a QR code',
    channel: withVerbs(({ pay }) => ({
      pay: ({ scene: _any, ...request }: Loose, options?: never) =>
        pay?.({ ...request, scene: 'qr' } as never, options),
    })),
  },
  {
    law: 'SHAPE-06',
    what: 'takes every kind of statement for the one it has',
    channel: withVerbs(({ statement }) => ({
      statement: (request: Loose, options?: never) =>
        statement?.({ ...request, kind: 'trade' } as never, options),
    })),
  },
  {
    law: 'SHAPE-07',
    what: 'drops members it does not know',
    channel: withVerbs(({ pay }) => ({
      pay(request: object, options?: never) {
        const known = Object.entries(request).filter(([name]) => members.includes(name));
        return pay?.(Object.fromEntries(known) as never, options);
      },
    })),
  },
  {
    law: 'SHAPE-07',
    what: 'drops options it does not know',
    channel: withVerbs(({ query }) => ({
      query: (ref: never, { signal, timeoutMs }: Loose = {}) =>
        query?.(ref, {
          ...(signal ? { signal } : {}),
          ...(timeoutMs ? { timeoutMs } : {}),
        } as never),
    })),
  },
  {
    law: 'SHAPE-08',
    what: 'fills in what is missing',
    channel: withVerbs(({ pay }) => ({
      pay: (request: object, options?: never) =>
        pay?.({ description: 'Order', ...request } as never, options),
    })),
  },
  {
    law: 'SHAPE-08',
    what: 'mints the ids that callers leave out',
    channel: withVerbs(({ refund }) => ({
      refund: (request: object, options?: never) =>
        refund?.({ merchantRefundId: 'R1', ...request } as never, options),
    })),
  },
  {
    law: 'SHAPE-09',
    what: 'cuts ids to their length',
    channel: withVerbs(({ pay, ...channel }) => {
      const { maxLength } = (channel as unknown as Channel).capabilities.merchantPaymentId;
      return {
        pay(request: Loose, options?: never) {
          const { merchantPaymentId } = request;
          const id = String(merchantPaymentId).slice(0, maxLength);
          return pay?.({ ...request, merchantPaymentId: id } as never, options);
        },
      };
    }),
  },
  {
    law: 'SHAPE-09',
    what: 'replaces signs of refund ids that are not taken',
    channel: withVerbs(({ refund }) => ({
      refund(request: Loose, options?: never) {
        const merchantRefundId = String(request['merchantRefundId']).replaceAll(/[^\w-]/g, '_');
        return refund?.({ ...request, merchantRefundId } as never, options);
      },
    })),
  },
  {
    law: 'SHAPE-09',
    what: 'lets orders expire in the past',
    channel: withVerbs(({ pay }) => ({
      pay: ({ expiresAt: _any, ...request }: Loose, options?: never) =>
        pay?.(request as never, options),
    })),
  },
  {
    law: 'SHAPE-10',
    what: 'falls back to a default where its configuration cannot be used',
    credentials: () => undefined,
  },
];

const errorMutants: readonly Mutant[] = [
  {
    law: 'SHAPE-11',
    what: 'throws errors of its own',
    channel: withVerbs(({ query }) => ({
      async query(...given: [never]) {
        try {
          return await query?.(...given);
        } catch (error) {
          throw new Error(`query failed: ${(error as Error).message}`);
        }
      },
    })),
  },
  {
    law: 'SHAPE-11',
    what: 'does not say which verb failed',
    channel: withVerbs(({ refund }) => ({
      async refund(...given: [never]) {
        try {
          return await refund?.(...given);
        } catch (error) {
          if (!isPolyrailError(error)) throw error;
          throw new PolyrailError(error.code, error.message, { channel: 'acme' });
        }
      },
    })),
  },
  {
    law: 'SHAPE-11',
    what: 'throws when it does not know what became of a payment',
    channel: withVerbs(({ pay }) => ({
      async pay(...given: [never]) {
        const result = await pay?.(...given);
        if (result?.['status'] !== 'unknown') return result;
        const place = { channel: 'acme', verb: 'pay' };
        throw new PolyrailError('UNAVAILABLE', 'No answer came', place);
      },
    })),
  },
];

export const shapeMutants: readonly Mutant[] = [
  ...factMutants,
  ...resultMutants,
  ...requestMutants,
  ...errorMutants,
];
