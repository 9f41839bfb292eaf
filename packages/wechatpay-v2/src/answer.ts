/**
 * wechatpay-v2 · answer: what every reply has in common - carried out, or a code that decides
 * something.
 */
import type { Finding, Noun } from '@polyrail/core';
import { requiredText, textOf, unreadable } from '@polyrail/kit/fields';
import { decide, type Verdict, type Words } from '@polyrail/kit/verdict';
import type { Operation } from './calls.ts';
import { messageVerdictOf, verdictOf } from './codes.ts';
import type { Answer } from './wire.ts';

/** The call was carried out. */
export function isDone({ communicated, fields }: Answer): boolean {
  if (!communicated) return false;
  const code = requiredText(fields, 'result_code');
  if (code === 'SUCCESS' || code === 'FAIL') return code === 'SUCCESS';
  throw unreadable('The answer has an undocumented result_code');
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

/** Misdeeds are counted by the minute; other calls by the second. */
const rateLimitOf = ({ channelCode }: Words) =>
  channelCode === 'INVALID_REQ_TOO_MUCH' ? { rateLimitMs: 60_000 } : {};

export function verdictOn(operation: Operation, answer: Answer): Verdict {
  const { channelCode = '', channelMessage = '' } = wordsOf(answer);
  return answer.communicated
    ? verdictOf(operation, channelCode, channelMessage)
    : messageVerdictOf(channelMessage);
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
  const said = words.channelCode ?? words.channelMessage ?? 'nothing';
  return decide<N>(verdictOn(operation, answer), {
    message: `WeChat Pay answered ${operation} with ${said.slice(0, 64)}`,
    ...words,
    evidence,
    raw: fields,
    ...rateLimitOf(words),
  });
}
