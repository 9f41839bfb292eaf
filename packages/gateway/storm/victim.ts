/** gateway storm · victim: one gateway process over HTTP and one SQLite file, made to be killed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Channel } from '@polyrail/core';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import { createVirtualClock } from '@polyrail/simulator';
import { createGateway, type Gateway, sqliteStore } from '../src/index.ts';
import { type Access, channelsOf } from './town.ts';

/** What the killer tells a new process. */
export interface Setting {
  readonly access: { readonly [K in keyof Access]: Omit<Access[K], 'transport'> };
  readonly file: string;
  readonly port: number;
  /** Virtual ms since the epoch, now, and per wall ms. */
  readonly now: number;
  readonly speed: number;
}
export interface Order {
  readonly id: string;
  readonly channel: keyof Access;
  readonly amount: number;
}
export type Told =
  | { readonly kind: 'pay'; readonly order: Order }
  | { readonly kind: 'refund'; readonly order: Order }
  | { readonly kind: 'list' };

const minute = 60_000;
const scenes: Readonly<Record<Order['channel'], object>> = {
  alipay: { scene: 'qr' },
  wechatpay: { scene: 'qr' },
  unionpay: { scene: 'qr' },
};

async function answer(gateway: Gateway, request: IncomingMessage, response: ServerResponse) {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const channel = (request.url ?? '').split('/')[1] ?? '';
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const message = { method: 'POST', url: request.url ?? '', headers, body: Buffer.concat(parts) };
  const heard = await gateway.receive({ channel }, message);
  response.writeHead(heard.status, heard.headers).end(heard.body);
}

async function open({ access, file, port, now, speed }: Setting): Promise<Gateway> {
  const clock = createVirtualClock({ startAt: now });
  clock.speed(speed);
  const transport = sharedTransport();
  const reached = {
    alipay: { ...access.alipay, transport },
    wechatpay: { ...access.wechatpay, transport },
    unionpay: { ...access.unionpay, transport },
  };
  const watch = (given: typeof transport) => given;
  const channels: Readonly<Record<string, Channel>> = channelsOf(reached, {
    clock,
    random: systemRandom,
    watch,
  });
  const gateway = await createGateway({
    channels,
    store: sqliteStore({ file, durability: 'normal' }),
    clock,
    route: ({ request }) => [String(request['description'])],
    notifyUrl: ({ channel }) => `http://127.0.0.1:${port}/${channel}`,
    expireAfterMs: 4 * minute,
    abandonAfterMs: 2 * minute,
    patience: { payment: 60 * minute, refund: 60 * minute },
    late: { default: 'refund', deadlineMs: minute },
  });
  const server = createServer((request, response) => {
    answer(gateway, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return gateway;
}

let ready: Promise<Gateway> | undefined;

async function take(message: Setting | Told): Promise<void> {
  if ('access' in message) {
    ready = open(message);
    await ready;
    process.send?.({ kind: 'ready' });
    return;
  }
  const gateway = await ready;
  if (gateway === undefined) return;
  if (message.kind === 'list') {
    const views = { payments: await gateway.list({ noun: 'payment', limit: 1000 }) };
    const refunds = await gateway.list({ noun: 'refund', limit: 1000 });
    process.send?.({ kind: 'list', ...views, refunds });
    return;
  }
  const { id, channel, amount } = message.order;
  const money = { amount, currency: 'CNY' };
  if (message.kind === 'refund') {
    await gateway.refund({ payment: id, merchantRefundId: `${id}r1`, amount: money });
  } else {
    const request = { ...scenes[channel], merchantPaymentId: id, amount: money };
    await gateway.pay({ ...request, description: channel } as Parameters<Gateway['pay']>[0]);
  }
  process.send?.({ kind: 'done', what: message.kind, id });
}

process.on('message', (message: Setting | Told) => {
  take(message).catch((error: unknown) => {
    const id = 'order' in message ? message.order.id : '';
    process.send?.({ kind: 'thrown', id, error: String(error) });
  });
});
process.on('disconnect', () => process.exit(0));
