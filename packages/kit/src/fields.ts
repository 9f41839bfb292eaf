/** kit · fields: messages of flat text fields - what of them is read, and how it is missed. */
import { type Money, PolyrailError } from '@polyrail/core';

/** The fields of a message of the channel, all of them text. */
export type TextFields = Readonly<Record<string, string>>;

export const unreadable = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', what, { doubt: 'unreadable-reply' });

export const contradicts = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', what, { doubt: 'contradicts-request' });

/** A field; `undefined` when it is absent or empty. */
export function textOf(message: TextFields, name: string): string | undefined {
  const value = Object.hasOwn(message, name) ? message[name] : undefined;
  return value === '' ? undefined : value;
}

const missing = (name: string): PolyrailError => unreadable(`The answer's ${name} is missing`);

/**
 * A field that the channel documents as always there.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function requiredText(message: TextFields, name: string): string {
  const value = textOf(message, name);
  if (value === undefined) throw missing(name);
  return value;
}

export const yuan = (fen: number): Money => ({ amount: fen, currency: 'CNY' });

/**
 * An amount in fen, without sign or point; `undefined` when it is absent.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function fenOf(message: TextFields, name: string): Money | undefined {
  const value = textOf(message, name);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return yuan(Number(value));
  throw unreadable(`The answer's ${name} is no amount in fen`);
}

/** @throws PolyrailError `REPLY_UNREADABLE` */
export function requiredFen(message: TextFields, name: string): Money {
  const value = fenOf(message, name);
  if (value === undefined) throw missing(name);
  return value;
}
