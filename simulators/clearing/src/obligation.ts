/** clearing · obligation: who owes whom, taken down once, and judged before it is. */
import { type Day, epochMsOf, type Instant } from '@polyrail/core';
import { type Obligation, problem } from '@polyrail/simulator';

/** An obligation as the house keeps it. */
export interface Entry {
  readonly obligation: Obligation;
  /** Counts from 1, in the order of recording. */
  readonly sequence: number;
  /** The business day it was recorded on. */
  readonly businessDay: Day;
  readonly recordedAt: Instant;
  /** The business day whose settlement discharged it. */
  settledOn?: Day;
}

/** What became of one obligation. */
export interface ObligationTruth extends Obligation {
  readonly businessDay: Day;
  readonly recordedAt: Instant;
  readonly settledOn?: Day;
  /** Minor units that later obligations gave back. */
  readonly returned: number;
}

/** Minor units: with the most obligations the house takes, sums stay whole. */
const largestAmount = 10_000_000_000;
const longestText = 256;

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= longestText;

interface Judgement {
  readonly rule: string;
  holds(value: unknown): boolean;
}

const text: Judgement = { rule: `a text of 1 to ${longestText} characters`, holds: isText };
const optional = ({ rule, holds }: Judgement): Judgement => ({
  rule: `${rule}, or nothing`,
  holds: (value) => value === undefined || holds(value),
});

const judgements: Readonly<Record<keyof Obligation, Judgement>> = {
  id: text,
  debtor: text,
  creditor: text,
  amount: {
    rule: `a whole number of minor units from 1 to ${largestAmount}`,
    holds: (value) =>
      Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= largestAmount,
  },
  memo: text,
  occurredAt: optional({
    rule: 'a UTC time with milliseconds',
    holds: (value) => typeof value === 'string' && epochMsOf(value) !== undefined,
  }),
  returns: optional(text),
};

const isMember = (name: string): name is keyof Obligation => Object.hasOwn(judgements, name);

/** @throws a steering problem that names the member. */
export function requireWellFormed(given: unknown): asserts given is Obligation {
  if (typeof given !== 'object' || given === null) {
    throw problem({ rule: 'an object', message: 'That is no obligation.' });
  }
  const stranger = Object.keys(given).find((name) => !isMember(name));
  if (stranger !== undefined) {
    const rule = `only ${Object.keys(judgements).join(', ')}`;
    throw problem({ field: stranger, rule, message: `An obligation has no ${stranger}.` });
  }
  for (const [field, { rule, holds }] of Object.entries(judgements)) {
    const value: unknown = Reflect.get(given, field);
    if (holds(value)) continue;
    throw problem({ field, rule, message: `${field} cannot be ${JSON.stringify(value)}.` });
  }
  const { debtor, creditor } = given as Obligation;
  if (debtor === creditor) {
    const message = `${debtor} cannot owe itself.`;
    throw problem({ field: 'creditor', rule: 'another participant', message });
  }
}

/** Whether a repeated report says the same. */
export const isSame = (known: Obligation, again: Obligation): boolean =>
  Object.keys(judgements).every((name) => Reflect.get(known, name) === Reflect.get(again, name));

/**
 * A return goes the other way, and all returns together give back no more than there was.
 *
 * @throws a steering problem
 */
export function requireReturnable(back: Obligation, of: Entry | undefined, returned: number): void {
  const field = 'returns';
  if (of === undefined) {
    const message = `No obligation has the id ${JSON.stringify(back.returns)}.`;
    throw problem({ field, rule: 'an obligation recorded before', message, status: 404 });
  }
  const { debtor, creditor, amount } = of.obligation;
  if (back.debtor !== creditor || back.creditor !== debtor) {
    const rule = `${creditor} as debtor and ${debtor} as creditor`;
    throw problem({ field, rule, message: 'A return goes back the same way.', status: 409 });
  }
  if (returned + back.amount > amount) {
    const rule = `at most ${amount - returned} in minor units`;
    const message = 'More cannot be given back than is left.';
    throw problem({ field: 'amount', rule, message, status: 409 });
  }
}
