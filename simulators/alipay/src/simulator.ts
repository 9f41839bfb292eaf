/** alipay simulator · simulator: the routes of Alipay's side and what the chassis asks of it. */
import type {
  Exchange,
  SimulatedReply,
  SimulatedRequest,
  Simulator,
  SimulatorFactory,
  World,
} from '@polyrail/simulator';
import { createBook } from './book.ts';
import { answerCall, isOrder, openOrder, orderIdOf } from './calls.ts';
import {
  afterDecision,
  appPath,
  cashierPage,
  cashierPath,
  phoneResult,
  unknownTicketPage,
} from './cashier.ts';
import { discover } from './discovery.ts';
import { envelopeOf, formPairs, openEnvelope } from './envelope.ts';
import {
  type AlipayCredentials,
  createPayers,
  createPlatform,
  credentialsOf,
  type Merchant,
} from './merchants.ts';
import { createNotices } from './notices.ts';
import { notifyChange } from './notification.ts';
import { isOpen, type Order, type Truth } from './order.ts';
import { approve, createPayer, decline, ordersFor } from './payer.ts';
import type { AlipayOptions, Room } from './room.ts';
import { downloadBill, downloadPath, settleDay } from './statement.ts';
import { alipayStories, meaninglessFaults } from './stories.ts';
import { dayMs } from './time.ts';
import { answerV3, v3Subject } from './v3.ts';
import { v3Prefix } from './v3-paths.ts';

export const gatewayPath = '/gateway.do';

export interface AlipaySimulator extends Simulator<AlipayCredentials> {
  /** Another merchant on the same gateway, with its own app, account and keys. */
  enroll(): Promise<AlipayCredentials>;
  /** The ledger's truth of one order; `undefined` for a number the channel never saw. */
  truth(id: string, appId?: string): Truth | undefined;
}

type Route = (request: SimulatedRequest, exchange: Exchange) => Promise<SimulatedReply>;

/** The order a cashier link or a scanned QR text names. */
function ticketOrder(room: Room, fields: URLSearchParams): Order | undefined {
  const ticket = fields.get('ticket') ?? fields.get('qr')?.replace(/^.*\//s, '') ?? '';
  return room.book.findTicket(ticket);
}

function cashierRoute(room: Room): Route {
  return async (request, exchange) => {
    const body = Buffer.from(request.body).toString('utf8');
    const fields = new URLSearchParams(request.method === 'POST' ? body : request.query);
    const order = ticketOrder(room, fields);
    if (order === undefined) return unknownTicketPage();
    exchange.describe({ operation: 'cashier', id: order.terms.outTradeNo });
    if (request.method !== 'POST') {
      room.book.scan(order);
      return cashierPage(order, room);
    }
    if (!isOpen(order)) return cashierPage(order, room);
    if (fields.get('decision') === 'approve') approve(order, room);
    if (fields.get('decision') === 'decline') decline(order, room);
    return afterDecision(order, room);
  };
}

const jsonReply = (status: number, value: unknown): SimulatedReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

/** The phone: takes an order string as a whole, and with `?decision=` answers as the phone does. */
function appRoute(room: Room): Route {
  return async (request, exchange) => {
    const raw = Buffer.from(request.body).toString('latin1');
    const envelope = envelopeOf(formPairs(raw));
    const opened = openOrder(envelope, { room, exchange });
    exchange.describe({ operation: 'app', request: { ...envelope.parameters } });
    if (!isOrder(opened)) return jsonReply(400, opened);
    exchange.describe({ id: opened.terms.outTradeNo });
    const decision = new URLSearchParams(request.query).get('decision');
    if (decision === 'approve' && opened.paidAt === undefined) approve(opened, room);
    if (decision === 'decline') decline(opened, room);
    if (decision !== null) return jsonReply(200, await phoneResult(opened, room));
    const cashier = `${room.world.baseUrl()}${cashierPath}?ticket=${opened.ticket}`;
    return jsonReply(200, { out_trade_no: opened.terms.outTradeNo, cashier });
  };
}

function routesOf(room: Room): Readonly<Record<string, Route>> {
  return {
    [gatewayPath]: (request, exchange) =>
      room.notices.during(() => answerCall(openEnvelope(request), { room, exchange })),
    [downloadPath]: async ({ query }, exchange) => downloadBill(query, room, exchange),
    [cashierPath]: cashierRoute(room),
    [appPath]: appRoute(room),
  };
}

const operationNames: Readonly<Record<string, string>> = {
  [downloadPath]: 'bill.download',
  [cashierPath]: 'cashier',
  [appPath]: 'app',
};

function operationOf(request: SimulatedRequest, room: Room) {
  const named = Object.hasOwn(operationNames, request.path) && operationNames[request.path];
  if (named) return { operation: named };
  if (request.path.startsWith(v3Prefix)) return v3Subject(request, room);
  if (request.path !== gatewayPath) return { operation: `${request.method} ${request.path}` };
  const envelope = openEnvelope(request);
  const id = orderIdOf(envelope, room);
  const operation = envelope.parameters['method'] || 'gateway';
  return { operation, ...(id === undefined ? {} : { id }) };
}

async function createRoom(world: World, options: AlipayOptions): Promise<Room> {
  const platform = await createPlatform({ world, shareKeys: options.shareKeys === true });
  const merchants: Merchant[] = [await platform.admit()];
  const room: Room = {
    world,
    options,
    platform,
    merchants,
    settled: new Set(),
    downloads: new Map(),
    notices: createNotices(),
    book: createBook({
      clock: world.clock,
      random: world.random,
      pickPayer: createPayers(world.random),
      refundWindowMs: options.refundWindowMs ?? 365 * dayMs,
      onChange: (order, change) => notifyChange(order, change, room),
    }),
  };
  return room;
}

/** A line of the whole book: with the address where a person can pay what is still open. */
function listed(order: Order, room: Room) {
  const { appId } = order.merchant;
  const cashier = `${room.world.baseUrl()}${cashierPath}?ticket=${order.ticket}`;
  return { appId, ...room.book.truth(order), ...(isOpen(order) ? { cashier } : {}) };
}

const notFound: SimulatedReply = {
  status: 404,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: '<html><body><h1>404 Not Found</h1></body></html>',
};

/** Alipay's side of the wire in one world. */
export async function createAlipaySimulator(
  world: World,
  options: AlipayOptions = {},
): Promise<AlipaySimulator> {
  const room = await createRoom(world, options);
  const routes = routesOf(room);
  const enrolled = room.merchants as Merchant[];
  const hand = (merchant: Merchant) => credentialsOf(room.platform, merchant, world.baseUrl());
  const truth = (id: string, appId?: string) => {
    const [order] = ordersFor(room, id, appId);
    return order && room.book.truth(order);
  };
  return {
    channel: 'alipay',
    stories: alipayStories,
    meaningless: meaninglessFaults,
    secretFields: ['auth_code', 'app_auth_token', 'appAuthToken', 'encryptKey'],
    pages: [cashierPath, appPath],
    get credentials() {
      return hand(enrolled[0] as Merchant);
    },
    operationOf: (request) => operationOf(request, room),
    async handle(request, exchange) {
      if (request.path.startsWith(v3Prefix)) {
        return room.notices.during(() => answerV3(request, { room, exchange }));
      }
      const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
      return route === undefined ? notFound : route(request, exchange);
    },
    discovery: (query) => discover(room, query),
    payer: createPayer(room),
    truth,
    book(id) {
      if (id !== undefined) return truth(id);
      const orders = room.book.orders().map((order) => listed(order, room));
      return { accounts: room.book.ledger.accounts(), orders };
    },
    settle: async (date) => settleDay(date, room),
    async enroll() {
      const merchant = await room.platform.admit();
      enrolled.push(merchant);
      return hand(merchant);
    },
    reset() {
      room.book.clear();
      room.settled.clear();
      room.downloads.clear();
      room.platform.reset();
    },
  };
}

/** A factory for the mounts of the chassis. */
export const alipaySimulator =
  (options: AlipayOptions = {}): SimulatorFactory<AlipayCredentials> =>
  (world) =>
    createAlipaySimulator(world, options);
