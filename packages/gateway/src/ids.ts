/** gateway · ids: the ids under which channels know attempts and what the gateway begins by itself. */
import { createHash } from 'node:crypto';
import type { Capabilities, Instant, Verb } from '@polyrail/core';
import type { Attempt, Kept } from './entry.ts';

/** Of what may go to another channel. */
const ruleNames: Readonly<Partial<Record<Verb, 'merchantPayoutId' | 'merchantAgreementId'>>> = {
  payout: 'merchantPayoutId',
  signUp: 'merchantAgreementId',
};

/** Letters and digits that every channel takes, always the same for the same parts. */
export const derivedId = (parts: readonly unknown[], length = 32): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);

const surelyFree = ({ fate }: Attempt): boolean => fate === 'not-sent';

/** What tells one attempt at a channel from another; with some channels its moment does. */
type AttemptNames = Pick<Attempt, 'attemptId' | 'startedAt'>;

/**
 * The names of an entry's next attempt at a channel. After a refusal there its id is as free as before: under
 * the same names it is the same movement, should the refusal have been wrong. Else it is the merchant's own id,
 * as long as no attempt under it may have been received; after that another one.
 */
export function attemptNamesOf(
  kept: Kept,
  place: { readonly channel: string; readonly capabilities: Capabilities },
  startedAt: Instant,
): AttemptNames {
  const { channel, capabilities } = place;
  const refused = kept.attempts.find((one) => one.fate === 'refused' && one.channel === channel);
  if (refused !== undefined) return { attemptId: refused.attemptId, startedAt: refused.startedAt };
  const used = kept.attempts.filter((attempt) => !surelyFree(attempt)).length;
  if (used === 0) return { attemptId: kept.id, startedAt };
  const { maxLength = 32 } =
    capabilities[ruleNames[kept.verb as Verb] ?? 'merchantPaymentId'] ?? {};
  const length = Math.min(32, maxLength);
  return { attemptId: derivedId([kept.merchant, kept.noun, kept.id, used + 1], length), startedAt };
}
