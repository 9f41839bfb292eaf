/** conformance · inquiry: how to ask what became of a call, and whether the book says the same. */
import type { Noun, Ref, Verb } from '@polyrail/core';
import { type Attempt, attempt, query, verbOf, wordsOf } from './acts.ts';
import { querySignUp } from './agreements.ts';
import type { Picture } from './book.ts';
import type { Ready } from './drills.ts';
import { queryAuthorization } from './holds.ts';
import { queryPayout } from './payouts.ts';
import type { Client } from './stage.ts';

/** The book around a call. */
export interface Sides {
  readonly before: Picture;
  readonly after: Picture;
}

interface Inquiry {
  /** The verb that answers. */
  readonly by: Verb;
  /** Asks on any channel object, with nothing but references that were stored. */
  ask(client: Client, stored: Ref<Noun>, ready: Ready): Promise<unknown>;
  /** What the answer must say, or `undefined` if it says so. */
  objection(told: Told, sides: Sides): string | undefined;
}

interface Told {
  readonly status?: string;
  readonly doubt?: string;
  readonly standing?: string;
  readonly expiresAt?: string;
  readonly undone?: { readonly amount: { readonly amount: number } };
}

/** The payment, hold or agreement that a call is about, as stored before that call. */
function objectOf<N extends Noun>({ request }: Ready): Ref<N> {
  const { payment = request } = request as { payment?: object };
  return payment as Ref<N>;
}

const unanswered = 'it knows, and the channel must tell';

/** Succeeded if it happened, and only then; in doubt only about what is not there. */
function objectionTo({ status, doubt }: Told, happened: boolean, told: string): string | undefined {
  if ((status === 'succeeded') !== happened) return told;
  if (status === 'unknown' && doubt !== 'not-found') return unanswered;
  return undefined;
}

/** A payment is paid, or it is not: its query says which, once nothing stands in the way. */
function paymentObjection(told: Told, { after }: Sides): string | undefined {
  const wrong = objectionTo(told, after.debits === 1, `${after.debits} debits`);
  if (wrong !== undefined) return wrong;
  const whole = told.status === 'succeeded' && after.refunded === after.paid;
  if (whole && told.undone?.amount.amount !== after.refunded) return `${after.refunded} given back`;
  return undefined;
}

/** A refund was carried out, or it was not. */
function refundObjection(told: Told, { before, after }: Sides): string | undefined {
  const made = after.refunds - before.refunds;
  return objectionTo(told, made === 1, `${made} refunds by this call`);
}

function holdObjection(told: Told, { after }: Sides): string | undefined {
  const { authorization } = after;
  if (authorization === undefined) return undefined;
  return objectionTo(told, authorization.holds === 1, `${authorization.holds} holds`);
}

/** Money was released by this call, or it was not. */
function releaseObjection(told: Told, { before, after }: Sides): string | undefined {
  const released = after.authorization?.released ?? 0;
  const made = released - (before.authorization?.released ?? 0);
  return objectionTo(told, made > 0, `${made} released by this call`);
}

/** An agreement may be charged, or it may not; what has ended may also be forgotten. */
function agreementObjection(told: Told, { after }: Sides): string | undefined {
  if (after.agreement === undefined) return undefined;
  const { active } = after.agreement;
  const said = told.status === 'succeeded' && told.standing === 'active';
  if (said !== active) return active ? 'it is active' : 'it is not active';
  if (told.status === 'unknown' && told.doubt !== 'not-found') return unanswered;
  return undefined;
}

/** The payee has the money, or has it not yet: pending is an answer, an end too early is none. */
function payoutObjection(told: Told, { after }: Sides): string | undefined {
  if (after.payout === undefined) return undefined;
  const { transfers } = after.payout;
  return objectionTo(told, transfers === 1, `${transfers} payouts arrived`);
}

const aboutThePayment: Inquiry = {
  by: 'query',
  ask: (client, _stored, ready) => query(client, objectOf(ready)),
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
  refund: {
    by: 'queryRefund',
    ask: (client, stored) => verbOf(client.channel, 'queryRefund')(stored as Ref<'refund'>),
    objection: refundObjection,
  },
  authorize: {
    by: 'queryAuthorization',
    ask: (client, stored) => queryAuthorization(client, stored as Ref<'authorization'>),
    objection: holdObjection,
  },
  capture: {
    by: 'query',
    ask: (client, stored) => query(client, stored as Ref<'payment'>),
    objection: paymentObjection,
  },
  cancelAuthorization: {
    by: 'queryCancellation',
    ask: (client, stored) =>
      verbOf(client.channel, 'queryCancellation')(stored as Ref<'cancellation'>),
    objection: releaseObjection,
  },
  signUp: {
    by: 'querySignUp',
    ask: (client, stored) => querySignUp(client, stored as Ref<'agreement'>),
    objection: agreementObjection,
  },
  signOff: {
    by: 'querySignUp',
    ask: (client, stored) => querySignUp(client, stored as Ref<'agreement'>),
    objection: agreementObjection,
  },
  payout: {
    by: 'queryPayout',
    ask: (client, stored) => queryPayout(client, stored as Ref<'payout'>),
    objection: payoutObjection,
  },
};

const aboutTheHold: Inquiry = {
  by: 'queryAuthorization',
  ask: (client, _stored, ready) => queryAuthorization(client, objectOf(ready)),
  objection: holdObjection,
};

/** No end, or none yet: the payer may try again until it expires. */
const isVoid = ({ status, expiresAt }: Told): boolean =>
  status === 'failed' || (status === 'pending' && expiresAt !== undefined);

/** What was reversed whole is told as if it had never been. */
const reversed = (inquiry: Inquiry): Inquiry => ({
  ...inquiry,
  objection(told, sides) {
    const { paid, refunded, authorization: hold } = sides.after;
    const whole = hold === undefined ? refunded === paid : hold.released === hold.held;
    return whole && isVoid(told) ? undefined : inquiry.objection(told, sides);
  },
});

/** Under its own id, where the channel knows cancellations by one. */
const aboutTheCancellation: Inquiry = {
  by: 'queryCancellation',
  ask: (client, stored) =>
    verbOf(client.channel, 'queryCancellation')(stored as Ref<'cancellation'>),
  objection: refundObjection,
};

/** A reversal is asked about by what it reverses. */
function inquiryOf({ channel }: Client, { verb, about }: Ready): Inquiry | undefined {
  if (verb === 'cancel' && channel.queryCancellation !== undefined) return aboutTheCancellation;
  if (verb !== 'reverse') return inquiries[verb];
  const inquiry = about.authorization === undefined ? aboutThePayment : aboutTheHold;
  return channel.capabilities.reversalErases === true ? reversed(inquiry) : inquiry;
}

/** Asks what became of a call: what the answer has against the book, `undefined` for nothing. */
export async function askedAbout(
  { client, ready, stored }: { client: Client; ready: Ready; stored: Ref<Noun> },
  sides: Sides,
): Promise<string | undefined> {
  const inquiry = inquiryOf(client, ready);
  if (inquiry === undefined || client.channel[inquiry.by] === undefined) return undefined;
  const ending: Attempt<unknown> = await attempt(() => inquiry.ask(client, stored, ready));
  const objection =
    ending.error === undefined ? inquiry.objection(ending.result as Told, sides) : unanswered;
  if (objection === undefined) return undefined;
  return `${inquiry.by} says ${wordsOf(ending)} instead of what the book says: ${objection}`;
}

/** Whether the channel can be asked what became of a call of this verb. */
export function canAsk({ channel }: Client, verb: Verb): boolean {
  const by = verb === 'reverse' ? 'query' : inquiries[verb]?.by;
  return by !== undefined && channel[by] !== undefined;
}
