/** Test aid: ways to put a mistake around the verbs of a channel. */
import {
  type Channel,
  type Fact,
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

export const failed = { status: 'failed', reason: 'other', retry: 'new-id' };

/** Turns a refusal into a decision about the movement. */
export const decidingOnRefusal: Wrap = (call) => async (request, options) => {
  try {
    return await call(request, options);
  } catch (error) {
    if (isPolyrailError(error) && error.code === 'REFUSED') return remade({} as never, failed);
    throw error;
  }
};

/** Takes what was done before for what failed, when the call is repeated. */
export const failingWhenRepeated: Wrap = (call) => async (request, options) => {
  const outcome = await call(request, options);
  const repeated = options?.repeat === true && outcome.status === 'succeeded';
  return repeated ? remade(outcome, { ...failed, reason: 'already-paid' }) : outcome;
};

let minted = 0;

/** An id of its own for each call, or only for those that are marked as repeated. */
export const minting =
  (member: string, which: 'every' | 'repeated' = 'every'): Wrap =>
  (call) =>
  (request, options) => {
    const { [member]: id } = request as Record<string, unknown>;
    if (which === 'repeated' && options?.repeat !== true) return call(request, options);
    minted += 1;
    return call({ ...(request as object), [member]: `${id}C${minted}` } as never, options);
  };

/** Does nothing, and says that it did. */
export const pretending =
  (members: object): Wrap =>
  () =>
  async (request) => {
    const { merchantId = 'nobody' } = request as { merchantId?: string };
    const ref = { noun: 'agreement', merchantId, startedAt: '2026-03-02T02:00:00.000Z' };
    const told = { status: 'succeeded', evidence: 'signed', ref, ...members };
    return remade({} as never, told);
  };

type Loose = Record<string, unknown>;

/** Calls with other members than the merchant asked for. */
export const asking =
  (change: (request: Loose) => object): Wrap =>
  (call) =>
  (request, options) =>
    call({ ...(request as object), ...change(request as object as Loose) } as never, options);

/** Only calls for which this holds are treated so. */
export const where =
  (holds: (request: Record<string, unknown>) => boolean, wrap: Wrap): Wrap =>
  (call) => {
    const wrapped = wrap(call);
    return (request, options) =>
      holds(request as Record<string, unknown>)
        ? wrapped(request, options)
        : call(request, options);
  };

/** What is heard about a noun is told otherwise, or refused where nothing is told. */
export const hearing =
  (noun: Noun, change?: (fact: Fact) => object) =>
  (channel: Channel): object => ({
    ...channel,
    async receive(...given: Parameters<NonNullable<Channel['receive']>>) {
      const heard = await channel.receive?.(...given);
      const facts = heard?.facts ?? [];
      if (!facts.some((fact) => fact.noun === noun)) return heard;
      if (change === undefined) throw new Error(`of ${noun} nothing is known here`);
      const told = facts.map((fact) => remade(fact, change(fact)));
      return Object.freeze({ ...heard, facts: told });
    },
  });
