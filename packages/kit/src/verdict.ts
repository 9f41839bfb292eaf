/**
 * kit · verdict: what a code of a channel decides - the movement, the message, or nothing - and the
 * finding that follows from it.
 */
import {
  type Doubt,
  type Evidence,
  type Finding,
  type Noun,
  PolyrailError,
  type Reason,
} from '@polyrail/core';

/**
 * - `failed`: the channel decided the movement: what the id names will not happen.
 * - `refused`: the channel rejected the message; the id is as free as before.
 * - `unknown`: it may have happened, or the answer speaks of the id and not of this call.
 */
export type Verdict =
  | {
      readonly end: 'failed';
      readonly reason: Reason;
      readonly retry: 'same-id' | 'new-id' | 'never';
    }
  | { readonly end: 'refused'; readonly reason: Reason }
  | { readonly end: 'unknown'; readonly doubt: Doubt };

export const failed = (reason: Reason, retry: 'same-id' | 'new-id' | 'never'): Verdict => ({
  end: 'failed',
  reason,
  retry,
});
export const refused = (reason: Reason): Verdict => ({ end: 'refused', reason });

/** The platform's own trouble: the request may have been carried out. */
export const unclear: Verdict = { end: 'unknown', doubt: 'server-error' };
/** The id is known to the channel from before: only a query tells what became of it. */
export const repeatedId: Verdict = { end: 'unknown', doubt: 'repeated-id' };
/** The channel does not know the id. A reading, not a proof of absence. */
export const notFound: Verdict = { end: 'unknown', doubt: 'not-found' };
/** A code outside the documented list: nobody knows what it decides. */
export const undocumented: Verdict = { end: 'unknown', doubt: 'unreadable-reply' };

/** Spreads one verdict over the codes it belongs to, which stand there with blanks between them. */
export const each = (verdict: Verdict, codes: string): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(codes.split(/\s+/).map((code) => [code, verdict]));

/** The channel's own code and words of what went wrong. */
export interface Words {
  readonly channelCode?: string | undefined;
  readonly channelMessage?: string | undefined;
}

export interface Refusal extends Words {
  readonly reason: Reason;
  readonly evidence: Evidence;
  /** How long to wait where the reason is `rate-limited`; default one second. */
  readonly rateLimitMs?: number;
}

/** Channels count calls by the second. */
const usualRateLimitMs = 1000;

/** The error of a message that the channel rejected. */
export function refusal(message: string, told: Refusal): PolyrailError {
  const { channelCode, channelMessage, reason, evidence } = told;
  const { rateLimitMs = usualRateLimitMs } = told;
  return new PolyrailError('REFUSED', message, {
    reason,
    evidence,
    ...(channelCode === undefined ? {} : { channelCode }),
    ...(channelMessage === undefined ? {} : { channelMessage }),
    ...(reason === 'rate-limited' ? { retryAfterMs: rateLimitMs } : {}),
  });
}

/** An error to show where the answer is no answer; not-found and a known id are answers. */
function causeOf(doubt: Doubt, message: string): PolyrailError | undefined {
  if (doubt === 'server-error') return new PolyrailError('UNAVAILABLE', message, { doubt });
  if (doubt !== 'unreadable-reply') return undefined;
  return new PolyrailError('REPLY_UNREADABLE', message, { doubt });
}

/** What was told beside the code. */
export interface Said extends Omit<Refusal, 'reason'> {
  /** `The channel answered … with …`: for whoever reads the error. */
  readonly message: string;
  readonly raw: unknown;
}

/**
 * What an answer other than success means for a call.
 *
 * @throws PolyrailError `REFUSED` when the channel rejected the message
 */
export function decide<N extends Noun>(verdict: Verdict, said: Said): Finding<N> {
  const { message, evidence, raw, channelCode, channelMessage } = said;
  const told = { evidence, raw, channelCode, channelMessage } as const;
  switch (verdict.end) {
    case 'failed': {
      const { reason, retry } = verdict;
      return { status: 'failed', reason, retry, ...told } as Finding<N>;
    }
    case 'refused':
      throw refusal(message, { ...said, reason: verdict.reason });
    case 'unknown': {
      const { doubt } = verdict;
      return { status: 'unknown', doubt, cause: causeOf(doubt, message), ...told } as Finding<N>;
    }
  }
}
