/** gateway · ids: the ids under which channels know attempts and what the gateway begins by itself. */
import { createHash } from 'node:crypto';
import type { Capabilities, Verb } from '@polyrail/core';
import type { Attempt, Kept } from './entry.ts';

const ruleNames: Readonly<Partial<Record<Verb, keyof Capabilities>>> = {
  refund: 'merchantRefundId',
  payout: 'merchantPayoutId',
  signUp: 'merchantAgreementId',
  cancel: 'merchantCancelId',
  cancelCapture: 'merchantCancelId',
  cancelAuthorization: 'merchantCancelId',
};

/** Letters and digits that every channel takes, always the same for the same parts. */
export const derivedId = (parts: readonly unknown[], length = 32): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);

const surelyFree = ({ fate }: Attempt): boolean => fate === 'not-sent';

/**
 * The id of an entry's next attempt: the merchant's own, as long as no attempt under it may have been
 * received; after that another one.
 */
export function attemptIdOf(kept: Kept, capabilities: Capabilities): string {
  const used = kept.attempts.filter((attempt) => !surelyFree(attempt)).length;
  if (used === 0) return kept.id;
  const rule = capabilities[ruleNames[kept.verb as Verb] ?? 'merchantPaymentId'];
  const { maxLength = 32 } = (rule ?? {}) as { readonly maxLength?: number };
  const { captureIdMaxLength = 32 } = kept.verb === 'capture' ? capabilities : {};
  const length = Math.min(32, maxLength, captureIdMaxLength);
  return derivedId([kept.merchant, kept.noun, kept.id, used + 1], length);
}
