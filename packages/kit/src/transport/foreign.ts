/** kit · transport: an exchange over a transport somebody else wrote, in which nothing is assumed. */
import {
  type Code,
  type ExchangeOptions,
  isPolyrailError,
  type PolyrailError,
  type Transport,
  type TransportReply,
  type TransportRequest,
} from '@polyrail/core';
import { abandoned, bodyTooLong, noReply, unreadable } from './failure.ts';

/** The transports of this package keep the contract by construction. */
export const ownTransports = new WeakSet<Transport>();

const unsent: ReadonlySet<Code> = new Set(['NOT_SENT', 'ABORTED']);
const afterwards: ReadonlySet<Code> = new Set(['UNAVAILABLE', 'REPLY_UNREADABLE']);

function labelOf(request: TransportRequest): string {
  if (!URL.canParse(request.url)) return request.method;
  const { origin, pathname } = new URL(request.url);
  return `${request.method} ${origin}${pathname}`;
}

/** What may be believed of an error once the request may have left. */
function afterFirstByte(label: string, error: unknown, signal?: AbortSignal): PolyrailError {
  if (isPolyrailError(error) && afterwards.has(error.code)) return error;
  return signal?.aborted ? abandoned(label) : noReply(label, error);
}

/** The body under its cap, its errors in the words of the contract. */
async function* contractBody(
  body: AsyncIterable<Uint8Array>,
  label: string,
  { signal, maxBodyBytes = Number.POSITIVE_INFINITY }: ExchangeOptions,
): AsyncGenerator<Uint8Array, undefined> {
  let receivedBytes = 0;
  try {
    for await (const chunk of body) {
      receivedBytes += chunk.byteLength;
      if (receivedBytes > maxBodyBytes) throw bodyTooLong(label, maxBodyBytes);
      yield chunk;
    }
  } catch (error) {
    throw afterFirstByte(label, error, signal);
  }
}

function isReply(reply: unknown): reply is TransportReply {
  if (typeof reply !== 'object' || reply === null) return false;
  const { status, headers, body } = reply as Partial<TransportReply>;
  return (
    Number.isInteger(status) &&
    typeof headers === 'object' &&
    headers !== null &&
    typeof body?.[Symbol.asyncIterator] === 'function'
  );
}

async function exchangeForeign(
  transport: Transport,
  request: TransportRequest,
  options: ExchangeOptions,
): Promise<TransportReply> {
  const label = labelOf(request);
  let marked = false;
  let vetoed: { readonly error: unknown } | undefined;
  const onFirstByte = () => {
    if (vetoed !== undefined) throw vetoed.error;
    if (marked) return;
    try {
      options.onFirstByte?.();
      marked = true;
    } catch (error) {
      vetoed = { error };
      throw error;
    }
  };
  try {
    const reply: unknown = await transport.exchange(request, { ...options, onFirstByte });
    onFirstByte();
    if (!isReply(reply)) throw unreadable(label, 'the transport resolved with no reply');
    const { status, headers, body } = reply;
    return { status, headers, body: contractBody(body, label, options) };
  } catch (error) {
    if (vetoed !== undefined) throw vetoed.error;
    if (!marked && isPolyrailError(error) && unsent.has(error.code)) throw error;
    onFirstByte();
    throw afterFirstByte(label, error, options.signal);
  }
}

/**
 * One exchange over any transport. A transport that forgets `onFirstByte` is taken to have sent
 * something unless it rejects with `NOT_SENT` or `ABORTED`; a foreign error becomes `UNAVAILABLE`
 * (doubt `no-reply`). With a transport of this package it costs nothing.
 */
export function exchange(
  transport: Transport,
  request: TransportRequest,
  options: ExchangeOptions = {},
): Promise<TransportReply> {
  if (ownTransports.has(transport)) return transport.exchange(request, options);
  return exchangeForeign(transport, request, options);
}
