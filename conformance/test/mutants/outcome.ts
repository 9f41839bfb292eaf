/** Mutants for the laws of conformance/src/cases/outcome.ts. */
import type { Mutant } from '../mutant.ts';
import {
  failingOn,
  failingOnStatus,
  following,
  insisting,
  keeping,
  numberingRefunds,
  returning,
  storingDeafly,
  throwingOn,
  trespassing,
  undoing,
  withoutOptions,
  withTransport,
} from './outcome-wrap.ts';
import {
  answering,
  around,
  aroundMoving,
  aroundOne,
  aroundReading,
  moving,
  refundingUnderAnotherId,
  remade,
  retelling,
  returningOn,
} from './wrap.ts';

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
    law: 'OUT-02',
    what: 'sends what was given up as soon as the line is free',
    context: withTransport(trespassing),
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
    law: 'OUT-04',
    what: 'forgets in its result what was asked for',
    channel: aroundMoving(
      answering((outcome) => {
        const { amount: _none, ...ref } = outcome.ref;
        return remade(outcome, { ref: Object.freeze(ref) });
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
    law: 'OUT-05',
    what: 'does not hear that it was given up while it stores',
    channel: aroundMoving(storingDeafly),
  },
  {
    law: 'OUT-06',
    what: 'has another id stored than the one it sends',
    channel: aroundMoving(
      keeping((keeper) => (ref) => keeper({ ...ref, merchantId: ref.merchantId.toLowerCase() })),
    ),
  },
  {
    law: 'OUT-06',
    what: 'has the payment stored by which a refund is not found',
    channel: aroundOne(
      'refund',
      keeping((keeper) => (ref) => keeper({ ...ref, merchantId: `${ref.merchantId}R` })),
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
    law: 'OUT-08',
    what: 'takes a payment that was reversed for one that failed',
    channel: aroundOne(
      'query',
      retelling(
        'succeeded',
        { status: 'failed', reason: 'cancelled', retry: 'new-id' },
        ({ undone }) => (undone as { by?: string } | undefined)?.by === 'reversal',
      ),
    ),
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
    law: 'OUT-10',
    what: 'knows of 500 to 504 only',
    channel: aroundMoving(failingOnStatus(/status 5(?!0[0-4])/)),
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
    context: withTransport(following),
  },
  {
    law: 'OUT-13',
    what: 'sends a payment again to where it went',
    context: withTransport(returning),
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
    law: 'OUT-15',
    what: 'asks again when it is told not now',
    channel: aroundMoving(insisting),
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
    law: 'OUT-17',
    what: 'waits until its log is written',
    channel: (channel, context) =>
      around(channel, moving, (call) => async (request, options) => {
        const outcome = await call(request, options);
        const written = async () => context.logger?.info('answered', { status: outcome.status });
        await written().catch(() => undefined);
        return outcome;
      }),
  },
  {
    law: 'OUT-17',
    what: 'sets a timer before it answers',
    channel: (channel, context) =>
      around(
        channel,
        moving,
        answering((outcome) => {
          context.clock?.schedule(1000, () => undefined)();
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
    law: 'OUT-18',
    what: 'says not found when it asks too often',
    channel: aroundReading(returningOn('REFUSED', 'not-found')),
  },
  {
    law: 'OUT-18',
    what: 'says not found when something is broken here',
    channel: aroundReading(returningOn('INTERNAL', 'not-found')),
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
  {
    law: 'OUT-23',
    what: 'takes a page that says 404 for a failure',
    channel: aroundMoving(failingOnStatus(/status 404/)),
  },
  {
    law: 'OUT-23',
    what: 'takes what it cannot verify for a failure',
    channel: aroundMoving(failingOn('unverified-reply')),
  },
  {
    law: 'OUT-24',
    what: 'tells refunds apart that are one',
    channel: numberingRefunds,
  },
];
