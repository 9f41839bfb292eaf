/** Test aid: mistakes in waiting, sending and doubting, for the mutants of outcome.ts. */
import {
  type Channel,
  isPolyrailError,
  type Noun,
  PolyrailError,
  type Ref,
  type Transport,
  type TransportReply,
} from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { answering, around, asFailed, type Wrap } from './wrap.ts';

/** Forgets what the caller said about waiting. */
export const withoutOptions: Wrap = (call) => (request) => call(request);

/** Takes a doubt, any or of one kind, for a failure. */
export const failingOn = (doubt?: string): Wrap =>
  answering((outcome) => {
    const hit = outcome.status === 'unknown' && (doubt === undefined || outcome.doubt === doubt);
    return hit ? asFailed(outcome) : outcome;
  });

export const throwingOn = (doubt: string): Wrap =>
  answering((outcome) => {
    if (outcome.status !== 'unknown' || outcome.doubt !== doubt) return outcome;
    throw new PolyrailError('UNAVAILABLE', 'The payment failed');
  });

type Keeper = (ref: Ref<Noun>) => Promise<void>;

/** Does something else with the merchant's `onPrepared` than to await it. */
export const keeping =
  (change: (keeper: Keeper) => Keeper): Wrap =>
  (call) =>
  (request, options = {}) => {
    const { onPrepared } = options;
    if (onPrepared === undefined) return call(request, options);
    return call(request, { ...options, onPrepared: change(onPrepared) });
  };

/** A transport that goes where a redirect points. */
export function following(transport: Transport): Transport {
  return {
    async exchange(request, options = {}): Promise<TransportReply> {
      const reply = await transport.exchange(request, options);
      const { location } = reply.headers;
      if (reply.status < 300 || reply.status > 399 || location === undefined) return reply;
      return transport.exchange({ ...request, url: location }, { maxBodyBytes: 65_536 });
    },
  };
}

/** A transport that goes back to where it came from. */
export function returning(transport: Transport): Transport {
  return {
    async exchange(request, options = {}): Promise<TransportReply> {
      const reply = await transport.exchange(request, options);
      const again = reply.status === 307 && reply.headers.location === request.url;
      return again ? transport.exchange(request, options) : reply;
    },
  };
}

/** Goes on where the guard says that the call is over. */
export function trespassing(transport: Transport): Transport {
  return {
    exchange: (request, options = {}) =>
      transport.exchange(request, {
        ...options,
        onFirstByte() {
          try {
            options.onFirstByte?.();
          } catch {
            // Sends all the same.
          }
        },
      }),
  };
}

export const withTransport =
  (change: (transport: Transport) => Transport): NonNullable<Mutant['context']> =>
  (context) => ({ ...context, transport: change(context.transport as Transport) });

/** Does not hear that it was given up while the reference is being stored. */
export const storingDeafly: Wrap =
  (call) =>
  (request, options = {}) => {
    const { onPrepared } = options;
    return onPrepared === undefined ? call(request, options) : call(request, { onPrepared });
  };

/** Asks again when the channel says: not now. */
export const insisting: Wrap = (call) => async (request, options) => {
  try {
    return await call(request, options);
  } catch (error) {
    if (isPolyrailError(error) && error.reason === 'rate-limited') return call(request, options);
    throw error;
  }
};

/** Takes doubts about these HTTP statuses for failures. */
export const failingOnStatus = (pattern: RegExp): Wrap =>
  answering((outcome) => {
    const { cause } = outcome as { cause?: PolyrailError };
    return pattern.test(String(cause?.message)) ? asFailed(outcome) : outcome;
  });

/** Gives a refund an id of its own while another is under way. */
export function numberingRefunds(channel: Channel): object {
  let underWay = 0;
  return around(channel, ['refund'], (call) => async (request, options) => {
    const { merchantRefundId: id } = request as { merchantRefundId: string };
    underWay += 1;
    const own = { ...(request as object), merchantRefundId: `${id}R${underWay}` };
    try {
      return await call((underWay > 1 ? own : request) as never, options);
    } finally {
      underWay -= 1;
    }
  });
}

/** Reads, and then undoes what it read. */
export const undoing = (channel: Channel): object =>
  around(channel, ['query'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    if (outcome.status === 'succeeded') await channel.reverse?.(outcome.ref as Ref<'payment'>);
    return outcome;
  });
