/** unionpay simulator · simulator: the routes of UnionPay's side and what the chassis asks of it. */
import type { SimulatedRequest, Simulator, SimulatorFactory, World } from '@polyrail/simulator';
import { type DoctorInput, doctorPath, type Explanation } from '@polyrail/simulator/doctor';
import { type AgreementTruth, agreementTruth } from './agreement-book.ts';
import { cashier, cashierPath } from './cashier.ts';
import { agreementConcern, type Concern, canEnd, entryConcern } from './concern.ts';
import { rotate, rotatePath } from './control.ts';
import { discover } from './discovery.ts';
import { doctorOf } from './doctor.ts';
import { answerGateway, isGatewayPath, subjectOf } from './gateway.ts';
import { admit, credentialsOf, type Merchant, type UnionPayCredentials } from './merchants.ts';
import { unionPayOrigins } from './origins.ts';
import { createPayer, merchantsFor } from './payer.ts';
import { appPath, phone } from './phone.ts';
import { textReply } from './reply.ts';
import type { Room, UnionPayOptions } from './room.ts';
import { secretFields } from './secrets.ts';
import { clearRoom, createRoom } from './setup.ts';
import { settleDay } from './statement.ts';
import { meaninglessFaults, unionPayStories } from './stories.ts';
import {
  type AuthorizationTruth,
  authorizationTruth,
  type Kind,
  type PayoutTruth,
  payoutTruth,
  type Transaction,
  type Truth,
  truthOf,
} from './transaction.ts';

export interface UnionPaySimulator extends Simulator<UnionPayCredentials> {
  /** Another merchant, with its own number and keys. */
  enroll(): Promise<UnionPayCredentials>;
  /** The ledger's truth of one payment; `undefined` for a number the channel never saw. */
  truth(id: string, merId?: string): Truth | undefined;
  /** What became of one pre-authorization; `undefined` for a number nobody saw. */
  authorization(id: string, merId?: string): AuthorizationTruth | undefined;
  /** What became of one payout; `undefined` for a number nobody saw. */
  payout(id: string, merId?: string): PayoutTruth | undefined;
  /** What became of the opening of one card; `undefined` for a number nobody saw. */
  agreement(id: string, merId?: string): AgreementTruth | undefined;
  /** The newest SMS code that was sent for that number. */
  smsCode(id: string, merId?: string): string | undefined;
  /** Further certificates sign and encrypt from now on. */
  rotate(): Promise<void>;
  /** Why a signature does not verify: as `POST /_sim/doctor`. */
  explain(input: DoctorInput): Promise<Explanation>;
}

const payments: readonly Kind[] = ['consume', 'collect', 'capture'];

/** The entries of those kinds under a number, the first merchant's first. */
function entriesFor(
  room: Room,
  id: string,
  at: { merId?: string | undefined; kinds: readonly Kind[] },
) {
  return merchantsFor(room, at.merId).flatMap((merchant) => {
    const named = room.book.findAll(merchant, id);
    const found = room.book.findQueryId(merchant, id);
    const all = named.length > 0 ? named : found === undefined ? [] : [found];
    return all.filter(({ terms }) => at.kinds.includes(terms.kind));
  });
}

/** A line of the whole book: with the address where a person can decide what is still open. */
function listed(concern: Concern, room: Room) {
  const cashierUrl = `${room.world.baseUrl()}${cashierPath}?ticket=${concern.ticket}`;
  const link = concern.isOpen() || canEnd(concern) ? { cashier: cashierUrl } : {};
  return { merId: concern.merchant.merId, ...(concern.truth() as object), ...link };
}

/** Accounts, and everything that was ever begun here. */
function wholeBook(room: Room) {
  const entries = room.book.entries();
  const list = (kinds: readonly Kind[]) =>
    entries
      .filter(({ terms }) => kinds.includes(terms.kind))
      .map((entry) => listed(entryConcern(entry, room), room));
  const undoing: readonly Kind[] = ['refund', 'cancel', 'preauth-cancel', 'capture-cancel'];
  const line = ({ terms, state, original }: Transaction) => ({
    ...{ orderId: terms.orderId, kind: terms.kind, amount: terms.amount, state },
    of: original?.terms.orderId,
  });
  return {
    accounts: room.funds.ledger.accounts(),
    smsCodes: room.sms.all(),
    orders: list(payments),
    authorizations: list(['preauth']),
    returns: entries.filter(({ terms }) => undoing.includes(terms.kind)).map(line),
    payouts: list(['payout']),
    agreements: room.agreements.all().map((one) => listed(agreementConcern(one, room), room)),
  };
}

function createTruths(room: Room) {
  return {
    truth(id: string, merId?: string): Truth | undefined {
      const [first, ...more] = entriesFor(room, id, { merId, kinds: payments });
      return first && truthOf([first, ...more.filter((one) => one.merchant === first.merchant)]);
    },
    authorization(id: string, merId?: string): AuthorizationTruth | undefined {
      const [hold] = entriesFor(room, id, { merId, kinds: ['preauth'] });
      return hold && authorizationTruth(hold);
    },
    payout(id: string, merId?: string): PayoutTruth | undefined {
      const [found] = entriesFor(room, id, { merId, kinds: ['payout'] });
      return found && payoutTruth(found);
    },
    agreement(id: string, merId?: string): AgreementTruth | undefined {
      const found = merchantsFor(room, merId).flatMap((one) => room.agreements.find(one, id) ?? []);
      return found[0] && agreementTruth(found[0], room.world.clock.now());
    },
    smsCode: (id: string, merId?: string): string | undefined =>
      room.sms
        .all()
        .findLast((one) => one.orderId === id && (merId === undefined || one.merId === merId))
        ?.code,
  };
}

const pageNames: Readonly<Record<string, string>> = {
  [cashierPath]: 'cashier',
  [appPath]: 'app',
  [rotatePath]: 'rotate',
  [doctorPath]: 'doctor',
};

/** What a person and a phone open. */
const pages: Readonly<Record<string, typeof cashier>> = {
  [cashierPath]: cashier,
  [appPath]: phone,
};

const operationOf = (request: SimulatedRequest, room: Room) => {
  const page = pageNames[request.path];
  if (page !== undefined) return { operation: page };
  if (isGatewayPath(request.path)) return subjectOf(request, room);
  return { operation: `${request.method} ${request.path}` };
};

/** UnionPay's side of the wire in one world. */
export async function createUnionPaySimulator(
  world: World,
  options: UnionPayOptions = {},
): Promise<UnionPaySimulator> {
  const room = await createRoom(world, options);
  const enrolled = room.merchants as Merchant[];
  const truths = createTruths(room);
  const doctor = doctorOf(room);
  const { truth, authorization, agreement, payout } = truths;
  return {
    channel: 'unionpay',
    origins: unionPayOrigins,
    stories: unionPayStories,
    meaningless: meaninglessFaults,
    secretFields,
    pages: Object.keys(pageNames),
    explain: doctor.explain,
    ...truths,
    get credentials() {
      return credentialsOf(room.platform, enrolled[0] as Merchant);
    },
    operationOf: (request) => operationOf(request, room),
    handle(request, exchange) {
      const { path } = request;
      if (path === doctorPath) return doctor.route(request, exchange);
      if (path === rotatePath) return rotate(request, room);
      const handler = isGatewayPath(path) ? answerGateway : pages[path];
      if (handler === undefined) return Promise.resolve(textReply('Not Found', 404));
      return room.notices.during(() => handler(request, exchange, room));
    },
    discovery: () => discover(room),
    payer: createPayer(room),
    book: (id) =>
      id === undefined
        ? wholeBook(room)
        : (truth(id) ?? authorization(id) ?? agreement(id) ?? payout(id)),
    settle: async (date) => settleDay(date, room),
    async enroll() {
      const merchant = await admit(room.platform, world.random.fork('merchants'));
      enrolled.push(merchant);
      return credentialsOf(room.platform, merchant);
    },
    rotate: () => room.platform.rotate(),
    reset: () => clearRoom(room),
  };
}

/** A factory for the mounts of the chassis. */
export const unionPaySimulator =
  (options: UnionPayOptions = {}): SimulatorFactory<UnionPayCredentials> =>
  (world) =>
    createUnionPaySimulator(world, options);
