/** core · money: exact amounts. No floating point comes near a decimal string. */
import * as z from 'zod/mini';
import { exponentOf } from './currencies.ts';
import { PolyrailError } from './errors.ts';

/** A whole number of minor units (fen, cents; yen) that is a safe integer, and an ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

const decimalPattern = /^(-?)(\d{1,17})(?:\.(\d{1,17}))?$/;

const refuse = (field: string, message: string): never => {
  throw new PolyrailError('REQUEST_INVALID', `${field} ${message}`, { field });
};

function requireExponent(currency: string): number {
  return exponentOf(currency) ?? refuse('currency', 'must be an ISO 4217 code such as CNY or USD');
}

/**
 * Reads a decimal amount in major units: `money('9.00', 'CNY')` is 900 fen, `money('9', 'JPY')`
 * nine yen. Exact or refused: digits beyond the currency's must be zeros; no exponent notation,
 * no separators, no blanks.
 *
 * @throws PolyrailError `REQUEST_INVALID`
 */
export function money(text: string, currency: string): Money {
  const exponent = requireExponent(currency);
  const parts = typeof text === 'string' ? decimalPattern.exec(text) : null;
  if (parts === null) return refuse('amount', 'must be a plain decimal string such as "9.00"');
  const [, sign = '', whole = '', fraction = ''] = parts;
  if (/[1-9]/.test(fraction.slice(exponent))) {
    return refuse('amount', `has more than the ${exponent} decimal digits of ${currency}`);
  }
  const minor = Number(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  if (!Number.isSafeInteger(minor)) return refuse('amount', 'is beyond exact integers');
  return { amount: sign === '-' && minor !== 0 ? -minor : minor, currency };
}

/** The exact decimal text in major units: 900 fen is `9.00`, nine yen `9`. */
export function formatMoney(value: Money): string {
  const exponent = requireExponent(value.currency);
  if (!Number.isSafeInteger(value.amount)) return refuse('amount', 'must be a safe integer');
  const digits = String(Math.abs(value.amount)).padStart(exponent + 1, '0');
  const sign = value.amount < 0 ? '-' : '';
  const cut = digits.length - exponent;
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

function combine(left: Money, right: Money, sign: 1 | -1): Money {
  if (left.currency !== right.currency) {
    return refuse('currency', `${right.currency} cannot be combined with ${left.currency}`);
  }
  // The zero at the end takes the sign off a negative zero.
  const amount = left.amount + sign * right.amount + 0;
  if (!Number.isSafeInteger(left.amount) || !Number.isSafeInteger(right.amount)) {
    return refuse('amount', 'must be a safe integer');
  }
  if (!Number.isSafeInteger(amount)) return refuse('amount', 'is beyond exact integers');
  return { amount, currency: left.currency };
}

/** Exact sum; refuses mixed currencies and results beyond safe integers. */
export const addMoney = (left: Money, right: Money): Money => combine(left, right, 1);

/** Exact difference; refuses mixed currencies and results beyond safe integers. */
export const subtractMoney = (left: Money, right: Money): Money => combine(left, right, -1);

/** Same amount of the same currency. */
export const sameMoney = (left: Money, right: Money): boolean =>
  left.amount === right.amount && left.currency === right.currency;

/** What a request may carry: positive, whole, exact, of a known currency. */
export const moneySchema: z.ZodMiniType<Money> = z.strictObject({
  amount: z.number({ error: 'must be a whole number of minor units' }).check(
    z.refine(Number.isSafeInteger, { error: 'must be a whole number of minor units', abort: true }),
    z.refine((amount) => amount > 0, { error: 'must be greater than 0' }),
  ),
  currency: z.string().check(
    z.refine((code) => exponentOf(code) !== undefined, {
      error: 'must be an ISO 4217 code such as CNY or USD',
    }),
  ),
});
