/** Mutants for the laws of conformance/src/cases/outcome.ts. */
import {
  type Channel,
  type Noun,
  PolyrailError,
  type Ref,
  type Transport,
  type TransportReply,
} from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import {
  answering,
  around,
  aroundMoving,
  aroundReading,
  asFailed,
  moving,
  refundingUnderAnotherId,
  returningOn,
  type Wrap,
} from './wrap.ts';

/** Forgets what the caller said about waiting. */
const withoutOptions: Wrap = (call) => (request) => call(request);

/** Takes a doubt, any or of one kind, for a failure. */
const failingOn = (doubt?: string): Wrap =>
  answering((outcome) => {
    const hit = outcome.status === 'unknown' && (doubt === undefined || outcome.doubt === doubt);
    return hit ? asFailed(outcome) : outcome;
  });

const throwingOn = (doubt: string): Wrap =>
  answering((outcome) => {
    if (outcome.status !== 'unknown' || outcome.doubt !== doubt) return outcome;
    throw new PolyrailError('UNAVAILABLE', 'The payment failed');
  });

type Keeper = (ref: Ref<Noun>) => Promise<void>;

/** Does something else with the merchant's `onPrepared` than to await it. */
const keeping =
  (change: (keeper: Keeper) => Keeper): Wrap =>
  (call) =>
  (request, options = {}) => {
    const { onPrepared } = options;
    if (onPrepared === undefined) return call(request, options);
    return call(request, { ...options, onPrepared: change(onPrepared) });
  };

/** A transport that goes where a redirect points. */
function following(transport: Transport): Transport {
  return {
    async exchange(request, options = {}): Promise<TransportReply> {
      const reply = await transport.exchange(request, options);
      const { location } = reply.headers;
      if (reply.status < 300 || reply.status > 399 || location === undefined) return reply;
      return transport.exchange({ ...request, url: location }, { maxBodyBytes: 65_536 });
    },
  };
}

/** Reads, and then undoes what it read. */
const undoing = (channel: Channel): object =>
  around(channel, ['query'], (call) => async (request, options) => {
    const outcome = await call(request, options);
    if (outcome.status === 'succeeded') await channel.reverse?.(outcome.ref as Ref<'payment'>);
    return outcome;
  });

export const outcomeMutants: readonly Mutant[] = [
  {
    law: 'OUT-01',
    what: 'is in doubt about what was never sent',
    channel: aroundMoving(returningOn('NOT_SENT', 'no-reply')),
  },
  {
    law: 'OUT-02',
    what: 'does not hear that it was given up',
    channel: aroundMoving(withoutOptions),
  },
  {
    law: 'OUT-02',
    what: 'is in doubt about what was aborted before it was sent',
    channel: aroundMoving(returningOn('ABORTED', 'no-reply')),
  },
  {
    law: 'OUT-03',
    what: 'pays although the caller had cancelled',
    channel: aroundMoving(withoutOptions),
  },
  {
    law: 'OUT-04',
    what: 'sends while the reference is still being stored',
    channel: aroundMoving(
      keeping((keeper) => async (ref) => {
        void keeper(ref);
      }),
    ),
  },
  {
    law: 'OUT-04',
    what: 'has the reference stored twice',
    channel: aroundMoving(
      keeping((keeper) => async (ref) => {
        await keeper(ref);
        await keeper(ref);
      }),
    ),
  },
  {
    law: 'OUT-05',
    what: 'sends what could not be stored',
    channel: aroundMoving(
      keeping((keeper) => async (ref) => {
        try {
          await keeper(ref);
        } catch {
          // Goes on.
        }
      }),
    ),
  },
  {
    law: 'OUT-06',
    what: 'has another id stored than the one it sends',
    channel: aroundMoving(
      keeping((keeper) => (ref) => keeper({ ...ref, merchantId: ref.merchantId.toLowerCase() })),
    ),
  },
  {
    law: 'OUT-07',
    what: 'takes silence for a failure',
    channel: aroundMoving(failingOn('no-reply')),
  },
  {
    law: 'OUT-08',
    what: 'takes a lost reply for a failure',
    channel: aroundMoving(failingOn('no-reply')),
  },
  {
    law: 'OUT-08',
    what: 'repeats a refund under another id',
    channel: refundingUnderAnotherId,
  },
  {
    law: 'OUT-09',
    what: 'throws when its deadline passes',
    channel: aroundMoving(throwingOn('no-reply')),
  },
  {
    law: 'OUT-09',
    what: 'waits on after its deadline',
    channel: aroundMoving(withoutOptions),
  },
  {
    law: 'OUT-10',
    what: 'reads the answer in a server error',
    parts: () => ({ isAnswer: () => true }),
  },
  {
    law: 'OUT-10',
    what: 'takes a server error for a failure',
    channel: aroundMoving(failingOn('server-error')),
  },
  {
    law: 'OUT-11',
    what: 'takes half a reply for a failure',
    channel: aroundMoving(failingOn()),
  },
  {
    law: 'OUT-12',
    what: 'reads a reply however long it is',
    parts: () => ({ maxReplyBytes: Number.POSITIVE_INFINITY }),
  },
  {
    law: 'OUT-13',
    what: 'follows redirects',
    context: (context) => ({ ...context, transport: following(context.transport as Transport) }),
  },
  {
    law: 'OUT-14',
    what: 'takes a rate limit for a decision',
    parts: (honest) => ({
      verdictOf(operation, code) {
        const verdict = honest.verdictOf(operation, code);
        const limited = 'reason' in verdict && verdict.reason === 'rate-limited';
        return limited ? { end: 'failed', reason: 'rate-limited', retry: 'same-id' } : verdict;
      },
    }),
  },
  {
    law: 'OUT-15',
    what: 'retries a payment blindly',
    parts: () => ({
      async perform(send) {
        try {
          return await send();
        } catch {
          return send();
        }
      },
    }),
  },
  {
    law: 'OUT-16',
    what: 'throws what its transport threw',
    channel: aroundMoving(throwingOn('defect')),
  },
  {
    law: 'OUT-17',
    what: 'logs before it answers',
    channel: (channel, context) =>
      around(
        channel,
        moving,
        answering((outcome) => {
          context.logger?.info('answered', { status: outcome.status });
          return outcome;
        }),
      ),
  },
  {
    law: 'OUT-17',
    what: 'asks the clock before it answers',
    channel: (channel, context) =>
      around(
        channel,
        moving,
        answering((outcome) => {
          context.clock?.now();
          return outcome;
        }),
      ),
  },
  {
    law: 'OUT-18',
    what: 'says not found when it hears nothing',
    channel: aroundReading(returningOn('UNAVAILABLE', 'not-found')),
  },
  {
    law: 'OUT-19',
    what: 'goes on asking after its deadline',
    channel: aroundReading(withoutOptions),
  },
  {
    law: 'OUT-20',
    what: 'undoes what it reads',
    channel: undoing,
  },
  {
    law: 'OUT-21',
    what: 'throws when nothing is found',
    channel: aroundReading(throwingOn('not-found')),
  },
  {
    law: 'OUT-22',
    what: 'takes any doubt about a payment for a failure',
    channel: (channel) => around(channel, ['pay'], failingOn()),
  },
  {
    law: 'OUT-22',
    what: 'throws away any doubt',
    channel: aroundMoving(throwingOn('no-reply')),
  },
];
