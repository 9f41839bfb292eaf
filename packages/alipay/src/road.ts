/** alipay · road: what the two protocols are given and give - orders, sealed requests, whole replies. */
import { PolyrailError, type Transport, type TransportRequest } from '@polyrail/core';
import { collect, exchange } from '@polyrail/kit/transport';
import type { Message } from './messages.ts';

/** A call in the channel's words, before it is sealed. */
export interface Order {
  readonly method: string;
  /** Becomes `biz_content`, or the body or query of a REST call. */
  readonly fields: object;
  readonly notifyUrl?: string | undefined;
  readonly returnUrl?: string | undefined;
}

/** A reply with its whole body. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

/** One way of talking to Alipay: seals orders, opens replies. */
export interface Protocol {
  toRequest(order: Order): Promise<TransportRequest>;
  /**
   * The verified node of a reply, with the codes of gateway.do whatever the protocol.
   *
   * @throws PolyrailError `UNAVAILABLE`, `REPLY_UNVERIFIED` or `REPLY_UNREADABLE`
   */
  fromReply(order: Order, reply: Reply): Promise<Message>;
}

export interface RoadOptions {
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly onFirstByte?: () => void;
}

/** One request, and its reply to the last byte. */
export type Road = (request: TransportRequest, options: RoadOptions) => Promise<Reply>;

export const createRoad =
  (transport: () => Transport): Road =>
  async (request, options) => {
    const { signal, maxBodyBytes } = options;
    const { status, headers, body } = await exchange(transport(), request, options);
    return { status, headers, body: await collect(body, maxBodyBytes), signal };
  };

export const serverError = (status: number): PolyrailError =>
  new PolyrailError('UNAVAILABLE', `The channel answered with HTTP status ${status}`, {
    doubt: 'server-error',
  });
