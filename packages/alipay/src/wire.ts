/** alipay · wire: the one road to the gateway, and the plain download of a bill. */
import { type Call, PolyrailError, type Transport } from '@polyrail/core';
import { collect, exchange } from '@polyrail/kit/transport';
import type { Method } from './codes.ts';
import type { Settings } from './config.ts';
import type { Message } from './messages.ts';
import { formOf, type Order, type Pair, type Seal } from './seal.ts';

export interface Exchange extends Order {
  readonly method: Method;
  /** Becomes part of the reference before the first byte. */
  readonly handle?: string;
}

export interface Wire {
  /** Sends one request and gives the verified node of its reply. */
  call(order: Exchange, call: Call): Promise<Message>;
  /** A request for the payer to carry: the parameters, and where they go. */
  handOver(order: Order): Promise<{ readonly url: string; readonly pairs: readonly Pair[] }>;
  /** Fetches a file from an address that a verified reply named. */
  download(url: string, call: Call): Promise<Uint8Array>;
}

/** A reply is some hundred bytes; a bill's is its address. */
const maxReplyBytes = 1024 * 1024;

function requireOk(status: number): void {
  // Quirk: the gateway answers 200 even to errors; anything else comes from in front of it.
  if (status === 200) return;
  throw new PolyrailError('UNAVAILABLE', `The channel answered with HTTP status ${status}`, {
    doubt: 'server-error',
  });
}

export function createWire(settings: Settings, seal: Seal, transport: () => Transport): Wire {
  const { gatewayUrl, charset, statementMaxBytes } = settings;
  const headers = {
    'content-type': `application/x-www-form-urlencoded;charset=${charset}`,
    accept: 'application/json, text/html',
  };
  return {
    async call(order, call) {
      const pairs = await seal.seal(order);
      const inBody = ([name]: Pair) => name === 'biz_content';
      const query = pairs.filter((pair) => !inBody(pair));
      const request = {
        method: 'POST',
        url: `${gatewayUrl}?${formOf(query, charset)}`,
        headers,
        body: formOf(pairs.filter(inBody), charset),
      } as const;
      await call.prepared(order.handle);
      const onFirstByte = () => call.sent();
      const options = { signal: call.signal, maxBodyBytes: maxReplyBytes, onFirstByte };
      const reply = await exchange(transport(), request, options);
      const body = await collect(reply.body, maxReplyBytes);
      requireOk(reply.status);
      return seal.openReply(order.method, body);
    },
    async handOver(order) {
      return { url: gatewayUrl, pairs: await seal.seal(order) };
    },
    async download(url, call) {
      await call.prepared();
      const options = {
        signal: call.signal,
        maxBodyBytes: statementMaxBytes,
        onFirstByte: () => call.sent(),
      };
      const reply = await exchange(transport(), { method: 'GET', url, headers: {} }, options);
      const body = await collect(reply.body, statementMaxBytes);
      requireOk(reply.status);
      return body;
    },
  };
}
