/** gateway · told: what a channel says of an entry beside its state. */
import type { Attempt, Kept, Loose, Told } from './entry.ts';
import type { AnyOutcome } from './verbs.ts';

const toldMembers = [
  'paidAt',
  'payerAmount',
  'receivedAmount',
  'fee',
  'settledOn',
  'payer',
  'standing',
  'validUntil',
  'instrument',
  'remaining',
  'captured',
  'released',
  'holdUntil',
  'effect',
  'arrivedAt',
] as const satisfies readonly (keyof Told)[];

function toldBy(outcome: AnyOutcome, former: Told | undefined): Told | undefined {
  const given = toldMembers.filter((name) => outcome[name] !== undefined);
  if (given.length === 0) return former;
  const told = Object.fromEntries(given.map((name) => [name, outcome[name]]));
  // An agreement ends once: whoever says that it stands, a late message of its signing, speaks of before.
  const over = former?.standing === 'ended' ? { standing: former.standing } : {};
  return { ...former, ...told, ...over };
}

/** What is given back of a payment: a channel tells a total, and so does this. Totals only grow. */
export function undoneAfter(kept: Kept, undone: Kept['undone']): Kept['undone'] {
  if (undone === undefined) return kept.undone;
  return kept.undone !== undefined && kept.undone.amount.amount >= undone.amount.amount
    ? kept.undone
    : undone;
}

/** The members of an entry that follow from what was said of the attempt by which it stands. */
export const factsAfter = (
  kept: Kept,
  outcome: AnyOutcome,
  { channelCode, channelMessage }: Attempt,
): Loose<Partial<Kept>> => ({
  channelCode,
  channelMessage,
  told: toldBy(outcome, kept.told),
  undone: undoneAfter(kept, outcome.undone as Kept['undone']),
  returned: (outcome.returned as Kept['returned']) ?? kept.returned,
});
