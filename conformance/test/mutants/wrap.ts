/** Test aid: ways to put a mistake around the verbs of a channel. */
import {
  type Channel,
  isPolyrailError,
  type Noun,
  type Options,
  type Outcome,
} from '@polyrail/core';

export type Verb = (request: never, options?: Options) => Promise<Outcome<Noun>>;
export type Wrap = (call: Verb) => Verb;

export const moving = ['pay', 'close', 'cancel', 'reverse', 'refund'] as const;

/** A channel with something around its verbs. */
export function around(channel: Channel, verbs: readonly (keyof Channel)[], wrap: Wrap): object {
  const wrapped = verbs.flatMap((verb) => {
    const call = channel[verb] as Verb | undefined;
    return call === undefined ? [] : [[verb, wrap(call.bind(channel) as Verb)] as const];
  });
  return { ...channel, ...Object.fromEntries(wrapped) };
}

export const aroundMoving =
  (wrap: Wrap) =>
  (channel: Channel): object =>
    around(channel, moving, wrap);

export const aroundReading =
  (wrap: Wrap) =>
  (channel: Channel): object =>
    around(channel, ['query', 'queryRefund'], wrap);

/** What the verb answered, made into something else where `change` says so. */
export const answering =
  (change: (outcome: Outcome<Noun>) => Outcome<Noun>): Wrap =>
  (call) =>
  async (request, options) =>
    change(await call(request, options));

export const asFailed = (outcome: Outcome<Noun>): Outcome<Noun> =>
  Object.freeze({ ...outcome, status: 'failed', reason: 'other', retry: 'new-id' }) as never;

const inDoubt = (noun: Noun, doubt: string) =>
  Object.freeze({ noun, status: 'unknown', doubt, evidence: 'signed', ref: {} }) as never;

/** Turns an error of this code into a result. */
export const returningOn =
  (code: string, doubt: string): Wrap =>
  (call) =>
  async (request, options) => {
    try {
      return await call(request, options);
    } catch (error) {
      if (isPolyrailError(error) && error.code === code) return inDoubt('payment', doubt);
      throw error;
    }
  };

/** An outcome with other members, frozen as results are. */
export const remade = (outcome: Outcome<Noun>, members: object): Outcome<Noun> =>
  Object.freeze({ ...outcome, ...members }) as never;

/** Says succeeded where the channel refused or failed. */
export const succeedingAnyway =
  (members: object = {}): Wrap =>
  (call) =>
  async (request, options) => {
    const made = remade({} as never, { status: 'succeeded', evidence: 'signed', ...members });
    try {
      const outcome = await call(request, options);
      return outcome.status === 'succeeded' ? outcome : remade(outcome, made);
    } catch {
      return made;
    }
  };

/** Makes another status of one, where `when` agrees. */
export const retelling = (
  from: Outcome<Noun>['status'],
  members: object,
  when: (outcome: Record<string, unknown>) => boolean = () => true,
): Wrap =>
  answering((outcome) => {
    const hit = outcome.status === from && when(outcome as unknown as Record<string, unknown>);
    return hit ? remade(outcome, members) : outcome;
  });

export const aroundOne =
  (verb: keyof Channel, wrap: Wrap) =>
  (channel: Channel): object =>
    around(channel, [verb], wrap);

/** Repeats a refund as if it were another one. */
export const refundingUnderAnotherId = aroundOne('refund', (call) => (request, options) => {
  const { merchantRefundId } = request as { merchantRefundId: string };
  if (!options?.repeat) return call(request, options);
  const other = { ...(request as object), merchantRefundId: `${merchantRefundId}R` };
  return call(other as never, options);
});
