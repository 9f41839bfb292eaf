/** wechatpay-v2 · verdict: what an error code decides - the movement, the message, or nothing. */
import type { Doubt, Reason } from '@polyrail/core';

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

/** Spreads one verdict over the codes it belongs to. */
export const each = (verdict: Verdict, codes: string): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(codes.split(/\s+/).map((code) => [code, verdict]));
