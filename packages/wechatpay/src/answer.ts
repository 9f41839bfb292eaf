/** wechatpay · answer: what every reply has in common - carried out, or a code that decides something. */
import {
  type Call,
  type Doubt,
  type Finding,
  isPolyrailError,
  type Noun,
  PolyrailError,
  type Reason,
} from '@polyrail/core';
import { type Operation, verdictOf } from './codes.ts';
import { type Message, textOf } from './messages.ts';
import type { Answer } from './wire.ts';

/** How long to wait after a rate limit: WeChat Pay counts calls by the second. */
const rateLimitMs = 1000;
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
  const channelMessage = wordOf(body, 'message');
  const verdict = verdictOf(operation, { status, code, body, internalCode });
  const words = { channelCode: code, channelMessage };
  const message = `WeChat Pay answered ${operation} with ${status} · ${code.slice(0, 64)}`;
  const told = { evidence, raw: body, ...words } as const;
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

interface Words {
  readonly channelCode: string | undefined;
  readonly channelMessage: string | undefined;
  readonly reason: Reason;
  readonly evidence: Answer['evidence'];
}

export function refusal(message: string, words: Words): PolyrailError {
  const { channelCode, channelMessage, ...told } = words;
  return new PolyrailError('REFUSED', message, {
    ...told,
    ...(channelCode === undefined ? {} : { channelCode }),
    ...(channelMessage === undefined ? {} : { channelMessage }),
    ...(words.reason === 'rate-limited' ? { retryAfterMs: rateLimitMs } : {}),
  });
}

/** An error to show where the answer is no answer; not-found and a known id are answers. */
function causeOf(doubt: Doubt, message: string): PolyrailError | undefined {
  if (doubt === 'server-error') return new PolyrailError('UNAVAILABLE', message, { doubt });
  if (doubt !== 'unreadable-reply') return undefined;
  return new PolyrailError('REPLY_UNREADABLE', message, { doubt });
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

/**
 * Asks a second question about a first call. A refusal of the question is no refusal of the call: it
 * leaves us not knowing.
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
export const beforehand = (call: Call): Call => ({
  ...call,
  prepared: async () => {},
  sent: () => {},
});

/** Who the answer is about: an answer to another merchant is none to this one. */
export function requireMerchant(body: Message, name: string, asked: string): void {
  const told = textOf(body, name);
  if (told === undefined || told === asked) return;
  throw new PolyrailError('REPLY_UNVERIFIED', `The answer's ${name} is not the configured one`, {
    doubt: 'contradicts-request',
  });
}
