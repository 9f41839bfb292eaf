/** reference channel · messages: reads members of what acme says. Strict: no guess about money. */
import {
  epochMsOf,
  type Instant,
  isPolyrailError,
  type Money,
  PolyrailError,
} from '@polyrail/core';
import type { IdMember, Message, Parts } from './parts.ts';

export const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

/** Bytes that are no UTF-8 are refused: replaced ones would no longer be what was signed. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unreadable('The message is no UTF-8');
  }
}

export function parseMessage(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('The message is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Message;
  throw unreadable('The message is no JSON object');
}

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null;

/** Reads a body to its end, up to a cap. A body that ends early rejects by itself. */
export async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw unreadable(`The reply is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return decodeText(Buffer.concat(chunks));
}

/** `undefined` for a member that is left out; anything but a text is no answer. */
export function textOf(message: Message, name: string): string | undefined {
  const value = message[name];
  if (value === undefined || typeof value === 'string') return value;
  throw unreadable(`${name} is no text`);
}

export function requiredText(message: Message, name: string): string {
  const text = textOf(message, name);
  if (text === undefined || text === '') throw unreadable(`${name} is missing`);
  return text;
}

/** Money of `name`, in the message's currency. */
export function requiredAmount(message: Message, name: string, parts: Parts): Money {
  const text = requiredText(message, name);
  try {
    return parts.parseAmount(text, requiredText(message, 'currency'));
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    throw unreadable(`${name} is no amount`);
  }
}

/** The same where the message may leave it out. */
export const amountOf = (message: Message, name: string, parts: Parts): Money | undefined =>
  textOf(message, name) === undefined ? undefined : requiredAmount(message, name, parts);

export function momentOf(message: Message, name: string): Instant | undefined {
  const text = textOf(message, name);
  if (text === undefined || epochMsOf(text) !== undefined) return text;
  throw unreadable(`${name} is no time`);
}

/** The guard compares the id of the movement itself; what it belongs to is compared here. */
export function requireAbout(
  message: Message,
  { id, member }: { readonly id: string; readonly member?: IdMember },
  parts: Parts,
): void {
  if (parts.isAbout(message, id, member)) return;
  const words = `The answer is about another ${member ?? 'paymentId'} than the one asked about`;
  throw new PolyrailError('REPLY_UNVERIFIED', words, { doubt: 'contradicts-request' });
}
