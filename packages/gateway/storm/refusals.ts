/**
 * gateway storm · refusals: channels that sign, once, that they refuse what is asked for, and have taken it all
 * the same.
 */
import { type Channel, PolyrailError } from '@polyrail/core';
import { createSeededRandom } from '@polyrail/simulator';
import type { AnyOutcome, AnyVerb } from '../src/verbs.ts';
import type { Deed } from './deeds.ts';
import { isContrary } from './terms.ts';

/** So much of what is asked for in a world of such channels. */
const refusedShare = 0.3;
/** So often a merchant asks once more for what was refused at first. */
const repeatedShare = 0.6;

/** What is refused and taken, and by which member of the request it is known. */
const idNames = {
  pay: 'merchantPaymentId',
  capture: 'merchantPaymentId',
  authorize: 'merchantPaymentId',
  payout: 'merchantPayoutId',
  refund: 'merchantRefundId',
} as const;

const movesMoney = (deed: Deed): deed is Extract<Deed, { kind: 'capture' | 'charge' | 'refund' }> =>
  deed.kind === 'capture' || deed.kind === 'charge' || deed.kind === 'refund';

/** Ids of a script that its channel refuses at first. */
export function drawRefused(
  seed: number,
  script: { readonly number: number; readonly id: string; readonly deeds: readonly Deed[] },
): readonly string[] {
  const { number, id, deeds } = script;
  if (!isContrary(number)) return [];
  const ids = new Set([id, ...deeds.filter(movesMoney).map((deed) => deed.id)]);
  return [...ids].filter((one) =>
    createSeededRandom(`${seed}/${one}/refusal`).chance(refusedShare),
  );
}

/** What its merchant does about it, beside what he tries again of himself. */
export function repeatingDeeds(seed: number, number: number): readonly Deed[] {
  const random = createSeededRandom(`${seed}/${number}/repeat`);
  return random.chance(repeatedShare) ? [{ kind: 'pay', atMs: 1000 * random.integer(600) }] : [];
}

const isTaken = ({ status }: AnyOutcome): boolean => status === 'succeeded' || status === 'pending';

/** Whether something that a channel has taken is denied this time. */
export type Denies = (id: string) => boolean;

/** A channel that denies having taken some of what it is asked for, under its own signature. */
export function refusing(channel: Channel, denies: Denies): Channel {
  const verbs = channel as unknown as Readonly<Record<string, AnyVerb | undefined>>;
  const denying =
    (verb: AnyVerb, idName: string): AnyVerb =>
    async (request, options) => {
      const outcome = await verb(request, options);
      const id = (request as Readonly<Record<string, unknown>>)[idName];
      if (!isTaken(outcome) || !denies(String(id))) return outcome;
      throw new PolyrailError('REFUSED', 'It was refused', { evidence: 'signed' });
    };
  const denied = Object.entries(idNames).flatMap(([name, idName]) => {
    const verb = verbs[name];
    return verb === undefined ? [] : [[name, denying(verb, idName)] as const];
  });
  return { ...channel, ...Object.fromEntries(denied) } as Channel;
}
