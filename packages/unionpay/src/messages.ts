/**
 * unionpay · messages: reads the fields of replies and notifications that we use, and no others.
 */
import { contradicts, requiredText, textOf } from '@polyrail/kit/fields';
import type { Message } from './envelope.ts';

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
