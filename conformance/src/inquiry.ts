/** conformance · inquiry: how to ask what became of a call, and whether the book says the same. */
import type { Noun, Ref, Verb } from '@polyrail/core';
import { type Attempt, attempt, query, verbOf, wordsOf } from './acts.ts';
import type { Ready } from './drills.ts';
import type { Client } from './stage.ts';
import type { Truth } from './subject.ts';

/** The book around a call. */
export interface Sides {
  readonly before: Truth;
  readonly after: Truth;
}

interface Inquiry {
  /** The verb that answers. */
  readonly by: 'query' | 'queryRefund';
  /** Asks on any channel object, with nothing but references that were stored. */
  ask(client: Client, stored: Ref<Noun>, ready: Ready): Promise<unknown>;
  /** What the answer must say, or `undefined` if it says so. */
  objection(told: Told, sides: Sides): string | undefined;
}

interface Told {
  readonly status?: string;
  readonly doubt?: string;
  readonly undone?: { readonly amount: { readonly amount: number } };
}

/** The payment that a call is about, as stored before that call. */
function paymentOf({ request }: Ready): Ref<'payment'> {
  const { payment = request } = request as { payment?: object };
  return payment as Ref<'payment'>;
}

const unanswered = 'it knows, and the channel must tell';

/** A payment is paid, or it is not: its query says which, once nothing stands in the way. */
function paymentObjection(told: Told, { after }: Sides): string | undefined {
  const { status, doubt, undone } = told;
  if ((status === 'succeeded') !== (after.debits === 1)) return `${after.debits} debits`;
  if (status === 'unknown' && doubt !== 'not-found') return unanswered;
  const whole = status === 'succeeded' && after.refunded === after.paid;
  if (whole && undone?.amount.amount !== after.refunded) return `${after.refunded} given back`;
  return undefined;
}

/** A refund was carried out, or it was not. */
function refundObjection({ status, doubt }: Told, { before, after }: Sides): string | undefined {
  const made = after.refunds - before.refunds;
  if ((status === 'succeeded') !== (made === 1)) return `${made} refunds by this call`;
  if (status === 'unknown' && doubt !== 'not-found') return unanswered;
  return undefined;
}

const aboutThePayment: Inquiry = {
  by: 'query',
  ask: (client, _stored, ready) => query(client, paymentOf(ready)),
  objection: paymentObjection,
};

/** A verb that moves something has an entry here: what is not asked about stays unknown for ever. */
const inquiries: { readonly [V in Verb]?: Inquiry } = {
  pay: {
    by: 'query',
    ask: (client, stored) => query(client, stored as Ref<'payment'>),
    objection: paymentObjection,
  },
  close: aboutThePayment,
  cancel: aboutThePayment,
  reverse: aboutThePayment,
  refund: {
    by: 'queryRefund',
    ask: (client, stored) => verbOf(client.channel, 'queryRefund')(stored as Ref<'refund'>),
    objection: refundObjection,
  },
};

/** Whether the channel can be asked what became of a call of this verb. */
export function canAsk({ channel }: Client, verb: Verb): boolean {
  const by = inquiries[verb]?.by;
  return by !== undefined && channel[by] !== undefined;
}

/** Asks what became of a call: what the answer has against the book, `undefined` for nothing. */
export async function askedAbout(
  { client, ready, stored }: { client: Client; ready: Ready; stored: Ref<Noun> },
  sides: Sides,
): Promise<string | undefined> {
  const inquiry = inquiries[ready.verb];
  if (inquiry === undefined) return undefined;
  const ending: Attempt<unknown> = await attempt(() => inquiry.ask(client, stored, ready));
  const objection =
    ending.error === undefined ? inquiry.objection(ending.result as Told, sides) : unanswered;
  if (objection === undefined) return undefined;
  return `${inquiry.by} says ${wordsOf(ending)} instead of what the book says: ${objection}`;
}
