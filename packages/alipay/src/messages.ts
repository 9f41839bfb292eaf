/** alipay · messages: reads the members of replies and notifications that we use, and no others. */
import { type Instant, type Money, money, PolyrailError } from '@polyrail/core';
import { instantOfWallTime } from './time.ts';

/** A verified reply node, or the verified fields of a notification. */
export type Message = Readonly<Record<string, unknown>>;

const unreadable = (name: string, what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The answer's ${name} ${what}`, {
    doubt: 'unreadable-reply',
  });

/** A text member; `undefined` when it is absent or empty. */
export function textOf(message: Message, name: string): string | undefined {
  const value = Object.hasOwn(message, name) ? message[name] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw unreadable(name, 'is not text');
  return value;
}

/** A text member that the channel documents as always there. */
export function requiredText(message: Message, name: string): string {
  const value = textOf(message, name);
  if (value === undefined) throw unreadable(name, 'is missing');
  return value;
}

/** Trades of other currencies exist; read as yuan, their amounts would be wrong. */
export function requireYuan(message: Message): void {
  const currency = textOf(message, 'trans_currency');
  if (currency === undefined || currency === 'CNY') return;
  throw new PolyrailError('REPLY_UNVERIFIED', 'The trade is not in CNY', {
    doubt: 'contradicts-request',
  });
}

/** An amount in yuan; Alipay's domestic acquiring knows CNY only. */
export function yuanOf(message: Message, name: string): Money | undefined {
  const text = textOf(message, name);
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d{1,2})?$/.test(text)) throw unreadable(name, 'is no amount in yuan');
  return money(text, 'CNY');
}

export function requiredYuan(message: Message, name: string): Money {
  const value = yuanOf(message, name);
  if (value === undefined) throw unreadable(name, 'is missing');
  return value;
}

/** A moment that is only told along: one that cannot be read is left out, nothing hangs on it. */
export function momentOf(message: Message, name: string): Instant | undefined {
  const value = message[name];
  return typeof value === 'string' ? instantOfWallTime(value) : undefined;
}

/**
 * The signature of a reply binds it to Alipay but not to our request. Where the reference is about
 * another noun than the trade, its echo of the trade is compared here.
 */
export function requireEcho(message: Message, name: string, asked: string): void {
  if (requiredText(message, name) === asked) return;
  throw new PolyrailError('REPLY_UNVERIFIED', `The answer's ${name} is not the one asked about`, {
    doubt: 'contradicts-request',
  });
}
