/** examples · live: an order's payment as it happens, over Server-Sent Events, or polled. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@polyrail/core';
import { type Gateway, pollAnswerOf, pollHandler } from '@polyrail/gateway';
import type { FastifyInstance } from 'fastify';
import { currentOf, paymentsOf } from './cashier.ts';
import type { Orders } from './orders.ts';

/** Proxies cut what is silent for long. */
const beatMs = 15_000;

interface Live {
  readonly gateway: Gateway;
  readonly orders: Orders;
  readonly shopUrl: string;
  readonly clock: Clock;
}

type ById = { readonly Params: { readonly id: string } };

async function currentId({ gateway, orders }: Live, orderId: string): Promise<string | undefined> {
  const order = orders.find(orderId);
  return order && currentOf(await paymentsOf(gateway, order))?.id;
}

/** `GET /orders/:id/live`: an event for every change, and an end when nothing more is expected. */
function mountStream(app: FastifyInstance, live: Live): void {
  app.get<ById>('/orders/:id/live', async (request, reply) => {
    const payment = await currentId(live, request.params.id);
    if (payment === undefined) return reply.code(404).send();
    const gone = new AbortController();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    raw.on('close', () => gone.abort());
    const beat = setInterval(() => raw.write(':\n\n'), beatMs);
    try {
      for await (const entry of live.gateway.watch(payment, { signal: gone.signal })) {
        const answer = pollAnswerOf(entry, live.clock.now());
        raw.write(`event: payment\ndata: ${JSON.stringify(answer)}\n\n`);
      }
    } finally {
      clearInterval(beat);
      raw.end();
    }
  });
}

/** `GET /orders/:id/state`: the same, asked for. The gateway's answer says when to ask again. */
function mountPoll(app: FastifyInstance, live: Live): void {
  const poll = pollHandler(live.gateway, {
    clock: live.clock,
    async paymentOf({ url }) {
      const [, , orderId = ''] = new URL(url).pathname.split('/');
      const id = await currentId(live, orderId);
      return id === undefined ? undefined : { id };
    },
  });
  app.get('/orders/:id/state', async (request, reply) => {
    const answer = await poll(new Request(new URL(request.url, live.shopUrl)));
    return reply
      .code(answer.status)
      .headers(Object.fromEntries(answer.headers))
      .send(await answer.text());
  });
}

export function mountLive(app: FastifyInstance, live: Live): void {
  mountStream(app, live);
  mountPoll(app, live);
}

/** Waits until an order is shipped, `withinMs` at most. */
export async function shipped(orders: Orders, id: string, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited < withinMs; waited += 50) {
    if (orders.find(id)?.shippedAt !== undefined) return true;
    await wait(50);
  }
  return false;
}
