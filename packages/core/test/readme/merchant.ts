/** Test aid: the merchant's programs of the README, which shows each between two marks. */
import { createServer } from 'node:http';
import {
  type Channel,
  type Fact,
  type Incoming,
  isPolyrailError,
  type Notification,
  type Noun,
  type Payment,
  type Ref,
  takes,
  unreachable,
} from '@polyrail/core';

declare const channels: readonly Channel[];
declare const store: (ref: Ref<Noun>) => Promise<void>;
declare const apply: (facts: readonly Fact[]) => Promise<void>;
declare const ship: (payment: Payment) => void;
declare const show: (payment: Payment) => void;
declare const decline: (reason: string, retry: string) => void;
declare const resolveLater: (ref: Ref<Noun>) => void;
declare const receiveBody: (request: AsyncIterable<Uint8Array>) => Promise<Uint8Array>;
declare const record: (line: unknown) => Promise<void>;

// # status
export function settle(payment: Payment) {
  switch (payment.status) {
    case 'succeeded':
      return ship(payment);
    case 'pending': // show payment.nextAction, or wait payment.pollAfterMs and query
      return show(payment);
    case 'failed':
      return decline(payment.reason, payment.retry);
    case 'unknown': // never "failed": query payment.ref, then reverse it
      return resolveLater(payment.ref);
    default:
      return unreachable(payment); // does not compile while a case is missing
  }
}
// # /status

// # route
export async function route(order: { id: string; fen: number }): Promise<Payment | undefined> {
  for (const channel of channels) {
    if (!takes(channel, 'qr')) continue;
    try {
      return await channel.pay(
        {
          scene: 'qr',
          merchantPaymentId: order.id,
          amount: { amount: order.fen, currency: 'CNY' },
          description: 'Tea',
        },
        { onPrepared: store, timeoutMs: 10_000 },
      );
    } catch (error) {
      if (!isPolyrailError(error)) throw error;
      // Thrown: this call moved nothing and left nothing in flight. The next channel may try.
    }
  }
  return undefined;
}
// # /route

// # notification
export const inbox = (channel: Channel) =>
  createServer(async (request, response) => {
    if (!channel.receive || !channel.acknowledge) return response.destroy();
    const message: Incoming = {
      method: request.method ?? 'POST',
      url: request.url ?? '/',
      headers: Object.fromEntries(
        Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ')]),
      ),
      body: await receiveBody(request), // the raw bytes: a parsed body cannot be verified
    };
    const verdict = await channel.receive(message).then(
      (notification: Notification) =>
        apply(notification.facts).then(
          () => ({ stored: notification }),
          (again: unknown) => ({ again }), // our trouble: to be sent again
        ),
      (refused: unknown) => ({ refused }), // not believed
    );
    const answer = channel.acknowledge(verdict);
    return response.writeHead(answer.status, answer.headers).end(answer.body);
  });
// # /notification

// # statement
export async function reconcile(channel: Channel, date: string): Promise<number> {
  try {
    const lines = await channel.statement?.({ kind: 'trade', date });
    for await (const line of lines ?? []) await record(line);
    return 0; // ended normally: the file was whole, and everything in it was told
  } catch (error) {
    if (isPolyrailError(error) && error.code === 'NOT_READY') return error.retryAfterMs ?? 60_000;
    throw error;
  }
}
// # /statement
