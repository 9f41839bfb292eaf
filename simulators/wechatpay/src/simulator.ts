/** wechatpay simulator · simulator: the routes of WeChat Pay's side and what the chassis asks of it. */
import type {
  Exchange,
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
import { type AgreementTruth, agreementTruth } from './agreement-book.ts';
import { discover } from './discovery.ts';
import { doctorOf } from './doctor-route.ts';
import { secretFields } from './doctor-words.ts';
import {
  credentialsOf,
  type KeyMode,
  type Merchant,
  type WechatPayCredentials,
} from './merchants.ts';
import { type Truth, truthOf } from './order.ts';
import { wechatPayOrigins } from './origins.ts';
import { cashier, cashierPath, rotate, rotatePath } from './pages.ts';
import { createPayer, merchantsFor } from './payer.ts';
import { type PayoutTruth, payoutTruth } from './payout-book.ts';
import type { Room, WechatPayOptions } from './room.ts';
import { type AuthorizationTruth, scoreTruth } from './score-book.ts';
import { clearRoom, createRoom } from './setup.ts';
import { settleDay } from './statement.ts';
import { meaninglessFaults, wechatPayStories } from './stories.ts';
import { answerV2, v2Subject } from './v2.ts';
import { v2RouteOf } from './v2-routes.ts';
import { answerV3, v3Subject } from './v3.ts';
import { emptyReply } from './v3-reply.ts';

export interface WechatPaySimulator extends Simulator<WechatPayCredentials> {
  /** Another merchant, with its own numbers and keys. */
  enroll(keys?: KeyMode): Promise<WechatPayCredentials>;
  /** The ledger's truth of one order; `undefined` for a number the channel never saw. */
  truth(id: string, mchId?: string): Truth | undefined;
  /** What became of one payout, by either of its numbers; `undefined` for one nobody saw. */
  payout(id: string, mchId?: string): PayoutTruth | undefined;
  /** What became of one agreement, by either of its numbers; `undefined` for one nobody saw. */
  agreement(id: string, mchId?: string): AgreementTruth | undefined;
  /** What became of one pay-score order; `undefined` for a number nobody saw. */
  authorization(id: string, mchId?: string): AuthorizationTruth | undefined;
  /**
   * Why a signature does not verify: of a raw request, or of a raw answer or notification that a
   * client does not believe.
   *
   * @throws Error when a private key is among what is shown
   */
  explain(input: DoctorInput): Promise<Explanation>;
  /** A further platform certificate signs from now on; its serial. */
  rotate(): Promise<string>;
  /** PEM of the authority whose client certificates API v2 demands. */
  readonly clientAuthority: string;
}

const v3Prefix = '/v3/';

function operationOf(request: SimulatedRequest, room: Room) {
  if (request.path.startsWith(v3Prefix)) return v3Subject(request, room);
  if (request.path === cashierPath) return { operation: 'cashier' };
  if (request.path === rotatePath) return { operation: 'rotate' };
  if (request.path === doctorPath) return { operation: 'doctor' };
  return v2Subject(request, room);
}

async function answer(
  request: SimulatedRequest,
  exchange: Exchange,
  { room, doctor }: { readonly room: Room; readonly doctor: Doctor },
): Promise<SimulatedReply> {
  const { path } = request;
  if (path.startsWith(v3Prefix)) return answerV3(request, { room, exchange });
  const route = v2RouteOf(path);
  if (route !== undefined) return answerV2(request, route, { room, exchange });
  if (path === cashierPath) return cashier(request, exchange, room);
  if (path === rotatePath) return rotate(request, room);
  if (path === doctorPath) return doctor.route(request, exchange);
  return emptyReply(404);
}

/** Accounts, and everything that was ever begun here. */
function wholeBook(room: Room) {
  const { agreements, book, funds, payouts, world } = room;
  const link = (ticket: string) => `${world.baseUrl()}${cashierPath}?ticket=${ticket}`;
  return {
    accounts: funds.ledger.accounts(),
    authorizations: room.scores.all().map((one) => ({
      mchId: one.merchant.mchid,
      ...scoreTruth(one),
    })),
    payouts: payouts.all().map((one) => ({ mchId: one.merchant.mchid, ...payoutTruth(one) })),
    agreements: agreements.all().map((one) => ({
      mchId: one.merchant.mchid,
      ...agreementTruth(one),
      ...(one.state === 'SIGNING' ? { cashier: link(one.ticket) } : {}),
    })),
    orders: book.orders().map((order) => ({
      mchId: order.merchant.mchid,
      ...truthOf(order),
      ...(order.state === 'NOTPAY' ? { cashier: link(order.prepayId) } : {}),
    })),
  };
}

/** WeChat Pay's side of the wire in one world. */
export async function createWechatPaySimulator(
  world: World,
  options: WechatPayOptions = {},
): Promise<WechatPaySimulator> {
  const room = await createRoom(world, options);
  const doctor = doctorOf(room);
  const enrolled = room.merchants as Merchant[];
  const hand = (merchant: Merchant) => credentialsOf(room.platform, merchant);
  const truth = (id: string, mchId?: string) => {
    const orders = merchantsFor(room, mchId).flatMap((one) => room.book.find(one, id) ?? []);
    return orders[0] && truthOf(orders[0]);
  };
  const payout = (id: string, mchId?: string) => {
    const found = merchantsFor(room, mchId).flatMap(
      (one) => room.payouts.find(one, id) ?? room.payouts.findNumber(one, id) ?? [],
    );
    return found[0] && payoutTruth(found[0]);
  };
  const agreement = (id: string, mchId?: string) => {
    const found = merchantsFor(room, mchId).flatMap(
      (one) => room.agreements.find(one, id) ?? room.agreements.findId(one, id) ?? [],
    );
    return found[0] && agreementTruth(found[0]);
  };
  const authorization = (id: string, mchId?: string) => {
    const found = merchantsFor(room, mchId).flatMap((one) => room.scores.find(one, id) ?? []);
    return found[0] && scoreTruth(found[0]);
  };
  return {
    channel: 'wechatpay',
    origins: wechatPayOrigins,
    stories: wechatPayStories,
    meaningless: meaninglessFaults,
    secretFields,
    pages: [cashierPath, rotatePath, doctorPath],
    clientAuthority: room.platform.authority.certificatePem,
    get credentials() {
      return hand(enrolled[0] as Merchant);
    },
    operationOf: (request) => operationOf(request, room),
    handle: (request, exchange) => answer(request, exchange, { room, doctor }),
    discovery: (query) => discover(room, query),
    payer: createPayer(room),
    truth,
    explain: doctor.explain,
    payout,
    agreement,
    authorization,
    book: (id) =>
      id === undefined
        ? wholeBook(room)
        : (authorization(id) ?? truth(id) ?? agreement(id) ?? payout(id)),
    settle: async (date) => settleDay(date, room),
    async enroll(keys = options.keys ?? 'both') {
      const merchant = await room.platform.admit(keys);
      enrolled.push(merchant);
      return hand(merchant);
    },
    async rotate() {
      return (await room.platform.rotate()).id;
    },
    reset: () => clearRoom(room),
  };
}

/** A factory for the mounts of the chassis. */
export const wechatPaySimulator =
  (options: WechatPayOptions = {}): SimulatorFactory<WechatPayCredentials> =>
  (world) =>
    createWechatPaySimulator(world, options);
