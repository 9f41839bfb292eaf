/**
 * wechatpay-v2 · answer: what every reply has in common - carried out, or a code that decides
 * something.
 */
import {
  type Call,
  type Doubt,
  type Finding,
  isPolyrailError,
  type Noun,
  PolyrailError,
  type Reason,
} from '@polyrail/core';
import type { Operation } from './calls.ts';
import { messageVerdictOf, verdictOf } from './codes.ts';
import { requiredText, textOf, unreadable } from './messages.ts';
import type { Verdict } from './verdict.ts';
import type { Answer } from './wire.ts';

/** How long to wait after a rate limit: calls are counted by the second, misdeeds by the minute. */
const rateLimitMs = 1000;
const blockedMs = 60_000;

/** The call was carried out. */
export function isDone({ communicated, fields }: Answer): boolean {
  if (!communicated) return false;
  const code = requiredText(fields, 'result_code');
  if (code === 'SUCCESS' || code === 'FAIL') return code === 'SUCCESS';
  throw unreadable('The answer has an undocumented result_code');
}

/** The channel's own code and words of what went wrong. */
export interface Words {
  readonly channelCode: string | undefined;
  readonly channelMessage: string | undefined;
}

const cut = (text: string | undefined): string | undefined => text?.slice(0, 512);

/** What an answer says is wrong. Without business there is no code: its words stand for one. */
export const wordsOf = ({ communicated, fields }: Answer): Words =>
  communicated
    ? {
        channelCode: cut(textOf(fields, 'err_code')),
        channelMessage: cut(textOf(fields, 'err_code_des') ?? textOf(fields, 'return_msg')),
      }
    : { channelCode: undefined, channelMessage: cut(textOf(fields, 'return_msg')) };

export function verdictOn(operation: Operation, answer: Answer): Verdict {
  const { channelCode = '', channelMessage = '' } = wordsOf(answer);
  return answer.communicated
    ? verdictOf(operation, channelCode, channelMessage)
    : messageVerdictOf(channelMessage);
}

export function refusal(
  message: string,
  told: Words & { readonly reason: Reason; readonly evidence: Answer['evidence'] },
): PolyrailError {
  const { channelCode, channelMessage, reason, evidence } = told;
  const waitMs = channelCode === 'INVALID_REQ_TOO_MUCH' ? blockedMs : rateLimitMs;
  return new PolyrailError('REFUSED', message, {
    reason,
    evidence,
    ...(channelCode === undefined ? {} : { channelCode }),
    ...(channelMessage === undefined ? {} : { channelMessage }),
    ...(reason === 'rate-limited' ? { retryAfterMs: waitMs } : {}),
  });
}

/** An error to show where the answer is no answer; not-found and a known id are answers. */
function causeOf(doubt: Doubt, message: string): PolyrailError | undefined {
  if (doubt === 'server-error') return new PolyrailError('UNAVAILABLE', message, { doubt });
  if (doubt !== 'unreadable-reply') return undefined;
  return new PolyrailError('REPLY_UNREADABLE', message, { doubt });
}

/**
 * What an answer other than success means for this call. Evidence is what the answer carries: what
 * has no sign proves a refusal or that something is not there, never a payment.
 *
 * @throws PolyrailError `REFUSED` when the channel rejected the message
 */
export function fromRejection<N extends Noun>(operation: Operation, answer: Answer): Finding<N> {
  const { evidence, fields } = answer;
  const words = wordsOf(answer);
  const verdict = verdictOn(operation, answer);
  const said = words.channelCode ?? words.channelMessage ?? 'nothing';
  const message = `WeChat Pay answered ${operation} with ${said.slice(0, 64)}`;
  const told = { evidence, raw: fields, ...words } as const;
  if (verdict.end === 'failed') {
    const { reason, retry } = verdict;
    return { status: 'failed', reason, retry, ...told } as Finding<N>;
  }
  if (verdict.end === 'refused') {
    throw refusal(message, { ...words, reason: verdict.reason, evidence });
  }
  const { doubt } = verdict;
  return { status: 'unknown', doubt, cause: causeOf(doubt, message), ...told } as Finding<N>;
}

/**
 * Asks a second question about a first call. A refusal of the question is no refusal of the call:
 * it leaves us not knowing.
 */
export async function followUp<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isPolyrailError(error) || error.code !== 'REFUSED') throw error;
    const message = 'The question what became of the call was refused';
    throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error', cause: error });
  }
}

/**
 * A question before the call itself: what it needs to know is read first. It is no exchange that
 * moves, so that it is neither prepared for nor the point of no return.
 */
export const beforehand = ({ signal }: Pick<Call, 'signal'>) => ({
  signal,
  prepared: async () => {},
  sent: () => {},
});
