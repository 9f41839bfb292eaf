/**
 * wechatpay-v2 · messages: reads the fields of replies and notifications that we use, and no
 * others.
 */
import { type Instant, type Money, PolyrailError } from '@polyrail/core';
import { instantOfWireTime } from './time.ts';

/** The fields of a message of the channel, all of them text. */
export type Message = Readonly<Record<string, string>>;

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

/** An amount in fen; `undefined` when it is absent. */
export function moneyOf(message: Message, name: string): Money | undefined {
  const value = textOf(message, name);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return yuan(Number(value));
  throw unreadable(`The answer's ${name} is no amount in fen`);
}

export function requiredMoney(message: Message, name: string): Money {
  const value = moneyOf(message, name);
  if (value === undefined) throw unreadable(`The answer's ${name} is missing`);
  return value;
}

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
