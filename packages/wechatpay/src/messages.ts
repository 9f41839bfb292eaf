/** wechatpay · messages: reads the members of replies and notifications that we use, and no others. */
import { type Instant, type Money, PolyrailError } from '@polyrail/core';
import { instantOfWireTime } from './time.ts';

/** A JSON object of the channel: of a reply, or of an opened notification. */
export type Message = Readonly<Record<string, unknown>>;

const unreadable = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', what, { doubt: 'unreadable-reply' });

const contradicts = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', what, { doubt: 'contradicts-request' });

const member = (message: Message, name: string): unknown =>
  Object.hasOwn(message, name) ? (message[name] ?? undefined) : undefined;

/** The one JSON object of a body. */
export function readObject(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('The answer is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Message;
  }
  throw unreadable('The answer is no JSON object');
}

/** A text member; `undefined` when it is absent or empty. */
export function textOf(message: Message, name: string): string | undefined {
  const value = member(message, name);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw unreadable(`The answer's ${name} is not text`);
  return value;
}

/** A text member that the channel documents as always there. */
export function requiredText(message: Message, name: string): string {
  const value = textOf(message, name);
  if (value === undefined) throw unreadable(`The answer's ${name} is missing`);
  return value;
}

/** A member that is an object; empty when it is absent. */
export function objectOf(message: Message, name: string): Message {
  const value = member(message, name) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw unreadable(`The answer's ${name} is no object`);
  }
  return value as Message;
}

/** A member that is a list of objects; empty when it is absent. */
export function listOf(message: Message, name: string): readonly Message[] {
  const value = member(message, name) ?? [];
  const isObject = (item: unknown) => typeof item === 'object' && item !== null;
  if (Array.isArray(value) && value.every(isObject)) return value as readonly Message[];
  throw unreadable(`The answer's ${name} is no list of objects`);
}

/** An amount in fen; `undefined` when it is absent. */
export function fenOf(message: Message, name: string): number | undefined {
  const value = member(message, name);
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw unreadable(`The answer's ${name} is no amount in fen`);
}

export const yuan = (fen: number): Money => ({ amount: fen, currency: 'CNY' });

export function moneyOf(message: Message, name: string): Money | undefined {
  const fen = fenOf(message, name);
  return fen === undefined ? undefined : yuan(fen);
}

export function requiredMoney(message: Message, name: string): Money {
  const value = moneyOf(message, name);
  if (value === undefined) throw unreadable(`The answer's ${name} is missing`);
  return value;
}

/** Read as yuan, amounts of other currencies would be wrong. */
export function requireYuan(amount: Message): void {
  const currency = textOf(amount, 'currency');
  if (currency === undefined || currency === 'CNY') return;
  throw contradicts('The answer is not in CNY');
}

/** A moment that is only told along: one that cannot be read is left out, nothing hangs on it. */
export function momentOf(message: Message, name: string): Instant | undefined {
  const value = member(message, name);
  return typeof value === 'string' ? instantOfWireTime(value) : undefined;
}

/**
 * The signature of a reply binds it to WeChat Pay but not to our request: what it echoes is compared.
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
