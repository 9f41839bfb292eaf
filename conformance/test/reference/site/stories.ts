/** reference site · stories: what goes wrong at acme, beside what goes wrong everywhere. */
import { formatMoney, money } from '@polyrail/core';
import type { Exchange, FaultRule } from '@polyrail/simulator';
import type { Fields } from './fields.ts';
import { refuse } from './refusal.ts';

/**
 * - `user-paying`: a barcode whose payer is asked to confirm.
 * - `not-found-lag`: a query that does not see yet what is there.
 * - `system-error`: done, and yet answered SYSTEM_ERROR.
 * - `slow`: only taken on at first, and done `delayMs` later.
 * - `sign-probe`: sealed wrongly on purpose, to see whether anybody looks.
 * - `foreign-chain`, `expired-certificate`, `wrong-name`: sealed by a key that acme hands out like
 *   its own, with vouchers that are none of acme's.
 * - `statement-truncated`, `statement-wrong-totals`: signed as if they were whole.
 * - `statement-wrong-hash`: another file than was signed.
 */
export const stories = [
  'user-paying',
  'not-found-lag',
  'system-error',
  { name: 'slow', details: ['delayMs'] },
  'sign-probe',
  'foreign-chain',
  'expired-certificate',
  'wrong-name',
  'statement-truncated',
  'statement-wrong-totals',
  'statement-wrong-hash',
] as const;

const waitOf = (rule: FaultRule): number => Number(rule['retryAfterMs'] ?? 1000);

/** What may end a request before its business begins: nothing moves. */
export function failBefore(exchange: Exchange): void {
  const limited = exchange.fault('rate-limit');
  if (limited) throw refuse('RATE_LIMITED', 'Too many calls', waitOf(limited));
  const closed = exchange.fault('maintenance');
  if (closed) throw refuse('MAINTENANCE', 'Closed for work', waitOf(closed));
}

/** What may hide a business that was done. */
export function failAfter(exchange: Exchange): void {
  if (exchange.fault('system-error')) throw refuse('SYSTEM_ERROR', 'Something broke here');
}

/** Members that say what a message is about: the first that is there is the one. */
const subjects = ['refundId', 'paymentId', 'holdId', 'agreementId', 'payoutId'];

/** Members about another amount or another id, signed as if they were true. */
export function distorted(fields: Fields, take: (fault: string) => FaultRule | undefined): Fields {
  const told: Record<string, unknown> = { ...fields };
  const { amount, currency } = fields;
  const wrongAmount = amount === undefined ? undefined : take('wrong-amount');
  if (wrongAmount) {
    const honest = money(String(amount), String(currency));
    const wrong = Number(wrongAmount['amount'] ?? honest.amount + 1);
    told['amount'] = formatMoney({ ...honest, amount: wrong });
  }
  const name = subjects.find((member) => fields[member] !== undefined);
  const wrongOrder = name === undefined ? undefined : take('wrong-order');
  if (name !== undefined && wrongOrder) {
    told[name] = String(wrongOrder['otherId'] ?? `${String(fields[name]).slice(0, 62)}_2`);
  }
  return told;
}
