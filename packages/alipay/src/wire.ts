/** alipay · wire: the one road to Alipay, in either protocol, and the plain download of a bill. */
import type { Call, Transport } from '@polyrail/core';
import { exchange, gather } from '@polyrail/kit/transport';
import type { Method } from './codes.ts';
import type { Settings } from './config.ts';
import type { Message } from './messages.ts';
import { type Order, type Protocol, type Road, serverError } from './road.ts';
import { type Pair, requireUndrawn, type Seal } from './seal.ts';

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
  /** Fetches a file from an address that a verified reply named, in the pieces it arrives in. */
  download(url: string, call: Call): Promise<readonly Uint8Array[]>;
}

export interface WireParts {
  readonly road: Road;
  readonly transport: () => Transport;
  readonly seal: Seal;
  /** How calls are made; pages for the payer always go to gateway.do. */
  readonly protocol: Protocol;
}

/** A reply is some hundred bytes; a bill's is its address. */
const maxReplyBytes = 1024 * 1024;

export function createWire(settings: Settings, parts: WireParts): Wire {
  const { road, transport, seal, protocol } = parts;
  const { gatewayUrl, statementMaxBytes } = settings;
  return {
    async call(order, call) {
      requireUndrawn(order.fields);
      const request = await protocol.toRequest(order);
      await call.prepared(order.handle);
      const onFirstByte = () => call.sent();
      const options = { signal: call.signal, maxBodyBytes: maxReplyBytes, onFirstByte };
      return protocol.fromReply(order, await road(request, options));
    },
    async handOver(order) {
      requireUndrawn(order.fields);
      return { url: gatewayUrl, pairs: await seal.handOver(order) };
    },
    async download(url, call) {
      await call.prepared();
      const onFirstByte = () => call.sent();
      const options = { signal: call.signal, maxBodyBytes: statementMaxBytes, onFirstByte };
      const request = { method: 'GET', url, headers: {} } as const;
      const { status, body } = await exchange(transport(), request, options);
      const pieces = await gather(body, statementMaxBytes);
      if (status !== 200) throw serverError(status);
      return pieces;
    },
  };
}
