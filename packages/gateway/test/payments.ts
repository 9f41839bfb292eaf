/** Test aid: payments as the gateway keeps them, and what is found about them. */
import { instantOf } from '@polyrail/core';
import type { Attempt, Kept } from '../src/entry.ts';
import type { AnyOutcome } from '../src/verbs.ts';
import { amount, startAt } from './script.ts';

const at = instantOf(startAt);

export const rules = {
  now: startAt,
  late: { default: 'refund' as const, deadlineMs: 1000 },
  expireAfterMs: 1000,
};

export const attemptOf = (attemptId: string, fate: Attempt['fate'] = 'prepared'): Attempt => ({
  channel: 'one',
  attemptId,
  fate,
  startedAt: at,
  calledUntil: at,
  ref: { noun: 'payment', merchantId: attemptId, amount, startedAt: at },
});

/** A payment of these attempts. */
export const paymentOf = (
  attempts: readonly Attempt[],
  state: Kept['state'] = 'created',
): Kept => ({
  merchant: 'default',
  noun: 'payment',
  id: 'a',
  state,
  verb: 'pay',
  amount,
  attempts,
  createdAt: at,
  updatedAt: at,
  version: 1,
  fingerprint: 'f',
  request: {},
  secrets: false,
  asked: 0,
  undoing: 0,
});

/** What a channel says of an attempt. */
export const outcomeOf = (
  attemptId: string,
  status: AnyOutcome['status'],
  more: object = {},
): AnyOutcome => ({
  noun: 'payment',
  status,
  ref: { noun: 'payment', merchantId: attemptId, amount, startedAt: at },
  ...more,
});
