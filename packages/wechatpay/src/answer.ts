/** wechatpay · answer: what every reply has in common - carried out, or a code that decides something. */
import { type Finding, type Noun, PolyrailError } from '@polyrail/core';
import { decide } from '@polyrail/kit/verdict';
import { type Operation, verdictOf } from './codes.ts';
import { type Message, textOf } from './messages.ts';
import type { Answer } from './wire.ts';

/** How long until an accepted request may be repeated. */
const repeatAfterMs = 5000;

/** The call was carried out. */
export const isDone = ({ status }: Answer): boolean => status === 200 || status === 204;

/** The body of a call that was carried out and has one. */
export function bodyOf({ status, body }: Answer): Message {
  if (status === 200) return body;
  throw new PolyrailError('REPLY_UNREADABLE', `The answer has no content (HTTP status ${status})`, {
    doubt: 'unreadable-reply',
  });
}

const wordOf = (body: Message, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, 512) : undefined;
};

/**
 * What an answer other than success means for this call. Evidence is what the answer carries: errors
 * are mostly unsigned, and then prove a refusal or that something is not there, never a payment.
 *
 * @throws PolyrailError `REFUSED` when the channel rejected the message
 */
export function fromRejection<N extends Noun>(operation: Operation, answer: Answer): Finding<N> {
  const { status, body, evidence, internalCode } = answer;
  if (status >= 200 && status < 300) {
    // Quirk: 202 says "accepted"; the identical request is to be sent again (A1.1).
    const told = { evidence, raw: body } as const;
    return {
      status: 'pending',
      waitingFor: 'channel',
      pollAfterMs: repeatAfterMs,
      ...told,
    } as Finding<N>;
  }
  const code = wordOf(body, 'code') ?? '';
  return decide<N>(verdictOf(operation, { status, code, body, internalCode }), {
    message: `WeChat Pay answered ${operation} with ${status} · ${code.slice(0, 64)}`,
    channelCode: code,
    channelMessage: wordOf(body, 'message'),
    evidence,
    raw: body,
  });
}

/** Throws what stands in the way of an answer that a reading verb must give. */
export function requireBody(operation: Operation, answer: Answer): Message {
  if (answer.status === 200) return answer.body;
  const finding = fromRejection<'payment'>(operation, answer);
  const cause = finding.status === 'unknown' ? finding.cause : undefined;
  throw (
    cause ?? new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell', { doubt: 'server-error' })
  );
}

/** Who the answer is about: an answer to another merchant is none to this one. */
export function requireMerchant(body: Message, name: string, asked: string): void {
  const told = textOf(body, name);
  if (told === undefined || told === asked) return;
  throw new PolyrailError('REPLY_UNVERIFIED', `The answer's ${name} is not the configured one`, {
    doubt: 'contradicts-request',
  });
}
