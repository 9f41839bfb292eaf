/** reference site · fields: members of a request, read to the letter. */
import { epochMsOf, formatMoney, isDay, type Money, money } from '@polyrail/core';
import { refuse } from './refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

const invalid = (name: string, rule: string) => refuse('PARAMETER_INVALID', `${name} ${rule}`);

/** The JSON object in a body; `undefined` when there is none. */
export function objectIn(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

export function textOf(fields: Fields, name: string, pattern = /^.{1,2048}$/su): string {
  const value = fields[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw invalid(name, `must match ${pattern.source}`);
}

export const idOf = (fields: Fields, name: string): string =>
  textOf(fields, name, /^[A-Za-z0-9_-]{1,64}$/);

export const optional = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined ? undefined : textOf(fields, name);

export const currencies = ['CNY', 'JPY', 'KWD'];

/** A decimal with exactly the digits of its currency: `9.00` yuan, `9` yen, `9.000` dinar. */
export function amountOf(fields: Fields): Money {
  const text = textOf(fields, 'amount', /^\d{1,12}(\.\d{1,4})?$/);
  const currency = textOf(fields, 'currency', /^[A-Z]{3}$/);
  if (!currencies.includes(currency)) throw invalid('currency', `must be ${currencies.join(', ')}`);
  const digits = formatMoney({ amount: 0, currency }).slice(1).length;
  const [, fraction] = text.split('.');
  if ((fraction === undefined ? 0 : fraction.length + 1) !== digits) {
    throw invalid('amount', `must have the digits of ${currency}`);
  }
  const parsed = money(text, currency);
  if (parsed.amount < 1 || parsed.amount > 100_000_000_000) throw invalid('amount', 'is too much');
  return parsed;
}

export function momentOf(fields: Fields, name: string): number | undefined {
  const text = optional(fields, name);
  const moment = text === undefined ? undefined : epochMsOf(text);
  if (text !== undefined && moment === undefined) throw invalid(name, 'must be a UTC time');
  return moment;
}

export function dateOf(fields: Fields): string {
  const date = textOf(fields, 'date');
  if (!isDay(date)) throw invalid('date', 'must be a day');
  return date;
}
