/**
 * unionpay · messages: reads the fields of replies and notifications that we use, and no others.
 */
import { type Money, PolyrailError } from '@polyrail/core';
import type { Message } from './envelope.ts';

export const unreadable = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', what, { doubt: 'unreadable-reply' });

export const contradicts = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', what, { doubt: 'contradicts-request' });

/** A field; `undefined` when it is absent or empty. */
export function textOf(message: Message, name: string): string | undefined {
  const value = Object.hasOwn(message, name) ? message[name] : undefined;
  return value === '' ? undefined : value;
}

/** A field that the channel documents as always there. */
export function requiredText(message: Message, name: string): string {
  const value = textOf(message, name);
  if (value === undefined) throw unreadable(`The answer's ${name} is missing`);
  return value;
}

export const yuan = (fen: number): Money => ({ amount: fen, currency: 'CNY' });

/** `txnAmt` or its like in fen, without sign or point; `undefined` when it is absent. */
export function moneyOf(message: Message, name: string): Money | undefined {
  const value = textOf(message, name);
  if (value === undefined) return undefined;
  if (/^\d{1,12}$/.test(value)) return yuan(Number(value));
  throw unreadable(`The answer's ${name} is no amount in fen`);
}

export function requiredMoney(message: Message, name: string): Money {
  const value = moneyOf(message, name);
  if (value === undefined) throw unreadable(`The answer's ${name} is missing`);
  return value;
}

/** Read as yuan, amounts of other currencies would be wrong (ISO 4217's number of the yuan is 156). */
export function requireYuan(message: Message): void {
  const currency = textOf(message, 'currencyCode');
  if (currency === undefined || currency === '156') return;
  throw contradicts('The answer is not in CNY');
}

/** UnionPay's number of a transaction: 21 digits. Another form names nothing for us. */
export function queryIdOf(message: Message): string | undefined {
  const value = textOf(message, 'queryId');
  return value !== undefined && /^\d{21}$/.test(value) ? value : undefined;
}

/** The seven digits (six in older messages) in brackets: `成功[0000000]`, `[9100003]Invalid field`. */
export const subCodeOf = (words: string | undefined): string | undefined =>
  /\[(\d{6,7})\]/.exec(words ?? '')?.[1];

/**
 * The seal of a reply binds it to UnionPay but not to our request: what it echoes is compared.
 */
export function requireEcho(
  message: Message,
  expected: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, asked] of Object.entries(expected)) {
    if (asked === undefined) continue;
    if (requiredText(message, name) === asked) continue;
    throw contradicts(`The answer's ${name} is not the one asked about`);
  }
}
