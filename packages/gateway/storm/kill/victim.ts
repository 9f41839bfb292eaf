/** gateway storm kill · victim: one gateway process over HTTP and a shared database, made to be killed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type Clock, isPolyrailError } from '@polyrail/core';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import {
  createGateway,
  type Entry,
  type Gateway,
  type GatewayOptions,
  type Store,
  sqliteStore,
} from '../../src/index.ts';
import { postgresStore } from '../../src/postgres/index.ts';
import { type Access, channelsOf } from '../adapters.ts';
import type { ChannelName } from '../deeds.ts';
import type { Sabotage } from '../stage.ts';
import { type Place, witnessing } from './witness.ts';

/** What the killer tells a new process. */
export interface Setting {
  readonly access: { readonly [K in keyof Access]: Omit<Access[K], 'transport'> };
  readonly place: Place;
  /** Where the channels send what they notify of. */
  readonly notifyUrl: string;
  readonly time: Time;
  /** How long a payer may pay, in virtual ms. */
  readonly expireAfterMs: number;
  /** A bug that is put into it, by its name. */
  readonly planted?: string | undefined;
}

/** Virtual time: it was `virtualAt` at `wallAt`, in ms since the epoch, and runs `speed` times as fast. */
export interface Time {
  readonly virtualAt: number;
  readonly wallAt: number;
  readonly speed: number;
}

/** Minor units of CNY. */
export interface Order {
  readonly id: string;
  readonly channel: ChannelName;
  readonly amount: number;
}

/** What a process is asked; the number is the asker's. */
export type Asked =
  | { readonly kind: 'pay'; readonly number: number; readonly order: Order }
  | {
      readonly kind: 'refund';
      readonly number: number;
      readonly order: Order;
      readonly refundId: string;
      readonly amount: number;
    }
  | { readonly kind: 'list'; readonly number: number };

export type Seen = Pick<
  Entry,
  'id' | 'state' | 'amount' | 'parent' | 'attempts' | 'undone' | 'late' | 'surplus'
>;

/** Every entry there is, as a process tells it. */
export interface Listed {
  readonly payments: readonly Seen[];
  readonly refunds: readonly Seen[];
}

export type Reply =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'answered'; readonly number: number; readonly state: string }
  | { readonly kind: 'thrown'; readonly number: number; readonly error: string }
  | { readonly kind: 'heard'; readonly eventId: string }
  | ({ readonly kind: 'listed'; readonly number: number } & Listed);

const minute = 60_000;
const pageLength = 500;
const longestTimerMs = 2 ** 31 - 1;

/** Settles when the message is out of this process. */
const reply = (message: Reply): Promise<void> =>
  new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error('Nobody listens'));
    else process.send(message, (error) => (error ? reject(error) : resolve()));
  });

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

function storeOf(place: Place): Store {
  if (place.kind === 'sqlite') return sqliteStore({ file: place.file, durability: 'normal' });
  const { connectionString, schema } = place;
  return postgresStore({ connectionString, schema });
}

/** The wall clock decides: several processes agree on the time however late each was told of it. */
const clockOf = ({ virtualAt, wallAt, speed }: Time): Clock => ({
  now: () => virtualAt + Math.floor((Date.now() - wallAt) * speed),
  schedule(delayMs, task) {
    const timer = setTimeout(task, Math.min(longestTimerMs, delayMs / speed));
    return () => clearTimeout(timer);
  },
});

async function sabotageOf({ planted }: Setting): Promise<Sabotage> {
  if (planted === undefined) return {};
  const bugs = await import('../planted.ts');
  return bugs.planted.find(({ name }) => name === planted)?.sabotage() ?? {};
}

async function openGateway(setting: Setting): Promise<Gateway> {
  const { access, place, notifyUrl, time, expireAfterMs } = setting;
  const clock = clockOf(time);
  const transport = sharedTransport();
  const reached = {
    alipay: { ...access.alipay, transport },
    wechatpay: { ...access.wechatpay, transport },
    'wechatpay-v2': { ...access['wechatpay-v2'], transport },
    unionpay: { ...access.unionpay, transport },
  };
  const channels = channelsOf(reached, { clock, random: systemRandom, watch: (given) => given });
  const sabotage = await sabotageOf(setting);
  const store = storeOf(place);
  const given: GatewayOptions = {
    channels,
    store: sabotage.store?.(store) ?? store,
    clock,
    route: ({ request }) => [String(request['description'])],
    notifyUrl: ({ channel }) => `${notifyUrl}/${channel}`,
    expireAfterMs,
    abandonAfterMs: 2 * minute,
    patience: { payment: 60 * minute, refund: 60 * minute },
    late: { default: 'refund', deadlineMs: minute },
    on: witnessing(place, ({ eventId }) => reply({ kind: 'heard', eventId })),
  };
  return createGateway(sabotage.options?.(given) ?? given);
}

async function open(setting: Setting): Promise<Gateway> {
  const gateway = await openGateway(setting);
  const server = createServer((request, response) => {
    answer(gateway, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await reply({ kind: 'ready', port: (server.address() as AddressInfo).port });
  // It will not come to an orderly end, at which this would happen by itself.
  flushCompileCache();
  return gateway;
}

/** Page by page. */
async function listAll(gateway: Gateway, noun: 'payment' | 'refund'): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  let before: Entry | undefined;
  for (;;) {
    const page = await gateway.list({ noun, limit: pageLength, ...(before && { before }) });
    for (const { id, state, amount, parent, attempts, undone, late, surplus } of page) {
      const told = { id, state, amount, parent, attempts, undone, late, surplus };
      all.push(told as Seen);
    }
    before = page.at(-1);
    if (page.length < pageLength) return all;
  }
}

async function act(gateway: Gateway, asked: Asked): Promise<Reply> {
  const { number } = asked;
  if (asked.kind === 'list') {
    const payments = await listAll(gateway, 'payment');
    return { kind: 'listed', number, payments, refunds: await listAll(gateway, 'refund') };
  }
  const { id, channel, amount } = asked.order;
  const currency = 'CNY';
  if (asked.kind === 'refund') {
    const { refundId: merchantRefundId } = asked;
    const part = { amount: asked.amount, currency };
    const { state } = await gateway.refund({ payment: id, merchantRefundId, amount: part });
    return { kind: 'answered', number, state };
  }
  const { state } = await gateway.pay({
    scene: 'qr',
    merchantPaymentId: id,
    amount: { amount, currency },
    description: channel,
  });
  return { kind: 'answered', number, state };
}

let ready: Promise<Gateway> | undefined;

async function take(message: Setting | Asked): Promise<void> {
  if ('access' in message) {
    ready = open(message);
    await ready;
    return;
  }
  const gateway = await ready;
  if (gateway === undefined) return;
  const { number } = message;
  const thrown = (error: unknown): Reply => {
    const words = isPolyrailError(error) ? `${error.code}: ${error.message}` : String(error);
    return { kind: 'thrown', number, error: words };
  };
  await reply(await act(gateway, message).catch(thrown));
}

// Whatever is not answered ends this process by itself, and the killer tells that.
process.on('message', (message: Setting | Asked) => void take(message));
process.on('disconnect', () => process.exit(0));
