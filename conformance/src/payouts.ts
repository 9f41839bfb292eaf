/** conformance · payouts: what laws do with them - pay a payee out, and have the money arrive. */
import {
  instantOf,
  isSecret,
  type Money,
  type Options,
  type Payout,
  type Ref,
  revealText,
} from '@polyrail/core';
import { amountFor, verbOf } from './acts.ts';
import { notApplicable } from './law.ts';
import type { Client, Stage } from './stage.ts';
import type { PayeeSample, PayoutTruth } from './subject.ts';

/** A request of `payout`, loosely. */
export interface PayoutFor {
  readonly merchantPayoutId: string;
  readonly amount: Money;
  readonly payee: PayeeSample['payee'];
  readonly [member: string]: unknown;
}

/** The payees of the subject, one of each kind. */
export function payeesOf({ subject, site }: Stage): readonly PayeeSample[] {
  const payees = subject.samples?.payees?.(site) ?? [];
  return payees.length > 0 ? payees : notApplicable('the samples name no payee');
}

export interface PayoutOptions {
  readonly payee?: PayeeSample;
  readonly id?: string;
  readonly amount?: Money;
}

/** A complete request of `payout` to a payee of the samples, the first unless told otherwise. */
export function payoutFor(stage: Stage, options: PayoutOptions = {}): PayoutFor {
  const payee = options.payee ?? (payeesOf(stage)[0] as PayeeSample);
  return {
    merchantPayoutId: options.id ?? stage.freshId(),
    amount: options.amount ?? amountFor(stage, 700),
    purpose: 'Polyrail conformance',
    startedAt: instantOf(stage.site.clock.now()),
    ...payee,
  };
}

export const payout = (client: Client, request: unknown, options?: Options): Promise<Payout> =>
  verbOf(client.channel, 'payout')(request as never, options);

export const queryPayout = (client: Client, ref: Ref<'payout'>): Promise<Payout> =>
  verbOf(client.channel, 'queryPayout')(ref);

/** The ledger about one payout; not applicable where the site does not tell. */
export async function payoutTruth(stage: Stage, id: string): Promise<PayoutTruth> {
  const { site } = stage;
  if (site.payout === undefined) return notApplicable('the site tells nothing of payouts');
  const truth = await site.payout(id);
  return truth ?? { state: 'never heard of', transfers: 0, paid: 0, returned: 0 };
}

export interface PaidOut {
  readonly payee: PayeeSample;
  readonly id: string;
  readonly request: PayoutFor;
  readonly started: Payout;
  readonly ref: Ref<'payout'>;
}

/** A payout that was asked for, whatever became of it. */
export async function askedPayout(stage: Stage, options: PayoutOptions = {}): Promise<PaidOut> {
  const payee = options.payee ?? (payeesOf(stage)[0] as PayeeSample);
  const request = payoutFor(stage, { ...options, payee });
  const started = await payout(stage.client, request);
  return { payee, id: request.merchantPayoutId, request, started, ref: started.ref };
}

/** A payout that is under way; not applicable where every payee has the money at once. */
export async function pendingPayout(stage: Stage): Promise<PaidOut> {
  for (const payee of payeesOf(stage)) {
    const asked = await askedPayout(stage, { payee });
    if (asked.started.status === 'pending') return asked;
  }
  return notApplicable('every payee of the samples has the money at once');
}

/** A payout whose payee has the money. */
export async function arrivedPayout(stage: Stage, options: PayoutOptions = {}): Promise<PaidOut> {
  const asked = await askedPayout(stage, options);
  if (asked.started.status === 'pending') await stage.site.payer.approve(asked.id);
  await stage.settled();
  return asked;
}

/** What is private about a payee: account and name. */
export const privateOf = ({ payee }: PayoutFor): readonly string[] =>
  Object.values(payee).flatMap((value) => (isSecret(value) ? [revealText(value)] : []));
