/** alipay simulator · simulator: the routes of Alipay's side and what the chassis asks of it. */
import type {
  SimulatedReply,
  SimulatedRequest,
  Simulator,
  SimulatorFactory,
  World,
} from '@polyrail/simulator';
import {
  type Doctor,
  type DoctorInput,
  doctorPath,
  type Explanation,
} from '@polyrail/simulator/doctor';
import type { AgreementTruth } from './agreement-book.ts';
import { agreementConcern } from './agreement-concern.ts';
import { appGatewayPath, appGatewayRoute, setAppGateway } from './app-gateway.ts';
import type { AuthorizationTruth } from './authorization-book.ts';
import { authorizationConcern } from './authorization-concern.ts';
import { answerCall } from './calls.ts';
import { appPath, cashierPath } from './cashier.ts';
import type { Concern } from './concern.ts';
import { discover } from './discovery.ts';
import { doctorOf } from './doctor-route.ts';
import { secretFields } from './doctor-secrets.ts';
import { openEnvelope } from './envelope.ts';
import { idOf } from './identify.ts';
import { type AlipayCredentials, credentialsOf, type Merchant } from './merchants.ts';
import type { Truth } from './order.ts';
import { orderConcern } from './order-concern.ts';
import { alipayOrigins } from './origins.ts';
import { appRoute, cashierRoute, type Route } from './pages.ts';
import { agreementsFor, authorizationsFor, createPayer, ordersFor, payoutsFor } from './payer.ts';
import type { PayoutTruth } from './payout-book.ts';
import { payoutConcern } from './payout-concern.ts';
import type { AlipayOptions, Room } from './room.ts';
import { clearRoom, createRoom } from './setup.ts';
import { downloadBill, downloadPath, settleDay } from './statement.ts';
import { alipayStories, meaninglessFaults } from './stories.ts';
import { answerV3, v3Subject } from './v3.ts';
import { v3Prefix } from './v3-paths.ts';

export const gatewayPath = '/gateway.do';

export interface AlipaySimulator extends Simulator<AlipayCredentials> {
  /** Another merchant on the same gateway, with its own app, account and keys. */
  enroll(): Promise<AlipayCredentials>;
  /** The ledger's truth of one order; `undefined` for a number the channel never saw. */
  truth(id: string, appId?: string): Truth | undefined;
  /** What became of one authorization, in fen; `undefined` for a number nobody saw. */
  authorization(id: string, appId?: string): AuthorizationTruth | undefined;
  /** What became of one payout, in fen; `undefined` for a number nobody saw. */
  payout(id: string, appId?: string): PayoutTruth | undefined;
  /** What became of one agreement; `undefined` for a number the channel never saw. */
  agreement(id: string, appId?: string): AgreementTruth | undefined;
  /** Why a signature does not verify: as `POST /_sim/doctor`. */
  explain(input: DoctorInput): Promise<Explanation>;
  /** Where an app is told what no call named an address for; without one, as the option says. */
  setAppGateway(url?: string, appId?: string): void;
}

function routesOf(room: Room, doctor: Doctor): Readonly<Record<string, Route>> {
  return {
    [gatewayPath]: (request, exchange) =>
      room.notices.during(() => answerCall(openEnvelope(request), { room, exchange })),
    [downloadPath]: async ({ query }, exchange) => downloadBill(query, room, exchange),
    [cashierPath]: cashierRoute(room),
    [appPath]: appRoute(room),
    [doctorPath]: doctor.route,
    [appGatewayPath]: async (request) => appGatewayRoute(request, room),
  };
}

const operationNames: Readonly<Record<string, string>> = {
  [downloadPath]: 'bill.download',
  [cashierPath]: 'cashier',
  [appPath]: 'app',
  [doctorPath]: 'doctor',
  [appGatewayPath]: 'app-gateway',
};

function operationOf(request: SimulatedRequest, room: Room) {
  const named = Object.hasOwn(operationNames, request.path) && operationNames[request.path];
  if (named) return { operation: named };
  if (request.path.startsWith(v3Prefix)) return v3Subject(request, room);
  if (request.path !== gatewayPath) return { operation: `${request.method} ${request.path}` };
  const envelope = openEnvelope(request);
  const id = idOf(envelope, room);
  const operation = envelope.parameters['method'] || 'gateway';
  return { operation, ...(id === undefined ? {} : { id }) };
}

/** A line of the whole book: with the address where a person can decide what is still open. */
function listed(concern: Concern, room: Room) {
  const { appId } = concern.merchant;
  const cashier = `${room.world.baseUrl()}${cashierPath}?ticket=${concern.ticket}`;
  const open = concern.isOpen() && concern.ticket !== undefined;
  return { appId, ...(concern.truth() as object), ...(open ? { cashier } : {}) };
}

/** Accounts, and everything that was ever begun here. */
function wholeBook(room: Room) {
  const list = (concerns: readonly Concern[]) => concerns.map((one) => listed(one, room));
  return {
    accounts: room.funds.ledger.accounts(),
    orders: list(room.book.orders().map((order) => orderConcern(order, room))),
    authorizations: list(room.authorizations.all().map((one) => authorizationConcern(one, room))),
    payouts: list(room.payouts.all().map((one) => payoutConcern(one, room))),
    agreements: list(room.agreements.all().map((one) => agreementConcern(one, room))),
  };
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
  const doctor = doctorOf(room);
  const routes = routesOf(room, doctor);
  const enrolled = room.merchants as Merchant[];
  const hand = (merchant: Merchant) => credentialsOf(room.platform, merchant, world.baseUrl());
  const truth = (id: string, appId?: string) => {
    const [order] = ordersFor(room, id, appId);
    return order && room.book.truth(order);
  };
  const authorization = (id: string, appId?: string) => {
    const [found] = authorizationsFor(room, id, appId);
    return found && room.authorizations.truth(found);
  };
  const payout = (id: string, appId?: string) => {
    const [found] = payoutsFor(room, id, appId);
    return found && room.payouts.truth(found);
  };
  const agreement = (id: string, appId?: string) => {
    const [found] = agreementsFor(room, id, appId);
    return found && room.agreements.truth(found);
  };
  return {
    channel: 'alipay',
    origins: alipayOrigins,
    stories: alipayStories,
    meaningless: meaninglessFaults,
    secretFields,
    pages: [cashierPath, appPath, appGatewayPath, doctorPath],
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
    explain: doctor.explain,
    agreement,
    authorization,
    payout,
    book: (id) =>
      id === undefined
        ? wholeBook(room)
        : (truth(id) ?? authorization(id) ?? agreement(id) ?? payout(id)),
    settle: async (date) => settleDay(date, room),
    async enroll() {
      const merchant = await room.platform.admit();
      enrolled.push(merchant);
      return hand(merchant);
    },
    setAppGateway: (url, appId) => setAppGateway(room, url ?? '', appId),
    reset: () => clearRoom(room),
  };
}

/** A factory for the mounts of the chassis. */
export const alipaySimulator =
  (options: AlipayOptions = {}): SimulatorFactory<AlipayCredentials> =>
  (world) =>
    createAlipaySimulator(world, options);
