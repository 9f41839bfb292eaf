/**
 * wechatpay-v2 · messages: reads the fields of replies and notifications that we use, and no
 * others.
 */
import { type Instant, PolyrailError } from '@polyrail/core';
import { contradicts, requiredText, type TextFields, textOf } from '@polyrail/kit/fields';
import { instantOfWireTime } from './time.ts';

export type Message = TextFields;

/** Read as yuan, amounts of other currencies would be wrong. */
export function requireYuan(message: Message): void {
  const currency = textOf(message, 'fee_type');
  if (currency === undefined || currency === 'CNY') return;
  throw contradicts('The answer is not in CNY');
}

/** A moment that is only told along: one that cannot be read is left out, nothing hangs on it. */
export function momentOf(message: Message, name: string): Instant | undefined {
  const value = textOf(message, name);
  return value === undefined ? undefined : instantOfWireTime(value);
}

/**
 * The sign of a reply binds it to WeChat Pay but not to our request: what it echoes is compared.
 */
export function requireEcho(message: Message, name: string, asked: string): void {
  if (requiredText(message, name) === asked) return;
  throw contradicts(`The answer's ${name} is not the one asked about`);
}

/** A state outside the documented ones: nobody knows what it decides. */
export const undocumentedState = (name: string, state: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The answer has an undocumented ${name}`, {
    doubt: 'unreadable-reply',
    channelCode: state.slice(0, 64),
  });
