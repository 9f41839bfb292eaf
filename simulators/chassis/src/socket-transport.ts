/** simulator · socket-transport: reaches one HTTP site over a fresh connection per exchange. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { ExchangeOptions, Transport, TransportReply, TransportRequest } from '@polyrail/core';
import {
  abortedBefore,
  defaultMaxBodyBytes,
  noReply,
  notSent,
  tooLong,
} from './transport-errors.ts';

export interface SocketTransportOptions {
  readonly origin: string;
  /** PEM certificate to trust. */
  readonly authority?: string;
}

async function* bodyOf(incoming: IncomingMessage, cap: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > cap) break;
      yield new Uint8Array(chunk);
    }
  } catch {
    throw noReply('the connection broke within the body');
  }
  if (size > cap) throw tooLong(cap);
}

const headersOf = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

/**
 * Follows the contract of core's `Transport`, for tests and tools; production code has its own
 * pool.
 */
export function socketTransport({ origin, authority }: SocketTransportOptions): Transport {
  const secure = origin.startsWith('https:');
  const open = secure ? requestHttps : requestHttp;
  const connected = secure ? 'secureConnect' : 'connect';

  const exchange = (
    request: TransportRequest,
    options: ExchangeOptions = {},
  ): Promise<TransportReply> =>
    new Promise((resolve, reject) => {
      const { signal, maxBodyBytes = defaultMaxBodyBytes, onFirstByte } = options;
      if (signal?.aborted) return reject(abortedBefore());
      if (!URL.canParse(request.url) || new URL(request.url).origin !== origin) {
        return reject(notSent('no such host'));
      }
      let begun = false;
      const outgoing = open(request.url, {
        method: request.method,
        headers: request.headers,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
        ...(authority === undefined ? {} : { ca: authority }),
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const why = error.code ?? 'the connection failed';
        if (begun) reject(noReply(why));
        else reject(signal?.aborted ? abortedBefore() : notSent(why));
      });
      outgoing.on('socket', (socket: Socket) => {
        socket.once(connected, () => {
          begun = true;
          onFirstByte?.();
          outgoing.end(request.body);
        });
      });
      outgoing.on('response', (incoming) => {
        const body = bodyOf(incoming, maxBodyBytes);
        resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body });
      });
      return undefined;
    });
  return { exchange };
}
