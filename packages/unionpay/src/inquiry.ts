/** unionpay · inquiry: what became of a transaction, by its number and time (dossier §9.10, §12). */
import {
  type Day,
  epochMsOf,
  type Finding,
  type Instant,
  type Money,
  type Noun,
  type Ref,
} from '@polyrail/core';
import {
  contradicts,
  fenOf,
  requiredFen,
  requiredText,
  textOf,
  unreadable,
} from '@polyrail/kit/fields';
import { fromRejection, isDone, pollAfterMs } from './answer.ts';
import { type State, stateOf } from './codes.ts';
import type { Message } from './envelope.ts';
import type { Crossing, Exchange } from './exchange.ts';
import { queryIdOf, requireYuan, subCodeOf } from './messages.ts';
import { dayOfWire, epochMsOfWireTime, instantOfWireTime } from './time.ts';
import { nounOf, services } from './transactions.ts';
import type { Wire } from './wire.ts';

/** What a query tells of a transaction, whatever it is. */
export interface Told {
  readonly txnType: string;
  readonly state: State;
  readonly amount: Money;
  readonly queryId: string | undefined;
  readonly settledOn: Day | undefined;
  readonly message: Message;
}

/** Pure: the question about a transaction. */
export const toInquiry = (ref: Ref<Noun>, bizType: string = services.query.bizType): Exchange => ({
  transaction: { ...services.query, bizType },
  order: { id: ref.merchantId, startedAt: ref.startedAt },
  fields: {},
});

type Unknown = Extract<Finding<Noun>, { readonly status: 'unknown' }>;

/** What a message tells of a transaction whose code and words are given. */
export function readTold(
  message: Message,
  txnType: string,
  { code, words }: { readonly code: string; readonly words: string | undefined },
): Told {
  requireYuan(message);
  return {
    txnType,
    state: stateOf(txnType === '12' ? 'payout' : 'funds', code, subCodeOf(words)),
    amount: requiredFen(message, 'txnAmt'),
    queryId: queryIdOf(message),
    settledOn: dayOfWire(textOf(message, 'settleDate'), requiredText(message, 'txnTime')),
    message,
  };
}

/**
 * Pure: what the answer to a question tells; an `unknown` finding where UnionPay knows no such number.
 *
 * Quirk: the numbers of an answer are those of what was asked about - but of the question itself
 * when nothing was found.
 */
export function fromInquiry(message: Message, noun: Noun): Told | Unknown {
  if (!isDone(message)) {
    const finding = fromRejection<Noun>(services.query, message);
    if (finding.status === 'unknown') return finding;
    throw unreadable('The question was answered with a code that belongs to none');
  }
  const code = requiredText(message, 'origRespCode');
  const txnType = requiredText(message, 'txnType');
  if (!Object.hasOwn(nounOf, txnType) || nounOf[txnType] !== noun) {
    throw contradicts(`The number belongs to a transaction that is no ${noun}`);
  }
  return readTold(message, txnType, { code, words: textOf(message, 'origRespMsg') });
}

export const isTold = (found: Told | Unknown): found is Told => 'state' in found;

/** The parts that every noun's finding has. */
export const evidenceOf = ({ message, queryId }: Pick<Told, 'message' | 'queryId'>) =>
  ({
    evidence: 'signed',
    raw: message,
    channelId: queryId,
    merchantId: textOf(message, 'orderId'),
  }) as const;

export const origWordsOf = (message: Message) => ({
  channelCode: textOf(message, 'origRespCode') ?? textOf(message, 'respCode'),
  channelMessage: textOf(message, 'origRespMsg') ?? textOf(message, 'respMsg'),
});

/** A code for a state that no document has: nobody knows what it decides. */
export const undocumentedState = () =>
  unreadable('The answer tells a state by a code that is not documented');

/** What is under way, or has failed, as any noun tells it; `undefined` when it succeeded. */
export function unfinished(told: Pick<Told, 'state' | 'message' | 'queryId' | 'amount'>) {
  const { state, amount, message } = told;
  const evidence = evidenceOf(told);
  switch (state.is) {
    case 'succeeded':
      return undefined;
    case 'pending': {
      const { waitingFor } = state;
      return { status: 'pending', waitingFor, pollAfterMs, amount, ...evidence } as const;
    }
    case 'failed': {
      const { reason, retry } = state;
      const words = origWordsOf(message);
      return { status: 'failed', reason, retry, amount, ...words, ...evidence } as const;
    }
    case 'undocumented':
      throw undocumentedState();
  }
}

/** Asks. */
export async function inquire(
  wire: Wire,
  { ref, bizType }: { readonly ref: Ref<Noun>; readonly bizType?: string | undefined },
  call: Crossing,
): Promise<Told | Unknown> {
  return fromInquiry(await wire.call(toInquiry(ref, bizType), call), ref.noun);
}

/** The time of an answer's transaction. */
export const startedAtOf = (message: Message): Instant | undefined =>
  instantOfWireTime(textOf(message, 'txnTime'));

/** Whether the payer may still try again: a failure is no end before that (§12). */
export function isOpen(payTimeout: string | undefined, nowMs: number): boolean {
  const untilMs = payTimeout === undefined ? undefined : epochMsOfWireTime(payTimeout);
  return untilMs !== undefined && nowMs < untilMs;
}

/** Amounts that a transaction tells beside its own. */
export const settledAmountOf = (message: Message): Money | undefined => {
  const amount = fenOf(message, 'settleAmt');
  return amount?.amount === 0 ? undefined : amount;
};

export const msOf = (instant: Instant): number => epochMsOf(instant) ?? 0;
