/** unionpay · answer: what the code of an answer means for the call it belongs to. */
import type { Finding, Noun } from '@polyrail/core';
import { requiredText, textOf } from '@polyrail/kit/fields';
import { decide, type Verdict } from '@polyrail/kit/verdict';
import { isSuccess, verdictOf } from './codes.ts';
import type { Message } from './envelope.ts';
import { subCodeOf } from './messages.ts';
import type { Transaction } from './transactions.ts';

/** UnionPay counts queries by the minute or so (dossier §9.10: 37). */
const rateLimitMs = 10_000;

/** How soon what was accepted is asked about: notified after 4 to 5 seconds (§10). */
export const pollAfterMs = 2_000;

export const wordsOf = (message: Message) => ({
  channelCode: textOf(message, 'respCode'),
  channelMessage: textOf(message, 'respMsg'),
});

/**
 * Whether UnionPay took the call on. Quirk: of money, 00 means no more than that, and 05 says the
 * same in other words.
 */
export function isAccepted(message: Message): boolean {
  const code = requiredText(message, 'respCode');
  return isSuccess(code) || code === '05';
}

export const isDone = (message: Message): boolean => isSuccess(requiredText(message, 'respCode'));

const label = ({ txnType, txnSubType }: Transaction): string => `${txnType}/${txnSubType}`;

/**
 * What an answer other than success means.
 *
 * @throws PolyrailError `REFUSED` when UnionPay rejected the message
 */
export function fromRejection<N extends Noun>(
  transaction: Transaction,
  message: Message,
  overrule: (code: string, subCode: string | undefined) => Verdict | undefined = () => undefined,
): Finding<N> {
  const words = wordsOf(message);
  const code = requiredText(message, 'respCode');
  const subCode = subCodeOf(words.channelMessage);
  const { family } = transaction;
  const verdict = overrule(code, subCode) ?? verdictOf(family, code, subCode);
  return decide<N>(verdict, {
    message: `UnionPay answered ${label(transaction)} with ${code}`,
    evidence: 'signed',
    raw: message,
    rateLimitMs,
    ...words,
  });
}

/** An accepted movement: asked about until it is told. */
export const acceptedFinding = (message: Message) =>
  ({
    status: 'pending',
    waitingFor: 'channel',
    pollAfterMs,
    evidence: 'signed',
    raw: message,
  }) as const;
